import * as Context from "effect/Context"
import * as Effect from "effect/Effect"

import type { Fault } from "../domain/Fault.ts"
import { type Events, noEvents, openEvents } from "../telemetry/events.ts"

/** Who looks on while a run goes on, and who ends it. */
export interface Watching {
  readonly events: Events
  /** Done when the user wants the run to end: nothing more is sent, and what is out is waited for. */
  readonly until: Effect.Effect<void>
}

/** Nobody looks on, and the run ends by itself, unless a command says otherwise. */
export const Watch = Context.Reference<Watching>("@understudy/harness/runs/watch/Watch", {
  defaultValue: () => ({ events: noEvents, until: Effect.never })
})

/** A run that tells its events to a file, where one is named, and ends early when `until` is done. Fails before anything is done where the file cannot be written. */
export const watched = <A, E, R>(
  how: { readonly events: string | undefined; readonly until: Effect.Effect<void> },
  run: Effect.Effect<A, E, R>
): Effect.Effect<A, E | Fault, R> =>
  Effect.scoped(
    Effect.gen(function* () {
      const events =
        how.events === undefined ? noEvents : yield* openEvents(how.events, (why) => process.stderr.write(`${why}\n`))
      return yield* run.pipe(Effect.provideService(Watch, { events, until: how.until }))
    })
  )
