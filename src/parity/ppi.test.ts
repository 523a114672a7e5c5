import { assert, describe, it } from "@effect/vitest"

import { predictionPowered } from "./ppi.ts"
import { estimate } from "./verdict.ts"
import { wabbInterval } from "./wabb.ts"

const range = { lo: 0, hi: 1 }

/** Uniform numbers in (0, 1): mulberry32 from one seed, so that the figures are the same each time. */
const uniforms = (seed: number) => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return (((t ^ (t >>> 14)) >>> 0) + 0.5) / 2 ** 32
  }
}

describe("a judge's error carried into the mean", () => {
  it("covers the truth where the naive judge does not", () => {
    const next = uniforms(11)
    const [rounds, items, labels, truth] = [300, 300, 100, 0.8]
    const covered = { naive: 0, powered: 0 }
    for (let round = 0; round < rounds; round++) {
      const right = Array.from({ length: items }, () => (next() < truth ? 1 : 0))
      // Passes 95 % of what people pass, and 40 % of what they fail: it sees 0.84 where people see 0.8.
      const judged = Float64Array.from(right, (one) => (next() < (one === 1 ? 0.95 : 0.4) ? 1 : 0))
      const label = Float64Array.from(right, (one, i) => (i < labels ? one : Number.NaN))
      const cluster = right.map((_, i) => i)
      const naive = estimate({ score: judged, cluster })
      const powered = wabbInterval(predictionPowered({ judged, label, cluster }).mean, 0.95, range)
      if (naive.lower <= truth && truth <= naive.upper) covered.naive++
      if (powered.lower <= truth && truth <= powered.upper) covered.powered++
    }
    assert.isBelow(covered.naive / rounds, 0.7)
    assert.isAtLeast(covered.powered / rounds, 0.95)
  })

  it("gives the labels' own mean back where labels were drawn unequally by verdict, if their weights are told", () => {
    const next = uniforms(5)
    const judged = Float64Array.from({ length: 4000 }, (_, i) => (i % 4 === 0 ? 0 : 1))
    const truth = judged.map((one) => (next() < (one === 1 ? 0.9 : 0.5) ? 1 : 0))
    // Half of what the judge failed is labelled, and a tenth of what it passed.
    const labelled = judged.map((one) => (next() < (one === 1 ? 0.1 : 0.5) ? 1 : 0))
    const label = truth.map((one, i) => (labelled[i] === 1 ? one : Number.NaN))
    const labelWeight = judged.map((one) => (one === 1 ? 10 : 2))
    const cluster = Array.from(judged, (_, i) => i)
    const actual = truth.reduce((a, b) => a + b, 0) / truth.length
    const weighted = predictionPowered({ judged, label, labelWeight, cluster })
    assert.isAtMost(Math.abs(weighted.mean.mean - actual), 0.03)
    const pseudoMean = weighted.pseudo.reduce((a, b) => a + b, 0) / weighted.pseudo.length
    assert.closeTo(pseudoMean, weighted.mean.mean, 1e-9)
    const unweighted = predictionPowered({ judged, label, cluster, lambda: 0 })
    assert.isAbove(Math.abs(unweighted.mean.mean - actual), 0.04)
  })

  it("never counts more evidence than there are labels", () => {
    const judged = Float64Array.from({ length: 1000 }, (_, i) => i % 2)
    const label = judged.map((one, i) => (i < 50 ? one : Number.NaN))
    const { labels, lambda, mean } = predictionPowered({ judged, label, cluster: Array.from(judged, (_, i) => i) })
    assert.deepStrictEqual([labels, mean.guard <= 50, mean.df <= 48, lambda], [50, true, true, 1])
  })

  it("refuses to correct a judge by one label", () => {
    const judged = Float64Array.from([0, 1, 1])
    const label = Float64Array.from([0, Number.NaN, Number.NaN])
    assert.throws(() => predictionPowered({ judged, label, cluster: [0, 1, 2] }), RangeError, "fewer than two")
  })
})
