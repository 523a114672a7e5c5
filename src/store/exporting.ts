import { randomBytes } from "node:crypto"
import { rename, rm, stat } from "node:fs/promises"
import { dirname, join } from "node:path"

import * as Effect from "effect/Effect"

import { Fault } from "../domain/Fault.ts"
import { readIndex, storedCalls } from "./archiveReader.ts"
import { codeOf, makeFolder, onDisk, syncFile, syncFolder } from "./disk.ts"
import { type Duck, literal, openDuck } from "./duck.ts"
import { LineReader } from "./places.ts"
import { addSliceViews } from "./slices.ts"
import { Tail } from "./tail.ts"

const entryAt = (file: string) =>
  stat(file).catch((cause: unknown) => {
    if (codeOf(cause) === "ENOENT") return undefined
    throw cause
  })

/** Writes an archive to a file, which has its old content or the whole new one. */
export const exportArchive = Effect.fnUntraced(function* (
  folder: string,
  options: { readonly to: "parquet" | "jsonl"; readonly file: string }
) {
  const { file, to } = options
  if ((yield* onDisk(file, () => entryAt(file)))?.isDirectory()) {
    return yield* new Fault({
      kind: "input",
      file,
      sentence: "is a folder",
      mend: `Name a file, such as ${file}/calls.${to}`
    })
  }
  const draft = `${file}.${randomBytes(4).toString("hex")}.draft`
  yield* Effect.addFinalizer(() => Effect.promise(() => rm(draft, { force: true })))
  yield* onDisk(file, () => makeFolder(dirname(file)))
  const duck = yield* openDuck(join(folder, "index.duckdb"), "read")
  yield* addSliceViews(duck, folder)
  yield* to === "parquet" ? writeParquet(duck, draft) : writeLines(duck, folder, draft)
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
