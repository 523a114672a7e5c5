import * as Effect from "effect/Effect"

import type { Calls } from "../calls/Calls.ts"
import { Fault } from "../domain/Fault.ts"
import { counted } from "../report/figures.ts"

/** How long a run that is to end waits for calls that are out. Milliseconds. */
export const patienceMs = 30_000

const lookMs = 20

/** Tries that are out at all accounts. */
export const outNow = (calls: Pick<Calls["Service"], "lanes">): Effect.Effect<number> =>
  Effect.map(calls.lanes, (lanes) => lanes.reduce((sum, { out }) => sum + out, 0))

const those = (out: number) => counted(out, "call")

const ended = new Fault({
  kind: "interrupted",
  sentence: "interrupted; what was paid for is kept",
  mend: "Run the same command again to go on."
})

/**
 * Ends a run: nothing more is sent, and what is out is waited for, as it is paid for, up to the patience. Then it fails, kind `interrupted`;
 * whoever runs it beside the run ends the run with it. Interrupted while it waits, it says what is cut off.
 */
export const stopping = (
  calls: Pick<Calls["Service"], "lanes" | "retune">,
  say: (sentence: string) => void,
  again: string
): Effect.Effect<never, Fault> =>
  Effect.suspend(() => {
    let out = 0
    const look = Effect.map(outNow(calls), (now) => {
      out = now
      return now
    })
    // Twice: an answer that has come is on its way to the disk, from where nothing cuts it off.
    const empty = Effect.gen(function* () {
      for (let times = 0; times < 2; ) {
        yield* Effect.sleep(lookMs)
        times = (yield* look) === 0 ? times + 1 : 0
      }
    })
    return Effect.gen(function* () {
      yield* calls.retune({ paused: true })
      if ((yield* look) > 0) {
        say(
          `Stopping: nothing more is sent. Waiting for ${those(out)} that ${out === 1 ? "is" : "are"} paid for, ${patienceMs / 1000} s at most; ${again}.`
        )
        yield* empty.pipe(
          Effect.timeoutOption(patienceMs),
          Effect.onInterrupt(() => Effect.sync(() => (out === 0 ? undefined : say(cutOff(out)))))
        )
        if (out > 0) say(cutOff(out))
      } else yield* empty
      return yield* ended
    })
  })

const cutOff = (out: number) =>
  `Ended with ${those(out)} under way: cut off, and perhaps billed. The run's journal names them.`
