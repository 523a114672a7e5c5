import { assert, describe, it } from "@effect/vitest"

import { fixedSequence, holm, weightedCheapestFirst } from "./multiplicity.ts"

describe("many hypotheses", () => {
  it("Holm rejects in order of p, ties and the edge of a level included", () => {
    assert.deepStrictEqual(holm([0.025, 0.025], 0.05), [true, true])
    assert.deepStrictEqual(holm([0.026, 0.001], 0.05), [true, true])
    assert.deepStrictEqual(holm([0.026, 0.026], 0.05), [false, false])
    assert.deepStrictEqual(holm([], 0.05), [])
  })

  it("a fixed sequence stops at its first failure, whatever comes after", () => {
    assert.deepStrictEqual(fixedSequence([0.05, 0.051, 0], 0.05), [true, false, false])
    assert.deepStrictEqual(fixedSequence([], 0.05), [])
  })

  it("cheapest first names the first that passes its own share of alpha", () => {
    assert.strictEqual(weightedCheapestFirst([0.02, 0.02], 0.05, [0.3, 0.7]), 1)
    assert.strictEqual(weightedCheapestFirst([], 0.05, []), -1)
    // A setup without a share of alpha is not tested, even where its p is zero.
    assert.strictEqual(weightedCheapestFirst([0, 0.01], 0.05, [0, 1]), 1)
  })

  it("refuses p-values, levels and weights that would let a claim through", () => {
    for (const bad of [Number.NaN, -0.1, 1.1]) {
      for (const test of [holm, fixedSequence]) assert.throws(() => test([0.01, bad], 0.05), RangeError, "a p-value of")
      assert.throws(() => weightedCheapestFirst([bad], 0.05, [1]), RangeError, "a p-value of")
    }
    for (const alpha of [0, 1, Number.NaN]) assert.throws(() => holm([0.01], alpha), RangeError, "alpha is")
    assert.throws(() => weightedCheapestFirst([0.01, 0.01], 0.05, [1, 0.1]), RangeError, "sum to more than 1")
    assert.throws(() => weightedCheapestFirst([0.01, 0.01], 0.05, [1.5, -0.5]), RangeError, "must not be negative")
    assert.throws(() => weightedCheapestFirst([0.01], 0.05, [Number.NaN]), RangeError, "weights of")
    assert.throws(() => weightedCheapestFirst([0.01, 0.01], 0.05, [1]), RangeError, "2 p-values, but 1 weights")
  })
})
