import type { Answer } from "./Answer.ts"
import type { CallResponse, Timing, Usage } from "./Call.ts"
import type { NanoUsd } from "./Money.ts"

/** One thing that a translation into another wire could not carry over, or that the target had to be asked without. */
export interface Loss {
  /** What: `thinking`, `tool id`, `image`, `system placement`, `stop` … */
  readonly what: string
  readonly why: string
}

/** A paid answer as it is kept: the row of the answer cache. It holds usage, never money. */
export interface AnswerRow {
  readonly v: 1
  /** Digest of everything that can change the answer; see `calls`. */
  readonly key: string
  /** For which setup and case it was bought, see `askedFor` of `calls`; absent in rows of versions that did not note it. */
  readonly asked?: string
  readonly provider: string
  readonly model: string
  readonly series: Series
  readonly repeat: number
  /** The bundled fleet gave it, no real model. */
  readonly simulated?: true
  readonly response: CallResponse
  readonly usage: Usage
  /**
   * `heldMs`: milliseconds for which its tries were in flight; `shareMs`: those of the account's time that fall to it, where tries in flight at one
   * time share it. Earlier tries of the same call are in both.
   */
  readonly timing: Timing & {
    readonly shareMs?: number
    readonly heldMs?: number
    /** The earlier tries alone, which brought no answer: how many, and their part of `shareMs`. Absent where the first brought it. */
    readonly failed?: { readonly tries: number; readonly shareMs: number }
  }
}

/** Floor answers (the incumbent asked again) are draws of their own, never a candidate's. */
export type Series = "candidate" | "floor" | "judge"

export interface CheckResult {
  readonly use: string
  readonly pass: boolean
  readonly message: string
  /** The check itself failed to run (it threw, or its schema does not compile): not the model's failure, and no reason for a repair round. */
  readonly broken?: true
  /** There was nothing to check. */
  readonly applies?: false
}

/** What answers took of the time of the account they came from, milliseconds: see {@link AnswerRow}. */
export interface MachineUse {
  readonly shareMs: number
  readonly heldMs: number
  /** Output tokens; `null`: not told. */
  readonly tokens: number | null
}

/** What calls that brought no answer took of a machine that is paid by the hour: milliseconds as in {@link AnswerRow}, and what they cost. */
export interface Unanswered {
  readonly shareMs: number
  readonly heldMs: number
  readonly cost: NanoUsd
}

/** One answer bought for a case: the first, one with a larger budget, or a repair round. */
export interface Attempt {
  /** 0: the request itself; then repair rounds. */
  readonly round: number
  /** Place of the setup in its cascade, from 0; left out: 0. */
  readonly rung?: number
  /** Which of several answers to the same request, from 0; left out: 0. */
  readonly sample?: number
  /** Asked again because the budget ended the answer before it: the output tokens it might have. */
  readonly enlarged?: number
  /** Key of the answer in the cache. */
  readonly answer: string
  readonly cached: boolean
  /** Of this attempt, at the run's prices; `null`: unpriced. */
  readonly cost: NanoUsd | null
  readonly latencyMs: number | null
  /** Milliseconds until the answer began, where it was streamed. */
  readonly ttftMs?: number
  /** What it took of its account's time; left out where that was not measured. */
  readonly machine?: MachineUse
  readonly checks: ReadonlyArray<CheckResult>
  /** What judges of the cascade's rules said of it: scores in [0,1], `null` where there was no readable verdict, and what that cost; not in `cost`. */
  readonly judged?: ReadonlyArray<{ readonly score: number | null; readonly cost: NanoUsd | null }>
}

/** Why there is no answer. `infrastructure` is never a wrong answer; `unsendable` was not tried; `budget` was not paid for. */
export interface Failure {
  readonly kind: "infrastructure" | "unsendable" | "budget"
  readonly message: string
  /** Of `unsendable`: what it is counted under. */
  readonly why?: Lack
  /** Of `budget`: whose cap left no room; left out: the run's. */
  readonly cap?: CapOf
  /** Of `budget`: true where calls whose cost is not known keep a part of the cap held back. */
  readonly unbilled?: boolean
  /** Of `infrastructure`: true where the provider was not asked, since it did not answer others. */
  readonly neverSent?: boolean
}

/** Whose cap it is, where it is not the whole run's. */
export type CapOf = "provider" | "setup" | "judges"

/**
 * Why a case cannot be sent to a setup. The model takes no such thing: `context length`, `output limit`, `vision`, `tools`, `JSON schema`.
 * `mayReceive`: it may not go there. `wire`: the target's wire cannot carry it. `parameter`: the target refuses one that must not be dropped.
 * `request`: the provider read it and will not have it.
 */
export type Lack =
  | "context length"
  | "output limit"
  | "vision"
  | "tools"
  | "JSON schema"
  | "mayReceive"
  | "wire"
  | "parameter"
  | "request"

/**
 * How a case ended. With an answer: `complete`; `truncated` by the limit of output tokens; `reasoning` used the limit up before anything was
 * answered; `refusal` and `contentFilter`; `context`: the model's context was full; `malformedToolCall`: arguments that are not JSON;
 * `unclear`: an end that the wire does not explain. Without one: `context`, where the provider says that the request is too long;
 * `rateLimited`: turned away until it was given up; `infrastructure`, `unsendable`, `budget`: see {@link Failure}.
 */
export type Ending =
  | "complete"
  | "truncated"
  | "reasoning"
  | "refusal"
  | "contentFilter"
  | "context"
  | "malformedToolCall"
  | "unclear"
  | "rateLimited"
  | Failure["kind"]

/** What a setup finally answered for a case. */
export interface Output {
  readonly caseId: string
  readonly setupId: string
  /** `null` exactly when `failure` is there. */
  readonly answer: Answer | null
  readonly failure?: Failure
  readonly ending: Ending
  readonly attempts: ReadonlyArray<Attempt>
  /** Place among the attempts of the answer that counts; left out: the last. */
  readonly chosen?: number
  /** What the first request lost on its way into the target's wire, and what the target had to be asked without. */
  readonly losses: ReadonlyArray<Loss>
  /** Of all attempts, what judges of a cascade's rules cost in; `null`: unpriced. */
  readonly cost: NanoUsd | null
  /** Of its calls that brought no answer, on top of `cost`; left out where there was none, or time is not paid for. */
  readonly unanswered?: Unanswered
  readonly latencyMs: number | null
  /** Milliseconds until the answer that counts began, earlier attempts in whole before it; left out where that answer was not streamed, or was chosen after others. */
  readonly ttftMs?: number
}
