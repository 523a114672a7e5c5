import { rename, rm } from "node:fs/promises"
import { join } from "node:path"

import * as Effect from "effect/Effect"

import type { CallRow, Template } from "./Archives.ts"
import { addCall, addSignal, addSkip, addSource } from "./adding.ts"
import { type ArchiveFiles, generationOf, openArchiveFiles, sweep, sweepFolder } from "./archiveFiles.ts"
import type { ArchiveFolder } from "./archiveFolder.ts"
import { contentFiles } from "./archiveIndex.ts"
import { readIndex, type StoredCalls, storedCalls } from "./archiveReader.ts"
import { eachRow } from "./callRows.ts"
import { commitFiles } from "./committing.ts"
import { asDigest, wordsIn } from "./digestTable.ts"
import { onDisk, syncFolder } from "./disk.ts"
import { type Duck, openDuck } from "./duck.ts"
import { LineReader } from "./places.ts"
import { readTold } from "./signals.ts"
import { addSliceViews } from "./slices.ts"

/** What became of an archive's calls, and of what hangs on them. */
interface Sorted {
  readonly kept: number
  readonly removed: number
  /** Whether what is told of a file stays: no call came from it, or one that did stays. */
  staysOf(file: string): boolean
  /** Whether something with this scope and id stays. */
  isThere(scope: string, target: string): boolean
  /** Calls that stay, by import. */
  readonly byImport: ReadonlyMap<number, number>
}

/**
 * Makes an archive anew with some of its calls. The new files of content are written under new names, and lie beside the old ones until the new
 * index takes the old one's place by a rename: before it the archive is the old one, after it the new one. Then what only the old one
 * knew goes away; where that is cut off, the next writer or rewrite does it.
 */
export const rewriteArchive = Effect.fnUntraced(function* (folder: ArchiveFolder, keep: (row: CallRow) => boolean) {
  const index = join(folder.path, "index.duckdb")
  const old = yield* openDuck(index, "write")
  yield* sweepFolder(old, folder.path)
  const clear = () => rm(folder.anew, { recursive: true, force: true })
  yield* onDisk(folder.anew, clear)
  yield* Effect.addFinalizer(() => Effect.promise(clear))
  const anew = yield* makeAnew(old, folder, keep)
  // The old index has nothing in a log of changes that could be taken for one of the new index.
  yield* old.query("CHECKPOINT")
  yield* Effect.uninterruptible(
    onDisk(folder.path, async () => {
      for (const kind of contentFiles) {
        await rename(join(folder.anew, anew.names[kind]), join(folder.path, anew.names[kind]))
      }
      await syncFolder(folder.path)
      await rename(join(folder.anew, "index.duckdb"), index)
      await syncFolder(folder.path)
      await sweep(folder.path, anew.blobs, new Set(Object.values(anew.names)))
    })
  )
  return { kept: anew.sorted.kept, removed: anew.sorted.removed }
}, Effect.scoped)

/** Writes the new archive into its draft, and closes it. */
const makeAnew = Effect.fnUntraced(function* (old: Duck, folder: ArchiveFolder, keep: (row: CallRow) => boolean) {
  const lines = yield* Effect.acquireRelease(
    Effect.sync(() => new LineReader()),
    (one) => Effect.sync(() => one.close())
  )
  const places = yield* readIndex(old)
  const calls = yield* storedCalls(folder.path, places, lines)
  const slices = yield* addSliceViews(old, folder.path)
  const files = yield* openArchiveFiles(folder.anew, generationOf(places.names["calls.jsonl"]) + 1)
  const sorted = yield* copyCalls({ old, calls, files, sliced: slices !== undefined }, keep)
  for (const { scope, signal, target } of yield* readTold(old)) {
    if (sorted.isThere(scope, target)) addSignal(files, signal, { scope, target }, null)
  }
  const imports = yield* copyRecords(old, files, sorted)
  yield* commitFiles(files, imports)
  return { names: files.names, blobs: files.known.blobs, sorted }
}, Effect.scoped)

interface Copy {
  readonly old: Duck
  readonly calls: StoredCalls
  readonly files: ArchiveFiles
  readonly sliced: boolean
}

const copyCalls = Effect.fnUntraced(function* ({ calls, files, old, sliced }: Copy, keep: (row: CallRow) => boolean) {
  const templates = new Map<string, Template>()
  for (const row of yield* old.query("SELECT key, tools, system, user FROM templates")) {
    const [key = "", tools = "", system = "", user = ""] = [row["key"], row["tools"], row["system"], row["user"]].map(
      String
    )
    templates.set(key, { key, tools, system, user })
  }
  const counts = { kept: 0, removed: 0 }
  const byImport = new Map<number, number>()
  const keptFiles = new Set<string>()
  const removedFiles = new Set<string>()
  const there = new Set<string>()
  yield* eachRow(old, { sliced, more: ["file", "dedupeKey", "rank", "import"] }, (row, more) => {
    const file = String(more["file"])
    if (!keep(row)) {
      counts.removed++
      removedFiles.add(file)
      return
    }
    counts.kept++
    keptFiles.add(file)
    const imported = Number(more["import"])
    byImport.set(imported, (byImport.get(imported) ?? 0) + 1)
    if (row.sessionId !== null) there.add(`session ${row.sessionId}`)
    if (row.trajectoryId !== null) there.add(`trajectory ${row.trajectoryId}`)
    const template = row.template === undefined ? undefined : templates.get(row.template)
    addCall(
      { ...files, import: imported },
      {
        call: calls.own(row.id).call,
        dedupeKey: String(more["dedupeKey"]),
        rank: Number(more["rank"]),
        ...(template === undefined ? {} : { template })
      }
    )
  })
  const sorted: Sorted = {
    ...counts,
    staysOf: (file) => keptFiles.has(file) || !removedFiles.has(file),
    isThere: (scope, target) =>
      scope === "call" ? files.known.calls.has(wordsIn(asDigest(target))) : there.has(`${scope} ${target}`),
    byImport
  }
  return sorted
})

/** Copies what is told of files, and gives the imports there were, with the counts of what stays. */
const copyRecords = Effect.fnUntraced(function* (old: Duck, files: ArchiveFiles, { byImport, staysOf }: Sorted) {
  const skips = new Map<number, number>()
  for (const row of yield* old.query("SELECT file, line, reason, import FROM skips")) {
    const skip = { file: String(row["file"]), line: Number(row["line"]), reason: String(row["reason"]) }
    if (!staysOf(skip.file)) continue
    const imported = Number(row["import"])
    addSkip({ ...files, import: imported }, skip)
    skips.set(imported, (skips.get(imported) ?? 0) + 1)
  }
  for (const row of yield* old.query("SELECT file, bytes, mtimeMs, head FROM sources")) {
    const file = String(row["file"])
    if (!staysOf(file)) continue
    addSource(files, { file, bytes: Number(row["bytes"]), mtimeMs: Number(row["mtimeMs"]), head: String(row["head"]) })
  }
  return (yield* old.query("SELECT import, importedAt FROM imports ORDER BY import")).map((row) => {
    const imported = Number(row["import"])
    return {
      import: imported,
      importedAt: String(row["importedAt"]),
      calls: byImport.get(imported) ?? 0,
      skips: skips.get(imported) ?? 0
    }
  })
})
