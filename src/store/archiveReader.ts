import { readFileSync } from "node:fs"
import { join } from "node:path"

import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

import type { ArchivedCall, CallRequest, Signal } from "../domain/Call.ts"
import { Fault } from "../domain/Fault.ts"
import type { Message } from "../domain/Message.ts"
import type { CallLine } from "./adding.ts"
import { type ContentFile, contentFiles, wordsOf } from "./archiveIndex.ts"
import { attach, type BlobRef } from "./blobs.ts"
import type { PlacePair } from "./content.ts"
import type { DerivedLine } from "./deriving.ts"
import { asDigest, DigestTable, type Words, wordsIn } from "./digestTable.ts"
import { codeOf, diskFault } from "./disk.ts"
import { type Duck, openDuck } from "./duck.ts"
import type { StoredPage } from "./histories.ts"
import { LineReader } from "./places.ts"
import { readTold, signalKey } from "./signals.ts"

/** Reads the calls of an archive. */
export interface ArchiveReader {
  /** The call with all that is known of it: what was derived from others, and signals that were told apart. */
  load(callId: string): Effect.Effect<ArchivedCall, Fault>
  /** The call as it was added. */
  loadOwn(callId: string): Effect.Effect<ArchivedCall, Fault>
}

/** Bytes of message lines that are kept parsed: the calls of a session have most of their history in common. */
const kept = 1 << 24

/** Opens an archive for reading. The index is read once for the places of the calls, some 40 bytes each, and closed again. */
export const openReader = (folder: string): Effect.Effect<ArchiveReader, Fault, Scope.Scope> =>
  Effect.flatMap(
    Effect.scoped(
      Effect.gen(function* () {
        return yield* readIndex(yield* openDuck(join(folder, "index.duckdb"), "read"))
      })
    ),
    (index) => readerOf(folder, index)
  )

/** What a reader knows of an archive: a reader sees what was there when this was read. */
export interface ReaderIndex {
  readonly names: Readonly<Record<ContentFile, string>>
  readonly calls: DigestTable
  readonly derived: DigestTable
  /** Signals that were told apart, by what they are about. */
  readonly told: ReadonlyMap<string, ReadonlyArray<Signal>>
}

export const readIndex = Effect.fnUntraced(function* (duck: Duck) {
  const files = yield* duck.query("SELECT kind, file FROM committed")
  const names = Object.fromEntries(
    contentFiles.map((kind) => [kind, String(files.find((row) => row["kind"] === kind)?.["file"] ?? kind)])
  ) as ReaderIndex["names"]
  const told = new Map<string, Array<Signal>>()
  for (const { scope, signal, target } of yield* readTold(duck)) {
    const key = `${scope} ${target}`
    told.set(key, [...(told.get(key) ?? []), signal])
  }
  const index: ReaderIndex = {
    names,
    calls: yield* placesIn(duck, "byteOffset", "byteLength"),
    derived: yield* placesIn(duck, "derivedOffset", "derivedLength"),
    told
  }
  return index
})

/** The calls of an archive by id, for who reads them one after the other and catches what is thrown. */
export const storedCalls = (folder: string, index: ReaderIndex, lines: LineReader) =>
  Effect.try({ try: () => new StoredCalls(folder, index, lines), catch: (cause) => diskFault(folder, cause) })

/** A reader over what is known of an archive. Its files stay open for the scope, so that they may be replaced meanwhile. */
export const readerOf = (folder: string, index: ReaderIndex): Effect.Effect<ArchiveReader, Fault, Scope.Scope> =>
  Effect.gen(function* () {
    const lines = yield* Effect.acquireRelease(
      Effect.sync(() => new LineReader()),
      (one) => Effect.sync(() => one.close())
    )
    const content = yield* storedCalls(folder, index, lines)
    const attempt = (run: () => ArchivedCall) =>
      Effect.try({ try: run, catch: (cause) => diskFault(join(folder, index.names["calls.jsonl"]), cause) })
    return {
      load: (callId) => attempt(() => content.whole(callId)),
      loadOwn: (callId) => attempt(() => content.own(callId).call)
    }
  })

/** The calls of an archive by id. Throws what the file system throws, and `Fault`s. */
export class StoredCalls {
  readonly #folder: string
  readonly #index: ReaderIndex
  readonly #lines: LineReader
  readonly #files: Readonly<Record<ContentFile, string>>
  readonly #messages = new Map<number, readonly [message: Message, bytes: number]>()
  #bytes = 0

  constructor(folder: string, index: ReaderIndex, lines: LineReader) {
    this.#folder = folder
    this.#index = index
    this.#lines = lines
    this.#files = {
      "calls.jsonl": join(folder, index.names["calls.jsonl"]),
      "derived.jsonl": join(folder, index.names["derived.jsonl"]),
      "messages.jsonl": join(folder, index.names["messages.jsonl"]),
      places: join(folder, index.names.places)
    }
    for (const kind of contentFiles) if (kind !== "places") lines.hold(this.#files[kind])
  }

  /** The call with all that is known of it. */
  whole(callId: string): ArchivedCall {
    const { call, key } = this.own(callId)
    const slot = this.#index.derived.find(key)
    const whole = slot === -1 ? call : withDerived(call, this.#derived(slot))
    return this.#index.told.size === 0 ? whole : { ...whole, signals: this.#signals(whole) }
  }

  /** The call as it was added. */
  own(callId: string): { readonly call: ArchivedCall; readonly key: Words } {
    const { calls } = this.#index
    const key = wordsIn(asDigest(callId))
    const slot = calls.find(key)
    if (slot === -1) throw notThere(this.#folder, callId)
    const place: PlacePair = [calls.first(slot), calls.second(slot)]
    // Our own lines, written from these types: each equals its JSON form.
    const { blocks, call, history, tools } = this.#line<CallLine>("calls.jsonl", place)
    const { request, response } = call
    const offered =
      tools === undefined ? request.tools : this.#line<{ tools: CallRequest["tools"] }>("messages.jsonl", tools).tools
    return {
      key,
      call: {
        ...call,
        request: { ...request, tools: offered ?? null, messages: this.#history(history) },
        response: { ...response, blocks }
      }
    }
  }

  #derived(slot: number): DerivedLine {
    const { derived } = this.#index
    return this.#line<DerivedLine>("derived.jsonl", [derived.first(slot), derived.second(slot)])
  }

  #history({ after, messages }: CallLine["history"]): ReadonlyArray<Message> {
    const pages: Array<ReadonlyArray<PlacePair>> = [messages]
    for (let at = after; at !== undefined; ) {
      const { page } = this.#line<{ page: StoredPage }>("messages.jsonl", at)
      pages.push(page.messages)
      at = page.before
    }
    return pages.reverse().flatMap((places) => places.map((place) => this.#message(place)))
  }

  #message(place: PlacePair): Message {
    const [offset, length] = place
    const known = this.#messages.get(offset)
    if (known !== undefined) return known[0]
    const { message } = this.#line<{ message: Message }>("messages.jsonl", place)
    this.#messages.set(offset, [message, length])
    this.#bytes += length
    for (const [oldest, [, bytes]] of this.#messages) {
      if (this.#bytes <= kept) break
      this.#messages.delete(oldest)
      this.#bytes -= bytes
    }
    return message
  }

  #line<A>(kind: Exclude<ContentFile, "places">, [offset, length]: PlacePair): A {
    const row = this.#lines.read(this.#files[kind], { offset, length }) as A & {
      readonly blobs?: ReadonlyArray<BlobRef>
    }
    if (row.blobs !== undefined) attach(row, row.blobs, (sha256) => this.#blob(sha256))
    return row
  }

  #blob(sha256: string): Buffer {
    const file = join(this.#folder, "blobs", sha256)
    try {
      return readFileSync(file)
    } catch (cause) {
      if (codeOf(cause) !== "ENOENT") throw cause
      const mend = "Run the command again; where that does not help, restore the archive's folder from a copy."
      throw new Fault({ kind: "input", file, sentence: "a part of the archive's content is gone", mend })
    }
  }

  /** A call's own signals, then those told apart of it, its trajectory and its session, each once. */
  #signals({ grouping, id, signals }: ArchivedCall): ReadonlyArray<Signal> {
    const keys = [`call ${id}`, `trajectory ${grouping.trajectoryId}`, `session ${grouping.sessionId}`]
    const told = keys.flatMap((key) => this.#index.told.get(key) ?? [])
    if (told.length === 0) return signals
    const there = new Set(signals.map((signal) => signalKey(signal.scope ?? "call", "", signal)))
    return [...signals, ...told.filter((signal) => !there.has(signalKey(signal.scope ?? "call", "", signal)))]
  }
}

const withDerived = (call: ArchivedCall, derived: DerivedLine): ArchivedCall => {
  const { branch, contextFound, contextTokens, parentCallId, parentTrajectoryId, stepIndex, trajectoryId } = derived
  const place = { trajectoryId, stepIndex, branch, parentCallId, parentTrajectoryId }
  const found = Object.fromEntries(Object.entries(place).filter(([, value]) => value !== undefined))
  const total = call.usage.input?.total
  return {
    ...call,
    grouping: { ...call.grouping, ...found },
    usage:
      contextFound && contextTokens !== undefined && total !== undefined
        ? {
            ...call.usage,
            inputBySource: { prompt: total - contextTokens, context: contextTokens, basis: "derived" }
          }
        : call.usage
  }
}

const placesIn = Effect.fnUntraced(function* (duck: Duck, offset: string, length: string) {
  const where = `FROM calls WHERE ${offset} IS NOT NULL`
  const [count] = yield* duck.query(`SELECT count(*) AS count ${where}`)
  const places = new DigestTable(Number(count?.["count"]))
  yield* duck.each(`SELECT ${wordsOf("id")}, ${offset}::DOUBLE, ${length}::DOUBLE ${where}`, (columns) => {
    const [a = [], b = [], c = [], first = [], second = []] = columns as ReadonlyArray<ReadonlyArray<number>>
    for (let row = 0; row < a.length; row++) places.setWords(a[row]!, b[row]!, c[row]!, first[row]!, second[row]!)
  })
  return places
})

const notThere = (folder: string, key: string) =>
  new Fault({
    kind: "input",
    file: folder,
    sentence: `the archive does not hold ${key}`,
    mend: "Import it again, or name the archive that the id is of."
  })
