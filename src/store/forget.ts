import { open, readFile, rm } from "node:fs/promises"
import { join } from "node:path"

import * as Effect from "effect/Effect"

import { keyOf } from "./answerLine.ts"
import { namesIn, onDisk, writeAtomically } from "./disk.ts"
import { Home } from "./Home.ts"
import { parseLine, scanLines } from "./lines.ts"
import { runIds } from "./runIds.ts"
import { lineOf, type Place } from "./segment.ts"

/** What was forgotten, or would be. */
export interface Forgotten {
  readonly runs: number
  readonly answers: number
}

/** The calls of an archive that go. */
export interface Going {
  readonly calls: ReadonlySet<string>
  /** Beginnings (32 hex digits) of the content digests that no call that stays has: the ids of their cases. */
  readonly contents: ReadonlySet<string>
}

const textAt = (value: unknown, key: string): string | undefined => {
  const found = typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>)[key] : null
  return typeof found === "string" ? found : undefined
}

/** An answer that was bought or used for a case of an archive. */
interface Use {
  readonly archive: string
  readonly case: string
  readonly key: string
}

/** What a run that is removed had bought for cases that stay is noted here: its answers are not anybody's otherwise when those cases go. */
const notesFile = (home: Home["Service"]) => home.path("runs", "bought.jsonl")

/** The answers that a run bought or used, by case. */
const usesOf = Effect.fnUntraced(function* (folder: string, archive: string) {
  const uses: Array<Use> = []
  const add = (row: unknown, key: string | undefined) => {
    if (key !== undefined) uses.push({ archive, case: textAt(row, "case") ?? "", key })
  }
  const journal = join(folder, "journal.jsonl")
  yield* scanLines(journal, (line) => {
    const row = parseLine(journal, line)
    add(row, textAt(row, "key"))
  })
  const outputs = join(folder, "outputs.jsonl")
  yield* scanLines(outputs, (line) => {
    const row = parseLine(outputs, line)
    const attempts = typeof row === "object" && row !== null && "attempts" in row ? row.attempts : []
    for (const attempt of Array.isArray(attempts) ? attempts : []) add(row, textAt(attempt, "answer"))
  })
  return uses
})

const notedUses = Effect.fnUntraced(function* (file: string) {
  const uses: Array<Use> = []
  yield* scanLines(file, (line) => {
    const row = parseLine(file, line)
    const [archive, key] = [textAt(row, "archive"), textAt(row, "key")]
    if (archive !== undefined && key !== undefined) uses.push({ archive, case: textAt(row, "case") ?? "", key })
  })
  return uses
})

/** Writes the notes anew, each once; without any there is no file. */
const writeNotes = (file: string, uses: ReadonlyArray<Use>) =>
  onDisk(file, async () => {
    const lines = new Set(uses.map((use) => lineOf(use, { readable: false })))
    if (lines.size === 0) await rm(file, { force: true })
    else await writeAtomically(file, `${[...lines].join("\n")}\n`)
  })

/** A line that says nothing, of a given length: the lines after it stay where other processes know them to be. */
const blank = (length: number) => {
  const start = '{"v":1,"key":"deleted"'
  return Buffer.from(`${start}${" ".repeat(Math.max(0, length - start.length - 1))}}`)
}

/** Overwrites the answers of these keys in one segment, but in a dry run; gives how many there are. */
const blankAnswers = Effect.fnUntraced(function* (file: string, keys: ReadonlySet<string>, dryRun: boolean) {
  const found: Array<Place> = []
  yield* scanLines(file, (line) => {
    if (keys.has(keyOf(file, line))) found.push({ offset: line.offset, length: line.length })
  })
  if (found.length === 0 || dryRun) return found.length
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

/** Removes a run's folder, its manifest last: what was cut off before that is found again. */
const removeRun = (folder: string) =>
  onDisk(folder, async () => {
    for (const name of await namesIn(folder)) {
      if (name !== "manifest.json") await rm(join(folder, name), { recursive: true, force: true })
    }
    await rm(folder, { recursive: true, force: true })
  })

/** Cases of a run's manifest: `case id -> call id`. */
const casesIn = (manifest: unknown): ReadonlyArray<readonly [caseId: string, callId: unknown]> =>
  typeof manifest === "object" && manifest !== null && "cases" in manifest && typeof manifest.cases === "object"
    ? Object.entries(manifest.cases ?? {})
    : []

/**
 * Removes all runs of an archive that have a case of the calls that go, whole, for a run's documents quote their answers; and the answers that
 * were bought or used for such cases and for no others. Answers of other cases stay, whoever bought them: they were paid for. Without
 * `going` it is every call that goes. Doing it again after it was cut off finishes it, as long as the archive still holds the calls.
 */
export const forgetRuns = Effect.fn("Store.forgetRuns")(function* (
  archive: string,
  { dryRun = false, going }: { readonly dryRun?: boolean; readonly going?: Going } = {}
) {
  const home = yield* Home
  const notes = notesFile(home)
  const noted = yield* notedUses(notes)
  const folders: Array<string> = []
  const uses: Array<Use> = [...noted]
  const left: Array<Use> = []
  const goneCases = new Set<string>()
  const goes = (use: Use) =>
    use.archive === archive &&
    (going === undefined || goneCases.has(use.case) || going.contents.has(use.case.slice(0, 32)))

  for (const id of yield* runIds(home.path("runs"))) {
    const folder = home.path("runs", id)
    const file = join(folder, "manifest.json")
    const manifest = yield* onDisk(file, async (): Promise<unknown> => JSON.parse(await readFile(file, "utf8")))
    const owner = textAt(manifest, "archive") ?? ""
    const found = yield* usesOf(folder, owner)
    uses.push(...found)
    if (owner !== archive) continue
    const gone = casesIn(manifest).filter(
      ([caseId, callId]) =>
        going === undefined || going.calls.has(String(callId)) || going.contents.has(caseId.slice(0, 32))
    )
    for (const [caseId] of gone) goneCases.add(caseId)
    if (going !== undefined && gone.length === 0) continue
    folders.push(folder)
    left.push(...found)
  }

  const kept = new Set(uses.filter((use) => !goes(use)).map(({ key }) => key))
  const alone = new Set(uses.filter((use) => goes(use) && !kept.has(use.key)).map(({ key }) => key))
  if (!dryRun) yield* writeNotes(notes, [...noted, ...left.filter((use) => !goes(use))])
  const answers = home.path("answers")
  let count = 0
  for (const name of yield* onDisk(answers, () => namesIn(answers))) {
    if (name.endsWith(".jsonl")) count += yield* blankAnswers(join(answers, name), alone, dryRun)
  }
  if (!dryRun) {
    for (const folder of folders) yield* removeRun(folder)
    yield* writeNotes(
      notes,
      [...noted, ...left].filter((use) => !goes(use))
    )
  }
  const forgotten: Forgotten = { runs: folders.length, answers: count }
  return forgotten
})

/** Keys of the answers that some run on the disk bought or used. */
export const keysInUse = Effect.fn("Store.keysInUse")(function* () {
  const home = yield* Home
  const keys = new Set((yield* notedUses(notesFile(home))).map(({ key }) => key))
  for (const id of yield* runIds(home.path("runs")))
    for (const { key } of yield* usesOf(home.path("runs", id), "")) keys.add(key)
  return keys
})
