import { randomBytes } from "node:crypto"
import { rm } from "node:fs/promises"
import { join } from "node:path"

import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

import type { Fault } from "../domain/Fault.ts"
import type { CheckResult } from "../domain/Output.ts"
import { namesIn, onDisk } from "./disk.ts"
import { Home } from "./Home.ts"
import { prepareHome } from "./layout.ts"
import { type RawLine, scanLines } from "./lines.ts"
import { LineReader, Places } from "./places.ts"
import { openSegment } from "./segment.ts"

/** What a check said of an answer, without its name. */
export type Said = Pick<CheckResult, "pass" | "message" | "applies">

/** Results that are kept: the oldest files go when there are more. */
const most = 50_000
/** Files that are kept; each process writes its own. */
const mostFiles = 1000
/** Results of this process that are held in memory, a message of a few thousand characters at most each. */
const held = 20_000

const keyPattern = /^\{"v":1,"key":"([0-9a-f]{64})"/
const keyIn = ({ buffer, end, start }: RawLine): string | undefined =>
  keyPattern.exec(buffer.toString("latin1", start, Math.min(end, start + 96)))?.[1]

const saidIn = (row: unknown, key: string): Said | undefined => {
  if (typeof row !== "object" || row === null || !("key" in row) || row.key !== key) return undefined
  if (!("pass" in row && "message" in row)) return undefined
  const { message, pass } = row
  if (typeof pass !== "boolean" || typeof message !== "string") return undefined
  return { pass, message, ...("applies" in row && row.applies === false ? { applies: false as const } : {}) }
}

interface Kept {
  readonly file: string
  readonly keys: ReadonlyArray<{ readonly key: string; readonly offset: number; readonly length: number }>
}

/** The keys of one file. It is only a cache: a line that is none, or a file that another process has removed, is passed over. */
const keptIn = (file: string) =>
  Effect.suspend(() => {
    const keys: Array<Kept["keys"][number]> = []
    return scanLines(file, (line) => {
      const key = keyIn(line)
      if (key !== undefined) keys.push({ key, offset: line.offset, length: line.length })
    }).pipe(
      Effect.catchIf(
        ({ kind }) => kind === "input",
        () => Effect.void
      ),
      Effect.map((): Kept => ({ file, keys }))
    )
  })

const filesIn = (folder: string) =>
  Effect.map(
    onDisk(folder, () => namesIn(folder)),
    (names) => names.filter((name) => name.endsWith(".jsonl")).map((name) => join(folder, name))
  )

/** Removes all results. Messages may hold texts of an archive. Gives how many there were; a dry run removes nothing. */
export const forgetCheckResults = Effect.fn("Store.forgetCheckResults")(function* ({ dryRun = false } = {}) {
  const folder = (yield* Home).path("checked")
  let count = 0
  for (const file of yield* filesIn(folder)) count += (yield* keptIn(file)).keys.length
  if (!dryRun) yield* onDisk(folder, () => rm(folder, { recursive: true, force: true }))
  return count
})

/**
 * What checks said that run commands, by a digest of all that goes into it: JSON lines, one file a process. A later run says the same of the same
 * answer, whatever the command would print this time. Of two lines with one key the first counts. It is only a cache: it may be removed at any time.
 */
export class CheckResults extends Context.Service<
  CheckResults,
  {
    /** What is known under a key, of this process or of those before. */
    get(key: string): Effect.Effect<Said | undefined, Fault>
    /** Keeps a result, on disk too where it is `lasting`. Gives the one that counts: of two under one key the first. */
    keep(key: string, said: Said, lasting: boolean): Effect.Effect<Said>
  }
>()("@understudy/harness/store/CheckResults") {
  /** `bounds` are for tests. Nothing is read before the first result is asked for. */
  static readonly layerOf = (bounds: {
    readonly results: number
    readonly files: number
  }): Layer.Layer<CheckResults, never, Home> =>
    Layer.effect(
      CheckResults,
      Effect.gen(function* () {
        const home = yield* Home
        const folder = home.path("checked")
        const fresh = new Map<string, Said>()
        const files: Array<string> = []
        const places = new Places()
        const reader = yield* Effect.acquireRelease(
          Effect.sync(() => new LineReader()),
          (one) => Effect.sync(() => one.close())
        )
        const stamp = DateTime.formatIso(yield* DateTime.now).replace(/[-:]|\.\d+Z/g, "")
        const mine = join(folder, `${stamp}-${process.pid}-${randomBytes(2).toString("hex")}.jsonl`)
        const segment = yield* openSegment(mine, { readable: false, mode: 0o600 })
        const prepared = yield* Effect.cached(prepareHome(home.root))
        const opened = yield* Effect.cached(
          Effect.gen(function* () {
            const all: Array<Kept> = []
            for (const file of yield* filesIn(folder)) if (file !== mine) all.push(yield* keptIn(file))
            let count = all.reduce((sum, { keys }) => sum + keys.length, 0)
            // By their names the oldest come first. The newest stays whatever it holds.
            while (all.length > 1 && (count > bounds.results || all.length > bounds.files)) {
              const { file, keys } = all.shift()!
              count -= keys.length
              yield* onDisk(file, () => rm(file, { force: true }))
            }
            for (const { file, keys } of all) {
              const index = files.push(file) - 1
              for (const { key, ...place } of keys) places.add(key, index, place)
            }
          })
        )
        const read = (key: string): Said | undefined => {
          const place = places.get(key)
          if (place === undefined) return undefined
          try {
            return saidIn(reader.read(files[place.file]!, place), key)
          } catch {
            return undefined // removed or cut by another process: not known any more
          }
        }
        return CheckResults.of({
          get: (key) => Effect.map(opened, () => fresh.get(key) ?? read(key)),
          keep: (key, said, lasting) =>
            Effect.suspend(() => {
              const first = fresh.get(key)
              if (first !== undefined) return Effect.succeed(first)
              fresh.set(key, said)
              for (const oldest of fresh.keys()) {
                if (fresh.size <= held) break
                fresh.delete(oldest)
              }
              if (!lasting) return Effect.succeed(said)
              // Where it cannot be written this run goes on: the result itself is none the worse.
              return Effect.andThen(prepared, segment.append({ v: 1, key, ...said })).pipe(
                Effect.ignore,
                Effect.as(said)
              )
            })
        })
      })
    )
  static readonly layer = CheckResults.layerOf({ results: most, files: mostFiles })
}
