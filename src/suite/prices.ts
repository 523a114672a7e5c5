import { dirname, resolve } from "node:path"

import * as Effect from "effect/Effect"

import type { Fault } from "../domain/Fault.ts"
import { readPricesFile, type UserPrices } from "../pricing/userRows.ts"
import type { LoadedConfig } from "./config.ts"
import type { ProviderEntry } from "./providers.ts"

/** A user's price rows by provider, then by model. */
export type PricesByProvider = Readonly<Record<string, UserPrices>>

const rowsOf = (file: string, prices: UserPrices | string | undefined): Effect.Effect<UserPrices, Fault> =>
  typeof prices === "string" ? readPricesFile(resolve(dirname(file), prices)) : Effect.succeed(prices ?? {})

/** Reads all price rows of a suite and its config, files too. The suite's win, then those of the config's providers, then its `prices`. */
export const userPrices = Effect.fnUntraced(function* (
  suiteFile: string,
  providers: Readonly<Record<string, ProviderEntry>>,
  config: LoadedConfig | null
): Effect.fn.Return<PricesByProvider, Fault> {
  const shared = config?.config
  const names = new Set([
    ...Object.keys(shared?.prices ?? {}),
    ...Object.keys(shared?.providers ?? {}),
    ...Object.keys(providers)
  ])
  const rows = yield* Effect.forEach(names, (name) =>
    Effect.all([
      rowsOf(config?.file ?? "", shared?.prices[name]),
      rowsOf(config?.file ?? "", shared?.providers[name]?.prices),
      rowsOf(suiteFile, providers[name]?.prices)
    ])
  )
  return Object.fromEntries([...names].map((name, i) => [name, Object.assign({}, ...(rows[i] ?? []))]))
})
