import { appendFileSync, closeSync, openSync } from "node:fs"
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

/**
 * Appends events to a file as JSON lines until the scope ends. Fails, kind `usage`, where it cannot be written. A file that takes nothing more
 * later on does not stop the run: `lost` is told once, with the reason.
 */
export const openEvents = (path: string, lost: (why: string) => void): Effect.Effect<Events, Fault, Scope.Scope> =>
  Effect.gen(function* () {
    const file = resolve(path)
    const clock = yield* Clock.Clock
    let descriptor: number | undefined = yield* Effect.acquireRelease(
      Effect.try({
        try: () => openSync(file, "a"),
        catch: (cause) =>
          new Fault({
            kind: "usage",
            file,
            sentence: `--events cannot write here: ${cause instanceof Error ? cause.message.split(",")[0] : String(cause)}`,
            mend: "Name a file in a folder that is there and can be written."
          })
      }),
      (opened) => Effect.sync(() => closeSync(opened))
    )
    return {
      tell: (event, about) => {
        if (descriptor === undefined) return
        const at = new Date(clock.currentTimeMillisUnsafe()).toISOString()
        try {
          appendFileSync(descriptor, `${JSON.stringify({ v: 1, at, event, ...about })}\n`)
        } catch (cause) {
          descriptor = undefined
          lost(`${file}: no more events are written: ${cause instanceof Error ? cause.message : String(cause)}`)
        }
      }
    }
  })
