import { rm } from "node:fs/promises"
import { join } from "node:path"

import * as Effect from "effect/Effect"

import { type ArchiveFiles, pendingFile, syncContent } from "./archiveFiles.ts"
import {
  contentFiles,
  dropDead,
  fill,
  fillCalls,
  fillSources,
  fillTold,
  type Import,
  noteCommit,
  type Table,
  updateDerived,
  type Waiting
} from "./archiveIndex.ts"
import { derive } from "./deriving.ts"
import { codeOf, diskFault, onDisk } from "./disk.ts"

/** Makes all that was added durable and takes it into the index, in one transaction, with the imports it came by: after this it is there, before it nothing of it is. */
export const commitFiles = Effect.fnUntraced(function* (files: ArchiveFiles, imports: ReadonlyArray<Import>) {
  const { content, duck, folder, marks, names, places } = files
  const waits = (table: Exclude<Table, "calls">): Waiting => ({
    file: pendingFile(folder, table),
    longest: files.pending[table].longest
  })
  yield* onDisk(folder, async () => {
    for (const lines of Object.values(files.pending)) lines.flush()
  })
  const dead = files.dead.size === 0 ? undefined : waits("dead")
  const derived = yield* derive(files).pipe(
    // Lines are added in passing, and what the file system throws there is no bug.
    Effect.catchDefect((cause) =>
      codeOf(cause) === undefined ? Effect.die(cause) : Effect.fail(diskFault(folder, cause))
    )
  )
  yield* onDisk(folder, () => syncContent(files))
  yield* duck.transaction([
    ...(dead === undefined ? [] : dropDead(dead)),
    ...files.pending.calls.parts.map((part, index) => fillCalls(part, dead, derived.of(index))),
    ...derived.before.parts.map(updateDerived),
    ...(["blobs", "skips", "templates"] as const).map((table) => fill(table, waits(table))),
    fillTold(waits("told"), dead),
    ...(marks.size === 0 ? [] : fillSources(waits("sources"))),
    ...noteCommit(
      imports,
      contentFiles.map((kind) => [kind, names[kind], (kind === "places" ? places : content[kind]).size] as const)
    )
  ])
})

/** Removes the rows that waited. */
export const clearPending = ({ folder }: ArchiveFiles) =>
  onDisk(folder, () => rm(join(folder, "pending"), { recursive: true, force: true }))
