import type { Answer } from "./Answer.ts"
import type { CallResponse, Timing, Usage } from "./Call.ts"
import type { NanoUsd } from "./Money.ts"

/** One thing that a translation into another wire could not carry over. */
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
  readonly provider: string
  readonly model: string
  readonly series: Series
  readonly repeat: number
  readonly response: CallResponse
  readonly usage: Usage
  readonly timing: Timing
}

/** Floor answers (the incumbent asked again) are draws of their own, never a candidate's. */
export type Series = "candidate" | "floor" | "judge"

export interface CheckResult {
  readonly use: string
  readonly pass: boolean
  readonly message: string
  /** The check itself failed to run (it threw, or its schema does not compile): not the model's failure, and no reason for a repair round. */
  readonly broken?: true
}

/** One request sent for a case: the first, or a repair round. */
export interface Attempt {
  readonly round: number
  /** Key of the answer in the cache. */
  readonly answer: string
  readonly cached: boolean
  /** Of this attempt, at the run's prices; `null`: unpriced. */
  readonly cost: NanoUsd | null
  readonly latencyMs: number | null
  readonly checks: ReadonlyArray<CheckResult>
}

/** Why there is no answer. `infrastructure` is never a wrong answer; `unsendable` was not tried; `budget` was not paid for. */
export interface Failure {
  readonly kind: "infrastructure" | "unsendable" | "budget"
  readonly message: string
}

/** What a setup finally answered for a case. */
export interface Output {
  readonly caseId: string
  readonly setupId: string
  /** `null` exactly when `failure` is there. */
  readonly answer: Answer | null
  readonly failure?: Failure
  readonly attempts: ReadonlyArray<Attempt>
  readonly losses: ReadonlyArray<Loss>
  /** Of all attempts; `null`: unpriced. */
  readonly cost: NanoUsd | null
  readonly latencyMs: number | null
}
