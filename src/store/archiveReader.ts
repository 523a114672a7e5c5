import { readFileSync } from "node:fs"
import { join } from "node:path"

import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

import type { ArchivedCall } from "../domain/Call.ts"
import { Fault } from "../domain/Fault.ts"
import type { Message } from "../domain/Message.ts"
import { attach, type BlobRef } from "./blobs.ts"
import { diskFault } from "./disk.ts"
import { type Duck, openDuck } from "./duck.ts"
import { LineReader, Places } from "./places.ts"

/** A line of `messages.jsonl`. */
interface MessageLine {
  readonly v: 1
  readonly hash: string
  readonly message: Message
  readonly blobs?: ReadonlyArray<BlobRef>
}

/** A line of `calls.jsonl`: the call with the digests of its messages in their place. */
interface CallLine {
  readonly v: 1
  readonly id: string
  readonly call: Omit<ArchivedCall, "request"> & {
    readonly request: Omit<ArchivedCall["request"], "messages"> & { readonly messages: ReadonlyArray<string> }
  }
  readonly blobs?: ReadonlyArray<BlobRef>
}

/**
 * Reads the calls of an archive as they were added. The index is read once for the places and closed again, so that an import
 * may add to the archive meanwhile: a reader sees what was there when it was opened.
 */
export const openReader = (
  folder: string
): Effect.Effect<{ load(callId: string): Effect.Effect<ArchivedCall, Fault> }, Fault, Scope.Scope> =>
  Effect.gen(function* () {
    const calls = new Places()
    const messages = new Places()
    yield* Effect.scoped(
      Effect.gen(function* () {
        const duck = yield* openDuck(join(folder, "index.duckdb"), "read")
        yield* readPlaces(duck, "calls", "id", calls)
        yield* readPlaces(duck, "messages", "hash", messages)
      })
    )
    const lines = yield* Effect.acquireRelease(
      Effect.sync(() => new LineReader()),
      (one) => Effect.sync(() => one.close())
    )
    const line = (file: string, places: Places, key: string) => {
      const place = places.get(key)
      if (place === undefined) throw notThere(folder, key)
      return lines.read(join(folder, file), place)
    }
    const withBlobs = <A extends { readonly blobs?: ReadonlyArray<BlobRef> }>(row: A): A => {
      if (row.blobs !== undefined) attach(row, row.blobs, (sha256) => readFileSync(join(folder, "blobs", sha256)))
      return row
    }
    // Our own lines, written from these types: each equals its JSON form.
    const messageOf = (hash: string) => withBlobs(line("messages.jsonl", messages, hash) as MessageLine).message
    const callOf = (id: string): ArchivedCall => {
      const { call } = withBlobs(line("calls.jsonl", calls, id) as CallLine)
      return { ...call, request: { ...call.request, messages: call.request.messages.map(messageOf) } }
    }
    return {
      load: (callId) =>
        Effect.try({ try: () => callOf(callId), catch: (cause) => diskFault(join(folder, "calls.jsonl"), cause) })
    }
  })

const readPlaces = (duck: Duck, table: string, key: string, places: Places) =>
  duck.each(`SELECT ${key}, byteOffset::DOUBLE, byteLength::DOUBLE FROM ${table}`, ([keys, offsets, lengths]) => {
    for (const [index, one] of (keys ?? []).entries()) {
      places.add(String(one), 0, { offset: Number(offsets?.[index]), length: Number(lengths?.[index]) })
    }
  })

const notThere = (folder: string, key: string) =>
  new Fault({
    kind: "input",
    file: folder,
    sentence: `the archive does not hold ${key}`,
    mend: "Import it again, or name the archive that the id is of."
  })
