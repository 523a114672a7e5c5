import { assert, describe, it } from "@effect/vitest"

import { betaQuantile } from "./distributions.ts"
import { alarmAt, eDetector, freshWatch, nightEValue, type Watch, watchNight } from "./drift.ts"
import { logSpaced } from "./eProcess.ts"
import { sfc32 } from "./random.ts"

const tolerance = 0.02
const nights = (count: number, night: (n: number) => Float64Array) => {
  let watch: Watch = freshWatch
  return Array.from({ length: count }, (_, n) => {
    const taken = watchNight(watch, night(n), { tolerance })
    watch = taken.watch
    return taken
  })
}

describe("the nightly watch", () => {
  it("is the mean of one Shiryaev-Roberts detector for each bet", () => {
    const sums = (n: number) => Float64Array.from({ length: 6 }, (_, i) => tolerance - ((i * 7 + n * 3) % 10) / 60)
    const levels = nights(20, sums).map(({ level }) => level)
    const paths = logSpaced(0.02, 0.8, 8).map((bet) =>
      eDetector(
        Array.from({ length: 20 }, (_, n) => nightEValue(sums(n), { bet, tolerance })),
        "sr"
      )
    )
    for (const [n, level] of levels.entries()) {
      const expected = paths.reduce((sum, path) => sum + path[n]! / 8, 0)
      assert.closeTo(level / expected, 1, 1e-12)
    }
  })

  it("calls out a fall, then starts anew", () => {
    const taken = nights(40, () => new Float64Array(40).fill(tolerance - 0.2))
    const first = taken.findIndex(({ alarm }) => alarm)
    assert.isTrue(first > 0 && first < 15)
    assert.isAtLeast(taken[first]!.level, alarmAt)
    assert.deepStrictEqual(taken[first]!.watch, freshWatch)
    assert.strictEqual(taken[first + 1]!.level, taken[0]!.level)
    assert.isTrue(nights(40, () => new Float64Array(40).fill(tolerance)).every(({ alarm }) => !alarm))
  })

  it("takes a night without items for no night", () => {
    const [one] = nights(1, () => Float64Array.of(-0.1, -0.2))
    const after = watchNight(one!.watch, new Float64Array(), { tolerance })
    assert.deepStrictEqual(after, { watch: one!.watch, level: one!.level, alarm: false })
    assert.strictEqual(nightEValue(new Float64Array(), { bet: 0.5, tolerance }), 1)
  })

  it("refuses sums, bets and watches that cannot be", () => {
    const night = { bet: 0.5, tolerance }
    for (const bad of [Number.NaN, 1.03, -0.99]) {
      assert.throws(() => nightEValue(Float64Array.of(bad), night), RangeError, "a cluster's sum of")
    }
    for (const bet of [0, 1, Number.NaN]) {
      assert.throws(() => nightEValue(new Float64Array(1), { ...night, bet }), RangeError, "the bet is")
    }
    for (const bad of [-0.01, 2, Number.NaN]) {
      assert.throws(
        () => nightEValue(new Float64Array(1), { ...night, tolerance: bad }),
        RangeError,
        "the tolerance is"
      )
    }
    assert.throws(() => nightEValue(new Float64Array(1), { ...night, cap: 0 }), RangeError, "the cap is 0")
    const below = { ...night, range: { lo: -1, hi: -0.5 } }
    assert.throws(() => nightEValue(new Float64Array(0), below), RangeError, "no bet on differences")
    assert.throws(() => eDetector([1, Number.NaN], "sr"), RangeError, "an e-value of NaN")
    assert.throws(() => eDetector([-1], "cusum"), RangeError, "an e-value of -1")
    for (const watch of [[], [1], freshWatch.map(() => Number.NaN), freshWatch.map(() => -1)]) {
      assert.throws(() => watchNight(watch, Float64Array.of(0), { tolerance }), RangeError, "a watch of")
    }
  })

  // The limits of the method's own simulation: a new panel of 40 out of 600 cases each night, a baseline of four runs.
  it("sounds falsely less than every other year, and within twelve nights of a fall of ten points", () => {
    const fill = sfc32(365)
    const block = new Uint32Array(1)
    const uniform = () => {
      fill(block)
      return block[0]! / 2 ** 32
    }
    const rates = Float64Array.from({ length: 600 }, (_, i) => betaQuantile((i + 0.5) / 600, 4, 0.6))
    const average = rates.reduce((sum, rate) => sum + rate / 600, 0)
    const passes = (rate: number) => (uniform() < rate ? 1 : 0)
    const places = Int32Array.from({ length: 600 }, (_, i) => i)
    /** Nights until the first alarm, at most `most`; the setup falls by the share `fall` after `calm` nights. */
    const alarms = (most: number, calm: number, fall: number) => {
      const baseline = rates.map((rate) => (passes(rate) + passes(rate) + passes(rate) + passes(rate)) / 4)
      let watch: Watch = freshWatch
      const at: Array<number> = []
      for (let night = 0; night < most; night++) {
        const left = night < calm ? 1 : 1 - fall / average
        const sums = Float64Array.from({ length: 40 }, (_, k) => {
          const other = k + Math.floor(uniform() * (600 - k))
          const item = places[other]!
          places[other] = places[k]!
          places[k] = item
          return passes(rates[item]! * left) - baseline[item]! + tolerance
        })
        const taken = watchNight(watch, sums, { tolerance })
        watch = taken.watch
        if (taken.alarm) at.push(night)
      }
      return at
    }
    let falsely = 0
    const years = 40
    for (let year = 0; year < years; year++) falsely += alarms(365, 365, 0).length
    assert.isAtMost(falsely / years, 0.5)
    const delays = Array.from({ length: 61 }, () => (alarms(60, 30, 0.1).find((night) => night >= 30) ?? 60) - 29)
    const median = delays.sort((a, b) => a - b)[30]!
    assert.isAtMost(median, 12)
  })
})
