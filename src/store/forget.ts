import { open, readFile, rm } from "node:fs/promises"
import { join } from "node:path"

import * as Effect from "effect/Effect"

import { keyOf } from "./Answers.ts"
import { namesIn, onDisk } from "./disk.ts"
import { Home } from "./Home.ts"
import { parseLine, scanLines } from "./lines.ts"
import { runIds } from "./runIds.ts"
import type { Place } from "./segment.ts"

/** What was forgotten. */
export interface Forgotten {
  readonly runs: number
  readonly answers: number
}

const textAt = (value: unknown, key: string): string | undefined => {
  const found = typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>)[key] : null
  return typeof found === "string" ? found : undefined
}

/** Adds the keys of the answers that a run bought or used. */
const addKeys = Effect.fnUntraced(function* (folder: string, keys: Set<string>) {
  const journal = join(folder, "journal.jsonl")
  yield* scanLines(journal, (line) => {
    const key = textAt(parseLine(journal, line), "key")
    if (key !== undefined) keys.add(key)
  })
  const outputs = join(folder, "outputs.jsonl")
  yield* scanLines(outputs, (line) => {
    const row = parseLine(outputs, line)
    const attempts = typeof row === "object" && row !== null && "attempts" in row ? row.attempts : []
    for (const attempt of Array.isArray(attempts) ? attempts : []) {
      const key = textAt(attempt, "answer")
      if (key !== undefined) keys.add(key)
    }
  })
})

/** A line that says nothing, of a given length: the lines after it stay where other processes know them to be. */
const blank = (length: number) => {
  const start = '{"v":1,"key":"deleted"'
  return Buffer.from(`${start}${" ".repeat(Math.max(0, length - start.length - 1))}}`)
}

/** Overwrites the answers of these keys in one segment; gives how many there were. */
const blankAnswers = Effect.fnUntraced(function* (file: string, keys: ReadonlySet<string>) {
  const found: Array<Place> = []
  yield* scanLines(file, (line) => {
    if (keys.has(keyOf(file, line))) found.push({ offset: line.offset, length: line.length })
  })
  if (found.length === 0) return 0
  yield* onDisk(file, async () => {
    const handle = await open(file, "r+")
    try {
      for (const { length, offset } of found) await handle.write(blank(length), 0, length, offset)
      await handle.sync()
    } finally {
      await handle.close()
    }
  })
  return found.length
})

/** Removes all runs of an archive, and the answers that no run of another archive bought or used. Doing it again after it was cut off finishes it. */
export const forgetRuns = Effect.fn("Store.forgetRuns")(function* (archive: string) {
  const home = yield* Home
  const gone = new Set<string>()
  const kept = new Set<string>()
  const folders: Array<string> = []
  for (const id of yield* runIds(home.path("runs"))) {
    const folder = home.path("runs", id)
    const file = join(folder, "manifest.json")
    const manifest = yield* onDisk(file, async (): Promise<unknown> => JSON.parse(await readFile(file, "utf8")))
    const own = textAt(manifest, "archive") === archive
    if (own) folders.push(folder)
    yield* addKeys(folder, own ? gone : kept)
  }
  const alone = gone.difference(kept)
  const answers = home.path("answers")
  let count = 0
  for (const name of yield* onDisk(answers, () => namesIn(answers))) {
    if (name.endsWith(".jsonl")) count += yield* blankAnswers(join(answers, name), alone)
  }
  for (const folder of folders) yield* onDisk(folder, () => rm(folder, { recursive: true, force: true }))
  const forgotten: Forgotten = { runs: folders.length, answers: count }
  return forgotten
})
