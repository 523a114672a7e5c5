import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

import { usd } from "../domain/Money.ts"
import { count, duration, levelOf, money, percent, points, pointsInterval, ratio, ratioInterval } from "./figures.ts"

describe("money", () => {
  it("shows as many digits as help", () => {
    const shown = [
      "0.000000000",
      "0.000071500",
      "0.0042",
      "0.995",
      "1",
      "12.345",
      "999.994",
      "1234.5",
      "1234567.89"
    ].map(money)
    assert.deepStrictEqual(shown, [
      "$0",
      "$0.0000715",
      "$0.00420",
      "$0.995",
      "$1.00",
      "$12.35",
      "$999.99",
      "$1,235",
      "$1,234,568"
    ])
  })

  it("is exact where binary floats are not", () => {
    assert.strictEqual(money("9007199254740993.5"), "$9,007,199,254,740,994")
    assert.strictEqual(money("1.005"), "$1.01")
  })

  it("tells unpriced, negative and unreadable from zero", () => {
    assert.strictEqual(money(null), "unpriced")
    assert.strictEqual(money("-12.5"), "−$12.50")
    assert.strictEqual(money("a lot"), "a lot")
  })

  it.effect.prop(
    "is never off by more than half of its last digit",
    { nano: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })) },
    ({ nano }) =>
      Effect.sync(() => {
        const text = money(usd(BigInt(nano))).replace(/[$,]/g, "")
        const [whole = "", fraction = ""] = text.split(".")
        const shown = BigInt(`${whole}${fraction.padEnd(9, "0")}`)
        const unit = 10n ** BigInt(9 - fraction.length)
        const off = shown - BigInt(nano)
        assert.isTrue((off < 0n ? -off : off) * 2n <= unit, `${nano} shown as ${text}`)
      })
  )
})

describe("other figures", () => {
  it("show differences as signed points and never as minus zero", () => {
    assert.deepStrictEqual(
      [-0.0123, 0.004, 0, -0.0001].map((value) => points(value)),
      ["−1.2", "+0.4", "0.0", "0.0"]
    )
    assert.strictEqual(pointsInterval({ estimate: -0.01, lower: -0.03, upper: 0.01 }), "−1.0 (−3.0 to +1.0)")
  })

  it("show what is not a number as a dash: documents carry it as null", () => {
    const nothing = JSON.parse("null") as number
    assert.deepStrictEqual(
      [points(nothing), points(Number.NaN), percent(nothing), ratio(nothing), duration(nothing), count(nothing)],
      ["–", "–", "–", "–", "–", "–"]
    )
  })

  it("show shares, ratios and levels", () => {
    assert.deepStrictEqual([0.0004, 0.042, 0.5, 1].map(percent), ["0.04 %", "4.2 %", "50 %", "100 %"])
    assert.deepStrictEqual([0.12, 1, 1.25, 14].map(ratio), ["12 %", "100 %", "1.25 times", "14 times"])
    assert.strictEqual(ratioInterval({ estimate: 0.98, lower: 0.9, upper: 1.06 }), "98 % (90 to 106)")
    assert.strictEqual(ratioInterval({ estimate: 1.4, lower: 0.9, upper: 2 }), "1.4 times (0.9 to 2)")
    assert.strictEqual(levelOf(1 - 0.05 / 6), "99.17 %")
  })
})
