import type { StandingDoc } from "../domain/RunResult.ts"
import { count, counted, duration, money } from "./figures.ts"

/** What the figures of test loops are. */
export const loopHead =
  "Test loops: what fails a check of the suite goes back to the model; every round is paid for, and is in the cost a case"

type Round = NonNullable<StandingDoc["loop"]>["rounds"][number]

/** What a round is, for people: `first answers`, `repair round 2`, `rung 2, repair round 1`. */
export const roundName = ({ round, rung }: Pick<Round, "round" | "rung">): string => {
  const name = round === 0 ? "first answers" : `repair round ${round}`
  return rung === 0 ? name : `rung ${rung + 1}, ${name}`
}

/** The figures of a round as texts: cases, of them passed, what it cost in all, and the median time it took. */
export const roundFigures = ({ cases, latencyMs, passed, usd }: Round): ReadonlyArray<string> => [
  count(cases),
  count(passed),
  money(usd),
  latencyMs === null ? "–" : duration(latencyMs)
]

/**
 * What a setup's test loop came to, as one sentence; `undefined` where there was none, or nothing went beyond the first answers.
 */
export const loopSentence = ({ loop, setup }: Pick<StandingDoc, "loop" | "setup">): string | undefined => {
  if (loop === undefined || loop.rounds.length < 2) return undefined
  const rounds = loop.rounds.map((round) => `${roundName(round)} ${count(round.passed)} of ${count(round.cases)}`)
  const each = loop.usdPerPassed === null ? "" : `, at ${money(loop.usdPerPassed)} a passed case`
  return `${setup.label}: ${count(loop.passed)} of ${counted(loop.cases, "case")} pass all checks in the end${each}; passed by round: ${rounds.join(", ")}.`
}
