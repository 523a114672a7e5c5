import * as Effect from "effect/Effect"

import { priceBook } from "../pricing/book.ts"
import { providers } from "../providers/registry.ts"
import { findConfig, loadConfig } from "../suite/config.ts"
import { userPrices } from "../suite/prices.ts"

/** The price book with the rows of the nearest config from a folder upwards, where there is one. Fails, kind `input`, where that is wrong. */
export const ownPrices = Effect.fnUntraced(function* (cwd: string) {
  if (findConfig(cwd) === undefined) return yield* priceBook({})
  return yield* priceBook(yield* userPrices("", {}, yield* loadConfig(cwd, undefined, { providers })))
})
