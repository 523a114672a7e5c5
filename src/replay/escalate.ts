import * as Effect from "effect/Effect"

import type { Calls } from "../calls/Calls.ts"
import type { CheckInput } from "../checks/contract.ts"
import type { Answer } from "../domain/Answer.ts"
import type { CallRequest } from "../domain/Call.ts"
import type { Fault } from "../domain/Fault.ts"
import type { NanoUsd } from "../domain/Money.ts"
import type { Ending, Failure } from "../domain/Output.ts"
import type { EscalationRule, JudgeRule } from "../domain/Setup.ts"
import type { Missing } from "./ask.ts"
import { endingOfFailure } from "./ending.ts"
import type { Tape } from "./output.ts"
import { draw, type Held, type Rung } from "./rung.ts"

/** What a judge of a rule says of an answer, of which it sees no original. */
export interface Judged {
  /** In [0,1]; `null`: no readable verdict. */
  readonly score: number | null
  /** What it was paid, retries in; `null`: unpriced. */
  readonly cost: NanoUsd | null
  /** Why there is none. */
  readonly failure?: Failure
}

/** How the rules that look at an answer's content are decided; none of it sees an original or a reference. */
export interface Deciding {
  /** How alike two answers to one request are, in [0,1]. */
  likeness(one: Answer, other: Answer, request: CallRequest): number
  /** Asks a rule's judge: paid by the setup that is named, as a candidate's call. */
  judge(
    rule: JudgeRule,
    input: CheckInput,
    asker: { readonly case: string; readonly setup: string }
  ): Effect.Effect<Judged, Fault, Calls>
}

const refusals: ReadonlyArray<Ending> = ["refusal", "contentFilter"]
const cuts: ReadonlyArray<Ending> = ["truncated", "reasoning", "context"]

/** Whether a rule that costs nothing says that the next setup is to be asked. Pure. */
export const escalatesFreely = (
  when: ReadonlyArray<EscalationRule>,
  { ending, failed }: Pick<Held, "ending" | "failed">
): boolean =>
  when.some(
    (rule) =>
      (rule === "checkFailed" && failed.length > 0) ||
      (rule === "refusal" && refusals.includes(ending)) ||
      (rule === "truncated" && cuts.includes(ending))
  )

/**
 * Whether the next setup is to be asked: rules that cost nothing first, then agreement, then judges, in the order in which they are written; the
 * first that says so settles it. A second sample that cannot be had and a verdict that cannot be read say so too: what is not known to be good
 * goes on. {@link Missing}: the money or the infrastructure for a rule failed, and with it the case.
 */
export const escalates = Effect.fnUntraced(function* (
  tape: Tape,
  rung: Rung,
  held: Held,
  when: ReadonlyArray<EscalationRule>,
  deciding: Deciding
) {
  if (escalatesFreely(when, held)) return true
  const { archived, setup } = rung.about
  const agreements = when.flatMap((rule) => (typeof rule === "object" && "agreementBelow" in rule ? [rule] : []))
  if (agreements.length > 0) {
    const how = { request: rung.wanted, round: 0, sample: held.draws, enlarged: false }
    const second: Held | Missing = yield* draw(tape, { ...rung, checks: [] }, how)
    if ("failure" in second) return second.failure.kind === "unsendable" ? true : second
    const alike = deciding.likeness(held.answer, second.answer, archived.request)
    if (agreements.some(({ agreementBelow }) => alike < agreementBelow)) return true
  }
  for (const rule of when) {
    if (typeof rule !== "object" || !("judgeBelow" in rule)) continue
    const input = { output: held.answer, case: archived }
    const { cost, failure, score } = yield* deciding.judge(rule, input, { case: archived.id, setup })
    const attempt = tape.attempts[held.place]!
    tape.attempts[held.place] = { ...attempt, judged: [...(attempt.judged ?? []), { score, cost }] }
    if (failure !== undefined && failure.kind !== "unsendable")
      return { failure, ending: endingOfFailure(failure, undefined) } satisfies Missing
    if (score === null || score < rule.judgeBelow) return true
  }
  return false
})
