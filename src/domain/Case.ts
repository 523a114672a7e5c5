import type { Answer } from "./Answer.ts"
import type { CallRequest, Usage } from "./Call.ts"

/** What stays in memory of a case while a run goes on; its content is read from the archive when it is needed. */
export interface CaseRow {
  /** Digest (32 hex digits) of request and original content; a further case with the very same content has `-1`, `-2` … appended. */
  readonly id: string
  /** The archived call's id. */
  readonly callId: string
  readonly slice: string
  /** What is resampled together: session, else trajectory, else call; identical requests share one. */
  readonly cluster: string
  /** 1 / probability of having been sampled. */
  readonly weight: number
  /** Digest of the archived request. */
  readonly requestDigest: string
  /** The k-th archived call with the very same request has k, from 0: its answers are draws of their own. */
  readonly repeat: number
  readonly model: string
  /** The archived usage: the incumbent's cost is computed from it. */
  readonly usage: Usage
  /** Archived output tokens, 0 when unknown; sizes budgets. */
  readonly outputTokens: number
  readonly startedAt: string | null
  /** Answer that is known to be right, where the suite brings references. */
  readonly expected?: unknown
  readonly labels: Readonly<Record<string, string>>
}

/** A case with its content. */
export interface Case extends CaseRow {
  readonly request: CallRequest
  readonly original: Answer
  /** Milliseconds that the original took, where the log tells it. */
  readonly latencyMs?: number
  /** Milliseconds until the original answer began, where the log tells it. */
  readonly ttftMs?: number
}
