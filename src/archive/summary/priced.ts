import * as Effect from "effect/Effect"

import type { Price } from "../../domain/Price.ts"
import type { PriceBook } from "../../pricing/book.ts"
import type { Ask } from "./ask.ts"
import { countIn, type Row, textIn } from "./cells.ts"
import { type Asked, noDay, type PriceLine, priceLines } from "./rates.ts"
import { askedSql, repricedSql } from "./repriced.ts"

/** An archive's calls with what they cost at the price book. */
export interface Priced {
  /** The prices that were found. */
  readonly lines: ReadonlyArray<PriceLine>
  /** A query for these columns of `source` (a table or view of calls, view `sliced` by default), and `repriced` and `unpriced`. */
  sql(columns: ReadonlyArray<string>, source?: string): string
}

const bounds = `SELECT CAST(greatest(max(abs("inputTokens")), max(abs("outputTokens")), max(abs("reasoningTokens")), max(abs("uncachedTokens")),
  max(abs("cacheReadTokens")), 1) AS VARCHAR) AS tokens FROM calls`

const askedIn = (row: Row): Asked => ({
  provider: textIn(row, "provider"),
  model: textIn(row, "model") ?? "",
  day: textIn(row, "day") ?? "",
  batch: row["batch"] === true,
  calls: countIn(row, "calls")
})

/** Looks up the prices of an archive's calls, each model and day once. */
export const pricedCalls = Effect.fnUntraced(function* (ask: Ask, book: PriceBook) {
  const asked = (yield* ask(askedSql("calls"))).map(askedIn)
  const [largest = {}] = yield* ask(bounds)
  const tokens = BigInt(textIn(largest, "tokens") ?? "1")
  const lines = priceLines(asked, book)
  const priced: Priced = {
    lines,
    sql: (columns, source = "sliced") => repricedSql(source, lines, { tokens }, columns)
  }
  return priced
})

/** A price that calls were priced at, and from when to when such calls were made; `null`: they carry no time, and were priced at today's. */
export interface PriceUsed extends Omit<Price, "asOf"> {
  readonly model: string
  readonly provider: string | null
  readonly from: string | null
  readonly to: string | null
  /** True: the calls were sent as batches, at half of these prices. */
  readonly batch: boolean
  readonly calls: number
}

/** The prices that an archive's calls were priced at. */
export const pricesUsed = ({ lines }: Priced): ReadonlyArray<PriceUsed> =>
  lines.map(({ batch, calls, from, model, price: { asOf: _, ...price }, provider, to }) => ({
    model,
    provider,
    from: from === noDay ? null : from,
    to: to === noDay ? null : to,
    batch,
    calls,
    ...price
  }))
