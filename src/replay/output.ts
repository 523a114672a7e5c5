import type { Answered } from "../calls/Calls.ts"
import type { Answer } from "../domain/Answer.ts"
import type { ReplayCase } from "../domain/Case.ts"
import { sumOf } from "../domain/Money.ts"
import type {
  AnswerRow,
  Attempt,
  CheckResult,
  Ending,
  Failure,
  Loss,
  MachineUse,
  Output,
  Unanswered
} from "../domain/Output.ts"

/** What was bought for one case so far, and what was lost on the way: it is filled while the case is being answered. */
export interface Tape {
  readonly attempts: Array<Attempt>
  readonly losses: Array<Loss>
  unanswered: Unanswered | undefined
}

/** A case for which nothing was bought yet. */
export const newTape = (): Tape => ({ attempts: [], losses: [], unanswered: undefined })

const machineUseOf = ({ timing: { heldMs, shareMs }, usage }: AnswerRow): { readonly machine?: MachineUse } =>
  heldMs === undefined || shareMs === undefined
    ? {}
    : { machine: { shareMs, heldMs, tokens: usage.output?.total ?? null } }

/** Where an answer belongs: round, sample and rung count from 0. */
export interface Turn {
  readonly round: number
  readonly sample: number
  readonly rung: number
}

/** An answer as an attempt; `enlarged`: the larger limit that it was asked again with. */
export const attemptOf = (
  { round, rung, sample }: Turn,
  answered: Answered,
  checks: ReadonlyArray<CheckResult>,
  enlarged: number | undefined
): Attempt => ({
  round,
  ...(rung === 0 ? {} : { rung }),
  ...(sample === 0 ? {} : { sample }),
  ...(enlarged === undefined ? {} : { enlarged }),
  answer: answered.row.key,
  cached: answered.cached,
  cost: answered.cost,
  latencyMs: answered.row.timing.latencyMs ?? null,
  ...(answered.row.timing.ttftMs === undefined ? {} : { ttftMs: answered.row.timing.ttftMs }),
  ...machineUseOf(answered.row),
  checks
})

const latencyOf = (attempts: ReadonlyArray<Attempt>): number | null => {
  let total = 0
  for (const { latencyMs } of attempts) {
    if (latencyMs === null) return null
    total += latencyMs
  }
  return attempts.length === 0 ? null : total
}

const firstTokenOf = (attempts: ReadonlyArray<Attempt>): number | undefined => {
  const before = attempts.length > 1 ? latencyOf(attempts.slice(0, -1)) : 0
  const last = attempts.at(-1)?.ttftMs
  return before === null || last === undefined ? undefined : before + last
}

/** Adds what a call without an answer took. */
export const addUnanswered = (tape: Tape, b: Unanswered): void => {
  const a = tape.unanswered
  tape.unanswered =
    a === undefined ? b : { shareMs: a.shareMs + b.shareMs, heldMs: a.heldMs + b.heldMs, cost: a.cost + b.cost }
}

/** Adds losses; one that two requests of a case had is told once. */
export const addLosses = (into: Array<Loss>, more: ReadonlyArray<Loss>): void => {
  for (const loss of more) {
    if (!into.some(({ what, why }) => what === loss.what && why === loss.why)) into.push(loss)
  }
}

/** How a case ended: with an answer, at a place among the attempts, or without one. */
export type End = ({ readonly answer: Answer; readonly place: number } | { readonly failure: Failure }) & {
  readonly ending: Ending
}

/** What a setup finally answered for a case, with all that was bought for it. */
export const outputOf = (
  { id }: Pick<ReplayCase, "id">,
  setupId: string,
  { attempts, losses, unanswered }: Tape,
  end: End
): Output => {
  const last = "answer" in end && end.place === attempts.length - 1
  const ttftMs = last ? firstTokenOf(attempts) : undefined
  return {
    caseId: id,
    setupId,
    answer: "answer" in end ? end.answer : null,
    ...("failure" in end ? { failure: end.failure } : {}),
    ending: end.ending,
    attempts,
    ...("answer" in end && !last ? { chosen: end.place } : {}),
    losses,
    cost: sumOf(attempts.flatMap(({ cost, judged = [] }) => [cost, ...judged.map((one) => one.cost)])),
    ...(unanswered === undefined ? {} : { unanswered }),
    latencyMs: latencyOf(attempts),
    ...(ttftMs === undefined ? {} : { ttftMs })
  }
}
