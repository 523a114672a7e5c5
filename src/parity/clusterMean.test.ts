import { assert, describe, it } from "@effect/vitest"

import { clusterMean } from "./clusterMean.ts"

const close = (actual: number, expected: number, what = "") =>
  assert.isAtMost(
    Math.abs(actual - expected),
    1e-12 * Math.max(1, Math.abs(expected)),
    `${what}: ${actual}, not ${expected}`
  )
const values = Float64Array.from([0.1, -0.3, 0.25, 0, -0.05, 0.4, -0.6, 0.2])
const mean = values.reduce((a, b) => a + b, 0) / 8
const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)

describe("the cluster mean", () => {
  it("of independent items is the textbook mean: variance s²/n on n - 1 degrees of freedom", () => {
    const made = clusterMean({ values, cluster: [..."abcdefgh"] })
    close(made.mean, mean)
    close(made.variance, squares / 7 / 8)
    close(made.df, 7)
    close(made.sd, Math.sqrt(squares / 7))
    close(made.guard, 8)
  })

  it("of clusters of one size has the variance of the cluster means", () => {
    const made = clusterMean({ values, cluster: [1, 1, 2, 2, 3, 3, 4, 4], icc: 1 })
    const means = [0, 2, 4, 6].map((i) => (values[i]! + values[i + 1]!) / 2)
    close(made.variance, means.reduce((sum, one) => sum + (one - mean) ** 2, 0) / 3 / 4)
    close(made.df, 3)
    close(made.effective, 4)
    close(made.clusterSize, 2)
  })

  it("weighs strata by their shares, items by their weights", () => {
    const stratum = [..."xxxxyyyy"]
    const cluster = values.map((_, i) => i)
    const share = new Map([
      ["x", 3],
      ["y", 1]
    ])
    const x = values.slice(0, 4).reduce((a, b) => a + b, 0) / 4
    const y = values.slice(4).reduce((a, b) => a + b, 0) / 4
    close(clusterMean({ values, cluster: [...cluster], stratum, share }).mean, 0.75 * x + 0.25 * y)
    const weight = Float64Array.from([1, 1, 1, 1, 3, 3, 3, 3])
    close(clusterMean({ values, cluster: [...cluster], weight }).mean, 0.25 * x + 0.75 * y)
    assert.throws(
      () => clusterMean({ values, cluster: [...cluster], stratum, share: new Map([["x", 1]]) }),
      /no positive share for stratum "y"/
    )
  })

  it("of one item, one cluster or none says so and does not divide by zero", () => {
    const one = clusterMean({ values: Float64Array.of(0.5), cluster: ["a"] })
    assert.deepStrictEqual([one.mean, one.variance, one.df, one.guard], [0.5, 0, 1, 1])
    const together = clusterMean({ values, cluster: new Array<string>(8).fill("a") })
    assert.deepStrictEqual([together.clusters, together.variance, together.df], [1, 0, 1])
    assert.throws(() => clusterMean({ values: new Float64Array(0), cluster: [] }), RangeError)
  })

  it('tells labels apart as they are: 1 is not "1"', () => {
    assert.strictEqual(clusterMean({ values: Float64Array.of(0, 1), cluster: [1, "1"] }).clusters, 2)
  })
})
