import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"

import type { Calls, LaneState, Spend } from "../calls/Calls.ts"
import type { Fault } from "../domain/Fault.ts"
import { usd } from "../domain/Money.ts"
import type { Events } from "../telemetry/events.ts"

/** Spend as events tell it: dollars as decimal texts. */
const spendOf = ({ cached, calls, floorUsd, judgeUsd, lost, unpriced, usd: all }: Spend) => ({
  usd: usd(all),
  judgeUsd: usd(judgeUsd),
  floorUsd: usd(floorUsd),
  calls,
  cached,
  unpriced,
  lost
})

/** What makes a lane worth telling again: how much may be out, whether anything may, and being turned away. */
const markOf = ({ limit, limited, paused }: LaneState) => `${limit} ${limited} ${paused?.why ?? ""}`

const howOf = (exit: Exit.Exit<unknown, Fault>) => {
  if (Exit.isSuccess(exit)) return { how: "finished" }
  const error = Cause.findErrorOption(exit.cause)
  if (error._tag === "None") return { how: Exit.hasInterrupts(exit) ? "interrupted" : "failed" }
  const { kind, sentence } = error.value
  return kind === "interrupted" ? { how: kind } : { how: "failed", error: { kind, message: sentence } }
}

/** What happens in a run, told as events: what changed of its accounts and its spend is looked up now and then. */
export const happenings = ({
  calls,
  events,
  run
}: {
  readonly calls: Pick<Calls["Service"], "lanes" | "spend">
  readonly events: Events
  readonly run: string
}) => {
  const marks = new Map<string, string>()
  let spent = ""
  const tell = (event: string, about: Readonly<Record<string, unknown>>) => events.tell(event, { run, ...about })
  /** Tells the lanes and the spend that are not as they were told last. */
  const sample = Effect.gen(function* () {
    for (const lane of yield* calls.lanes) {
      const mark = markOf(lane)
      if (marks.get(lane.account) === mark) continue
      marks.set(lane.account, mark)
      tell("lane", { ...lane })
    }
    const spend = spendOf(yield* calls.spend)
    const text = JSON.stringify(spend)
    if (text !== spent) tell("spend", spend)
    spent = text
  })
  return {
    tell,
    sample,
    /** The last event: how the run ended. */
    ended: (exit: Exit.Exit<unknown, Fault>) =>
      Effect.andThen(
        sample,
        Effect.sync(() => tell("runEnded", howOf(exit)))
      )
  }
}
