import type { ArchivedCall, Usage } from "../domain/Call.ts"
import { Fault } from "../domain/Fault.ts"
import type { KeptHistory } from "./histories.ts"
import type { Identity } from "./identity.ts"
import type { CallColumn } from "./indexColumns.ts"
import type { PartedLines } from "./partedLines.ts"
import { lineOf, type Place } from "./segment.ts"

/** Columns that a commit fills. */
type Derived = "promptTokens" | "contextFound" | "derivedOffset" | "derivedLength"
type Row = Readonly<Record<Exclude<CallColumn, Derived>, unknown>>

/** Adds the index line of a call, as a commit reads it. What is not known is left out. */
export const addIndexLine = (
  lines: PartedLines,
  call: ArchivedCall,
  identity: Identity,
  kept: KeptHistory,
  at: Place & {
    readonly dedupeKey: string
    readonly rank: number
    readonly import: number
    readonly template: string | undefined
    readonly source: Usage["inputBySource"]
  }
): void => {
  const { billed, fidelity, grouping, labels, provenance, request, response, timing, usage } = call
  const grouped = grouping.sessionId !== undefined || grouping.trajectoryId !== undefined
  const row = {
    id: call.id,
    nativeId: provenance.native["id"],
    model: request.model,
    provider: request.provider,
    wire: request.wire,
    sessionId: grouping.sessionId,
    trajectoryId: grouping.trajectoryId,
    stepIndex: grouping.stepIndex,
    branch: grouping.branch,
    parentCallId: grouping.parentCallId,
    parentTrajectoryId: grouping.parentTrajectoryId,
    agent: grouping.agent,
    agentRole: grouping.agentRole,
    attempt: grouping.attempt,
    attemptOf: grouping.attemptOf,
    structure: grouping.trajectoryId === undefined ? undefined : "told",
    startedAt: timing.startedAt ?? undefined,
    latencyMs: timing.latencyMs,
    ttftMs: timing.ttftMs,
    fidelity: fidelity.grade,
    parts: fidelity.parts,
    notes: fidelity.notes,
    stopReason: response.stopReason,
    complete: response.complete,
    errorType: response.error?.type,
    requestDigest: identity.request,
    questionDigest: identity.question,
    contentDigest: identity.content,
    usageBasis: usage.basis,
    inputTokens: usage.input?.total,
    uncachedTokens: usage.input?.uncached,
    cacheReadTokens: usage.input?.cacheRead,
    cacheWrite5mTokens: usage.input?.cacheWrite5m,
    cacheWrite1hTokens: usage.input?.cacheWrite1h,
    cacheWriteOtherTokens: usage.input?.cacheWriteOther,
    contextTokens: at.source?.context,
    sourceBasis: at.source?.basis,
    outputTokens: usage.output?.total,
    textTokens: usage.output?.text,
    reasoningTokens: usage.output?.reasoning,
    serverTools: usage.serverTools,
    billedNanoUsd: wholeNano(call) ?? undefined,
    billedBasis: billed.basis,
    billing: billed.billing,
    labels,
    engineer: labels["engineer"],
    team: labels["team"],
    project: labels["project"],
    environment: labels["environment"],
    repo: labels["repo"],
    taskType: labels["taskType"],
    template: at.template,
    secretsRemoved: provenance.secretsRemoved,
    importer: provenance.importer,
    file: provenance.file,
    line: provenance.line,
    dedupeKey: at.dedupeKey,
    rank: at.rank,
    import: at.import,
    byteOffset: at.offset,
    byteLength: at.length,
    historyHash: grouped && request.messages.length > 0 ? kept.whole : undefined,
    historyBounds: grouped && kept.bounds.length > 0 ? kept.bounds : undefined,
    historyRun: grouped && kept.bounds.length > 0 ? Math.min(kept.lastRun, kept.bounds.length) : undefined,
    parentTold: grouping.parentCallId === undefined ? undefined : true
  } satisfies Row
  const line = JSON.stringify(row)
  lines.add(at.offset, line.includes("\\ud") ? lineOf(row, { readable: true }) : line)
}

/** Money that is no whole number of nano-dollars is an importer's mistake: it is refused rather than rounded. */
const wholeNano = (call: ArchivedCall): string | null => {
  const { nanoUsd } = call.billed
  if (nanoUsd === null || /^-?\d{1,37}$/.test(nanoUsd)) return nanoUsd
  throw new Fault({
    kind: "internal",
    file: call.provenance.file,
    ...(call.provenance.line === undefined ? {} : { line: call.provenance.line }),
    sentence: `the call's bill of "${nanoUsd}" is no whole number of nano-dollars`
  })
}
