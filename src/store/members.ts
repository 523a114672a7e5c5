import type { ArchivedCall } from "../domain/Call.ts"
import type { Waiting } from "./archiveIndex.ts"
import { jsonLines } from "./duck.ts"
import type { KeptHistory } from "./histories.ts"
import { lineOf, type Place } from "./segment.ts"
import type { Derived, SessionCall } from "./structure.ts"

/** A call of a session, as its place among the others is looked for. */
export interface Member {
  readonly call: SessionCall
  /** Whether the call was in the index before. */
  readonly known: boolean
  /** What was derived of it before; `null` or left out: nothing. */
  readonly before: { readonly [Name in keyof Derived]?: Derived[Name] | null }
  /** Where its line lies. */
  readonly place: Place
}

/** A line of members that wait. */
export interface MemberLine {
  readonly v: 2
  readonly session: string
  readonly member: Member
}

/** A session is what a log calls so, else a trajectory that it told; the calls with neither are looked at by nobody. */
export const sessionOf = ({ grouping }: ArchivedCall): string | undefined => grouping.sessionId ?? grouping.trajectoryId

/** The line of a call that waits. */
export const memberLine = (session: string, call: ArchivedCall, kept: KeptHistory, place: Place): string => {
  const { grouping, request, timing, usage } = call
  const time = timing.startedAt === null ? Number.NaN : Date.parse(timing.startedAt)
  const member: Member = {
    call: {
      id: call.id,
      startedAt: Number.isNaN(time) ? null : time,
      model: request.model,
      hash: request.messages.length === 0 ? null : kept.whole,
      bounds: kept.bounds,
      lastRun: kept.lastRun,
      inputTokens: usage.input?.total ?? null,
      textTokens: usage.output?.text ?? null,
      usageReported: usage.basis === "reported",
      attempt: grouping.attempt,
      attemptOf: grouping.attemptOf ?? null,
      told: {
        trajectoryId: grouping.trajectoryId ?? null,
        stepIndex: grouping.stepIndex ?? null,
        parent: grouping.parentCallId !== undefined
      }
    },
    known: false,
    before: {},
    place
  }
  const line = JSON.stringify({ v: 2, session, member } satisfies MemberLine)
  return line.includes("\\ud") ? lineOf({ session, member }, { readable: true }) : line
}

/**
 * The calls in the index that belong to the sessions of waiting ones, or of those in the index that are replaced: `session`, and the
 * member as JSON.
 */
export const membersBefore = (waiting: Waiting, replaced: Waiting | undefined): string => {
  const session = "coalesce(sessionId, CASE WHEN structure = 'told' THEN trajectoryId END)"
  const when = (is: string, name: string) => `${name}: CASE WHEN ${is} THEN "${name}" END`
  const told = "structure = 'told'"
  const found = "structure = 'derived'"
  const left =
    replaced === undefined
      ? ""
      : ` UNION SELECT ${session} FROM calls WHERE byteOffset IN
        (SELECT byteOffset FROM ${jsonLines(replaced.file, { byteOffset: "BIGINT" }, replaced.longest)})`
  return `
    SELECT ${session}, to_json({
      call: {
        id: id, startedAt: epoch_ms(started), model: model, hash: historyHash, bounds: coalesce(historyBounds, []),
        lastRun: coalesce(historyRun, 0), inputTokens: inputTokens, textTokens: textTokens,
        usageReported: usageBasis = 'reported', attempt: attempt, attemptOf: attemptOf,
        told: { ${when(told, "trajectoryId")}, ${when(told, "stepIndex")}, parent: coalesce(parentTold, false) }
      },
      known: true,
      before: {
        ${["trajectoryId", "stepIndex", "branch", "parentTrajectoryId"].map((name) => when(found, name)).join(", ")},
        ${when("parentTold IS NULL", "parentCallId")}, ${when("contextFound", "contextTokens")}
      },
      place: { 'offset': byteOffset, 'length': byteLength }
    })::VARCHAR
    FROM calls WHERE ${session} IN
      (SELECT session FROM ${jsonLines(waiting.file, { session: "VARCHAR" }, waiting.longest)}${left})`
}
