import { copyFile, mkdtemp, rm, truncate } from "node:fs/promises"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"

import * as Effect from "effect/Effect"

import { namesIn, onDisk } from "./disk.ts"
import { jsonLines, jsonObjects, openDuck, type Values } from "./duck.ts"
import { parseLine, scanLines } from "./lines.ts"

const views: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  outputs: {
    v: "INTEGER",
    case: "VARCHAR",
    setup: "VARCHAR",
    series: "VARCHAR",
    attempts: "JSON",
    losses: "JSON",
    failure: "JSON"
  },
  grades: { v: "INTEGER", case: "VARCHAR", setup: "VARCHAR", grader: "VARCHAR", score: "DOUBLE", why: "VARCHAR" },
  journal: { line: "JSON" }
}

/** Rows of a run's lines that are of one case, in the order they were written. Lines of other cases are not parsed. */
export const rowsOfCase = Effect.fnUntraced(function* (file: string, caseId: string) {
  const rows: Array<unknown> = []
  const needle = Buffer.from(`"case":${JSON.stringify(caseId)}`)
  yield* scanLines(file, (line) => {
    if (!line.buffer.subarray(line.start, line.end).includes(needle)) return
    const row = parseLine(file, line)
    if (typeof row === "object" && row !== null && "case" in row && row.case === caseId) rows.push(row)
  })
  return rows
})

/**
 * Runs SQL over the lines of a run's folder. The run may still be going on, or have been killed: whole lines count,
 * and a file that is not there is an empty view.
 */
export const queryRun = Effect.fnUntraced(function* (folder: string, sql: string, values: Values | undefined) {
  const duck = yield* openDuck(":memory:", "write")
  const finished = (yield* onDisk(folder, () => namesIn(folder))).includes("result.json")
  const read: Array<string> = []
  for (const [name, columns] of Object.entries(views)) {
    const file = yield* wholeLines(join(folder, `${name}.jsonl`), finished)
    if (file !== undefined) read.push(join(folder, `${name}.jsonl`))
    const empty = Object.entries(columns).map(([column, type]) => `NULL::${type} AS "${column}"`)
    const wanted = Object.keys(columns).map((column) => `"${column}"`)
    yield* duck.query(
      file === undefined
        ? `CREATE VIEW ${name} AS SELECT ${empty.join(", ")} WHERE false`
        : `CREATE VIEW ${name} AS SELECT ${wanted.join(", ")} FROM ${tableOf(name, file)}`
    )
  }
  return yield* duck.query(sql, values).pipe(
    // DuckDB's own sentence about a broken line misses the line's number by one or two: the place comes from reading it ourselves.
    Effect.tapError((fault) => (fault.sentence.includes("Malformed JSON") ? parseAll(read) : Effect.void))
  )
}, Effect.scoped)

const tableOf = (view: string, file: string) =>
  view === "journal" ? `(SELECT json AS line FROM ${jsonObjects(file)})` : jsonLines(file, views[view] ?? {})

const parseAll = (files: ReadonlyArray<string>) =>
  Effect.forEach(files, (file) => scanLines(file, (line) => parseLine(file, line)), { discard: true })

/**
 * A file of whole lines for DuckDB, which refuses a torn one: the file itself, or a copy up to its last whole line where the last
 * is torn or the run may still write. `undefined` when there is no line.
 */
const wholeLines = Effect.fnUntraced(function* (file: string, finished: boolean) {
  const scanned = yield* scanLines(file, () => undefined)
  if (scanned.lines === 0) return undefined
  if (finished && !scanned.torn) return file
  const folder = yield* Effect.acquireRelease(
    onDisk(file, () => mkdtemp(join(tmpdir(), "understudy-"))),
    (made) => Effect.promise(() => rm(made, { recursive: true, force: true }))
  )
  const copy = join(folder, basename(file))
  yield* onDisk(copy, async () => {
    await copyFile(file, copy)
    await truncate(copy, scanned.bytes)
  })
  return copy
})
