import { assert, describe, it } from "@effect/vitest"

import { clusterMean } from "./clusterMean.ts"
import { tQuantile } from "./distributions.ts"
import { sfc32 } from "./random.ts"
import { twoPhase } from "./twoPhase.ts"
import { wabbP } from "./wabb.ts"

const fill = sfc32(7)
/** As many numbers in [0, 1). */
const uniform = (count: number) => {
  const draws = new Uint32Array(count)
  fill(draws)
  return Float64Array.from(draws, (draw) => draw / 2 ** 32)
}
/** Sessions of four; the candidate's mean is 0.6 + `shift`, the reference's 0.6, and they share what an item is worth. */
const drawn = (sessions: number, shift: number) => {
  const cluster = Array.from({ length: 4 * sessions }, (_, i) => Math.floor(i / 4))
  const [session, item, own, other] = [
    uniform(sessions),
    uniform(4 * sessions),
    uniform(4 * sessions),
    uniform(4 * sessions)
  ]
  const worth = item.map((one, i) => 0.6 + 0.1 * (2 * session[cluster[i]!]! - 1) + 0.15 * (2 * one - 1))
  return {
    cluster,
    candidate: worth.map((one, i) => one + shift + 0.1 * (2 * own[i]! - 1)),
    reference: worth.map((one, i) => one + 0.1 * (2 * other[i]! - 1))
  }
}
/** The reference kept in the first sessions only: sessions come in random order. */
const partly = (all: ReturnType<typeof drawn>, sessions: number) => ({
  ...all,
  reference: all.reference.map((one, i) => (all.cluster[i]! < sessions ? one : Number.NaN))
})

describe("a floor on a part of the items", () => {
  it("is the plain paired difference where every reference is known, whatever beta", () => {
    const all = drawn(30, -0.02)
    const plain = clusterMean({ values: all.candidate.map((one, i) => one - all.reference[i]!), cluster: all.cluster })
    for (const beta of [0, 0.4, 1]) {
      const { mean } = twoPhase({ ...all, beta })
      assert.closeTo(mean.mean, plain.mean, 1e-12)
      assert.closeTo(mean.se, plain.se, 1e-12)
      assert.closeTo(mean.guard, plain.guard, 1e-9)
    }
  })

  it("counts no more evidence than there are references", () => {
    const some = partly(drawn(40, 0), 10)
    const { clusters, items, mean, pseudo } = twoPhase(some)
    assert.deepStrictEqual([clusters, items, mean.items, mean.clusters], [10, 40, 160, 40])
    const whole = clusterMean({ values: pseudo, cluster: some.cluster })
    assert.closeTo(mean.guard, whole.guard / 4, 1e-9)
    assert.isAtMost(twoPhase(partly(drawn(40, 0), 3)).mean.df, 2)
    assert.strictEqual(twoPhase(partly(drawn(40, 0), 1)).mean.df, 1)
  })

  it("weighs items as they were drawn, the floor's as well", () => {
    const some = partly(drawn(30, 0), 12)
    const weight = Float64Array.from(some.candidate, (_, i) => 1 + (i % 3))
    const beta = 0.5
    const { mean, pseudo } = twoPhase({ ...some, weight, beta })
    const average = (values: Float64Array, keep: (i: number) => boolean) => {
      let [above, below] = [0, 0]
      values.forEach((value, i) => {
        if (!keep(i)) return
        above += weight[i]! * value
        below += weight[i]!
      })
      return above / below
    }
    const known = (i: number) => i < 48
    const expected =
      average(some.candidate, () => true) * (1 - beta) +
      beta * average(some.candidate, known) -
      average(some.reference, known)
    assert.closeTo(mean.mean, expected, 1e-12)
    assert.closeTo(
      average(pseudo, () => true),
      expected,
      1e-12
    )
    // An item drawn with twice the weight stands for two.
    const heavy = twoPhase({ ...some, weight: new Float64Array(120).fill(2), beta })
    assert.closeTo(heavy.mean.se, twoPhase({ ...some, beta }).mean.se, 1e-12)
  })

  it("is close to unbiased, its interval covers, and parity at the margin is claimed in at most one of twenty", () => {
    const runs = 600
    let [covered, claimed, sum] = [0, 0, 0]
    for (let run = 0; run < runs; run++) {
      const { mean } = twoPhase(partly(drawn(100, -0.05), 40))
      sum += mean.mean
      if (Math.abs(mean.mean + 0.05) <= tQuantile(0.975, mean.df) * mean.se) covered++
      if (wabbP(mean, -0.05, "lower", { lo: -1, hi: 1 }) <= 0.05) claimed++
    }
    assert.closeTo(sum / runs, -0.05, 0.002)
    assert.isAtLeast(covered / runs, 0.925)
    assert.isAtMost(claimed / runs, 0.062)
  })

  it("refuses what it cannot judge", () => {
    const some = partly(drawn(10, 0), 5)
    const bare = { ...some, reference: new Float64Array(40).fill(Number.NaN) }
    assert.throws(() => twoPhase(bare), RangeError, "0 references: a floor is not known from fewer than two")
    bare.reference[3] = 0.5
    assert.throws(() => twoPhase(bare), RangeError, "1 references")
    bare.reference[4] = Infinity
    assert.throws(() => twoPhase(bare), RangeError, "a reference's score of Infinity")
    const missing = some.candidate.slice()
    missing[0] = Number.NaN
    assert.throws(() => twoPhase({ ...some, candidate: missing }), RangeError, "a candidate's score of NaN")
    assert.throws(
      () => twoPhase({ ...some, cluster: some.cluster.slice(1) }),
      RangeError,
      "a column of 39 beside 40 items"
    )
    assert.throws(() => twoPhase({ ...some, weight: new Float64Array(40) }), RangeError, "a weight of 0")
    for (const beta of [-0.1, 1.1, Number.NaN]) assert.throws(() => twoPhase({ ...some, beta }), RangeError, "beta is")
  })
})
