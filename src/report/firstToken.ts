import type { StandingDoc } from "../domain/RunResult.ts"
import type { Times, TimesBeside } from "../domain/Standing.ts"
import { count, counted, duration } from "./figures.ts"

/** What the sentences on time to first token are about, and what they cannot tell. */
export const firstTokenHead =
  "Time to first token, median / 95th, of the answers that were streamed. The originals were timed where the archive was recorded, on another network and under another load; the incumbent asked again is timed as the setups are."

const pair = ({ p50, p95 }: Times) => `${duration(p50)} / ${duration(p95)}`

const beside = ({ incumbent, setup }: TimesBeside, whose: string) =>
  `in ${count(setup.cases)} of them ${pair(setup)} beside ${pair(incumbent)} ${whose}`

/** A setup's time to first token as one sentence, the incumbent's on the same cases beside it; `undefined`: it was not measured. */
export const firstTokenSentence = ({
  setup,
  timeToFirstToken
}: Pick<StandingDoc, "setup" | "timeToFirstToken">): string | undefined => {
  if (timeToFirstToken === undefined) return undefined
  const { again, archived, setup: own } = timeToFirstToken
  const parts = [
    `${pair(own)} in ${counted(own.cases, "case")}`,
    ...(archived === undefined ? [] : [beside(archived, "of the originals")]),
    ...(again === undefined ? [] : [beside(again, "of the incumbent asked again")])
  ]
  return `${setup.label}: ${parts.join("; ")}.`
}
