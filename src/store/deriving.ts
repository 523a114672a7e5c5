import { join } from "node:path"

import * as Effect from "effect/Effect"

import type { Basis } from "../domain/Message.ts"
import type { CallLine } from "./adding.ts"
import type { ArchiveFiles } from "./archiveFiles.ts"
import { DerivedRows } from "./derivedRows.ts"
import { onDisk } from "./disk.ts"
import type { Member } from "./members.ts"
import { LineReader } from "./places.ts"
import { eachSession } from "./sessions.ts"
import { type Derived, structureOf } from "./structure.ts"

/** A line of `derived.jsonl`: what was found out about a call from the others of its session. The index's row has the same. */
export interface DerivedLine extends Derived {
  readonly v: 2
  readonly byteOffset: number
  readonly known: boolean
  readonly structure: "told" | "derived" | undefined
  readonly sourceBasis: Basis | undefined
  /** Whether `contextTokens` is from the call that this one goes on from. */
  readonly contextFound: boolean
}

const sameAs = (a: Derived, b: Member["before"]) =>
  a.trajectoryId === (b.trajectoryId ?? undefined) &&
  a.stepIndex === (b.stepIndex ?? undefined) &&
  a.branch === (b.branch ?? undefined) &&
  a.parentCallId === (b.parentCallId ?? undefined) &&
  a.parentTrajectoryId === (b.parentTrajectoryId ?? undefined) &&
  a.contextTokens === (b.contextTokens ?? undefined)

/** Writes what was found out about a call: its line, and the row that waits for the index. `own` is the call as it was added. */
const note = (
  files: ArchiveFiles,
  rows: DerivedRows,
  { call, known, place }: Member,
  derived: Derived,
  own?: CallLine["call"]
) => {
  const found = derived.contextTokens !== undefined && call.inputTokens !== null
  const told = own?.grouping
  const source = own?.usage.inputBySource
  const line: { readonly [Name in keyof DerivedLine]: DerivedLine[Name] | undefined } = {
    v: 2,
    byteOffset: place.offset,
    known,
    trajectoryId: derived.trajectoryId ?? told?.trajectoryId,
    stepIndex: derived.stepIndex ?? told?.stepIndex,
    branch: derived.branch ?? told?.branch,
    parentCallId: derived.parentCallId ?? told?.parentCallId,
    parentTrajectoryId: derived.parentTrajectoryId ?? told?.parentTrajectoryId,
    structure: call.told.trajectoryId !== null ? "told" : derived.trajectoryId === undefined ? undefined : "derived",
    contextTokens: found ? derived.contextTokens : source?.context,
    sourceBasis: found ? "derived" : source?.basis,
    contextFound: found
  }
  const json = JSON.stringify(line)
  const { length, offset } = files.content["derived.jsonl"].add(json)
  rows.add(place.offset, known, `${json.slice(0, -1)},"derivedOffset":${offset},"derivedLength":${length}}`)
}

/**
 * Finds out which calls go on from which, in every session that this import has added to or taken a call out of, and writes down what has
 * changed by it; gives the rows of it that wait for the index. Reads a session at a time.
 */
export const derive = Effect.fnUntraced(function* (files: ArchiveFiles) {
  const rows = yield* Effect.acquireRelease(
    Effect.sync(() => new DerivedRows(files.folder, files.pending.calls)),
    (one) => Effect.sync(() => one.close())
  )
  if (files.counts.grouped === 0 && files.dead.size === 0) return rows
  const reader = yield* Effect.acquireRelease(
    Effect.sync(() => new LineReader()),
    (one) => Effect.sync(() => one.close())
  )
  const calls = join(files.folder, files.names["calls.jsonl"])
  files.content["calls.jsonl"].flush()
  const finish = (members: ReadonlyArray<Member>) => {
    const found = structureOf(members.map(({ call }) => call))
    for (const member of members) {
      const derived = found.get(member.call.id) ?? nothing
      if (sameAs(derived, member.before)) continue
      // A call that was there before gets all its row's columns anew: what the log told stands in the call's own line, which is ours.
      const own = member.known ? (reader.read(calls, member.place) as CallLine).call : undefined
      note(files, rows, member, derived, own)
    }
  }
  yield* eachSession(files, finish)
  yield* onDisk(files.folder, async () => rows.flush())
  return rows
}, Effect.scoped)

const nothing: Derived = {}
