import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"

import type { Fidelity } from "../domain/Call.ts"
import { Fault } from "../domain/Fault.ts"
import { Archives, type ArchiveWriter } from "../store/Archives.ts"
import { newRunId } from "../store/runIds.ts"
import { fileFault } from "./bytes.ts"
import type { Importer, ImporterOptions, Session } from "./contract.ts"
import { dryWriter } from "./dry.ts"
import { keepHeapSmall } from "./heap.ts"
import { knownFormats } from "./known.ts"
import { learnFrom, personsThere } from "./persons.ts"
import { makePipeline, through } from "./pipeline.ts"
import { type Cleaner, makeCleaner, type PseudonymKind } from "./privacy/cleaner.ts"
import { cleaningOf, readPast, writePast } from "./privacy/past.ts"
import { formatChoices, importers } from "./registry.ts"
import { nameSlices, readSlices } from "./slices/file.ts"
import { type Batch, batchesOf, type Readers } from "./sources.ts"
import { noSupply, type Supply } from "./supply.ts"
import { type ReadFile, type Reason, type Skipped, Tally } from "./tally.ts"
import { filesOf, type Walked } from "./walk.ts"

/**
 * What an import did. `read = imported + duplicates + skipped.length + skippedMore`; lines that are no records are in `other`, by type.
 */
export interface ImportResult {
  readonly run: string
  readonly archive: string
  readonly dryRun: boolean
  readonly read: number
  readonly imported: number
  /** Records that were there already, or came twice; those that replaced what was there among them. */
  readonly duplicates: number
  /** Duplicates that were fuller than what was there, and replaced it. */
  readonly replaced: number
  /** The first 100,000; all are in the archive. */
  readonly skipped: ReadonlyArray<Skipped>
  /** Skips beyond those listed; left out where there is none. */
  readonly skippedMore?: number
  readonly other: Readonly<Record<string, number>>
  /** How calls, trajectories and sessions went, told apart from them: tests, rewards, feedback. */
  readonly signals: number
  /** Imported calls by format. */
  readonly formats: Readonly<Record<string, number>>
  /** Imported calls by grade. */
  readonly fidelity: Readonly<Record<Fidelity["grade"], number>>
  /** Why they are not all of grade A, and what else is to be known of them. */
  readonly reasons: ReadonlyArray<Reason>
  /** How long it took, in seconds, and which part of that went into looking for secrets, 0 to 1. */
  readonly time: { readonly seconds: number; readonly scanning: number }
  /** Different values that were replaced in what was added: secrets by placeholders, personal data by pseudonyms; by kind. */
  readonly secrets: Readonly<Record<string, number>>
  /** What was replaced by pseudonyms: kinds asked for, and those of earlier imports into the archive. */
  readonly pseudonyms: ReadonlyArray<PseudonymKind>
  /** Those of them that earlier imports alone asked for. */
  readonly pseudonymsAsBefore: ReadonlyArray<PseudonymKind>
  /** Where the archive is not cleaned alike throughout: a sentence each, with what helps. */
  readonly warnings: ReadonlyArray<string>
  /** Files that were read; the first 10,000. */
  readonly files: ReadonlyArray<ReadFile>
  /** Files beyond those listed; left out where there is none. */
  readonly filesMore?: number
}

export interface ImportOptions {
  /** Files and folders. */
  readonly paths: ReadonlyArray<string>
  /** The archive they go into; it is made when it is not there. */
  readonly name: string
  /** An importer's id, or `auto`. */
  readonly format: string
  /** Reads and counts, changes nothing. */
  readonly dryRun: boolean
  /** The content of a mapping file. */
  readonly mapping?: unknown
  /** Gives calls what their logs do not hold. */
  readonly supply?: Supply
  /** Leaves secrets where they are. */
  readonly keepSecrets?: boolean
  /** What is replaced by pseudonyms, beside what earlier imports into the archive replaced. */
  readonly pseudonyms?: ReadonlyArray<PseudonymKind>
}

/** The importer that `--format` names; `undefined` for `auto`. */
export const importerFor = (format: string): Effect.Effect<Importer | undefined, Fault> => {
  if (format === "auto") return Effect.succeed(undefined)
  const importer = importers.find((one) => one.id === format)
  if (importer !== undefined) return Effect.succeed(importer)
  const known = knownFormats.find((one) => one.id === format)
  return new Fault({
    kind: "usage",
    sentence:
      known === undefined
        ? `there is no format "${format}"`
        : `"${format}" (${known.name}) is a format that is not read yet`,
    mend: `Formats: ${formatChoices.join(", ")}.`
  })
}

/** Reads what paths lead to, in batches, in order. */
async function* batchesOfAll(walked: Walked, readers: Readers): AsyncGenerator<Batch> {
  for (const { file, reason } of walked.closed) yield { file, format: "", found: [{ _tag: "Skip", line: 1, reason }] }
  for (const file of walked.files) yield* batchesOf(file, readers)
}

/** The sessions of one import: one of each importer, begun when it is first needed. */
export const sessionsOf = (options: ImporterOptions) => {
  const sessions = new Map<Importer, Session>()
  return {
    of: (one: Importer): Session => {
      const session = sessions.get(one) ?? one.start(options)
      sessions.set(one, session)
      return session
    },
    /** What waited for its other half, after the last file. */
    end: (): ReadonlyArray<Batch> =>
      [...sessions].map(([{ id }, session]) => ({ file: id, format: id, found: session.end() }))
  }
}

/**
 * Reads what paths lead to once more, before it is imported, for the names of persons in it: a call may speak of somebody whom only a later one names.
 */
export const learnNames = (
  cleaner: Cleaner,
  walked: Walked,
  { importer, options }: { readonly importer: Importer | undefined; readonly options: ImporterOptions },
  failed: (cause: unknown) => Fault
): Effect.Effect<void, Fault> =>
  Effect.tryPromise({
    try: async () => {
      const sessions = sessionsOf(options)
      await learnFrom(cleaner, batchesOfAll(walked, { given: importer, sessionOf: sessions.of }))
      const rest = sessions.end()
      await learnFrom(
        cleaner,
        (async function* () {
          yield* rest
        })()
      )
    },
    catch: (cause) => (cause instanceof Fault ? cause : failed(cause))
  })

/** How an import cleans the archive that a writer has open, in view of how those before did. */
export const cleaningFor = Effect.fnUntraced(function* (
  options: Pick<ImportOptions, "name" | "keepSecrets" | "pseudonyms">,
  writer: ArchiveWriter
) {
  const isThere = (yield* (yield* Archives).names).includes(options.name)
  const past = isThere ? yield* readPast(writer.folder) : undefined
  return cleaningOf(past, { keepSecrets: options.keepSecrets === true, pseudonyms: options.pseudonyms ?? [] })
})

/** What an import did, as a tally has counted it. */
type Counts = Omit<
  ImportResult,
  "run" | "archive" | "dryRun" | "secrets" | "pseudonyms" | "pseudonymsAsBefore" | "warnings" | "time"
>

/** The parts of a result that a tally knows. */
export const countsOf = (tally: Tally): Counts => ({
  read: tally.read,
  imported: tally.imported,
  duplicates: tally.duplicates,
  replaced: tally.replaced,
  skipped: tally.skipped,
  ...(tally.skippedMore === 0 ? {} : { skippedMore: tally.skippedMore }),
  other: Object.fromEntries(tally.other),
  signals: tally.signals,
  formats: Object.fromEntries(tally.formats),
  fidelity: tally.fidelity,
  reasons: tally.reasons,
  files: tally.files,
  ...(tally.filesMore === 0 ? {} : { filesMore: tally.filesMore })
})

/** The time that an import has taken. */
export const timeSince = (began: DateTime.Utc, share: number): Effect.Effect<ImportResult["time"]> =>
  Effect.map(DateTime.now, (now) => ({
    seconds: (DateTime.toEpochMillis(now) - DateTime.toEpochMillis(began)) / 1000,
    scanning: Math.round(100 * share) / 100
  }))

/** Calls with a fault of their own: what a plain function throws is one, or a bug. */
export const faulty = <A>(run: () => A): Effect.Effect<A, Fault> =>
  Effect.suspend(() => {
    try {
      return Effect.succeed(run())
    } catch (cause) {
      return cause instanceof Fault ? Effect.fail(cause) : Effect.die(cause)
    }
  })

/** What the paths of an import lead to, and the importer that is named. Fails where there is nothing to read. */
export const sourcesOf = Effect.fnUntraced(function* ({ format, paths }: Pick<ImportOptions, "format" | "paths">) {
  const importer = yield* importerFor(format)
  if (paths.length === 0)
    return yield* new Fault({
      kind: "usage",
      sentence: "no path was given",
      mend: "Name the files or folders to import."
    })
  return { importer, walked: yield* filesOf(paths) }
})

/**
 * Reads files and folders into an archive: all of them or, at the first fault, none. Importing the same again changes nothing.
 *
 * Fails with a `Fault` (kind `input`, file, line, mend) for a path that is not there, an empty, binary, cut-off or unknown
 * file, a format that is known but not read, and folders that hold nothing to read. A file in a folder that is not read
 * is a skip with its reason, as long as something else there is. Single records that cannot be read are skips.
 */
export const importPaths = Effect.fn("archive.importPaths")(function* (options: ImportOptions) {
  const began = yield* DateTime.now
  keepHeapSmall()
  const { importer, walked } = yield* sourcesOf(options)
  const where = options.paths.join(", ")
  if (walked.files.length === 0)
    return yield* new Fault({
      kind: "input",
      sentence: "there is no file here that could be an export",
      file: where,
      mend: "Exports are JSON or JSON lines (.json, .jsonl, .ndjson), packed with gzip, zstd or ZIP or not."
    })
  const reading: ImporterOptions = options.mapping === undefined ? {} : { mapping: options.mapping }
  const sessions = sessionsOf(reading)
  if (importer !== undefined) yield* faulty(() => sessions.of(importer))
  // A slices file that a user broke is told before anything is read.
  if ((yield* (yield* Archives).names).includes(options.name)) yield* readSlices(options.name)
  const persons = yield* personsThere(options.name, options.pseudonyms ?? [])
  const writer = options.dryRun ? yield* dryWriter(options.name) : yield* (yield* Archives).writer(options.name)
  const tally = new Tally()
  for (const [type, files] of Object.entries(walked.passedOver)) tally.other.set(type, files)
  const { asBefore, next, pseudonyms, warnings } = yield* cleaningFor(options, writer)
  const cleaner = yield* makeCleaner({ key: writer.key, secrets: options.keepSecrets !== true, pseudonyms, persons })
  if (pseudonyms.includes("name"))
    yield* learnNames(cleaner, walked, { importer, options: reading }, (cause) => fileFault(where, cause))
  const pipeline = makePipeline({ tally, writer, cleaner, supply: options.supply ?? noSupply })
  const readers = { given: importer, sessionOf: sessions.of }
  yield* through(pipeline, batchesOfAll(walked, readers), (cause) => fileFault(where, cause))
  yield* Effect.flatMap(pipeline.prepare(sessions.end()), pipeline.store)
  if (tally.formats.size === 0) {
    const first = tally.skipped[0]
    return yield* new Fault({
      kind: "input",
      sentence:
        first === undefined
          ? "there is no file here that could be an export"
          : `none of the ${walked.files.length} files here can be read; ${first.file}: ${first.reason}`,
      file: where,
      mend: `Formats: ${formatChoices.join(", ")}.`
    })
  }
  if (tally.imported + tally.replaced + tally.signals > 0) {
    if (!options.dryRun) yield* writePast(writer.folder, next)
    yield* writer.commit
    if (!options.dryRun) yield* nameSlices(options.name)
  }
  const result: ImportResult = {
    run: newRunId(DateTime.formatIso(began)),
    archive: options.name,
    dryRun: options.dryRun,
    ...countsOf(tally),
    time: yield* timeSince(began, cleaner.share()),
    secrets: cleaner.counts(),
    pseudonyms,
    pseudonymsAsBefore: asBefore,
    warnings
  }
  return result
}, Effect.scoped)
