import type { StandingDoc } from "../domain/RunResult.ts"
import { count, counted } from "./figures.ts"

/** Endings as readers are told of them; what is not here has no line of its own, since it is counted elsewhere or nothing to tell. */
const words: Readonly<Record<string, string>> = {
  truncated: "cut short by the limit of output tokens",
  reasoning: "used up the limit by reasoning, with nothing answered",
  refusal: "refused by the model",
  contentFilter: "stopped by a content filter",
  context: "did not fit into the context",
  malformedToolCall: "with tool arguments that are not JSON",
  unclear: "ended for a reason that is not clear",
  rateLimited: "given up at a rate limit"
}

const listed = (counts: Readonly<Record<string, number>>) =>
  Object.entries(counts)
    .map(([what, cases]) => `${what} ${count(cases)}`)
    .join(", ")

/** Why cases cannot be sent, with how many, in brackets; empty where it was not counted. */
export const unsendableReasons = ({ outcomes }: Pick<StandingDoc, "outcomes">): string =>
  outcomes === undefined || Object.keys(outcomes.unsendable).length === 0 ? "" : ` (${listed(outcomes.unsendable)})`

/**
 * How a setup's cases ended otherwise than whole, and what was lost on the way to its target, as one sentence; `undefined`: nothing of the
 * kind, or a result of a version that did not count it.
 */
export const outcomeSentence = ({ outcomes, setup }: Pick<StandingDoc, "outcomes" | "setup">): string | undefined => {
  if (outcomes === undefined) return undefined
  const endings = Object.entries(outcomes.endings).flatMap(([ending, cases]) => {
    const told = words[ending]
    return told === undefined ? [] : [`${count(cases)} ${told}`]
  })
  const parts = [
    ...endings,
    ...(outcomes.enlarged > 0 ? [`${counted(outcomes.enlarged, "case")} asked again with a larger budget`] : []),
    ...(Object.keys(outcomes.losses).length > 0
      ? [`lost in translation or left out for the target, by cases: ${listed(outcomes.losses)}`]
      : [])
  ]
  return parts.length === 0 ? undefined : `${setup.label}: ${parts.join("; ")}.`
}
