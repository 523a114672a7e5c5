import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

import type { CallRequest } from "../domain/Call.ts"
import type { Fault } from "../domain/Fault.ts"
import type { NanoUsd } from "../domain/Money.ts"
import type { AnswerRow, Loss, Series } from "../domain/Output.ts"
import type { Price } from "../domain/Price.ts"
import type { Connection } from "../providers/contract.ts"

/** An opened provider account with what calls need to know of it. */
export interface Account {
  /** The name in the suite. */
  readonly name: string
  readonly kind: string
  /** Address without credentials; part of the cache key. */
  readonly host: string
  readonly connection: Connection
  readonly concurrency: "adaptive" | number
  priceOf(model: string): Price | undefined
}

/** One question. */
export interface Ask {
  readonly provider: string
  readonly request: CallRequest
  readonly series: Series
  /** Same request, different draw: 0, 1, 2 … */
  readonly repeat: number
  readonly stream: boolean
  /** For the journal and the messages. */
  readonly for: { readonly case: string; readonly setup: string }
}

export interface Answered {
  readonly row: AnswerRow
  readonly cached: boolean
  /** What it cost when it was bought, at the run's prices; `null`: unpriced. */
  readonly cost: NanoUsd | null
  readonly losses: ReadonlyArray<Loss>
}

/** No answer, as data: it is counted and does not sink the run. */
export class CallFailed extends Schema.TaggedError<CallFailed>()("CallFailed", {
  kind: Schema.Literals(["infrastructure", "unsendable", "budget"]),
  message: Schema.String
}) {}

export interface Spend {
  readonly usd: NanoUsd
  readonly judgeUsd: NanoUsd
  readonly floorUsd: NanoUsd
  /** Answers paid for in this run. */
  readonly calls: number
  readonly cached: number
  readonly unpriced: number
}

/** One paid call, made once: cache, rate gate, retries, budget, journal. Whoever asks a model asks here. */
export class Calls extends Context.Service<
  Calls,
  {
    /** `Fault` only for what must stop the run: a full disk, a key that is refused, a model that is not there. */
    ask(ask: Ask): Effect.Effect<Answered, CallFailed | Fault>
    readonly spend: Effect.Effect<Spend>
    /** Worst case of one call at the account's price: the reservation; `null`: unpriced. */
    worstCase(provider: string, request: CallRequest): NanoUsd | null
  }
>()("understudy/calls/Calls") {}
