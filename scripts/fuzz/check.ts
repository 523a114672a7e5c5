import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"

import type { Importer, Session } from "../../src/archive/contract.ts"
import { makePipeline } from "../../src/archive/pipeline.ts"
import { type Cleaner, makeCleaner } from "../../src/archive/privacy/cleaner.ts"
import { Reading, readerFailed } from "../../src/archive/reading.ts"
import { importers } from "../../src/archive/registry.ts"
import type { Batch } from "../../src/archive/sources.ts"
import { noSupply } from "../../src/archive/supply.ts"
import { Tally } from "../../src/archive/tally.ts"
import { ArchivedCall } from "../../src/domain/Call.ts"
import { digestOf } from "../../src/domain/digest.ts"
import { Fault } from "../../src/domain/Fault.ts"
import type { ArchiveWriter } from "../../src/store/Archives.ts"
import type { Random } from "../sample/random.ts"

/** A file of an importer's input. */
export interface Input {
  readonly name: string
  readonly bytes: Buffer
}

/** What came of a file. */
export interface Outcome {
  /** What is wrong with how it was read; none where all is well. */
  readonly faults: ReadonlyArray<string>
  /** Who read it; `undefined` where nobody did. */
  readonly importer: string | undefined
  readonly calls: number
  readonly skips: number
}

const decode = Schema.decodeUnknownResult(ArchivedCall)

/** Where a call is not as the schema says. */
const strangeIn = (call: ArchivedCall): ReadonlyArray<string> => {
  const decoded = decode(call)
  return Result.isFailure(decoded)
    ? [`a call that the schema does not know: ${String(decoded.failure).slice(0, 300)}`]
    : []
}

/** A writer that remembers ids and ranks and stores nothing. */
const memoryWriter = (): ArchiveWriter => {
  const ranks = new Map<string, number>()
  return {
    key: new Uint8Array(32),
    folder: "",
    holds: () => false,
    mark: () => Effect.void,
    add: (calls) =>
      Effect.sync(() =>
        calls.map(({ call, rank }) => {
          const known = ranks.get(call.id)
          if (known !== undefined && known >= rank) return "duplicate"
          ranks.set(call.id, rank)
          return known === undefined ? "added" : "replaced"
        })
      ),
    skip: () => Effect.void,
    verdict: () => Effect.void,
    commit: Effect.void
  }
}

const cleaners = new Map<boolean, Promise<Cleaner>>()

/** A cleaner for all inputs: it remembers what it has seen, as it does in an import. */
const cleanerOf = (secrets: boolean): Promise<Cleaner> => {
  const made =
    cleaners.get(secrets) ??
    Effect.runPromise(
      Effect.provideService(
        makeCleaner({ key: new Uint8Array(32), secrets, pseudonyms: [] }),
        Scope.Scope,
        Scope.makeUnsafe()
      )
    )
  cleaners.set(secrets, made)
  return made
}

/** What may be said of a batch by itself: ids that follow from their keys, calls that are as the schema says, reasons that are reasons. */
const faultsOf = ({ found }: Batch): ReadonlyArray<string> =>
  found.flatMap((one) => {
    if (one._tag === "Skip") {
      if (one.reason.startsWith(readerFailed)) return [one.reason]
      return one.reason === "" ? ["a skip without a reason"] : []
    }
    if (one._tag !== "Call") return []
    return [
      ...(one.call.id === digestOf(one.dedupeKey) ? [] : ["an id that is not its key's digest"]),
      ...strangeIn(one.call),
      ...(one.call.fidelity.notes.some((note) => note.length > 500) ? ["a note of more than 500 characters"] : [])
    ]
  })

/**
 * Reads a file as an import does, in pieces of a random size, by the importer it is sniffed as or the one given, and takes what was found
 * through the pipeline into a writer that stores nothing. `scan`: secrets are looked for as well. `still`: never as if the file grew.
 */
export const check = async (
  input: Input,
  random: Random,
  { given, scan, still = false }: { readonly given?: Importer; readonly scan: boolean; readonly still?: boolean }
): Promise<Outcome> => {
  const sessions = new Map<Importer, Session>()
  const sessionOf = (importer: Importer) => {
    const session = sessions.get(importer) ?? importer.start({})
    sessions.set(importer, session)
    return session
  }
  const tally = new Tally()
  const faults: Array<string> = []
  let importer: string | undefined
  let calls = 0
  try {
    const cleaner = await cleanerOf(scan)
    const pipeline = makePipeline({ cleaner, supply: noSupply, tally, writer: memoryWriter() })
    const take = async (found: Batch["found"], format: string) => {
      const batch: Batch = { source: input.name, file: input.name, format, found }
      faults.push(...faultsOf(batch))
      calls += found.filter(({ _tag }) => _tag === "Call").length
      await Effect.runPromise(Effect.flatMap(pipeline.prepare([batch]), pipeline.store))
    }
    const reading = new Reading({ file: `/logs/${input.name}`, given, sessionOf })
    const size = random.pick([7, 1000, 100_000])
    for (let at = 0; at < input.bytes.length; at += size)
      await take(reading.push(input.bytes.subarray(at, at + size)), reading.importer?.id ?? "")
    if (!still && random.chance(0.2)) await take(reading.pause(), reading.importer?.id ?? "")
    await take(reading.end(!still && random.chance(0.2)), reading.importer?.id ?? "")
    for (const [one, session] of sessions) await take(session.end(), one.id)
    importer = reading.importer?.id
  } catch (cause) {
    if (!(cause instanceof Fault)) faults.push(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause))
  }
  const skips = tally.skipped.length + tally.skippedMore
  if (tally.read !== tally.imported + tally.duplicates + skips)
    faults.push(`${tally.read} read, ${tally.imported} imported, ${tally.duplicates} duplicates, ${skips} skipped`)
  if (tally.skipped.some(({ reason }) => reason.length > 300)) faults.push("a reason that is no sentence")
  const grades = Object.values(tally.fidelity).reduce((sum, n) => sum + n, 0)
  if (grades !== tally.imported) faults.push(`${tally.imported} imported, ${grades} graded`)
  if ("polluted" in {}) faults.push("Object.prototype was changed")
  return { faults, importer, calls, skips }
}

/** The importers, for a file that is read by one that its form does not call for. */
export const anyImporter = (random: Random): Importer => random.pick(importers)
