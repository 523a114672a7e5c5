import * as Config from "effect/Config"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"

import type { Account } from "../calls/Calls.ts"
import { Fault } from "../domain/Fault.ts"
import type { NanoUsd } from "../domain/Money.ts"
import type { MachineRate, Price } from "../domain/Price.ts"
import type { PriceBook } from "../pricing/book.ts"
import type { ProviderConfig } from "../providers/contract.ts"
import { proxyFor } from "../providers/proxy.ts"
import { loadProvider, type ProviderLine, providers } from "../providers/registry.ts"
import type { LoadedSuite } from "../suite/load.ts"
import { machineOf } from "../suite/providers.ts"

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
  readonly api?: string | undefined
  readonly apiVersion?: string | undefined
  /** Of a machine of one's own, without its day. */
  readonly machine?: Omit<MachineRate, "asOf"> | undefined
  /** Absolute path. */
  readonly caFile?: string | undefined
}

/** The version of an API is part of the address, as it is of each request's. */
const hostOf = (baseURL: string | undefined, kind: string, apiVersion: string | undefined) =>
  baseURL === undefined
    ? kind
    : new URL(baseURL).host +
      new URL(baseURL).pathname.replace(/\/$/, "") +
      (apiVersion === undefined ? "" : `?api-version=${apiVersion}`)

/** What the suite says of a provider; one of the built-in kinds needs no entry. `undefined`: there is none of this name. */
export const resolveProvider = (
  name: string,
  suite: Pick<LoadedSuite, "providers">,
  elsewhere: Elsewhere = {}
): Resolved | undefined => {
  const entry = suite.providers[name]
  const kind = entry?.kind ?? name
  const line: ProviderLine | undefined = providers.find(({ id }) => id === kind)
  if (line === undefined) return undefined
  const moved = elsewhere[name]
  const baseURL = moved?.baseURL ?? entry?.baseURL ?? line.defaults.baseURL
  const own = entry?.apiKey?.slice("env:".length)
  // A kind's own key goes to its own address alone, unless its address is always the user's.
  const atHome = entry?.baseURL === undefined || line.defaults.baseURL === undefined
  return {
    name,
    kind,
    baseURL,
    host: moved?.host ?? hostOf(baseURL, kind, entry?.apiVersion),
    keyEnv: own ?? (moved === undefined && atHome ? line.defaults.apiKeyEnv : undefined),
    concurrency: entry?.concurrency ?? "adaptive",
    timeoutMs: entry?.timeoutMs,
    api: entry?.api,
    apiVersion: entry?.apiVersion,
    caFile: entry?.caFile,
    machine: machineOf(entry)
  }
}

const keyOf = (env: string) => Config.option(Config.Redacted(env)).pipe(Effect.orElseSucceed(() => Option.none()))

/** Why a provider cannot be asked: it is not known, or its key is not in the environment; `null`: it can. */
export const whyNotAsked = Effect.fnUntraced(function* (name: string, resolved: Resolved | undefined) {
  if (resolved === undefined) return `there is no provider called ${name}`
  if (resolved.keyEnv === undefined || Option.isSome(yield* keyOf(resolved.keyEnv))) return null
  return `its key is not in the environment variable ${resolved.keyEnv}`
})

/** The token price of a provider's model in the book; `undefined`: unpriced, or priced by its machine's time. */
export const priceIn = (
  book: PriceBook,
  { baseURL, kind, machine, name }: Pick<Resolved, "name" | "kind" | "baseURL" | "machine">,
  model: string
): Price | undefined =>
  machine !== undefined ? undefined : book.priceOf({ name, kind, ...(baseURL === undefined ? {} : { baseURL }) }, model)

/** A variable of the environment, by the first of its names that says something. */
const said = Effect.fnUntraced(function* (...names: ReadonlyArray<string>) {
  for (const name of names) {
    const value = Option.map(yield* keyOf(name), Redacted.value)
    if (Option.isSome(value) && value.value.trim() !== "") return value.value
  }
  return undefined
})

/** The proxy that the environment names for an address: `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, the lower-case names first. */
const proxyOf = Effect.fnUntraced(function* (address: string) {
  const proxy = proxyFor(address, {
    http: yield* said("http_proxy", "HTTP_PROXY"),
    https: yield* said("https_proxy", "HTTPS_PROXY"),
    no: yield* said("no_proxy", "NO_PROXY")
  })
  return proxy === undefined ? undefined : Redacted.make(proxy)
})

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
  const proxy = resolved.baseURL === undefined ? undefined : yield* proxyOf(resolved.baseURL)
  const caFile = resolved.caFile ?? (yield* said("SSL_CERT_FILE"))
  const config: ProviderConfig = {
    name: resolved.name,
    ...(resolved.api === undefined ? {} : { api: resolved.api }),
    ...(resolved.apiVersion === undefined ? {} : { apiVersion: resolved.apiVersion }),
    ...(proxy === undefined ? {} : { proxy }),
    ...(caFile === undefined ? {} : { caFile }),
    ...(resolved.baseURL === undefined ? {} : { baseURL: resolved.baseURL }),
    ...(Option.isSome(key) ? { apiKey: key.value } : {}),
    ...(resolved.timeoutMs === undefined ? {} : { timeoutMs: resolved.timeoutMs })
  }
  return yield* provider.open(config)
})

/** Opens a provider account for the scope of the run. Fails when its key is not in the environment. */
export const openAccount = Effect.fnUntraced(function* (resolved: Resolved, book: PriceBook, cap?: NanoUsd) {
  const { machine } = resolved
  const rate = machine === undefined ? undefined : { ...machine, asOf: DateTime.formatIsoDate(yield* DateTime.now) }
  const account: Account = {
    name: resolved.name,
    kind: resolved.kind,
    host: resolved.host,
    connection: yield* openConnection(resolved),
    concurrency: resolved.concurrency,
    ...(cap === undefined ? {} : { cap }),
    ...(resolved.keyEnv === undefined ? {} : { keyEnv: resolved.keyEnv }),
    ...(resolved.timeoutMs === undefined ? {} : { timeoutMs: resolved.timeoutMs }),
    priceOf: (model) => rate ?? priceIn(book, resolved, model)
  }
  return account
})
