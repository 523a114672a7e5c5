import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"

import type { Price } from "../domain/Price.ts"
import { loadListPrices } from "./listPrices.ts"
import { type UserPrices, userRow } from "./userRows.ts"

/** A provider as the price book knows it: its name in the suite, its kind, its address where that is not the kind's own. */
export interface PricedProvider {
  readonly name: string
  readonly kind: string
  readonly baseURL?: string
}

/** Dated prices. */
export interface PriceBook {
  /**
   * The price of a model at a time (ISO date or time; default: the day the book was opened). The user's rows for that provider win;
   * then the public list. `undefined`: unpriced, which is not zero; a self-hosted kind has no price but the user's.
   * The same question gets the same object.
   */
  priceOf(provider: PricedProvider, model: string, at?: string): Price | undefined
}

const isDay = (text: string) => /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text))

/**
 * Opens the price book. `userRows`: the user's prices by provider name, then by model, as {@link UserPrices} decodes them.
 * The public list is loaded here and nowhere earlier.
 */
export const priceBook = Effect.fnUntraced(function* (userRows: Readonly<Record<string, UserPrices>>) {
  const listed = yield* loadListPrices
  const today = DateTime.formatIsoDate(yield* DateTime.now)
  const seen = new Map<string, Price | undefined>()
  const look = (provider: PricedProvider, model: string, day: string): Price | undefined => {
    const own = Object.hasOwn(userRows, provider.name) ? userRows[provider.name] : undefined
    const row = (own === undefined ? undefined : userRow(own, model)) ?? listed(provider, model, day)
    return row === undefined ? undefined : { ...row, asOf: day }
  }
  const book: PriceBook = {
    priceOf: (provider, model, at) => {
      const asked = at?.slice(0, 10)
      const day = asked !== undefined && isDay(asked) ? asked : today
      const key = JSON.stringify([provider.name, provider.kind, provider.baseURL, model, day])
      if (seen.has(key)) return seen.get(key)
      const price = look(provider, model, day)
      seen.set(key, price)
      return price
    }
  }
  return book
})
