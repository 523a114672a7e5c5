import { assert, describe, it } from "@effect/vitest"

import { forecastSpend } from "./forecast.ts"

const input = { current: 0.1, candidate: 0.04, volume: 1000 }

describe("the forecast of spend", () => {
  it("is volume times price where nothing moves", () => {
    const found = forecastSpend({ ...input, months: 3, switching: 100 })
    assert.closeTo(found.current, 300, 1e-9)
    assert.closeTo(found.candidate, 120, 1e-9)
    assert.closeTo(found.candidateWithRebound, 120, 1e-9)
    assert.closeTo(found.saving, 180, 1e-9)
    // 60 a month against 100.
    assert.strictEqual(found.breakEvenMonth, 2)
    assert.isNull(forecastSpend({ ...input, months: 1, switching: 60.01 }).breakEvenMonth)
    assert.strictEqual(forecastSpend({ ...input, months: 1, switching: 59.99 }).breakEvenMonth, 1)
  })

  it("never pays back a setup that is dearer", () => {
    const found = forecastSpend({ ...input, candidate: 0.2 })
    assert.closeTo(found.saving, -1200, 1e-9)
    assert.isNull(found.breakEvenMonth)
  })

  it("shows a rebound that eats the saving, only where demand is elastic", () => {
    const elastic = forecastSpend({ ...input, months: 1, elasticity: 2 })
    assert.closeTo(elastic.candidateWithRebound, 1000 * 0.04 * 2.5 ** 2, 1e-9)
    assert.closeTo(elastic.candidate, 40, 1e-9)
    assert.isBelow(elastic.savingWithRebound, 0)
    assert.closeTo(forecastSpend({ ...input, months: 1, elasticity: 1 }).savingWithRebound, 0, 1e-9)
  })

  it("moves by the quarter", () => {
    const grown = forecastSpend({ ...input, growth: 1, months: 4 })
    const third = 2 ** (1 / 3)
    assert.closeTo(grown.current, 100 * (1 + third + third ** 2 + 2), 1e-9)
    assert.closeTo(
      forecastSpend({ ...input, decline: 0.5, months: 4 }).candidate,
      40 * (1 + third ** -1 + third ** -2 + 0.5),
      1e-9
    )
  })

  it("takes a free setup where demand does not answer to prices, and refuses it where it would be boundless", () => {
    assert.strictEqual(forecastSpend({ ...input, candidate: 0 }).candidate, 0)
    assert.throws(() => forecastSpend({ ...input, candidate: 0, elasticity: 1 }), RangeError, "at a price of zero")
  })

  it("refuses input of which no forecast can come", () => {
    for (const bad of [
      { current: 0 },
      { candidate: -1 },
      { volume: -1 },
      { volume: Number.NaN },
      { growth: -1 },
      { decline: 1 },
      { elasticity: -0.1 },
      { months: 0 },
      { months: 1.5 },
      { switching: -1 },
      { current: Infinity }
    ]) {
      assert.throws(() => forecastSpend({ ...input, ...bad }), RangeError, / is /, JSON.stringify(bad))
    }
  })
})
