import { randomBytes } from "node:crypto"
import { open, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"

import * as Effect from "effect/Effect"
import { Fault } from "../domain/Fault.ts"
import type { Source } from "./Archives.ts"
import { type ContentFile, contentFiles, schema, type Table, tables, wordsOf } from "./archiveIndex.ts"
import { DigestTable, wordsIn } from "./digestTable.ts"
import { codeOf, makeFolder, onDisk, syncFile, syncFolder } from "./disk.ts"
import { type Duck, openDuck } from "./duck.ts"
import { Histories } from "./histories.ts"
import { PartedLines } from "./partedLines.ts"
import { lineOf } from "./segment.ts"
import { readTold, signalKey } from "./signals.ts"
import { Tail } from "./tail.ts"

/** What an open writer of an archive holds, its histories aside. */
export interface ArchiveContent {
  /** The archive's folder, or the draft of one. */
  readonly folder: string
  readonly duck: Duck
  readonly key: Uint8Array
  readonly names: Readonly<Record<ContentFile, string>>
  readonly content: Readonly<Record<Exclude<ContentFile, "places">, Tail>>
  /** Where each part of `messages.jsonl` lies: the first 12 bytes of its digest, its offset in 8, its length in 4. */
  readonly places: Tail
  /** Rows that wait for the commit, by table. */
  readonly pending: Readonly<Record<Exclude<Table, "calls">, Tail>> & { readonly calls: PartedLines }
  /** What is there already, that which waits included. */
  readonly known: {
    /** By id: where its line lies, and its rank. */
    readonly calls: DigestTable
    /** Calls that were there before this import. */
    readonly callsBefore: number
    /** Messages, pages and tool sets, by digest: offset and length. */
    readonly parts: DigestTable
    readonly skips: DigestTable
    readonly templates: DigestTable
    readonly verdicts: DigestTable
    readonly blobs: Set<string>
  }
  /** Where the lines lie of calls that were replaced. */
  readonly dead: Set<number>
  readonly newBlobs: Set<string>
  readonly marks: Map<string, Source>
  /** Of this import. `grouped`: calls with a session or trajectory. */
  readonly counts: { calls: number; skips: number; grouped: number }
  /** The number of this import, from 1. */
  readonly import: number
}

/** What an open writer of an archive holds. */
export interface ArchiveFiles extends ArchiveContent {
  readonly histories: Histories
}

/** The file that a table's rows wait in. */
export const pendingFile = (folder: string, table: Exclude<Table, "calls">): string =>
  join(folder, "pending", `${table}.jsonl`)

/** The key of an archive, made where it has none yet. */
export const keyOf = async (folder: string): Promise<Uint8Array> => {
  const file = join(folder, "key")
  try {
    return new Uint8Array(await readFile(file))
  } catch (cause) {
    if (codeOf(cause) !== "ENOENT") throw cause
  }
  const key = randomBytes(32)
  await writeFile(file, key, { mode: 0o600, flag: "wx", flush: true })
  return new Uint8Array(key)
}

/** The name of a file of content in an archive that was rewritten so often: a rewrite writes beside the files that it takes the place of. */
const numbered = (kind: ContentFile, generation: number) =>
  generation === 1 ? kind : kind.replace(/(?=\.jsonl$)|$/, `-${generation}`)

/** The generation of a file of content, by its name. */
export const generationOf = (file: string): number => Number(/-(\d+)(\.jsonl)?$/.exec(file)?.[1] ?? 1)

/**
 * Opens an archive's files at their committed lengths, alone. Clears what an import or a rewrite that was cut off left. `generation`: of a new
 * archive's files.
 */
export const openArchiveFiles = Effect.fnUntraced(function* (folder: string, generation = 1) {
  yield* onDisk(folder, () => makeFolder(join(folder, "blobs")))
  const duck = yield* openDuck(join(folder, "index.duckdb"), "write")
  yield* duck.transaction(schema)
  const committed = yield* duck.query("SELECT kind, file, bytes FROM committed")
  const committedOf = (kind: ContentFile) => {
    const row = committed.find((one) => one["kind"] === kind)
    return { file: String(row?.["file"] ?? numbered(kind, generation)), bytes: Number(row?.["bytes"] ?? 0) }
  }
  const [last] = yield* duck.query("SELECT coalesce(max(import), 0) AS import FROM imports")
  const blobs = yield* blobsOf(duck)
  const names = Object.fromEntries(contentFiles.map((kind) => [kind, committedOf(kind).file])) as ArchiveFiles["names"]
  yield* onDisk(folder, async () => {
    await sweep(folder, blobs, new Set(Object.values(names)))
    await makeFolder(join(folder, "pending"))
  })
  const places = committedOf("places")
  const calls = yield* knownIn(duck, "calls", "id", "byteOffset::DOUBLE, rank")
  const known: ArchiveFiles["known"] = {
    calls,
    callsBefore: calls.size,
    parts: yield* onDisk(folder, () => partsOf(join(folder, places.file), places.bytes)),
    skips: yield* knownIn(duck, "skips", "file || chr(0) || line || chr(0) || reason"),
    templates: yield* knownIn(duck, "templates", "key"),
    verdicts: yield* verdictsOf(duck),
    blobs
  }
  const tail = (file: string, length: number) =>
    Effect.acquireRelease(
      onDisk(file, async () => Tail.open(file, length)),
      (one) => Effect.sync(() => one.close())
    )
  const content = (kind: ContentFile) => {
    const { bytes, file } = committedOf(kind)
    return tail(join(folder, file), bytes)
  }
  const waiting: Array<readonly [Table, Tail]> = []
  for (const table of tables) {
    if (table !== "calls") waiting.push([table, yield* tail(pendingFile(folder, table), 0)])
  }
  const callLines = yield* Effect.acquireRelease(
    Effect.sync(() => new PartedLines(folder, "calls")),
    (lines) => Effect.sync(() => lines.close())
  )
  const files: ArchiveContent = {
    folder,
    duck,
    key: yield* onDisk(folder, () => keyOf(folder)),
    names,
    content: {
      "calls.jsonl": yield* content("calls.jsonl"),
      "messages.jsonl": yield* content("messages.jsonl"),
      "derived.jsonl": yield* content("derived.jsonl")
    },
    places: yield* content("places"),
    pending: { ...(Object.fromEntries(waiting) as Omit<ArchiveFiles["pending"], "calls">), calls: callLines },
    known,
    dead: new Set(),
    newBlobs: new Set(),
    marks: new Map(),
    counts: { calls: 0, skips: 0, grouped: 0 },
    import: Number(last?.["import"] ?? 0) + 1
  }
  const open: ArchiveFiles = { ...files, histories: new Histories(files) }
  return open
})

const blobsOf = Effect.fnUntraced(function* (duck: Duck) {
  const blobs = new Set<string>()
  yield* duck.each("SELECT sha256 FROM blobs", ([names]) => {
    for (const name of names ?? []) blobs.add(String(name))
  })
  return blobs
})

const countOf = Effect.fnUntraced(function* (duck: Duck, table: Table) {
  const [row] = yield* duck.query(`SELECT count(*) AS count FROM ${table}`)
  return Number(row?.["count"])
})

/** The keys of a table's rows, with two numbers of each where they are named. */
const knownIn = Effect.fnUntraced(function* (duck: Duck, table: Table, key: string, numbers = "0::DOUBLE, 0::DOUBLE") {
  const keys = new DigestTable(yield* countOf(duck, table))
  yield* duck.each(`SELECT ${wordsOf(key)}, ${numbers} FROM ${table}`, (columns) => {
    const [a = [], b = [], c = [], first = [], second = []] = columns as ReadonlyArray<ReadonlyArray<number>>
    for (let row = 0; row < a.length; row++) keys.setWords(a[row]!, b[row]!, c[row]!, first[row]!, second[row]!)
  })
  return keys
})

const verdictsOf = Effect.fnUntraced(function* (duck: Duck) {
  const verdicts = new DigestTable()
  for (const { scope, signal, target } of yield* readTold(duck)) verdicts.set(wordsIn(signalKey(scope, target, signal)))
  return verdicts
})

const recordBytes = 24

const partsOf = async (file: string, bytes: number): Promise<DigestTable> => {
  const parts = new DigestTable(bytes / recordBytes)
  if (bytes === 0) return parts
  const handle = await open(file, "r")
  try {
    const chunk = Buffer.alloc(recordBytes * 32_768)
    for (let at = 0; at < bytes; ) {
      const { bytesRead } = await handle.read(chunk, 0, Math.min(chunk.length, bytes - at), at)
      const whole = bytesRead - (bytesRead % recordBytes)
      if (whole === 0) {
        throw new Fault({ kind: "input", file, sentence: "the file is shorter than its index says", mend: restore })
      }
      const words = new Uint32Array(chunk.buffer, chunk.byteOffset, whole / 4)
      for (let from = 0; from < words.length; from += 6) {
        const offset = words[from + 3]! + words[from + 4]! * 2 ** 32
        parts.setWords(words[from]!, words[from + 1]!, words[from + 2]!, offset, words[from + 5]!)
      }
      at += whole
    }
  } finally {
    await handle.close()
  }
  return parts
}
const restore = "Restore the archive's folder from a copy, or delete the archive and import again."

/** Removes from an archive's folder what its index does not know: what an import or a rewrite left that was cut off. */
export const sweepFolder = Effect.fnUntraced(function* (duck: Duck, folder: string) {
  const committed = yield* duck.query("SELECT file FROM committed")
  const blobs = yield* blobsOf(duck)
  yield* onDisk(folder, () => sweep(folder, blobs, new Set(committed.map((row) => String(row["file"])))))
})

/** Removes what no commit knows: rows that waited, blobs and files of content that nothing names, what DuckDB had put aside. */
export const sweep = async (folder: string, blobs: ReadonlySet<string>, content: ReadonlySet<string>) => {
  await rm(join(folder, "pending"), { recursive: true, force: true })
  for (const name of await readdir(join(folder, "blobs"))) {
    if (!blobs.has(name)) await rm(join(folder, "blobs", name), { force: true })
  }
  for (const name of await readdir(folder)) {
    const old = /^(calls|messages|derived|places)(-\d+)?(\.jsonl)?$/.test(name) && !content.has(name)
    if (old || name.endsWith(".draft") || name.endsWith(".tmp"))
      await rm(join(folder, name), { recursive: true, force: true })
  }
}

/** Makes all added content durable, and lets the index see the rows that wait. */
export const syncContent = async (files: ArchiveFiles): Promise<void> => {
  for (const source of files.marks.values()) files.pending.sources.add(lineOf(source, { readable: true }))
  for (const tail of [...Object.values(files.content), files.places]) await tail.sync()
  for (const sha256 of files.newBlobs) await syncFile(join(files.folder, "blobs", sha256))
  await syncFolder(join(files.folder, "blobs"))
  await syncFolder(files.folder)
  for (const table of tables) files.pending[table].flush()
}

/** Takes back all that was added. */
export const rollback = async (files: ArchiveFiles): Promise<void> => {
  for (const tail of [...Object.values(files.content), files.places]) tail.rollback()
  for (const sha256 of files.newBlobs) await rm(join(files.folder, "blobs", sha256), { force: true })
  await rm(join(files.folder, "pending"), { recursive: true, force: true })
}
