import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"

import { decimalText } from "./decimal.ts"

describe("decimal text", () => {
  it("writes numbers and texts as plain decimals", () => {
    const shown = [0.15, 2.5, 10, 0, 1e-7, "1.5e-8", "2.50", "1e3", 1e21, "-0.5"].map((amount) => decimalText(amount))
    assert.deepStrictEqual(shown, [
      "0.15",
      "2.5",
      "10",
      "0",
      "0.0000001",
      "0.000000015",
      "2.5",
      "1000",
      "1000000000000000000000",
      "-0.5"
    ])
  })

  it("refuses what is no decimal, and exponents that no price has", () => {
    const refused = ["", " ", "free", "1,5", "$1", "1e999999", Number.NaN, Number.POSITIVE_INFINITY]
    assert.deepStrictEqual(
      refused.filter((amount) => decimalText(amount) !== undefined),
      []
    )
  })

  it.prop("a written number reads back as the same number", [Schema.Finite], ([amount]) => {
    const text = decimalText(amount)
    if (text === undefined) assert.isTrue(Math.abs(amount) < 1e-40 || Math.abs(amount) > 1e40)
    else assert.isTrue(Number(text) === amount)
  })
})
