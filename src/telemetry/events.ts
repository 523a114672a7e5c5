import { appendFileSync, closeSync, constants, fstatSync, openSync, readSync } from "node:fs"
import { resolve } from "node:path"

import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

import { Fault } from "../domain/Fault.ts"

/** Where a run tells machines what happens. */
export interface Events {
  /** Appends a line: version, time, the event's name, and what it says. It is with the system when this returns. */
  tell(event: string, about: Readonly<Record<string, unknown>>): void
}

/** Nobody listens. */
export const noEvents: Events = { tell: () => undefined }

/** How a line of events begins. */
const ours = /^\{"v":\d+,"at":"[^"]{10,40}","event":"/

/** Bytes of a file, from a place on. */
const bytesAt = (descriptor: number, from: number, count: number) => {
  const bytes = Buffer.alloc(count)
  return bytes.toString("utf8", 0, readSync(descriptor, bytes, 0, count, from))
}

/** Opens a file to append events to, and does not wait for anybody to read it. Throws what is wrong with it. */
const opened = (file: string): { readonly descriptor: number; readonly torn: boolean } => {
  const { O_APPEND, O_CREAT, O_NONBLOCK, O_RDWR } = constants
  const descriptor = openSync(file, O_RDWR | O_APPEND | O_CREAT | O_NONBLOCK, 0o666)
  try {
    const about = fstatSync(descriptor)
    if (about.isCharacterDevice()) return { descriptor, torn: false }
    if (!about.isFile()) throw new Error("it is no file, and a run would wait for whoever reads it")
    if (about.size > 0 && !ours.test(bytesAt(descriptor, 0, 100)))
      throw new Error("the file holds something else than events, and stays as it is")
    return { descriptor, torn: about.size > 0 && bytesAt(descriptor, about.size - 1, 1) !== "\n" }
  } catch (cause) {
    closeSync(descriptor)
    throw cause
  }
}

/**
 * Appends events to a file as JSON lines until the scope ends, on a line of its own where the last one was not written whole. Fails, kind
 * `usage`, where it cannot be written, is a pipe, or holds something else than events; then nothing of it is touched. A file that takes nothing more
 * later on does not stop the run: `lost` is told once, with the reason.
 */
export const openEvents = (path: string, lost: (why: string) => void): Effect.Effect<Events, Fault, Scope.Scope> =>
  Effect.gen(function* () {
    const file = resolve(path)
    const clock = yield* Clock.Clock
    const { descriptor: first, torn } = yield* Effect.acquireRelease(
      Effect.try({
        try: () => opened(file),
        catch: (cause) =>
          new Fault({
            kind: "usage",
            file,
            sentence: `--events cannot write here: ${cause instanceof Error ? cause.message.replace(/, open .*/, "") : String(cause)}`,
            mend: "Name a new file in a folder that is there and can be written, or one that an earlier run wrote events to."
          })
      }),
      ({ descriptor }) => Effect.sync(() => closeSync(descriptor))
    )
    let descriptor: number | undefined = first
    let begin = torn ? "\n" : ""
    return {
      tell: (event, about) => {
        if (descriptor === undefined) return
        const at = new Date(clock.currentTimeMillisUnsafe()).toISOString()
        try {
          appendFileSync(descriptor, `${begin}${JSON.stringify({ v: 1, at, event, ...about })}\n`)
          begin = ""
        } catch (cause) {
          descriptor = undefined
          lost(`${file}: no more events are written: ${cause instanceof Error ? cause.message : String(cause)}`)
        }
      }
    }
  })
