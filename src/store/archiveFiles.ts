import { readdir, rm } from "node:fs/promises"
import { join } from "node:path"

import * as Effect from "effect/Effect"

import { contentFiles, schema, type Table, tables } from "./archiveIndex.ts"
import { makeFolder, onDisk, syncFile, syncFolder } from "./disk.ts"
import { type Duck, openDuck } from "./duck.ts"
import { Tail } from "./tail.ts"

/** What an open writer of an archive holds. */
export interface ArchiveFiles {
  /** The archive's folder, or the draft of one. */
  readonly folder: string
  readonly duck: Duck
  readonly content: Readonly<Record<(typeof contentFiles)[number], Tail>>
  /** Rows that wait for the commit, by table. */
  readonly pending: Readonly<Record<Table, Tail>>
  /** Keys of all rows there are, those that wait included: some 100 bytes each. */
  readonly known: Readonly<Record<Table, Set<string>>>
  readonly newBlobs: Set<string>
  /** The number of this import, from 1. */
  readonly import: number
}

/** The file that a table's rows wait in. */
export const pendingFile = (folder: string, table: Table): string => join(folder, "pending", `${table}.jsonl`)

/** The key of a skipped record: the same one is kept once, however often its file is imported. */
export const skipKey = (skip: { readonly file: string; readonly line: number; readonly reason: string }): string =>
  `${skip.file}\0${skip.line}\0${skip.reason}`

/** Opens an archive's files at their committed lengths, alone. Clears what an import that was cut off left. */
export const openArchiveFiles = Effect.fnUntraced(function* (folder: string) {
  yield* onDisk(folder, () => makeFolder(join(folder, "blobs")))
  const duck = yield* openDuck(join(folder, "index.duckdb"), "write")
  yield* duck.transaction(schema)
  const committed = yield* duck.query("SELECT file, bytes FROM committed")
  const lengthOf = (file: string) => Number(committed.find((row) => row["file"] === file)?.["bytes"] ?? 0)
  const [last] = yield* duck.query("SELECT coalesce(max(import), 0) AS import FROM imports")
  const known = {
    calls: yield* keysOf(duck, "SELECT id FROM calls"),
    messages: yield* keysOf(duck, "SELECT hash FROM messages"),
    blobs: yield* keysOf(duck, "SELECT sha256 FROM blobs"),
    skips: yield* keysOf(duck, "SELECT file || chr(0) || line || chr(0) || reason FROM skips")
  }
  yield* onDisk(folder, () => sweep(folder, known.blobs))
  const tail = (file: string, length: number) =>
    Effect.acquireRelease(
      onDisk(file, () => Tail.open(file, length)),
      (one) => Effect.promise(() => one.close())
    )
  const files: ArchiveFiles = {
    folder,
    duck,
    content: {
      "calls.jsonl": yield* tail(join(folder, "calls.jsonl"), lengthOf("calls.jsonl")),
      "messages.jsonl": yield* tail(join(folder, "messages.jsonl"), lengthOf("messages.jsonl"))
    },
    pending: {
      calls: yield* tail(pendingFile(folder, "calls"), 0),
      messages: yield* tail(pendingFile(folder, "messages"), 0),
      blobs: yield* tail(pendingFile(folder, "blobs"), 0),
      skips: yield* tail(pendingFile(folder, "skips"), 0)
    },
    known,
    newBlobs: new Set(),
    import: Number(last?.["import"] ?? 0) + 1
  }
  return files
})

const keysOf = Effect.fnUntraced(function* (duck: Duck, sql: string) {
  const keys = new Set<string>()
  yield* duck.each(sql, (columns) => {
    for (const key of columns[0] ?? []) keys.add(String(key))
  })
  return keys
})

const sweep = async (folder: string, blobs: ReadonlySet<string>) => {
  await rm(join(folder, "pending"), { recursive: true, force: true })
  await makeFolder(join(folder, "pending"))
  for (const name of await readdir(join(folder, "blobs"))) {
    if (!blobs.has(name)) await rm(join(folder, "blobs", name), { force: true })
  }
}

/** Makes all added content durable, and lets the index see the rows that wait. */
export const syncContent = async (files: ArchiveFiles): Promise<void> => {
  for (const name of contentFiles) await files.content[name].sync()
  for (const sha256 of files.newBlobs) await syncFile(join(files.folder, "blobs", sha256))
  await syncFolder(join(files.folder, "blobs"))
  await syncFolder(files.folder)
  for (const table of tables) files.pending[table].flush()
}

/** Takes back all that was added. */
export const rollback = async (files: ArchiveFiles): Promise<void> => {
  for (const name of contentFiles) await files.content[name].rollback()
  for (const sha256 of files.newBlobs) await rm(join(files.folder, "blobs", sha256), { force: true })
  await rm(join(files.folder, "pending"), { recursive: true, force: true })
}
