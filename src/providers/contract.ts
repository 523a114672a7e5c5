import type * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"

import type { CallRequest, CallResponse, Timing, Usage } from "../domain/Call.ts"
import type { Fault } from "../domain/Fault.ts"
import type { Loss } from "../domain/Output.ts"

/** Milliseconds that a call may take where nothing else is said. */
export const defaultTimeoutMs = 600_000

/** How a provider is reached: one account behind one address. */
export interface ProviderConfig {
  /** The name in the suite. */
  readonly name: string
  readonly baseURL?: string
  /** Absent for hosts that want none. */
  readonly apiKey?: Redacted.Redacted<string>
  /** Which of the kind's endpoints is asked, where it has several; default: its first. */
  readonly api?: string
  /** Azure's `api-version`. */
  readonly apiVersion?: string
  /** The proxy that requests go through, an http address, credentials in it where it wants some; default: none. */
  readonly proxy?: Redacted.Redacted<string>
  /** A file of PEM certificates that are trusted beside the system's. */
  readonly caFile?: string
  /** Milliseconds a call may take, headers and body; default 600,000. */
  readonly timeoutMs?: number
  /** Sockets at most; default 256. */
  readonly connections?: number
}

/** A request in the target's wire: what is sent, byte for byte what the cache key is made of. */
export interface Prepared {
  /** JSON of the wire's request, without `stream` and its options. */
  readonly body: Readonly<Record<string, unknown>>
  readonly losses: ReadonlyArray<Loss>
}

/** A request that this wire cannot carry at all; nothing is sent. */
export interface Unsendable {
  readonly message: string
}

/** What is left of a quota. */
export interface Left {
  readonly remaining: number
  /** Of the window, where the provider says it. */
  readonly limit?: number
  /** Milliseconds until `remaining` is `limit` again, or begins to be; `undefined`: not said. */
  readonly resetMs?: number
}

/** What the headers of an answer say is left for the account: requests and tokens. Of several token quotas the one that is nearest to its end. */
export interface Quota {
  readonly requests?: Left
  readonly tokens?: Left
}

/**
 * One answer, with what it used. A refusal, a content filter or a cut by the token limit is an answer with that `stopReason`;
 * what the provider ended with an error is none, whatever the status.
 */
export interface Reply {
  readonly response: CallResponse
  readonly usage: Usage
  readonly timing: Timing
  /** Left out where the headers say nothing. */
  readonly quota?: Quota
  /** The headers say that the bundled fleet gave it. */
  readonly simulated?: true
}

const reasons = [
  "RateLimited",
  "Starting",
  "Auth",
  "Spent",
  "Blocked",
  "ModelNotFound",
  "Address",
  "Untrusted",
  "Proxy",
  "BadRequest",
  "ContextTooLong",
  "Server",
  "Timeout",
  "Network",
  "Malformed",
  "Cut"
] as const

/** Why a provider gave no answer. `Starting`: the model is not loaded yet; `Spent`: the account is empty; `Blocked`: whoever asks from here is turned away, whatever the key; `Address`: no model's calls are taken where it was sent to; `Untrusted`: its certificate is not to be trusted; `Proxy`: the proxy wants other credentials; `Cut`: an answer ended without a finish reason; `Malformed`: the body is not what the wire promises. */
export class ProviderError extends Schema.TaggedError<ProviderError>()("ProviderError", {
  provider: Schema.String,
  model: Schema.String,
  reason: Schema.Literals(reasons),
  /** The provider's own words; never holds a key or a header. */
  detail: Schema.String,
  status: Schema.optionalKey(Schema.Int),
  /** Milliseconds to wait, from the provider's headers, its body or its words. */
  retryAfterMs: Schema.optionalKey(Schema.Finite),
  /** What its headers say is left; left out where they say nothing. */
  quota: Schema.optionalKey(Schema.declare((value): value is Quota => typeof value === "object" && value !== null)),
  /** True when the provider may have done the work and billed it although no answer arrived. */
  mayBeBilled: Schema.Boolean
}) {
  override get message() {
    return `${this.provider}/${this.model}: ${this.reason}${this.status === undefined ? "" : ` (${this.status})`}: ${this.detail}`
  }
  /** Worth asking again unchanged. */
  get retryable() {
    return ["RateLimited", "Starting", "Server", "Timeout", "Network", "Malformed", "Cut"].includes(this.reason)
  }
}

/** An open provider. */
export interface Connection {
  /** Translates a canonical request into this wire, naming every loss. Pure. */
  prepare(request: CallRequest): Result.Result<Prepared, Unsendable>
  /** Sends it once, no retry. Interruption closes the socket. */
  send(body: Prepared["body"], how: { readonly stream: boolean }): Effect.Effect<Reply, ProviderError>
  /** The same for embeddings: a request of one text, whose answer is the vector as a text of JSON. Left out: it has none. */
  readonly embedding?: Pick<Connection, "prepare" | "send">
  /** Cheap reachability test for `doctor`: lists models, spends nothing. */
  readonly models: Effect.Effect<ReadonlyArray<string>, ProviderError>
}

/** A provider is a value, not a service; opening it twice gives two independent connections. */
export interface Provider {
  /** `kind` in a suite. */
  readonly id: string
  readonly about: string
  /** The environment variable that holds the key where the suite names none, and the address then. */
  readonly defaults: { readonly apiKeyEnv?: string; readonly baseURL?: string }
  /** The kind's endpoints as `api` names them, the default first; left out: it has but one. */
  readonly apis?: ReadonlyArray<string>
  /** Left out: it has no embeddings. */
  readonly embeds?: true
  /** What an entry of this kind must say, since nothing can stand for it. */
  readonly needs?: ReadonlyArray<"baseURL" | "apiVersion">
  open(config: ProviderConfig): Effect.Effect<Connection, Fault, Scope.Scope>
}
