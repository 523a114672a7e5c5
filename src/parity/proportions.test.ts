import { assert, describe, it } from "@effect/vitest"

import {
  clopperPearson,
  kornGraubard,
  newcombePaired,
  type PairedCounts,
  tangoInterval,
  tangoP,
  tangoZ,
  wilson
} from "./proportions.ts"

const paired = (both: number, candidateOnly: number, referenceOnly: number, neither: number): PairedCounts => ({
  both,
  candidateOnly,
  referenceOnly,
  neither
})

describe("proportions", () => {
  it("say nothing without items", () => {
    for (const interval of [
      wilson(0, 0),
      clopperPearson(0, 0),
      kornGraubard({ rate: 0, items: 0, effective: 0, df: 1 })
    ]) {
      assert.deepStrictEqual(interval, { estimate: Number.NaN, lower: 0, upper: 1 })
    }
    for (const interval of [tangoInterval(paired(0, 0, 0, 0)), newcombePaired(paired(0, 0, 0, 0))]) {
      assert.deepStrictEqual(interval, { estimate: Number.NaN, lower: -1, upper: 1 })
    }
    assert.strictEqual(tangoP(paired(0, 0, 0, 0), -0.05, "lower"), 1)
    assert.strictEqual(tangoP(paired(0, 0, 0, 0), -0.05, "upper"), 1)
  })

  it("keep to [0, 1] at the ends, and pass and fail mirror each other", () => {
    for (const interval of [wilson, clopperPearson]) {
      assert.strictEqual(interval(0, 7).lower, 0)
      assert.strictEqual(interval(7, 7).upper, 1)
      for (let passed = 0; passed <= 7; passed++) {
        const [one, other] = [interval(passed, 7), interval(7 - passed, 7)]
        assert.closeTo(one.lower, 1 - other.upper, 1e-12)
        assert.isTrue(one.lower <= one.estimate && one.estimate <= one.upper)
      }
    }
    // Rule of three: no failure in n leaves 1 - (alpha/2)^(1/n).
    assert.closeTo(clopperPearson(50, 50).lower, 0.025 ** (1 / 50), 1e-12)
  })

  it("count clustered items as no more than the items, and few degrees of freedom as less", () => {
    const plain = kornGraubard({ rate: 0.9, items: 100, effective: 100, df: 99 })
    assert.closeTo(plain.lower, clopperPearson(90, 100).lower, 1e-9)
    assert.deepStrictEqual(kornGraubard({ rate: 0.9, items: 100, effective: 400, df: 99 }), plain)
    const few = kornGraubard({ rate: 0.9, items: 100, effective: 100, df: 4 })
    assert.isTrue(few.lower < plain.lower && few.upper > plain.upper)
    const unknown = kornGraubard({ rate: 1, items: 1, effective: 1, df: 1 })
    assert.deepStrictEqual(unknown, { estimate: 1, lower: 0, upper: 1 })
    assert.deepStrictEqual(kornGraubard({ rate: 1, items: 9, effective: 0, df: 1 }), unknown)
  })

  it("of pairs hold where all items go one way", () => {
    const won = tangoInterval(paired(0, 20, 0, 0))
    assert.deepStrictEqual([won.estimate, won.upper], [1, 1])
    assert.isTrue(won.lower > 0.6 && won.lower < 1)
    const lost = tangoInterval(paired(0, 0, 20, 0))
    assert.deepStrictEqual([lost.estimate, lost.lower], [-1, -1])
    assert.closeTo(lost.upper, -won.lower, 1e-9)
    assert.strictEqual(tangoZ(paired(5, 0, 0, 5), 0), 0)
    assert.strictEqual(tangoZ(paired(0, 0, 20, 0), -1), 0)
    assert.strictEqual(tangoP(paired(0, 20, 0, 0), -1, "lower"), 0)
    assert.strictEqual(tangoP(paired(0, 0, 20, 0), 1, "upper"), 0)
    for (const one of [paired(1, 0, 0, 0), paired(0, 1, 0, 0), paired(0, 0, 1, 0), paired(0, 0, 0, 1)]) {
      for (const interval of [tangoInterval(one), newcombePaired(one)]) {
        assert.isTrue(interval.lower >= -1 && interval.upper <= 1 && interval.lower < interval.upper)
      }
    }
  })

  it("of pairs turn round with the two setups", () => {
    const [one, other] = [paired(30, 9, 4, 7), paired(30, 4, 9, 7)]
    for (const interval of [tangoInterval, newcombePaired]) {
      assert.closeTo(interval(one).lower, -interval(other).upper, 1e-9)
      assert.closeTo(interval(one).upper, -interval(other).lower, 1e-9)
    }
    assert.closeTo(tangoP(one, -0.05, "lower"), tangoP(other, 0.05, "upper"), 1e-12)
    assert.closeTo(tangoP(one, -0.05, "lower") + tangoP(one, -0.05, "upper"), 1, 1e-12)
    // McNemar's statistic at no difference.
    assert.closeTo(tangoZ(one, 0), (9 - 4) / Math.sqrt(9 + 4), 1e-12)
  })

  it("refuse counts and levels that cannot be", () => {
    for (const interval of [wilson, clopperPearson]) {
      for (const [passed, items] of [
        [-1, 5],
        [6, 5],
        [Number.NaN, 5],
        [1, Number.NaN],
        [1, Infinity]
      ] as const) {
        assert.throws(() => interval(passed, items), RangeError)
      }
      for (const level of [0, 1, Number.NaN]) assert.throws(() => interval(1, 5, level), RangeError, "the level is")
    }
    for (const bad of [-1, Number.NaN, Infinity]) {
      for (const one of [paired(bad, 1, 1, 1), paired(1, bad, 1, 1), paired(1, 1, bad, 1), paired(1, 1, 1, bad)]) {
        assert.throws(() => tangoInterval(one), RangeError, "a number of items is")
        assert.throws(() => tangoP(one, 0, "lower"), RangeError, "a number of items is")
        assert.throws(() => newcombePaired(one), RangeError, "a number of items is")
      }
    }
    const rate = { rate: 0.5, items: 10, effective: 8, df: 5 }
    for (const bad of [{ rate: 1.1 }, { effective: -1 }, { effective: Number.NaN }, { df: 0 }, { items: -1 }]) {
      assert.throws(() => kornGraubard({ ...rate, ...bad }), RangeError)
    }
    assert.throws(() => tangoZ(paired(1, 1, 1, 1), 1.5), RangeError, "the difference is 1.5")
  })
})
