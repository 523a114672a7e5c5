import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

import type { Usage } from "../../domain/Call.ts"
import type { Price } from "../../domain/Price.ts"
import type { PriceBook } from "../../pricing/book.ts"
import { costOf } from "../../pricing/cost.ts"
import { literal, openDuck } from "../../store/duck.ts"
import { type Asked, noDay, priceLines } from "./rates.ts"
import { askedSql, repricedSql } from "./repriced.ts"

interface Row {
  readonly model: string
  readonly provider: string | null
  readonly started: string | null
  readonly billing: string
  readonly usage: Usage
}

const columns = `id INTEGER, model VARCHAR, provider VARCHAR, started TIMESTAMP, billing VARCHAR, "usageBasis" VARCHAR, "inputTokens" BIGINT,
  "uncachedTokens" BIGINT, "cacheReadTokens" BIGINT, "cacheWrite5mTokens" BIGINT, "cacheWrite1hTokens" BIGINT, "cacheWriteOtherTokens" BIGINT,
  "outputTokens" BIGINT, "reasoningTokens" BIGINT`

const sqlOf = (value: string | number | null | undefined) =>
  value === null || value === undefined ? "NULL" : typeof value === "string" ? literal(value) : String(value)

const valuesOf = ({ billing, model, provider, started, usage: { basis, input, output } }: Row, id: number) =>
  `(${[
    id,
    model,
    provider,
    started,
    billing,
    basis,
    input?.total,
    input?.uncached,
    input?.cacheRead,
    input?.cacheWrite5m,
    input?.cacheWrite1h,
    input?.cacheWriteOther,
    output?.total,
    output?.reasoning
  ]
    .map(sqlOf)
    .join(", ")})`

/** What SQL makes of the rows at the prices of a book: cost and reason a row, in order. */
const bySql = (rows: ReadonlyArray<Row>, book: PriceBook) =>
  Effect.gen(function* () {
    const duck = yield* openDuck(":memory:", "write")
    yield* duck.query(`CREATE TABLE calls (${columns})`)
    yield* duck.query(`INSERT INTO calls VALUES ${rows.map(valuesOf).join(", ")}`)
    const asked = (yield* duck.query(askedSql("calls"))) as unknown as ReadonlyArray<Asked>
    const lines = priceLines(asked, book)
    const tokens = rows
      .flatMap(({ usage: { input, output } }) => [...Object.values(input ?? {}), ...Object.values(output ?? {})])
      .reduce<bigint>((max, one) => {
        const size = one === null ? 0n : BigInt(Math.abs(one))
        return size > max ? size : max
      }, 0n)
    const found = yield* duck.query(
      `SELECT CAST(repriced AS VARCHAR) AS repriced, unpriced FROM (${repricedSql("calls", lines, { tokens })}) ORDER BY id`
    )
    return { lines, costs: found.map(({ repriced }) => repriced), reasons: found.map(({ unpriced }) => unpriced) }
  }).pipe(Effect.scoped)

/** The same, call by call, by the price book's own arithmetic; a batch at half of each amount, an answer from a cache at nothing. */
const byHand = (rows: ReadonlyArray<Row>, book: PriceBook) =>
  rows.map(({ billing, model, provider, started, usage }) => {
    if (billing === "cached-response") return "0"
    const price = book.priceOf({ name: provider ?? "", kind: "" }, model, started?.slice(0, 10))
    if (price === undefined) return null
    return costOf(usage, billing === "batch" ? halved(price) : price)?.total.toString() ?? null
  })

const half = (text: string) => {
  const [whole = "0", fraction = ""] = text.split(".")
  const places = fraction.length + 1
  const digits = (BigInt(whole + fraction) * 5n).toString().padStart(places + 1, "0")
  return `${digits.slice(0, -places)}.${digits.slice(-places)}`
}
const halved = ({ asOf, source, ...amounts }: Price): Price => ({
  ...(Object.fromEntries(Object.entries(amounts).map(([kind, text]) => [kind, half(text)])) as typeof amounts),
  asOf,
  source
})

/** A book of one price a model, and of another from the second of May on. */
const bookOf = (prices: ReadonlyArray<Price>): PriceBook => ({
  priceOf: (_, model, at = "2026-05-03") => {
    const price = prices[Number(model.slice(1)) * 2 + (at >= "2026-05-02" ? 1 : 0)]
    return price === undefined ? undefined : { ...price, asOf: at }
  }
})

/** Numbers from 0 up to a bound, the same for the same seed. */
const dice = (seed: number) => {
  let state = BigInt(seed) + 88172645463325252n
  return (below: number): number => {
    state = BigInt.asUintN(64, state ^ (state << 13n))
    state ^= state >> 7n
    state = BigInt.asUintN(64, state ^ (state << 17n))
    return Number(state % BigInt(below))
  }
}
type Dice = ReturnType<typeof dice>

/** A price of up to nine decimals; a double that is no round number now and then. */
const amount = (roll: Dice): string => {
  if (roll(8) === 0) return String((1 + roll(900)) / 7)
  const places = roll(10)
  const text = String(roll(60_000_000)).padStart(places + 1, "0")
  return places === 0 ? text.slice(0, 3) : `${text.slice(0, -places)}.${text.slice(-places)}`
}

const randomPrice = (roll: Dice): Price => ({
  input: amount(roll),
  output: amount(roll),
  ...(roll(2) ? { cacheRead: amount(roll) } : {}),
  ...(roll(2) ? { cacheWrite5m: amount(roll) } : {}),
  ...(roll(2) ? { cacheWrite1h: amount(roll) } : {}),
  ...(roll(2) ? { reasoning: amount(roll) } : {}),
  source: "test",
  asOf: ""
})

const randomRow = (roll: Dice, most: number): Row => {
  const tokens = () => (roll(4) === 0 ? roll(4) : roll(most) - (roll(40) === 0 ? 5 : 0))
  const [uncached, cacheRead, cacheWrite5m, cacheWrite1h, cacheWriteOther, text, reasoning] = Array.from(
    { length: 7 },
    tokens
  ) as [number, number, number, number, number, number, number]
  const told = roll(4) > 0
  return {
    model: `m${roll(5)}`,
    provider: roll(3) === 0 ? null : "own",
    started: roll(6) === 0 ? null : `2026-05-0${1 + roll(3)} 1${roll(10)}:00:00`,
    billing: ["metered", "batch", "cached-response", "subscription"][roll(4)]!,
    usage: {
      basis: roll(10) === 0 ? "unreliable" : "reported",
      input:
        roll(10) === 0
          ? null
          : {
              total: roll(20) === 0 ? 0 : uncached + cacheRead + cacheWrite5m + cacheWrite1h + cacheWriteOther,
              uncached,
              cacheRead,
              cacheWrite5m,
              cacheWrite1h,
              cacheWriteOther
            },
      output:
        roll(10) === 0
          ? null
          : { total: text + reasoning, text: told ? text : null, reasoning: told ? reasoning : null }
    }
  }
}

const row = (over: Partial<Row> = {}, tokens: Partial<NonNullable<Usage["input"]>> = {}, output = 0): Row => {
  const parts = { uncached: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, cacheWriteOther: 0, ...tokens }
  const total = Object.values(parts).reduce((sum, one) => sum + one, 0)
  return {
    model: "m0",
    provider: "own",
    started: "2026-05-01 10:00:00",
    billing: "metered",
    usage: {
      basis: "reported",
      input: { ...parts, total: tokens.total ?? total },
      output: { total: output, text: output, reasoning: 0 }
    },
    ...over
  }
}

const flat = (input: string, output = input): Price => ({ input, output, source: "test", asOf: "" })

describe("repricing in SQL", { timeout: 180_000 }, () => {
  it.effect.prop(
    "is the price book's own arithmetic, call by call, whatever the tokens and prices",
    { seed: Schema.Int },
    ({ seed }) =>
      Effect.gen(function* () {
        const roll = dice(seed)
        const book = bookOf(Array.from({ length: 8 }, () => randomPrice(roll)))
        for (const most of [50, 3_000_000, 2 ** 50]) {
          const rows = Array.from({ length: 200 }, () => randomRow(roll, most))
          const { costs } = yield* bySql(rows, book)
          assert.deepStrictEqual(costs, byHand(rows, book))
          assert.isTrue(costs.some((cost) => cost !== null && cost !== "0"))
        }
      }),
    { timeout: 180_000, arbitrary: { runs: 8 } }
  )

  it.effect("rounds a tie to the even nano-dollar, a kind at a time", () =>
    Effect.gen(function* () {
      // half a nano-dollar a token: 1 token is 0.5 (to 0), 3 are 1.5 (to 2); four kinds of one token each are rounded apart
      const rows = [
        row({}, { uncached: 1 }),
        row({}, { uncached: 3 }),
        row({}, { uncached: 1, cacheRead: 1, cacheWrite5m: 1 }, 1)
      ]
      const { costs } = yield* bySql(rows, bookOf([flat("0.0005"), flat("0.0005")]))
      assert.deepStrictEqual(costs, ["0", "2", "0"])
    })
  )

  it.effect("halves the price of a batch, gives an answer from a cache away, and says why a call has no price", () =>
    Effect.gen(function* () {
      const rows = [
        row({ billing: "batch" }, { uncached: 1_000_000 }),
        row({ billing: "subscription" }, { uncached: 1_000_000 }),
        row({ billing: "cached-response", model: "m9" }, { uncached: 1_000_000 }),
        row({ model: "m9" }, { uncached: 1 }),
        row({}, { uncached: 1, total: 0 }),
        row({ usage: { basis: "unreliable", input: null, output: null } }),
        row({ usage: { ...row({}, { uncached: 1 }).usage, basis: "unreliable" } })
      ]
      const { costs, reasons } = yield* bySql(rows, bookOf([flat("3"), flat("3")]))
      assert.deepStrictEqual(costs, ["1500000000", "3000000000", "0", null, null, null, null])
      assert.deepStrictEqual(reasons, [
        null,
        null,
        null,
        "no price",
        "its tokens are not known",
        "its tokens are not known",
        "its token counts contradict themselves, or are known to be wrong"
      ])
    })
  )

  it.effect("takes the price of the call's day, and today's where no time was recorded", () =>
    Effect.gen(function* () {
      const rows = ["2026-05-01 23:59:59.999", "2026-05-02 00:00:00", null].map((started) =>
        row({ started }, { uncached: 1_000_000 })
      )
      const { costs, lines } = yield* bySql(rows, bookOf([flat("1"), flat("2")]))
      assert.deepStrictEqual(costs, ["1000000000", "2000000000", "2000000000"])
      assert.deepStrictEqual(
        lines.map(({ calls, from, to }) => [from, to, calls]),
        [
          ["2026-05-01", "2026-05-01", 1],
          ["2026-05-02", "2026-05-02", 1],
          [noDay, noDay, 1]
        ]
      )
    })
  )

  it.effect("of nothing that has a price is nothing", () =>
    Effect.gen(function* () {
      const { costs, lines } = yield* bySql([row({}, { uncached: 1 })], bookOf([]))
      assert.deepStrictEqual([lines, costs], [[], [null]])
    })
  )
})
