import * as Effect from "effect/Effect"

import { Fault } from "../domain/Fault.ts"
import { Runs } from "../store/Runs.ts"
import type { Status } from "./control.ts"
import { tell } from "./ctl.ts"

/** What a run that is to begin will ask. */
export interface Beginning extends Pick<Status, "run" | "archive" | "asks"> {}

/** Milliseconds between two looks at a run that has not decided yet. */
const lookMs = 20

/**
 * What a run that is to begin makes of another: `free`: they have nothing to do with each other, or the other will give way; `wait`: the
 * other has not decided; else it gives way. Of two that begin at once the one with the lower id waits for the other, who sees it and gives way,
 * unless it looked before the first was there: then it goes on, and the first gives way. So at most one of them goes on.
 */
export const sees = (mine: Beginning, other: Pick<Status, "run" | "archive" | "asks" | "state">) => {
  const same = other.archive === mine.archive && other.asks.some((account) => mine.asks.includes(account))
  if (!same || other.run === mine.run) return "free"
  return other.state === "starting" && mine.run < other.run ? "wait" : "give way"
}

/**
 * Fails, kind `input`, where another run that goes on in this home asks an account that this one would ask for the same archive: each
 * would pay for the same answers. The run must listen already, so that others see it. One that was killed is not in the way; one that
 * hangs is, since nobody knows what it asks.
 */
export const aloneIn = Effect.fn("Runs.aloneIn")(function* (mine: Beginning): Effect.fn.Return<void, Fault, Runs> {
  const runs = yield* Runs
  for (const id of yield* runs.list) {
    if (id === mine.run) continue
    const { finished, folder } = yield* runs.at(id)
    if (finished) continue
    for (;;) {
      const reply = yield* tell(folder, { v: 1, do: "status" })
      if (reply === undefined) break
      if ("error" in reply) return yield* new Fault(reply.error)
      const seen = sees(mine, reply.status)
      if (seen === "free") break
      if (seen === "give way")
        return yield* new Fault({
          kind: "input",
          sentence: `run ${id} is going on in this home and asks ${reply.status.asks.filter((one) => mine.asks.includes(one)).join(", ")} for archive ${mine.archive}, as this one would: both would pay for the same answers`,
          mend: `Wait until it is done, or see what it does with understudy ctl ${id}; a run with a --home of its own shares nothing with it.`
        })
      yield* Effect.sleep(lookMs)
    }
  }
})
