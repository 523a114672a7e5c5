import * as Effect from "effect/Effect"

import type { CheckInput } from "../checks/contract.ts"
import { type Answer, answerOf } from "../domain/Answer.ts"
import type { CallRequest, CallResponse } from "../domain/Call.ts"
import type { CheckResult, Ending } from "../domain/Output.ts"
import { askFor, type Got, type Missing, type Question } from "./ask.ts"
import { endingOf } from "./ending.ts"
import { addLosses, addUnanswered, attemptOf, type Tape, type Turn } from "./output.ts"
import { largerLimit, withLimit } from "./outputLimit.ts"
import { type RepairWords, repairRequest, repairWords } from "./repair.ts"
import { leftOut } from "./request.ts"

/** A check of the suite, made and named; never fails. */
export interface ReadyCheck {
  readonly use: string
  /** How its failures are told in repair rounds; left out: {@link repairWords}. */
  readonly repair?: RepairWords
  run(input: CheckInput): Effect.Effect<CheckResult>
}

/** One setup of a cascade, or the only one, about to answer a case. */
export interface Rung {
  /** Place in the cascade, from 0. */
  readonly at: number
  readonly about: Omit<Question, "unanswered" | "repeat">
  readonly repeat: number
  readonly wanted: CallRequest
  readonly checks: ReadonlyArray<ReadyCheck>
  /** Answers drawn at most. */
  readonly samples: number
  /** Repair rounds at most. */
  readonly rounds: number
}

/** The answer that a rung stands by. */
export interface Held {
  readonly answer: Answer
  readonly ending: Ending
  /** Place among the case's attempts. */
  readonly place: number
  /** Checks that it fails; one that is broken is not the model's to mend and is not among them. */
  readonly failed: ReadonlyArray<CheckResult>
  readonly passed: number
  readonly sample: number
  /** Answers drawn by the rung so far, repair rounds apart. */
  readonly draws: number
  /** As it was sent in the end, and what came. */
  readonly request: CallRequest
  readonly response: CallResponse
  readonly enlarged: boolean
}

/** Above any number of calls with the very same request, and 16 times it is still a number that JSON holds exactly. */
const samplesApart = 2 ** 32

/**
 * The draw of a sample: that of the first is the case's own, so that it is the very answer of a setup that draws one; further ones lie above
 * those of any case with the very same request.
 */
export const repeatOf = (repeat: number, sample: number): number => repeat + sample * samplesApart

/**
 * Draws one answer and checks it. Once, an answer that the budget of output tokens ended is asked for again with a larger one, where
 * {@link largerLimit} says that this is right.
 */
export const draw = Effect.fnUntraced(function* (
  tape: Tape,
  { about, at, checks, repeat }: Rung,
  how: { readonly request: CallRequest; readonly round: number; readonly sample: number; readonly enlarged: boolean }
) {
  const { round, sample } = how
  const { archived } = about
  const turn: Turn = { round, sample, rung: at }
  const question: Question = {
    ...about,
    repeat: repeatOf(repeat, sample),
    unanswered: (took) => addUnanswered(tape, took)
  }
  const held = Effect.fnUntraced(function* (got: Got, enlargedTo: number | undefined, enlarged: boolean) {
    const { response, usage } = got.answered.row
    const answer = answerOf(response, usage)
    const results = yield* Effect.all(checks.map((check) => check.run({ output: answer, case: archived })))
    tape.attempts.push(attemptOf(turn, got.answered, results, enlargedTo))
    return {
      answer,
      ending: endingOf(response, usage),
      place: tape.attempts.length - 1,
      failed: results.filter(({ broken, pass }) => !pass && broken !== true),
      passed: results.filter(({ pass }) => pass).length,
      sample,
      draws: sample + 1,
      request: got.request,
      response,
      enlarged
    } satisfies Held
  })
  const first = yield* askFor(question, how.request, { first: round === 0 })
  if ("failure" in first) return first
  if (round === 0) addLosses(tape.losses, [...leftOut(archived), ...first.answered.losses, ...first.notes])
  const { response, usage } = first.answered.row
  const had = first.request.params.maxOutputTokens
  const limit = how.enlarged ? undefined : largerLimit(endingOf(response, usage), had, about.limitOf, first.most)
  if (limit === undefined) return yield* held(first, undefined, how.enlarged)
  const again = yield* askFor(question, withLimit(first.request, limit), { first: round === 0, above: had })
  if ("failure" in again) {
    // The model gives no more: the answer stands. For other reasons it may not be the one that would have come.
    if (again.failure.kind === "unsendable") return yield* held(first, undefined, true)
    tape.attempts.push(attemptOf(turn, first.answered, [], undefined))
    return again
  }
  tape.attempts.push(attemptOf(turn, first.answered, [], undefined))
  if (round === 0) addLosses(tape.losses, [...again.answered.losses, ...again.notes])
  return yield* held(again, again.request.params.maxOutputTokens, true)
})

/**
 * What one setup answers for a case: samples one after another until one passes all checks, else the one that passes most, the first of equals; from
 * it repair rounds while checks fail and rounds are left. Every answer is paid for. What cannot be sent after an answer leaves the answer
 * there was, as it would in production; another failure is the case's end.
 */
export const answerRung = Effect.fnUntraced(function* (tape: Tape, rung: Rung) {
  const { checks, rounds, samples, wanted } = rung
  const wordsOf = (name: string) => checks.find(({ use }) => use === name)?.repair ?? repairWords
  let best: Held | undefined
  let draws = 0
  while (draws < samples && (best === undefined || best.failed.length > 0)) {
    const got: Held | Missing = yield* draw(tape, rung, { request: wanted, round: 0, sample: draws, enlarged: false })
    if ("failure" in got) {
      if (best === undefined || got.failure.kind !== "unsendable") return got
      break
    }
    draws++
    if (best === undefined || got.failed.length === 0 || got.passed > best.passed) best = got
  }
  let held = best!
  for (let round = 1; round <= rounds && held.failed.length > 0; round++) {
    const { enlarged, failed, sample } = held
    const request = repairRequest(held.request, held.response, failed, wordsOf)
    const got: Held | Missing = yield* draw(tape, rung, { request, round, sample, enlarged })
    if ("failure" in got) {
      if (got.failure.kind !== "unsendable") return got
      break
    }
    held = got
  }
  return { ...held, draws }
})
