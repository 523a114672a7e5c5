import * as BigDecimal from "effect/BigDecimal"

import type { Price } from "../../domain/Price.ts"
import type { PriceBook } from "../../pricing/book.ts"
import { ratesOf } from "../../pricing/cost.ts"
import { pricedProvider } from "./places.ts"

/** The token kinds that have a price of their own. */
export const kinds = ["input", "cacheRead", "cacheWrite5m", "cacheWrite1h", "output", "reasoning"] as const
export type Kind = (typeof kinds)[number]

/** Nano-dollars a token, as a fraction in lowest terms. */
export interface Rate {
  readonly num: bigint
  readonly den: bigint
}

/** A day that no call has: it stands for "no time was recorded". */
export const noDay = "9999-12-31"

/** Calls of a model on one day (ISO date; `noDay` where no time was recorded), sent one by one or as a batch. */
export interface Asked {
  readonly provider: string | null
  readonly model: string
  readonly day: string
  readonly batch: boolean
  readonly calls: number
}

/** A price that held for a model's calls from one day to another, both included. */
export interface PriceLine {
  readonly provider: string | null
  readonly model: string
  readonly from: string
  readonly to: string
  readonly batch: boolean
  /** `reasoning` is `null` where it is billed as output. */
  readonly rates: Readonly<Record<Kind, Rate | null>>
  readonly price: Price
  readonly calls: number
}

/** More digits than a price has; a product with a call's tokens stays below 2^127. */
const widest = 10n ** 22n

const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? a : gcd(b, a % b))

/** Nano-dollars a token of so many dollars a million; `undefined`: more digits than arithmetic on whole numbers carries. */
const rateOf = (usdPerMillion: BigDecimal.BigDecimal, share: bigint): Rate | undefined => {
  const { scale, value } = BigDecimal.normalize(usdPerMillion)
  const num = value * 1_000n * 10n ** BigInt(Math.max(0, -scale))
  const den = share * 10n ** BigInt(Math.max(0, scale))
  const common = gcd(num, den)
  const rate = { num: num / common, den: den / common }
  return rate.num > widest || rate.den > widest ? undefined : rate
}

/** A batch is billed at half the price by those who offer it. */
const batchShare = 2n

const ratesIn = (price: Price, batch: boolean): PriceLine["rates"] | undefined => {
  const all = ratesOf(price)
  const share = batch ? batchShare : 1n
  const found = kinds.map((kind) => {
    const rate = all[kind]
    return [kind, rate === undefined ? null : rateOf(rate, share)] as const
  })
  if (found.some(([, rate]) => rate === undefined)) return undefined
  // Each kind of the list is there, and none is undefined any more.
  return Object.fromEntries(found) as PriceLine["rates"]
}

const sameTerms = (a: Price, b: Price): boolean => {
  const { asOf: _, ...one } = a
  const { asOf: __, ...other } = b
  return JSON.stringify(one) === JSON.stringify(other)
}

const inOrder = (a: Asked, b: Asked): number => {
  const [one, other] = [a, b].map(({ batch, day, model, provider }) => JSON.stringify([provider, model, batch, day]))
  return one! < other! ? -1 : one! > other! ? 1 : 0
}

/**
 * The prices of an archive's calls, each looked up in the book at its day; days in a row with one price are one line. Calls without a time are
 * priced at the day the book was opened. What has no line has no price.
 */
export const priceLines = (asked: ReadonlyArray<Asked>, book: PriceBook): ReadonlyArray<PriceLine> => {
  const lines: Array<PriceLine> = []
  for (const { batch, calls, day, model, provider } of [...asked].sort(inOrder)) {
    const price = book.priceOf(pricedProvider(provider, model), model, day === noDay ? undefined : day)
    if (price === undefined) continue
    const last = lines.at(-1)
    const goesOn =
      last !== undefined && last.provider === provider && last.model === model && last.batch === batch && day !== noDay
    if (goesOn && sameTerms(last.price, price)) {
      lines[lines.length - 1] = { ...last, to: day, calls: last.calls + calls }
      continue
    }
    const rates = ratesIn(price, batch)
    if (rates !== undefined) lines.push({ provider, model, from: day, to: day, batch, rates, price, calls })
  }
  return lines
}
