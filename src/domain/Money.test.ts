import { assert, describe, it } from "@effect/vitest"
import * as BigDecimal from "effect/BigDecimal"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

import { costOfTokens, nanoOf, roundHalfEven, sumOf, usd } from "./Money.ts"

const decimal = (text: string) => BigDecimal.fromStringUnsafe(text)
const Nano = Schema.BigInt.check(Schema.isBetweenBigInt({ minimum: -(10n ** 24n), maximum: 10n ** 24n }))

describe("money", () => {
  it("rounds a tie to the even nano-dollar", () => {
    assert.deepStrictEqual(
      ["0.5", "1.5", "2.5", "-0.5", "-1.5", "-2.5", "2.4", "2.6", "-2.6"].map((text) => roundHalfEven(decimal(text))),
      [0n, 2n, 2n, 0n, -2n, -2n, 2n, 3n, -3n]
    )
  })

  it("prices tokens exactly, where binary floats would not", () => {
    assert.strictEqual(costOfTokens(3, decimal("0.1")), 300n)
    assert.strictEqual(costOfTokens(1_234_567, decimal("0.15")), 185_185_050n)
    assert.strictEqual(costOfTokens(1, decimal("0.0005")), 0n)
    assert.strictEqual(costOfTokens(3, decimal("0.0005")), 2n)
  })

  it("writes dollars with nine places", () => {
    assert.deepStrictEqual([0n, 1n, 1_234_567_890n, -5_000_000_000n].map(usd), [
      "0.000000000",
      "0.000000001",
      "1.234567890",
      "-5.000000000"
    ])
  })

  it.effect.prop("reads what it wrote", { nano: Nano }, ({ nano }) =>
    Effect.sync(() => assert.strictEqual(nanoOf(usd(nano)), nano))
  )

  it("unpriced is not zero: a sum with an unpriced part is unpriced", () => {
    assert.strictEqual(sumOf([1n, null, 2n]), null)
    assert.strictEqual(sumOf([]), 0n)
    assert.strictEqual(usd(null), null)
    assert.strictEqual(nanoOf("a dollar"), undefined)
    assert.strictEqual(nanoOf(" "), undefined)
  })
})
