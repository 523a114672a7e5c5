import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Scope from "effect/Scope"

import type { Fault } from "../domain/Fault.ts"
import { Archives } from "../store/Archives.ts"
import { newRunId } from "../store/runIds.ts"
import { fileFault } from "./bytes.ts"
import { type Changed, Following } from "./follow.ts"
import {
  cleaningFor,
  countsOf,
  faulty,
  type ImportOptions,
  type ImportResult,
  learnNames,
  sessionsOf,
  sourcesOf,
  timeSince
} from "./import.ts"
import { Looks } from "./looks.ts"
import { personsThere } from "./persons.ts"
import { makePipeline, through } from "./pipeline.ts"
import { type Cleaner, makeCleaner } from "./privacy/cleaner.ts"
import { type Cleaning, writePast } from "./privacy/past.ts"
import { nameSlices } from "./slices/file.ts"
import type { Batch } from "./sources.ts"
import { noSupply } from "./supply.ts"
import { Tally } from "./tally.ts"
import { Waker } from "./waker.ts"
import { filesOf } from "./walk.ts"

/** What one commit of a watch added. */
export interface Committed {
  readonly archive: string
  readonly imported: number
  readonly replaced: number
  readonly files: number
}

/** Milliseconds. */
const quiet = 1_000
const patience = 5_000
const lookAgain = 2_000
/** Files that nobody has written for a day are let go of. */
const idle = 24 * 3_600_000

const summed = (all: ReadonlyArray<Readonly<Record<string, number>>>): Readonly<Record<string, number>> => {
  const sums: Record<string, number> = {}
  for (const counts of all) for (const [kind, n] of Object.entries(counts)) sums[kind] = (sums[kind] ?? 0) + n
  return sums
}

const isQuiet = (changed: ReadonlyArray<Changed>, now: number) => changed.every(({ mtimeMs }) => now - mtimeMs >= quiet)

/**
 * Imports what is there and goes on as files appear and grow, until `until` ends; then gives what was done in all. What was added is
 * committed when its files have been quiet for a second (after five seconds at the latest), and the archive is free in between.
 * `onCommit` hears of each commit, `onBusy` that somebody else has the archive open and it will be tried again.
 */
export const watchPaths = Effect.fn("archive.watchPaths")(function* (
  options: Omit<ImportOptions, "dryRun">,
  on: {
    readonly until: Effect.Effect<void>
    readonly onCommit: (committed: Committed) => Effect.Effect<void>
    readonly onBusy: (fault: Fault) => Effect.Effect<void>
    /** Hears once of each way in which the archive is not cleaned alike throughout, before anything is added. */
    readonly onWarning?: (warning: string) => Effect.Effect<void>
  }
) {
  const watched = yield* DateTime.now
  const { importer, walked } = yield* sourcesOf(options)
  const archives = yield* Archives
  const sources = yield* archives.sources(options.name)
  const persons = yield* personsThere(options.name, options.pseudonyms ?? [])
  const reading = options.mapping === undefined ? {} : { mapping: options.mapping }
  const sessions = sessionsOf({ following: true, ...reading })
  if (importer !== undefined) yield* faulty(() => sessions.of(importer))
  const following = new Following(
    { given: importer, sessionOf: sessions.of },
    new Map(sources.map((source) => [source.file, source]))
  )
  const scope = yield* Effect.scope
  const tally = new Tally()
  let last = walked
  let exists = (yield* archives.names).includes(options.name)
  const cleaners = new Map<string, Cleaner>()
  const warnings = new Set<string>()
  let cleaning: Cleaning | undefined

  /** The cleaner of the archive as it is: one that was deleted and made anew has another key, and others may have added pseudonyms. */
  const cleanerOf = Effect.fnUntraced(function* (bytes: Uint8Array, { pseudonyms }: Cleaning) {
    const key = [Buffer.from(bytes).toString("hex"), ...pseudonyms].join(" ")
    const known = cleaners.get(key)
    if (known !== undefined) return known
    const secrets = options.keepSecrets !== true
    const cleaner = yield* makeCleaner({ key: bytes, secrets, pseudonyms, persons }).pipe(Scope.provide(scope))
    if (pseudonyms.includes("name"))
      yield* learnNames(cleaner, last, { importer, options: reading }, (cause) =>
        fileFault(options.paths.join(", "), cause)
      )
    cleaners.set(key, cleaner)
    return cleaner
  })

  /** Takes what `batches` gives into the archive. False where somebody else has it open; nothing was read then. */
  const take = Effect.fnUntraced(function* (batches: () => AsyncIterable<Batch>, files: number) {
    const opened = yield* Effect.result(archives.writer(options.name))
    if (Result.isFailure(opened)) {
      if (opened.failure.kind !== "infrastructure") return yield* opened.failure
      yield* on.onBusy(opened.failure)
      return false
    }
    const writer = opened.success
    const before = { imported: tally.imported, replaced: tally.replaced, told: tally.signals + tally.skips }
    cleaning = yield* cleaningFor(options, writer)
    for (const warning of cleaning.warnings) {
      if (!warnings.has(warning)) yield* on.onWarning?.(warning) ?? Effect.void
      warnings.add(warning)
    }
    const cleaner = yield* cleanerOf(writer.key, cleaning)
    const pipeline = makePipeline({ tally, writer, cleaner, supply: options.supply ?? noSupply })
    yield* through(pipeline, batches(), (cause) => fileFault(options.paths.join(", "), cause))
    const imported = tally.imported - before.imported
    const replaced = tally.replaced - before.replaced
    if (!exists && imported === 0) return true
    if (imported + replaced > 0 || tally.signals + tally.skips > before.told)
      yield* writePast(writer.folder, cleaning.next)
    yield* writer.commit
    // The archive is free again: who deletes it now, or has it open, is no fault of this import. The next commit names them.
    yield* Effect.ignore(nameSlices(options.name))
    exists = true
    if (imported + replaced > 0) yield* on.onCommit({ archive: options.name, imported, replaced, files })
    return true
  }, Effect.scoped)

  const waker = yield* Effect.acquireRelease(
    Effect.sync(() => new Waker(options.paths)),
    (one) => Effect.sync(() => one.close())
  )
  let over = false
  const isOver = () => over
  yield* Effect.forkScoped(
    Effect.andThen(
      on.until,
      Effect.sync(() => {
        over = true
        waker.wake()
      })
    )
  )
  const looks = new Looks()
  let seen: number | undefined
  for (let first = true; !over; ) {
    const began = yield* Clock.currentTimeMillis
    const changed = yield* Effect.promise(() => following.changed(last.files))
    const now = yield* Clock.currentTimeMillis
    if (changed.length > 0) seen ??= now
    const ripe = changed.length > 0 && (first || isQuiet(changed, now) || now - (seen ?? now) >= patience)
    if (ripe && (yield* take(() => following.read(changed, isOver), changed.length))) seen = undefined
    if (seen === undefined) {
      following.forget(now - idle)
      first = false
    }
    const pause = seen === undefined ? Math.max(lookAgain, 20 * (now - began)) : quiet / 4
    if (!over) yield* Effect.promise(() => waker.wait(pause))
    last = yield* Effect.orElseSucceed(filesOf(options.paths, looks), () => last)
  }

  for (const [type, files] of Object.entries(last.passedOver)) tally.other.set(type, files)
  const closed = last.closed.map(
    ({ file, reason }): Batch => ({ file, format: "", found: [{ _tag: "Skip", line: 1, reason }] })
  )
  const rest = [...closed, ...following.end(), ...sessions.end()].filter(({ found }) => found.length > 0)
  if (rest.length > 0) {
    const batches = async function* () {
      yield* rest
    }
    while (!(yield* take(batches, 0))) yield* Effect.promise(() => waker.wait(lookAgain))
  }
  const result: ImportResult = {
    run: newRunId(DateTime.formatIso(watched)),
    archive: options.name,
    dryRun: false,
    ...countsOf(tally),
    time: yield* timeSince(
      watched,
      [...cleaners.values()].reduce((sum, one) => sum + one.share(), 0)
    ),
    secrets: summed([...cleaners.values()].map((one) => one.counts())),
    pseudonyms: cleaning?.pseudonyms ?? options.pseudonyms ?? [],
    pseudonymsAsBefore: cleaning?.asBefore ?? [],
    warnings: [...warnings]
  }
  return result
}, Effect.scoped)
