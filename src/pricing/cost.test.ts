import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"

import type { Usage } from "../domain/Call.ts"
import type { Price } from "../domain/Price.ts"
import { costOf } from "./cost.ts"

const price = (more: Partial<Price> = {}): Price => ({
  input: "2.5",
  output: "10",
  source: "test",
  asOf: "2026-01-01",
  ...more
})

interface Tokens {
  readonly uncached?: number
  readonly cacheRead?: number
  readonly cacheWrite5m?: number
  readonly cacheWrite1h?: number
  readonly cacheWriteOther?: number
  readonly output?: number
  readonly reasoning?: number | null
}

const usage = (tokens: Tokens): Usage => {
  const { cacheRead = 0, cacheWrite1h = 0, cacheWrite5m = 0, cacheWriteOther = 0, output = 0, uncached = 0 } = tokens
  const { reasoning = null } = tokens
  return {
    basis: "reported",
    input: {
      total: uncached + cacheRead + cacheWrite5m + cacheWrite1h + cacheWriteOther,
      uncached,
      cacheRead,
      cacheWrite5m,
      cacheWrite1h,
      cacheWriteOther
    },
    output: { total: output, text: reasoning === null ? null : output - reasoning, reasoning }
  }
}

const Count = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 10_000_000 }))
const Cents = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 100_000_000 }))
const decimal = (millionths: number) => (millionths / 1_000_000).toFixed(6)

describe("the cost of a call", () => {
  it("is exact to the nano-dollar, a kind at a time", () => {
    const parts = costOf(
      usage({ uncached: 1000, cacheRead: 2000, cacheWrite5m: 300, cacheWrite1h: 40, cacheWriteOther: 5, output: 700 }),
      price({ cacheRead: "1.25", cacheWrite5m: "3", cacheWrite1h: "5" })
    )
    assert.deepStrictEqual(parts, {
      uncached: 2_500_000n,
      cacheRead: 2_500_000n,
      cacheWrite5m: 900_000n,
      cacheWrite1h: 200_000n,
      cacheWriteOther: 15_000n,
      output: 7_000_000n,
      reasoning: 0n,
      total: 13_115_000n
    })
  })

  it("rounds each kind half-even once", () => {
    const half = price({ input: "0.0005", output: "0.0015" })
    assert.strictEqual(costOf(usage({ uncached: 1, output: 1 }), half)?.total, 2n)
    assert.strictEqual(costOf(usage({ uncached: 3 }), half)?.total, 2n)
  })

  it("bills cached tokens at the input price where the row has no price for them", () => {
    const parts = costOf(usage({ cacheRead: 10, cacheWrite5m: 10, cacheWrite1h: 10, cacheWriteOther: 10 }), price())
    assert.strictEqual(parts?.total, 4n * 25_000n)
    const written = costOf(usage({ cacheWrite1h: 10, cacheWriteOther: 10 }), price({ cacheWrite5m: "3" }))
    assert.strictEqual(written?.total, 2n * 30_000n)
  })

  it("bills reasoning inside the output, or apart where it has a price of its own", () => {
    const thought = usage({ uncached: 2, output: 100, reasoning: 80 })
    assert.strictEqual(costOf(thought, price())?.total, 1_005_000n)
    const apart = costOf(thought, price({ reasoning: "20" }))
    assert.deepStrictEqual([apart?.output, apart?.reasoning], [200_000n, 1_600_000n])
  })

  it("is unpriced, not zero, where the usage does not say", () => {
    const { input, output } = usage({ uncached: 1, output: 1 })
    assert.isNull(costOf({ basis: "reported", input: null, output }, price()))
    assert.isNull(costOf({ basis: "reported", input, output: null }, price()))
    assert.isNull(costOf(usage({ uncached: -1 }), price()))
    assert.isNull(costOf(usage({ output: 5, reasoning: null }), price({ reasoning: "20" })))
    assert.isNull(costOf(usage({ output: 5, reasoning: 6 }), price({ reasoning: "20" })))
  })

  it("is unpriced, not zero, where the usage counts nothing or contradicts itself", () => {
    assert.isNull(costOf(usage({}), price()))
    assert.isNull(costOf({ ...usage({ uncached: 10, output: 1 }), basis: "unreliable" }, price()))
  })

  it("of no output is that of the input", () => {
    assert.strictEqual(costOf(usage({ uncached: 2 }), price({ reasoning: "3" }))?.total, 5_000n)
  })

  it.prop(
    "is the sum of its parts and, within rounding, linear in the price",
    [Count, Count, Count, Count, Cents, Cents],
    ([uncached, cacheRead, cacheWrite5m, output, dear, cheap]) => {
      const spent = usage({ uncached: uncached + 1, cacheRead, cacheWrite5m, output })
      const rows = price({ input: decimal(dear), output: decimal(cheap) })
      const parts = costOf(spent, rows)
      assert.isNotNull(parts)
      if (parts === null) return
      const { total, ...kinds } = parts
      assert.strictEqual(
        Object.values(kinds).reduce((sum, part) => sum + part, 0n),
        total
      )
      const twice = costOf(spent, price({ input: decimal(2 * dear), output: decimal(2 * cheap) }))
      const off = (twice?.total ?? 0n) - 2n * total
      assert.isTrue(off >= -7n && off <= 7n, `off by ${off}`)
    }
  )
})
