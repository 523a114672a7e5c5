import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

import type { Fidelity } from "../domain/Call.ts"
import { Fault } from "../domain/Fault.ts"
import type { ArchiveWriter } from "../store/Archives.ts"
import { Archives } from "../store/Archives.ts"
import { newRunId } from "../store/runIds.ts"
import { bytesOf } from "./bytes.ts"
import type { Found, Importer, Session } from "./contract.ts"
import { knownFormats } from "./known.ts"
import { Reading } from "./reading.ts"
import { formatChoices, importers } from "./registry.ts"
import type { SourceFile } from "./walk.ts"
import { filesOf } from "./walk.ts"

/** A record that was not imported. */
export interface Skipped {
  readonly file: string
  readonly line: number
  readonly reason: string
}

/** What an import did. `read = imported + duplicates + skipped.length`; lines that are no records are in `other`, by type. */
export interface ImportResult {
  readonly run: string
  readonly archive: string
  readonly dryRun: boolean
  readonly read: number
  readonly imported: number
  /** Records that were there already, or came twice. */
  readonly duplicates: number
  readonly skipped: ReadonlyArray<Skipped>
  readonly other: Readonly<Record<string, number>>
  /** Imported calls by format. */
  readonly formats: Readonly<Record<string, number>>
  /** Imported calls by grade. */
  readonly fidelity: Readonly<Record<Fidelity["grade"], number>>
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
}

/** Counts while an import is going on. */
interface Tally {
  read: number
  imported: number
  duplicates: number
  readonly skipped: Array<Skipped>
  readonly other: Map<string, number>
  readonly formats: Map<string, number>
  readonly fidelity: Record<Fidelity["grade"], number>
}

const count = (counts: Map<string, number>, name: string, by = 1) => counts.set(name, (counts.get(name) ?? 0) + by)

/** The importer that `--format` names; `undefined` for `auto`. */
const importerFor = (format: string): Effect.Effect<Importer | undefined, Fault> => {
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

/** Counts as the archive's own writer would, and writes nothing. */
const dryWriter = Effect.fnUntraced(function* (name: string) {
  const archives = yield* Archives
  const there = (yield* archives.names).includes(name)
  const rows = there ? yield* archives.query(name, "SELECT id FROM calls") : []
  const known = new Set(rows.map((row) => row["id"]))
  const writer: ArchiveWriter = {
    add: (calls) =>
      Effect.sync(() =>
        calls.map(({ call }) => {
          if (known.has(call.id)) return "duplicate"
          known.add(call.id)
          return "added"
        })
      ),
    skip: () => Effect.void,
    verdict: () => Effect.void,
    commit: Effect.void
  }
  return writer
})

/** Takes what a reader found into the archive and the counts. */
const take = Effect.fnUntraced(function* (
  tally: Tally,
  writer: ArchiveWriter,
  file: string,
  format: string,
  all: ReadonlyArray<Found>
) {
  for (const found of all) {
    if (found._tag === "Other") {
      count(tally.other, found.type, found.count)
      continue
    }
    if (found._tag === "Verdict") {
      yield* writer.verdict(found)
      continue
    }
    tally.read += 1
    if (found._tag === "Duplicate") tally.duplicates += 1
    else if (found._tag === "Skip") {
      const skip = { file: found.file ?? file, line: found.line, reason: found.reason }
      tally.skipped.push(skip)
      yield* writer.skip(skip)
    } else if ((yield* writer.add([{ rank: 0, ...found }]))[0] === "added") {
      tally.imported += 1
      tally.fidelity[found.call.fidelity.grade] += 1
      count(tally.formats, format)
    } else tally.duplicates += 1
  }
})

/** Reads one file. One that nobody reads is a `Fault` when the user named it; in a folder it is a skip. */
const readFile = Effect.fnUntraced(function* (
  { file, named }: SourceFile,
  given: Importer | undefined,
  sessionOf: (importer: Importer) => Session,
  tally: Tally,
  writer: ArchiveWriter
) {
  const reading = new Reading(file, given, sessionOf)
  const before = tally.read
  const taken = (all: ReadonlyArray<Found>) => take(tally, writer, file, reading.importer?.id ?? "", all)
  yield* bytesOf(file, () => tally.read - before).pipe(
    Stream.takeWhile(() => reading.refusal === undefined),
    Stream.runForEach((chunk) => taken(reading.push(chunk)))
  )
  yield* taken(reading.end())
  if (reading.importer !== undefined) count(tally.formats, reading.importer.id, 0)
  if (reading.refusal === undefined) return
  const { line, mend, reason } = reading.refusal
  if (named) return yield* new Fault({ kind: "input", sentence: reason, file, line, mend })
  yield* taken([{ _tag: "Skip", line, reason }])
})

/**
 * Reads files and folders into an archive: all of them or, at the first fault, none. Importing the same again changes nothing.
 *
 * Fails with a `Fault` (kind `input`, file, line, mend) for a path that is not there, an empty, binary, cut-off or unknown
 * file, a format that is known but not read, and folders that hold nothing to read. A file in a folder that is not read
 * is a skip with its reason, as long as something else there is. Single records that cannot be read are skips.
 */
export const importPaths = Effect.fn("archive.importPaths")(function* (options: ImportOptions) {
  const run = newRunId(DateTime.formatIso(yield* DateTime.now))
  const importer = yield* importerFor(options.format)
  if (options.paths.length === 0)
    return yield* new Fault({
      kind: "usage",
      sentence: "no path was given",
      mend: "Name the files or folders to import."
    })
  const walked = yield* filesOf(options.paths)
  const where = options.paths.join(", ")
  if (walked.files.length === 0)
    return yield* new Fault({
      kind: "input",
      sentence: "there is no file here that could be an export",
      file: where,
      mend: "Exports are JSON or JSON lines (.json, .jsonl, .ndjson), packed with gzip or zstd or not."
    })
  const archives = yield* Archives
  const writer = options.dryRun ? yield* dryWriter(options.name) : yield* archives.writer(options.name)
  const tally: Tally = {
    read: 0,
    imported: 0,
    duplicates: 0,
    skipped: [],
    other: new Map(Object.entries(walked.passedOver)),
    formats: new Map(),
    fidelity: { A: 0, B: 0, C: 0, D: 0 }
  }
  const sessions = new Map<Importer, Session>()
  const sessionOf = (one: Importer) => {
    const session = sessions.get(one) ?? one.start({})
    sessions.set(one, session)
    return session
  }
  for (const file of walked.files) yield* readFile(file, importer, sessionOf, tally, writer)
  for (const [one, session] of sessions) yield* take(tally, writer, one.id, one.id, session.end())
  if (tally.formats.size === 0) {
    const first = tally.skipped[0]
    return yield* new Fault({
      kind: "input",
      sentence: `none of the ${walked.files.length} files here can be read; ${first?.file}: ${first?.reason}`,
      file: where,
      mend: `Formats: ${formatChoices.join(", ")}.`
    })
  }
  if (tally.imported > 0) yield* writer.commit
  const result: ImportResult = {
    run,
    archive: options.name,
    dryRun: options.dryRun,
    read: tally.read,
    imported: tally.imported,
    duplicates: tally.duplicates,
    skipped: tally.skipped,
    other: Object.fromEntries(tally.other),
    formats: Object.fromEntries(tally.formats),
    fidelity: tally.fidelity
  }
  return result
}, Effect.scoped)
