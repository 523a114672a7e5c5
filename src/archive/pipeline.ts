import { resolve } from "node:path"

import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

import type { ArchivedCall } from "../domain/Call.ts"
import type { Fault } from "../domain/Fault.ts"
import type { ArchiveWriter, NewCall } from "../store/Archives.ts"
import type { Found } from "./contract.ts"
import { Interned } from "./interned.ts"
import type { Cleaner } from "./privacy/cleaner.ts"
import { templateOf } from "./slices/template.ts"
import { type Batch, grouped } from "./sources.ts"
import type { Supply } from "./supply.ts"
import type { Skipped, Tally } from "./tally.ts"

type Told<Tag extends Found["_tag"]> = Extract<Found, { readonly _tag: Tag }>

/** A batch ready to be stored: supplied, cleaned, its prompts' templates worked out. */
interface Prepared {
  readonly batch: Batch
  /** The batch's source, and the path of the file that it ends, as they are kept. */
  readonly source: string | undefined
  readonly path: string
  readonly calls: ReadonlyArray<NewCall>
  readonly skips: ReadonlyArray<Skipped>
  readonly verdicts: ReadonlyArray<Told<"Verdict">>
}

/** What found records pass through on their way into an archive. */
export interface Pipeline {
  /** Touches nothing that is stored, so that several groups of batches may be under way. */
  readonly prepare: (group: ReadonlyArray<Batch>) => Effect.Effect<ReadonlyArray<Prepared>>
  /** Adds what was prepared and counts it. In the order of the groups. */
  readonly store: (prepared: ReadonlyArray<Prepared>) => Effect.Effect<void, Fault>
}

/** Cleaned texts that are remembered. */
const remembered = 10_000

/** A reason is a sentence; what is longer quotes more than it should. */
const longestReason = 300
const shortened = (reason: string) =>
  reason.length > longestReason ? `${reason.slice(0, longestReason - 1).toWellFormed()}…` : reason

const only = <Tag extends Found["_tag"]>(found: ReadonlyArray<Found>, tag: Tag): ReadonlyArray<Told<Tag>> =>
  found.filter((one): one is Told<Tag> => one._tag === tag)

/**
 * The way of found records into an archive: what the user supplies is put in, then secrets are taken out, then the template of the prompt
 * is worked out, then they are added. Nothing touches the disk before it is cleaned.
 */
export const makePipeline = ({
  cleaner,
  supply,
  tally,
  writer
}: {
  readonly cleaner: Pick<Cleaner, "clean" | "cleanText" | "stored">
  readonly supply: Supply
  readonly tally: Tally
  readonly writer: ArchiveWriter
}): Pipeline => {
  const interned = new Interned()
  /** Cleans texts; those of skips are the same again and again. */
  const remembering = (isStored: boolean) => {
    const known = new Map<string, string>()
    return async (given: string): Promise<string> => {
      const there = known.get(given)
      if (there !== undefined) return there
      const cleaned = await cleaner.cleanText(given, isStored)
      if (known.size >= remembered) known.clear()
      known.set(given, cleaned)
      return cleaned
    }
  }
  /** Of what goes with calls: what is replaced there is counted with those that are stored. */
  const text = remembering(false)
  /** Of what stands for itself: skips and verdicts. */
  const alone = remembering(true)
  const newCalls = async (found: ReadonlyArray<Told<"Call">>): Promise<ReadonlyArray<NewCall>> => {
    if (found.length === 0) return []
    const ranks: Array<number> = []
    const calls: Array<ArchivedCall> = []
    for (const { call: logged, rank = 0 } of found) {
      const call = interned.call(logged)
      const full = supply(call)
      // What was supplied makes the call fuller than the same one without.
      ranks.push(full === call ? rank : rank + 0.5)
      calls.push(full)
    }
    const cleaned = await cleaner.clean(calls)
    const news: Array<NewCall> = []
    for (const [at, call] of cleaned.entries()) {
      const { dedupeKey } = found[at]!
      // A key is made of ids that stand in the call as well.
      const key = call === calls[at] ? dedupeKey : await text(dedupeKey)
      news.push({ call, dedupeKey: key, rank: ranks[at]!, template: templateOf(call) })
    }
    return news
  }
  /** A type is a word of the log's own: what it says is cleaned like all else. */
  const named = async (found: ReadonlyArray<Found>): Promise<ReadonlyArray<Found>> =>
    found.some(({ _tag }) => _tag === "Other")
      ? Promise.all(found.map(async (one) => (one._tag === "Other" ? { ...one, type: await text(one.type) } : one)))
      : found
  const skipsOf = async (batch: Batch): Promise<ReadonlyArray<Skipped>> => {
    const skips: Array<Skipped> = []
    for (const { file, line, reason } of only(batch.found, "Skip"))
      skips.push({ file: await alone(file ?? batch.file), line, reason: await alone(shortened(reason)) })
    return skips
  }
  const verdictsOf = async (batch: Batch): Promise<ReadonlyArray<Told<"Verdict">>> => {
    const verdicts: Array<Told<"Verdict">> = []
    for (const { _tag, of, signal } of only(batch.found, "Verdict")) {
      const { comment, scope = "call", value } = signal
      verdicts.push({
        _tag,
        // Of a call's key nothing but its digest is kept, which must stay that of its id.
        of: scope === "call" ? of : await text(of),
        signal: {
          ...signal,
          name: await alone(signal.name),
          value: typeof value === "string" ? await alone(value) : value,
          ...(comment === undefined ? {} : { comment: await alone(comment) })
        }
      })
    }
    return verdicts
  }
  const prepare = async (group: ReadonlyArray<Batch>): Promise<ReadonlyArray<Prepared>> => {
    const found = group.map((batch) => only(batch.found, "Call"))
    const calls = await newCalls(found.flat())
    const prepared: Array<Prepared> = []
    let from = 0
    for (const [at, batch] of group.entries()) {
      const to = from + found[at]!.length
      prepared.push({
        batch: { ...batch, found: await named(batch.found) },
        source: batch.source === undefined ? undefined : await text(batch.source),
        path: batch.read === undefined ? "" : await text(resolve(batch.read.file)),
        calls: calls.slice(from, to),
        skips: await skipsOf(batch),
        verdicts: await verdictsOf(batch)
      })
      from = to
    }
    return prepared
  }
  const storeBatch = Effect.fnUntraced(function* ({ batch, calls, path, skips, source, verdicts }: Prepared) {
    tally.take(source, batch.format, batch.found)
    if (calls.length > 0) {
      const added = yield* writer.add(calls)
      for (const [at, { call }] of calls.entries()) {
        const became = added[at] ?? "duplicate"
        tally.call(batch.format, call, became)
        if (became !== "duplicate") cleaner.stored(call)
      }
    }
    for (const skip of skips) {
      tally.skip(skip)
      yield* writer.skip(skip)
    }
    for (const verdict of verdicts) yield* writer.verdict(verdict)
    if (batch.read !== undefined) {
      const { bytes, head, mtimeMs } = batch.read
      yield* writer.mark({ file: path, bytes, mtimeMs, head })
    }
  })
  return {
    prepare: (group) => Effect.promise(() => prepare(group)),
    store: (prepared) => Effect.forEach(prepared, storeBatch, { discard: true })
  }
}

/** Records that are cleaned together, and groups under way at once: while a second thread looks for secrets, this one reads on. */
const flow = { records: 200, groups: 3 }

/** Takes batches through a pipeline, in their order. */
export const through = (
  pipeline: Pipeline,
  batches: AsyncIterable<Batch>,
  failed: (cause: unknown) => Fault
): Effect.Effect<void, Fault> =>
  Stream.fromAsyncIterable(grouped(batches, flow.records), failed).pipe(
    Stream.mapEffect(pipeline.prepare, { concurrency: flow.groups }),
    Stream.runForEach(pipeline.store)
  )
