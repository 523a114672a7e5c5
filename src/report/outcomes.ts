import type { FloorDoc, StandingDoc } from "../domain/RunResult.ts"
import { count, counted, money } from "./figures.ts"

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
export const outcomeSentence = ({
  outcomes,
  setup
}: Pick<StandingDoc, "outcomes"> & { readonly setup: Pick<StandingDoc["setup"], "label"> }): string | undefined => {
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

/**
 * That a setup's figures leave out cases without an answer, how many and why, as one sentence; `undefined`: there is none, or its reason says so
 * already since for their sake it has no verdict.
 */
export const unansweredSentence = (standing: StandingDoc): string | undefined => {
  const { asked, blocked, failed, outcomes, setup } = standing
  const missing = failed.infrastructure + failed.unsendable + failed.budget
  if (missing === 0 || blocked !== undefined) return undefined
  const parts = [
    ...(failed.infrastructure > 0 ? [`${count(failed.infrastructure)} for reasons of infrastructure`] : []),
    ...(failed.unsendable > 0
      ? [`${count(failed.unsendable)} that cannot be sent to it${unsendableReasons(standing)}`]
      : []),
    ...(failed.budget > 0 ? [`${count(failed.budget)} for want of budget`] : [])
  ]
  const told = outcomes?.told === undefined ? "" : `; the first was told: ${outcomes.told.replace(/\.$/, "")}`
  return `${setup.label}: ${count(missing)} of ${counted(asked, "case")} got no answer and ${missing === 1 ? "is" : "are"} left out of the comparison: ${parts.join(", ")}${told}.`
}

/** What a case costs, as text: a setup that answered nothing has no cost to tell, whatever its price. */
export const costOfCase = ({ asked, failed, usdPerCase }: StandingDoc): string =>
  usdPerCase === null && failed.infrastructure + failed.unsendable + failed.budget >= asked
    ? "no answer"
    : money(usdPerCase)

/** The same of the incumbent asked again, by the name it goes by in the report. */
export const floorSentence = ({ endings }: FloorDoc, incumbent: string): string | undefined =>
  endings === undefined
    ? undefined
    : outcomeSentence({
        setup: { label: `${incumbent} asked again` },
        outcomes: { endings, unsendable: {}, losses: {}, enlarged: 0 }
      })
