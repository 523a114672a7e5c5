import * as Effect from "effect/Effect"

import type { Answered } from "../calls/Calls.ts"
import type { CheckInput } from "../checks/contract.ts"
import { type Answer, answerOf } from "../domain/Answer.ts"
import type { CallRequest } from "../domain/Call.ts"
import type { Case } from "../domain/Case.ts"
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
import type { Setup } from "../domain/Setup.ts"
import { askFor, type Question } from "./ask.ts"
import { endingOf } from "./ending.ts"
import { type Manner, mannerOf, plainAsking } from "./manner.ts"
import { type LimitOf, largerLimit, withLimit } from "./outputLimit.ts"
import { repairRequest } from "./repair.ts"
import { floorRequest, leftOut, setupRequest } from "./request.ts"

/** A check of the suite, made and named; never fails. */
export interface ReadyCheck {
  readonly use: string
  run(input: CheckInput): Effect.Effect<CheckResult>
}

const checked = (checks: ReadonlyArray<ReadyCheck>, output: Answer, archived: Case) =>
  checks.length === 0
    ? Effect.succeed<ReadonlyArray<CheckResult>>([])
    : Effect.all(checks.map((check) => check.run({ output, case: archived })))

const machineUseOf = ({ timing: { heldMs, shareMs }, usage }: AnswerRow): { readonly machine?: MachineUse } =>
  heldMs === undefined || shareMs === undefined
    ? {}
    : { machine: { shareMs, heldMs, tokens: usage.output?.total ?? null } }

const attemptOf = (
  round: number,
  answered: Answered,
  checks: ReadonlyArray<CheckResult>,
  enlarged: number | undefined
): Attempt => ({
  round,
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

const added = (a: Unanswered | undefined, b: Unanswered): Unanswered =>
  a === undefined ? b : { shareMs: a.shareMs + b.shareMs, heldMs: a.heldMs + b.heldMs, cost: a.cost + b.cost }

/** How a case ended: with an answer, or without one. */
type End = ({ readonly answer: Answer } | { readonly failure: Failure }) & { readonly ending: Ending }

const outputOf = (
  archived: Case,
  setupId: string,
  attempts: ReadonlyArray<Attempt>,
  losses: ReadonlyArray<Loss>,
  end: End
): Output => {
  const ttftMs = "answer" in end ? firstTokenOf(attempts) : undefined
  return {
    caseId: archived.id,
    setupId,
    answer: "answer" in end ? end.answer : null,
    ...("failure" in end ? { failure: end.failure } : {}),
    ending: end.ending,
    attempts,
    losses,
    cost: sumOf(attempts.map((attempt) => attempt.cost)),
    latencyMs: latencyOf(attempts),
    ...(ttftMs === undefined ? {} : { ttftMs })
  }
}

/** A loss that two requests of a case had is told once. */
const addLosses = (into: Array<Loss>, more: ReadonlyArray<Loss>) => {
  for (const loss of more) {
    if (!into.some(({ what, why }) => what === loss.what && why === loss.why)) into.push(loss)
  }
}

/**
 * Asks a question and goes on as long as checks fail and rounds are left. Every answer is paid for. Once a case an answer that the budget
 * of output tokens ended is asked for again with a larger one, where {@link largerLimit} says that this is right.
 */
const answerCase = Effect.fnUntraced(function* (
  about: Omit<Question, "unanswered">,
  wanted: CallRequest,
  checks: ReadonlyArray<ReadyCheck>,
  rounds: number
) {
  const { archived, setup } = about
  let unanswered: Unanswered | undefined
  const question: Question = {
    ...about,
    unanswered: (took) => {
      unanswered = added(unanswered, took)
    }
  }
  const ended = (end: End): Output => ({
    ...outputOf(archived, setup, attempts, losses, end),
    ...(unanswered === undefined ? {} : { unanswered })
  })
  const attempts: Array<Attempt> = []
  const losses: Array<Loss> = []
  let last: (End & { readonly answer: Answer }) | undefined
  let request = wanted
  let enlarged: number | undefined
  let above: number | undefined
  for (let round = 0; ; ) {
    const got = yield* askFor(question, request, { first: round === 0, above })
    if ("failure" in got) {
      // What cannot be sent after an answer leaves the answer there was, as it would in production.
      const end = last !== undefined && got.failure.kind === "unsendable" ? last : got
      return ended(end)
    }
    const { answered, most, notes } = got
    const { response, usage } = answered.row
    const answer = answerOf(response, usage)
    const ending = endingOf(response, usage)
    if (round === 0) addLosses(losses, [...leftOut(archived), ...answered.losses, ...notes])
    const had = got.request.params.maxOutputTokens
    const limit = enlarged === undefined ? largerLimit(ending, had, question.limitOf, most) : undefined
    const results = limit === undefined ? yield* checked(checks, answer, archived) : []
    attempts.push(attemptOf(round, answered, results, above === undefined ? undefined : had))
    above = limit === undefined ? undefined : had
    last = { answer, ending }
    if (limit !== undefined) {
      enlarged = limit
      request = withLimit(got.request, limit)
      continue
    }
    const failed = results.filter(({ broken, pass }) => !pass && broken !== true) // a broken check is not the model's to mend
    if (failed.length === 0 || round >= rounds) return ended(last)
    request = repairRequest(got.request, response, failed)
    round++
  }
})

const limitOf = (archived: Case, setup: Pick<Setup, "axes"> | undefined): LimitOf =>
  setup?.axes.maxTokens !== undefined
    ? "setup"
    : archived.request.params.maxOutputTokens === undefined
      ? "default"
      : "original"

/** Axes as a refused parameter is called. */
const namedOf = ({ axes }: Setup): ReadonlySet<string> =>
  new Set(Object.keys(axes).map((axis) => (axis === "reasoningEffort" ? "reasoning" : axis)))

/**
 * What a setup answers for a case: the first answer, then repair rounds while checks fail and rounds are left. `manner` is one for all cases of
 * the setup. A call that gets no answer ends the case with its failure as data; `Fault` is only for what must stop the run.
 */
export const replayCase = (
  archived: Case,
  setup: Setup,
  checks: ReadonlyArray<ReadyCheck>,
  manner: Manner = mannerOf(plainAsking, setup)
) =>
  answerCase(
    {
      archived,
      provider: setup.provider,
      setup: setup.id,
      series: "candidate",
      repeat: archived.repeat,
      manner,
      limitOf: limitOf(archived, setup),
      named: namedOf(setup)
    },
    setupRequest(archived, setup),
    checks,
    setup.axes.repairs ?? 0
  )

const noAxes: ReadonlySet<string> = new Set()

/** The incumbent asked again for a case: the `draw`-th answer of its floor series. Checks and repairs play no part; else it is asked as a setup is. */
export const replayFloor = (
  archived: Case,
  incumbent: { readonly provider: string; readonly model: string },
  draw: number,
  manner: Manner = mannerOf(plainAsking, incumbent)
) =>
  answerCase(
    {
      archived,
      provider: incumbent.provider,
      setup: "floor",
      series: "floor",
      repeat: draw,
      manner,
      limitOf: limitOf(archived, undefined),
      named: noAxes
    },
    floorRequest(archived, incumbent.model),
    [],
    0
  )
