import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"

import { pairedRatio, ratioOfTotals } from "./ratio.ts"

const Cost = Schema.Finite.check(Schema.isBetween({ minimum: 0.001, maximum: 100 }))
const Rows = Schema.Array(
  Schema.Struct({ one: Cost, other: Cost, cluster: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 9 })) })
).check(Schema.isMinLength(2), Schema.isMaxLength(40))
const totalsOf = (rows: typeof Rows.Type, factor = 1) => ({
  numerator: Float64Array.from(rows, (row) => factor * row.one),
  denominator: Float64Array.from(rows, (row) => row.other)
})

describe("ratios of totals", () => {
  it("are exact, with no width, where every item has the same ratio", () => {
    const totals = { numerator: Float64Array.of(1, 2, 3, 4), denominator: Float64Array.of(10, 20, 30, 40) }
    for (const made of [ratioOfTotals(totals, [1, 2, 3, 4]), pairedRatio(totals, [1, 2, 3, 4])]) {
      assert.closeTo(made.estimate, 0.1, 1e-15)
      assert.closeTo(made.lower, 0.1, 1e-12)
      assert.closeTo(made.upper, 0.1, 1e-12)
    }
  })

  it("say that they know nothing where nothing is known", () => {
    const one = { numerator: Float64Array.of(1), denominator: Float64Array.of(2) }
    assert.deepInclude(ratioOfTotals(one, ["a"]), { estimate: 0.5, lower: 0, upper: Infinity, fieller: null })
    const carried = { numerator: Float64Array.of(1, 0, 0), denominator: Float64Array.of(1, 1, 1) }
    assert.deepInclude(ratioOfTotals(carried, [1, 2, 3]), { lower: 0, upper: Infinity })
    const free = { numerator: Float64Array.of(1, 1), denominator: Float64Array.of(0, 0) }
    assert.deepInclude(pairedRatio(free, [1, 2]), { lower: 0, upper: Infinity })
    assert.isNaN(ratioOfTotals(free, [1, 2]).estimate)
    assert.isNaN(ratioOfTotals({ numerator: new Float64Array(0), denominator: new Float64Array(0) }, []).estimate)
  })

  it("of a setup that costs nothing are zero", () => {
    const totals = { numerator: new Float64Array(3), denominator: Float64Array.of(1, 2, 3) }
    assert.deepStrictEqual(pairedRatio(totals, [1, 2, 3]), { estimate: 0, lower: 0, upper: 0 })
  })

  it("have fewer degrees of freedom where one cluster is dear", () => {
    const numerator = Float64Array.of(1, 1.1, 0.9, 1, 1.2)
    const even = ratioOfTotals({ numerator, denominator: Float64Array.of(2, 2, 2, 2, 2) }, [1, 2, 3, 4, 5])
    const dear = ratioOfTotals({ numerator, denominator: Float64Array.of(50, 2, 2, 2, 2) }, [1, 2, 3, 4, 5])
    assert.closeTo(even.df, 4, 1e-12)
    assert.isBelow(dear.df, 2)
  })

  it.prop("scale with the currency and turn over with the sides", [Rows], ([rows]) => {
    const cluster = rows.map((row) => row.cluster)
    const made = pairedRatio(totalsOf(rows), cluster)
    assert.isTrue(made.lower <= made.estimate * (1 + 1e-12) && made.estimate <= made.upper * (1 + 1e-12))
    const scaled = pairedRatio(totalsOf(rows, 1e9), cluster)
    assert.closeTo(scaled.estimate / made.estimate / 1e9, 1, 1e-9)
    if (made.upper === Infinity) return
    assert.closeTo(scaled.upper / made.upper / 1e9, 1, 1e-6)
    const { denominator, numerator } = totalsOf(rows)
    const turned = pairedRatio({ numerator: denominator, denominator: numerator }, cluster)
    if (turned.upper < 1e200) assert.closeTo(turned.upper * made.lower, 1, 1e-6)
  })
})
