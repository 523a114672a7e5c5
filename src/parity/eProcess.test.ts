import { assert, describe, it } from "@effect/vitest"

import { agrapa, anytime, anytimeP, eBenjaminiHochberg, eProcess } from "./eProcess.ts"
import { sfc32 } from "./random.ts"

const alternately = (count: number, ...values: ReadonlyArray<number>) =>
  Float64Array.from({ length: count }, (_, i) => values[i % values.length]!)
const apart = (count: number) => Array.from({ length: count }, (_, i) => i)

describe("the e-process", () => {
  it("has the same value at the end in whatever order the clusters come", () => {
    const sums = Float64Array.from([0.1, -0.4, 0.3, 0.05, -0.9, 0.2, 0.6])
    const bet = { margin: 0.05, side: "lower" } as const
    const end = eProcess(sums, bet).at(-1)!
    assert.closeTo(eProcess(sums.slice().reverse(), bet).at(-1)!, end, 1e-12)
    assert.closeTo(eProcess(sums.slice().sort(), bet).at(-1)!, end, 1e-12)
  })

  it("does not overflow on much evidence, and its p falls to zero only there", () => {
    const path = eProcess(new Float64Array(3000).fill(0.5), { margin: 0.05, side: "lower" })
    assert.isTrue(path.every((e) => !Number.isNaN(e)))
    assert.isBelow(anytimeP(path), 1e-100)
    assert.strictEqual(anytimeP(new Float64Array()), 1)
    assert.strictEqual(anytimeP(Float64Array.of(0.2, 0.5)), 1)
    assert.strictEqual(anytimeP(Float64Array.of(Number.NaN, 4)), 0.25)
  })

  it("refuses sums no cluster can have, and bets it could not pay", () => {
    const bet = { margin: 0.05, side: "lower" } as const
    for (const bad of [Number.NaN, -0.96, 1.06, Infinity]) {
      assert.throws(() => eProcess(Float64Array.of(0.1, bad), bet), RangeError, "a cluster's sum of")
    }
    assert.doesNotThrow(() => eProcess(Float64Array.of(-3.8, 4.2), { ...bet, cap: 4 }))
    assert.throws(() => eProcess(Float64Array.of(0), { ...bet, margin: 1 }), RangeError, "a margin of 1")
    assert.throws(() => eProcess(Float64Array.of(0), { ...bet, cap: 0 }), RangeError, "a cap of 0")
    for (const bets of [[], [0], [1], [Number.NaN]]) {
      assert.throws(() => eProcess(Float64Array.of(0), { ...bet, bets }), RangeError, "bets of")
    }
  })

  it("judges by cluster means: items of a cluster are no further evidence", () => {
    const once = anytime({ difference: alternately(40, 0.1, -0.1), cluster: apart(40), margin: 0.05, alpha: 0.05 })
    const tenfold = anytime({
      difference: Float64Array.from({ length: 400 }, (_, i) => (Math.floor(i / 10) % 2 === 0 ? 0.1 : -0.1)),
      cluster: Array.from({ length: 400 }, (_, i) => `session ${Math.floor(i / 10)}`),
      margin: 0.05,
      alpha: 0.05
    })
    assert.strictEqual(tenfold.parity.length, 40)
    assert.closeTo(tenfold.pParity, once.pParity, 1e-12)
    assert.closeTo(tenfold.pInferior, once.pInferior, 1e-12)
  })

  it("names parity, superiority and inferiority, and else nothing", () => {
    const of = (difference: Float64Array, more: { readonly level?: number } = {}) =>
      anytime({ difference, cluster: apart(difference.length), margin: 0.05, alpha: 0.05, ...more })
    const same = of(new Float64Array(200))
    assert.deepStrictEqual([same.verdict, same.superior], ["parity", false])
    assert.strictEqual(same.pSuperior, 1)
    const better = of(new Float64Array(200).fill(0.2))
    assert.deepStrictEqual([better.verdict, better.superior], ["parity", true])
    const worse = of(new Float64Array(200).fill(-0.2))
    assert.deepStrictEqual([worse.verdict, worse.superior], ["inferior", false])
    assert.strictEqual(of(alternately(200, 1, -1)).verdict, "inconclusive")
    assert.strictEqual(of(new Float64Array(200), { level: 1e-9 }).verdict, "inconclusive")
    // Four clusters never decide, whatever they say.
    assert.strictEqual(of(new Float64Array(4).fill(1), { level: 0.4 }).verdict, "inconclusive")
    assert.strictEqual(of(new Float64Array(5).fill(1), { level: 0.4 }).verdict, "parity")
    assert.strictEqual(of(new Float64Array()).verdict, "inconclusive")
  })

  it("decides nothing on a record that spoke for parity and then against it", () => {
    const difference = new Float64Array(500)
    difference.fill(-0.9, 150)
    const judged = anytime({ difference, cluster: apart(500), margin: 0.05, alpha: 0.05 })
    assert.isBelow(judged.pParity, 0.05)
    assert.isBelow(judged.pInferior, 0.05)
    assert.strictEqual(judged.verdict, "inconclusive")
  })

  it("refuses differences and levels that mean nothing", () => {
    const input = { difference: new Float64Array(6), cluster: apart(6), margin: 0.05, alpha: 0.05 }
    assert.throws(() => anytime({ ...input, difference: new Float64Array(6).fill(Number.NaN) }), RangeError)
    assert.throws(() => anytime({ ...input, difference: new Float64Array(6).fill(1.1) }), RangeError)
    // Out of range, though the mean of the cluster is not.
    const pair = { ...input, difference: Float64Array.of(3, -3, 0, 0, 0, 0), cluster: [0, 0, 1, 2, 3, 4] }
    assert.throws(() => anytime(pair), RangeError, "a difference of 3")
    assert.throws(() => anytime({ ...input, cluster: apart(5) }), RangeError, "6 differences, but 5 clusters")
    for (const bad of [0, 0.5, Number.NaN]) assert.throws(() => anytime({ ...input, alpha: bad }), RangeError)
    for (const bad of [-0.1, 1, Number.NaN]) assert.throws(() => anytime({ ...input, margin: bad }), RangeError)
  })

  it("claims parity falsely in at most one of twenty runs, though looked at after every cluster", () => {
    const fill = sfc32(20_240)
    const draws = new Uint32Array(400)
    const falsely = { parity: 0, inferior: 0 }
    const runs = 500
    for (let run = 0; run < runs; run++) {
      fill(draws)
      // Losses of a whole point, one in twenty: exactly at the margin.
      const difference = Float64Array.from(draws, (draw) => (draw / 2 ** 32 < 0.05 ? -1 : 0))
      const judged = anytime({ difference, cluster: apart(400), margin: 0.05, alpha: 0.05 })
      if (judged.pParity <= 0.05) falsely.parity++
      if (judged.pInferior <= 0.05) falsely.inferior++
    }
    assert.isAtMost(falsely.parity / runs, 0.05)
    assert.isAbove(falsely.parity, 0)
    assert.isAtMost(falsely.inferior / runs, 0.05)
    assert.isAbove(falsely.inferior, 0)
  })
})

describe("other e-values", () => {
  it("e-BH rejects nothing without evidence, all with much, and refuses what is no e-value", () => {
    assert.deepStrictEqual(eBenjaminiHochberg([], 0.1), [])
    assert.deepStrictEqual(eBenjaminiHochberg([1, 2, 9], 0.1), [false, false, false])
    assert.deepStrictEqual(eBenjaminiHochberg([40, Infinity], 0.1), [true, true])
    assert.deepStrictEqual(eBenjaminiHochberg([10], 0.1), [true])
    // The k-th greatest needs 2 / (0.1 k): 20 and 10.
    assert.deepStrictEqual(eBenjaminiHochberg([15, 8], 0.1), [false, false])
    assert.deepStrictEqual(eBenjaminiHochberg([15, 10], 0.1), [true, true])
    for (const bad of [-1, Number.NaN]) assert.throws(() => eBenjaminiHochberg([1, bad], 0.1), RangeError, "an e-value")
    assert.throws(() => eBenjaminiHochberg([1], 0), RangeError, "alpha is 0")
  })

  it("aGRAPA refuses values outside [0, 1]", () => {
    assert.throws(() => agrapa(Float64Array.of(1.5), 0.5), RangeError, "a value of 1.5")
    assert.throws(() => agrapa(Float64Array.of(0.5), 0), RangeError, "at 0")
  })
})
