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

/**
 * What replay sees of a case: nothing of the original and no answer that is known to be right, as production would not have them. A whole
 * {@link Case} does not fit this type; {@link replayable} makes one.
 */
export interface ReplayCase extends Omit<Case, "original" | "expected" | "latencyMs" | "ttftMs"> {
  readonly original?: never
  readonly expected?: never
  readonly latencyMs?: never
  readonly ttftMs?: never
}

/** The part of a case that replay may see, copied field by field: what is not named here is not in it. */
export const replayable = (whole: Case): ReplayCase => ({
  id: whole.id,
  callId: whole.callId,
  slice: whole.slice,
  cluster: whole.cluster,
  weight: whole.weight,
  requestDigest: whole.requestDigest,
  repeat: whole.repeat,
  model: whole.model,
  usage: whole.usage,
  outputTokens: whole.outputTokens,
  startedAt: whole.startedAt,
  labels: whole.labels,
  request: whole.request
})
