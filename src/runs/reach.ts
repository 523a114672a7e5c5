import * as Effect from "effect/Effect"
import * as Result from "effect/Result"

import type { ProviderError } from "../providers/contract.ts"
import { openConnection, type Resolved, whyNotAsked } from "./accounts.ts"

/** How a provider answered when it was asked for its models, which costs nothing. */
export interface Reached {
  readonly name: string
  readonly kind: string
  readonly host: string
  /** `null`: it was not asked, its key is missing or what is said of it cannot work. */
  readonly reachable: boolean | null
  /** How many models it lists; `null`: it lists none. */
  readonly models: number | null
  /** What went wrong, and what to do. */
  readonly why?: string
}

/** How long a provider may take, milliseconds. */
const patience = 5_000

const local = (host: string) => /^(localhost|127\.|\[::1\])/.test(host)

const said = ({ detail, reason, status }: ProviderError, { host, kind }: Resolved): string => {
  if (reason === "Auth") return `it refuses the key (${status ?? "no status"})`
  if (status !== undefined) return `it answers ${status}: ${detail}`
  return kind === "ollama" && local(host) ? "nothing listens there; `ollama serve` starts it" : detail
}

/** Asks a provider for its models: one request, no retry. An answer of any kind says that it is there. */
export const reach = Effect.fnUntraced(function* (provider: Resolved) {
  const { host, keyEnv, kind, name } = provider
  const about = { name, kind, host }
  if ((yield* whyNotAsked(name, provider)) !== null) {
    return { ...about, reachable: null, models: null, why: `set ${keyEnv}` }
  }
  const opened = yield* Effect.result(openConnection({ ...provider, timeoutMs: patience }))
  if (Result.isFailure(opened)) {
    const { file, sentence } = opened.failure
    return { ...about, reachable: null, models: null, why: file === undefined ? sentence : `${sentence}: ${file}` }
  }
  return yield* opened.success.models.pipe(
    Effect.timeoutOrElse({ duration: patience, orElse: () => Effect.succeed(null) }),
    Effect.match({
      onSuccess: (models): Reached =>
        models === null
          ? { ...about, reachable: false, models: null, why: `no answer within ${patience / 1000} seconds` }
          : { ...about, reachable: true, models: models.length },
      onFailure: (error): Reached => ({
        ...about,
        reachable: error.status !== undefined && error.reason !== "Auth",
        models: null,
        why: said(error, provider)
      })
    })
  )
}, Effect.scoped) satisfies (provider: Resolved) => Effect.Effect<Reached>
