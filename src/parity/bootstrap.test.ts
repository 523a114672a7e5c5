import { assert, describe, it } from "@effect/vitest"

import { bcaP, clusterBootstrap, percentileP } from "./bootstrap.ts"
import { clusterMean } from "./clusterMean.ts"
import { sfc32 } from "./random.ts"

const values = Float64Array.from({ length: 160 }, (_, i) => ((i * i) % 29 === 0 ? -0.9 : (((i * 37) % 11) - 5) / 20))
const cluster = Array.from({ length: 160 }, (_, i) => Math.floor(i / 4))
const uneven = Array.from({ length: 160 }, (_, i) => Math.floor(Math.sqrt(5 * i)))
const weight = Float64Array.from({ length: 160 }, (_, i) => 1 + (i % 4))

describe("the random numbers", () => {
  it("are those of sfc32, in blocks of any size", () => {
    // By an implementation in Python.
    const expected = [2012149540, 1872316204, 1707632675, 1779833415, 2026416846]
    const five = new Uint32Array(5)
    sfc32(1)(five)
    assert.deepStrictEqual([...five], expected)
    const fill = sfc32(1)
    const [two, three] = [new Uint32Array(2), new Uint32Array(3)]
    fill(two)
    fill(three)
    assert.deepStrictEqual([...two, ...three], expected)
    const high = new Uint32Array(3)
    sfc32(2 ** 40 + 7)(high)
    assert.deepStrictEqual([...high], [1614752920, 2544231158, 2841167337])
    for (const seed of [-1, 0.5, Number.NaN, 2 ** 53]) assert.throws(() => sfc32(seed), RangeError, "a seed of")
  })
})

describe("the cluster bootstrap", () => {
  // 400,000 resamples by the Python reference, with other random numbers.
  for (const [name, sample, expected] of [
    [
      "plain",
      { values, cluster },
      { mean: -0.0328125, sd: 0.014871, at: { "-0.05": [0.12772, 0.14528], "-0.08": [0.001405, 0.003205] } }
    ],
    [
      "weighted",
      { values, cluster, weight },
      { mean: -0.03075, sd: 0.015206, at: { "-0.05": [0.1063, 0.12457], "-0.08": [0.00122, 0.003] } }
    ],
    [
      "clusters of unequal weight",
      { values, cluster: uneven, weight: weight.map((_, i) => 1 + (i % 3)) },
      { mean: -0.03275862068965517, sd: 0.015735, at: { "-0.05": [0.13932, 0.16529], "-0.08": [0.003073, 0.007737] } }
    ]
  ] as const) {
    it(`meets the reference within the error of its draws, ${name}`, () => {
      const bootstrap = clusterBootstrap(sample, { resamples: 200_000, seed: 3 })
      assert.closeTo(bootstrap.mean, expected.mean, 1e-12)
      const { means } = bootstrap
      const sd = Math.sqrt(means.reduce((sum, one) => sum + (one - bootstrap.mean) ** 2, 0) / means.length)
      assert.closeTo(sd, expected.sd, 1.5e-4)
      assert.closeTo(means.reduce((sum, one) => sum + one, 0) / means.length, expected.mean, 2e-4)
      for (const [at, [percentile, bca]] of Object.entries(expected.at)) {
        const error = 5 * Math.sqrt(bca * (1 / 200_000 + 1 / 400_000)) + 0.02 * bca
        assert.closeTo(percentileP(bootstrap, Number(at)), percentile, error, `percentile at ${at}`)
        assert.closeTo(bcaP(bootstrap, Number(at)), bca, error, `BCa at ${at}`)
      }
    })
  }

  it("checks the standard error of the engine", () => {
    const { means } = clusterBootstrap({ values, cluster })
    const mean = means.reduce((sum, one) => sum + one, 0) / means.length
    const sd = Math.sqrt(means.reduce((sum, one) => sum + (one - mean) ** 2, 0) / means.length)
    // The bootstrap divides by the number of clusters, the engine by one less.
    assert.closeTo(sd * Math.sqrt(40 / 39), clusterMean({ values, cluster }).se, 4e-4)
  })

  it("gives the same for the same seed, other for another, and resamples whole clusters", () => {
    const once = clusterBootstrap({ values, cluster }, { resamples: 50, seed: 9 })
    assert.deepStrictEqual(clusterBootstrap({ values, cluster }, { resamples: 50, seed: 9 }), once)
    assert.notDeepEqual(clusterBootstrap({ values, cluster }, { resamples: 50, seed: 10 }), once)
    const two = clusterBootstrap(
      { values: Float64Array.of(0, 1, 1, 0), cluster: ["a", "a", "b", "b"] },
      { resamples: 50 }
    )
    assert.isTrue(two.means.every((mean) => mean === 0.5))
  })

  it("never says zero, and one cluster says nothing", () => {
    const bootstrap = clusterBootstrap({ values, cluster }, { resamples: 99 })
    assert.strictEqual(percentileP(bootstrap, -0.9), 0.01)
    assert.isAbove(bcaP(bootstrap, -0.9), 0)
    assert.strictEqual(percentileP(bootstrap, 1), 1)
    assert.isAbove(bcaP(bootstrap, 1), 0.9)
    const one = clusterBootstrap({ values: Float64Array.of(1, 1), cluster: ["a", "a"] }, { resamples: 99 })
    assert.deepStrictEqual([percentileP(one, 0), bcaP(one, 0)], [1, 1])
    const same = clusterBootstrap({ values: new Float64Array(20).fill(0.3), cluster: [...values.keys()].slice(0, 20) })
    assert.isBelow(bcaP(same, 0.2), 0.05)
    assert.isAbove(bcaP(same, 0.4), 0.95)
  })

  it("refuses what cannot be resampled", () => {
    assert.throws(() => clusterBootstrap({ values: new Float64Array(), cluster: [] }), RangeError, "at least one item")
    assert.throws(() => clusterBootstrap({ values, cluster: [1] }), RangeError, "160 values, but 1 clusters")
    assert.throws(() => clusterBootstrap({ values, cluster }, { resamples: 0 }), RangeError, "0 resamples")
  })
})
