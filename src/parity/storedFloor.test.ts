import { assert, describe, it } from "@effect/vitest"

import { clusterMean } from "./clusterMean.ts"
import { tQuantile, tSf } from "./distributions.ts"
import { sfc32 } from "./random.ts"
import { againstStoredFloor } from "./storedFloor.ts"
import { wabbP } from "./wabb.ts"

const fill = sfc32(11)
const uniform = (count: number) => {
  const draws = new Uint32Array(count)
  fill(draws)
  return Float64Array.from(draws, (draw) => draw / 2 ** 32)
}
/** Scores about `centre` in sessions of four. */
const scores = (sessions: number, centre: number) => {
  const cluster = Array.from({ length: 4 * sessions }, (_, i) => Math.floor(i / 4))
  const [session, item] = [uniform(sessions), uniform(4 * sessions)]
  return clusterMean({
    values: item.map((one, i) => centre + 0.12 * (2 * session[cluster[i]!]! - 1) + 0.2 * (2 * one - 1)),
    cluster
  })
}

describe("a stored floor", () => {
  it("adds up the variances, with Satterthwaite's degrees of freedom", () => {
    const candidate = scores(50, 0.6)
    const floor = { mean: 0.62, se: 0.02, df: 12 }
    const found = againstStoredFloor(candidate, floor, 0.05)
    const variance = candidate.variance + 0.0004
    assert.closeTo(found.se, Math.sqrt(variance), 1e-12)
    assert.closeTo(found.df, variance ** 2 / (candidate.variance ** 2 / candidate.df + 0.0004 ** 2 / 12), 1e-9)
    assert.closeTo(found.difference.estimate, candidate.mean - 0.62, 1e-12)
    const t = tQuantile(0.975, found.df)
    assert.closeTo(found.difference.lower, candidate.mean - 0.62 - t * found.se, 1e-12)
    assert.closeTo(found.difference.upper, candidate.mean - 0.62 + t * found.se, 1e-12)
    assert.closeTo(found.pParity, tSf((found.difference.estimate + 0.05) / found.se, found.df), 1e-12)
    assert.isAbove(found.pSuperior, found.pParity)
    // Two alike have the degrees of freedom of both together.
    const alike = againstStoredFloor(candidate, { mean: 0.6, se: candidate.se, df: candidate.df }, 0.05)
    assert.closeTo(alike.df, 2 * candidate.df, 1e-9)
  })

  it("at the margin parity is claimed in one of twenty runs, not in several as with the floor taken for exact", () => {
    const runs = 1500
    const claimed = { parity: 0, exact: 0, inferior: 0 }
    for (let run = 0; run < runs; run++) {
      const candidate = scores(150, 0.6)
      const { df, mean, se } = scores(50, 0.65)
      const found = againstStoredFloor(candidate, { mean, se, df }, 0.05)
      if (found.pParity <= 0.05) claimed.parity++
      if (found.pInferior <= 0.05) claimed.inferior++
      if (wabbP(candidate, mean - 0.05, "lower", { lo: 0, hi: 1 }) <= 0.05) claimed.exact++
    }
    assert.isAtMost(claimed.parity / runs, 0.062)
    assert.isAtLeast(claimed.parity / runs, 0.03)
    assert.isAtMost(claimed.inferior / runs, 0.062)
    assert.isAbove(claimed.exact / runs, 0.12)
  })

  it("finds parity and inferiority where they are plain", () => {
    const floor = { mean: 0.6, se: 0.008, df: 80 }
    const same = againstStoredFloor(scores(200, 0.6), floor, 0.05)
    assert.isBelow(same.pParity, 0.05)
    assert.isAbove(same.pInferior, 0.5)
    const worse = againstStoredFloor(scores(200, 0.45), floor, 0.05)
    assert.isBelow(worse.pInferior, 0.05)
    assert.isAbove(worse.pParity, 0.5)
  })

  it("a candidate without a single loss on few items is no proof of parity", () => {
    const perfect = clusterMean({
      values: new Float64Array(20).fill(1),
      cluster: Array.from({ length: 20 }, (_, i) => i)
    })
    const found = againstStoredFloor(perfect, { mean: 0.98, se: 0.001, df: 50 }, 0.05)
    assert.isAbove(found.pParity, 0.05)
    // Without spread on either side nothing is known of it.
    const bare = againstStoredFloor(perfect, { mean: 1, se: 0, df: 50 }, 0.05)
    assert.deepStrictEqual([bare.pParity, bare.pInferior, bare.pSuperior], [1, 1, 1])
    assert.deepStrictEqual([bare.difference.lower, bare.difference.upper], [-1, 1])
  })

  it("a floor at the bottom of the range is still an estimate", () => {
    const found = againstStoredFloor(scores(50, 0.35), { mean: 0, se: 0.2, df: 5 }, 0.05)
    assert.isAbove(found.pParity, 0)
    assert.isAtLeast(found.difference.lower, -1)
  })

  it("refuses a floor that cannot be", () => {
    const candidate = scores(10, 0.6)
    const floor = { mean: 0.6, se: 0.01, df: 9 }
    for (const mean of [-0.1, 1.1, Number.NaN]) {
      assert.throws(() => againstStoredFloor(candidate, { ...floor, mean }, 0.05), RangeError, "a floor of")
    }
    for (const se of [-0.1, Infinity, Number.NaN]) {
      assert.throws(() => againstStoredFloor(candidate, { ...floor, se }, 0.05), RangeError, "standard error")
    }
    for (const df of [0, -1, Number.NaN]) {
      assert.throws(() => againstStoredFloor(candidate, { ...floor, df }, 0.05), RangeError, "degrees of freedom")
    }
    for (const margin of [-0.1, 1, Number.NaN]) {
      assert.throws(() => againstStoredFloor(candidate, floor, margin), RangeError, "the margin is")
    }
  })
})
