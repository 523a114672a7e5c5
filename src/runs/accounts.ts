import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

import type { Account } from "../calls/Calls.ts"
import { Fault } from "../domain/Fault.ts"
import type { PriceBook } from "../pricing/book.ts"
import type { ProviderConfig } from "../providers/contract.ts"
import { loadProvider, providers } from "../providers/registry.ts"
import type { LoadedSuite } from "../suite/load.ts"

/** A provider reached elsewhere than its suite says, under a name that does not change with the port: the bundled fleet's. */
export type Elsewhere = Readonly<Record<string, { readonly baseURL: string; readonly host: string }>>

/** A provider as the suite names it, resolved: its kind, address, and the environment variable of its key. */
export interface Resolved {
  readonly name: string
  readonly kind: string
  readonly baseURL: string | undefined
  readonly host: string
  /** `undefined`: none is needed. */
  readonly keyEnv: string | undefined
  readonly concurrency: "adaptive" | number
  readonly timeoutMs: number | undefined
}

const hostOf = (baseURL: string | undefined, kind: string) =>
  baseURL === undefined ? kind : new URL(baseURL).host + new URL(baseURL).pathname.replace(/\/$/, "")

/** What the suite says of a provider; one of the built-in kinds needs no entry. `undefined`: there is none of this name. */
export const resolveProvider = (
  name: string,
  suite: Pick<LoadedSuite, "providers">,
  elsewhere: Elsewhere = {}
): Resolved | undefined => {
  const entry = suite.providers[name]
  const kind = entry?.kind ?? name
  const line = providers.find(({ id }) => id === kind)
  if (line === undefined) return undefined
  const moved = elsewhere[name]
  const baseURL = moved?.baseURL ?? entry?.baseURL ?? line.defaults.baseURL
  const own = entry?.apiKey?.slice("env:".length)
  return {
    name,
    kind,
    baseURL,
    host: moved?.host ?? hostOf(baseURL, kind),
    keyEnv: own ?? (moved === undefined && entry?.baseURL === undefined ? line.defaults.apiKeyEnv : undefined),
    concurrency: entry?.concurrency ?? "adaptive",
    timeoutMs: entry?.timeoutMs
  }
}

const keyOf = (env: string) => Config.option(Config.Redacted(env)).pipe(Effect.orElseSucceed(() => Option.none()))

/** Why a provider cannot be asked: it is not known, or its key is not in the environment; `null`: it can. */
export const whyNotAsked = Effect.fnUntraced(function* (name: string, resolved: Resolved | undefined) {
  if (resolved === undefined) return `there is no provider called ${name}`
  if (resolved.keyEnv === undefined || Option.isSome(yield* keyOf(resolved.keyEnv))) return null
  return `its key is not in the environment variable ${resolved.keyEnv}`
})

/** The price of a provider's model in the book; `undefined`: unpriced. */
export const priceIn = (
  book: PriceBook,
  { baseURL, kind, name }: Pick<Resolved, "name" | "kind" | "baseURL">,
  model: string
) => book.priceOf({ name, kind, ...(baseURL === undefined ? {} : { baseURL }) }, model)

/** Opens a provider for the scope. Fails when its key is not in the environment. */
export const openConnection = Effect.fnUntraced(function* (resolved: Resolved) {
  const provider = yield* loadProvider(resolved.kind)
  const key = resolved.keyEnv === undefined ? Option.none() : yield* keyOf(resolved.keyEnv)
  if (resolved.keyEnv !== undefined && Option.isNone(key)) {
    return yield* new Fault({
      kind: "input",
      sentence: `the key of provider ${resolved.name} is not in the environment variable ${resolved.keyEnv}`,
      mend: `Set ${resolved.keyEnv}, or name another variable: providers.${resolved.name}.apiKey: "env:NAME".`
    })
  }
  const config: ProviderConfig = {
    name: resolved.name,
    ...(resolved.baseURL === undefined ? {} : { baseURL: resolved.baseURL }),
    ...(Option.isSome(key) ? { apiKey: key.value } : {}),
    ...(resolved.timeoutMs === undefined ? {} : { timeoutMs: resolved.timeoutMs })
  }
  return yield* provider.open(config)
})

/** Opens a provider account for the scope of the run. Fails when its key is not in the environment. */
export const openAccount = Effect.fnUntraced(function* (resolved: Resolved, book: PriceBook) {
  const account: Account = {
    name: resolved.name,
    kind: resolved.kind,
    host: resolved.host,
    connection: yield* openConnection(resolved),
    concurrency: resolved.concurrency,
    ...(resolved.keyEnv === undefined ? {} : { keyEnv: resolved.keyEnv }),
    priceOf: (model) => priceIn(book, resolved, model)
  }
  return account
})
