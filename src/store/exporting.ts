import { randomBytes } from "node:crypto"
import { constants } from "node:fs"
import { access, realpath, rename, rm, stat } from "node:fs/promises"
import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path"

import * as Effect from "effect/Effect"

import { Fault } from "../domain/Fault.ts"
import { readIndex, storedCalls } from "./archiveReader.ts"
import { codeOf, fullDisk, makeFolder, onDisk, syncFile, syncFolder } from "./disk.ts"
import { type Duck, literal, openDuck } from "./duck.ts"
import { LineReader } from "./places.ts"
import { addSliceViews } from "./slices.ts"
import { Tail } from "./tail.ts"

const entryAt = (file: string) =>
  stat(file).catch((cause: unknown) => {
    if (codeOf(cause) === "ENOENT") return undefined
    throw cause
  })

/** What is said of a file that cannot be written: it is not in the home, so another home would not help. */
const atTarget = (fault: Fault): Fault =>
  fault.kind !== "infrastructure" || fault.sentence === fullDisk
    ? fault
    : new Fault({ ...fault, mend: "Name a file that can be written with --out." })

/** Where an export goes: to what a link leads to, and never into a home, nor over anything that is there. */
const targetOf = Effect.fnUntraced(function* ({ file, home, to }: ExportOptions) {
  const entry = yield* onDisk(file, () => entryAt(file))
  const refuse = (sentence: string, mend: string) => new Fault({ kind: "input", file, sentence, mend })
  if (entry?.isDirectory()) return yield* refuse("is a folder", `Name a file, such as ${file}/calls.${to}`)
  if (entry !== undefined && !entry.isFile()) return yield* refuse("is no file", "Name a file.")
  const target = yield* onDisk(file, () => (entry === undefined ? placeOfNew(file) : realpath(file)))
  const inside = relative(yield* onDisk(home, () => realpath(home)), target)
  if (!inside.startsWith("..") && !isAbsolute(inside))
    return yield* refuse("lies in the home, which nothing else may write into", "Name a file elsewhere.")
  if (entry !== undefined)
    return yield* refuse(
      "is there already, and an export replaces nothing: it may be what an archive was made of",
      "Name another file with --out, or move this one away."
    )
  return target
})

/** The path of a file that is not there yet, with the links in it followed as far as there are any. */
const placeOfNew = async (file: string): Promise<string> => {
  const above = dirname(resolve(file))
  const there = await realpath(above).catch((cause: unknown) => {
    if (codeOf(cause) === "ENOENT" && above !== dirname(above)) return placeOfNew(above)
    throw cause
  })
  return join(there, basename(file))
}

/** What is exported, and where to; `home` is the home that the archive lies in. */
export interface ExportOptions {
  readonly to: "parquet" | "jsonl"
  readonly file: string
  readonly home: string
}

/** Writes an archive to a new file, which appears when it is whole. Fails, kind `input`, where there is one of that name; with the export's own file where its disk is full. */
export const exportArchive = Effect.fnUntraced(function* (folder: string, options: ExportOptions) {
  const { to } = options
  const file = yield* Effect.mapError(targetOf(options), atTarget)
  const draft = `${file}.${randomBytes(4).toString("hex")}.draft`
  yield* Effect.addFinalizer(() => Effect.promise(() => rm(draft, { force: true })))
  yield* onDisk(file, async () => {
    await makeFolder(dirname(file))
    await access(dirname(file), constants.W_OK)
  }).pipe(Effect.mapError(atTarget))
  const duck = yield* openDuck(join(folder, "index.duckdb"), "read")
  yield* addSliceViews(duck, folder)
  yield* (to === "parquet" ? writeParquet(duck, draft) : writeLines(duck, folder, draft)).pipe(
    // DuckDB names its own file, which is not the one whose disk is full.
    Effect.mapError((fault) => (fault.sentence === fullDisk ? new Fault({ ...fault, file }) : fault))
  )
  const [count] = yield* duck.query("SELECT count(*) AS calls FROM calls")
  const bytes = yield* onDisk(file, async () => {
    await syncFile(draft)
    await rename(draft, file)
    await syncFolder(dirname(file))
    return (await stat(file)).size
  })
  return { calls: Number(count?.["calls"]), bytes }
}, Effect.scoped)

/** Parquet knows no integers of 128 bits, and would make them floating: bills are decimals there. */
const writeParquet = (duck: Duck, file: string) =>
  duck.transaction([
    `COPY (SELECT * REPLACE (CAST(billedNanoUsd AS DECIMAL(38, 0)) AS billedNanoUsd) FROM sliced ORDER BY started NULLS LAST, id)
      TO ${literal(file)} (FORMAT parquet, COMPRESSION zstd)`
  ])

/** Every call with all that is known of it, and beside it what an importer must give: its dedupe key and rank. */
const writeLines = Effect.fnUntraced(function* (duck: Duck, folder: string, file: string) {
  const lines = yield* Effect.acquireRelease(
    Effect.sync(() => new LineReader()),
    (one) => Effect.sync(() => one.close())
  )
  const calls = yield* storedCalls(folder, yield* readIndex(duck), lines)
  const tail = yield* Effect.acquireRelease(
    onDisk(file, async () => Tail.open(file, 0)),
    (one) => Effect.sync(() => one.close())
  )
  yield* duck.each(
    "SELECT id, dedupeKey, rank FROM calls ORDER BY started NULLS LAST, id",
    ([ids = [], dedupeKeys = [], ranks = []]) => {
      for (const [at, id] of ids.entries()) {
        tail.add(JSON.stringify({ ...calls.whole(String(id)), dedupeKey: dedupeKeys[at], rank: ranks[at] }))
      }
    }
  )
  yield* onDisk(file, () => tail.sync())
}, Effect.scoped)
