import * as Effect from "effect/Effect"

import { type Answered, Calls } from "../calls/Calls.ts"
import type { CheckInput } from "../checks/contract.ts"
import { type Answer, answerOf } from "../domain/Answer.ts"
import type { CallRequest } from "../domain/Call.ts"
import type { Case } from "../domain/Case.ts"
import { sumOf } from "../domain/Money.ts"
import type { Attempt, CheckResult, Failure, Loss, Output } from "../domain/Output.ts"
import type { Setup } from "../domain/Setup.ts"
import { repairRequest } from "./repair.ts"
import { floorRequest, setupRequest } from "./request.ts"

/** A check of the suite, made and named; never throws. */
export interface ReadyCheck {
  readonly use: string
  run(input: CheckInput): Promise<CheckResult>
}

const checked = (checks: ReadonlyArray<ReadyCheck>, output: Answer, archived: Case) =>
  checks.length === 0
    ? Effect.succeed<ReadonlyArray<CheckResult>>([])
    : Effect.promise(() => Promise.all(checks.map((check) => check.run({ output, case: archived }))))

const attemptOf = (round: number, answered: Answered, checks: ReadonlyArray<CheckResult>): Attempt => ({
  round,
  answer: answered.row.key,
  cached: answered.cached,
  cost: answered.cost,
  latencyMs: answered.row.timing.latencyMs ?? null,
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

const outputOf = (
  archived: Case,
  setupId: string,
  attempts: ReadonlyArray<Attempt>,
  losses: ReadonlyArray<Loss>,
  end: { readonly answer: Answer } | { readonly failure: Failure }
): Output => ({
  caseId: archived.id,
  setupId,
  answer: "answer" in end ? end.answer : null,
  ...("failure" in end ? { failure: end.failure } : {}),
  attempts,
  losses,
  cost: sumOf(attempts.map((attempt) => attempt.cost)),
  latencyMs: latencyOf(attempts)
})

/**
 * What a setup answers for a case: the first answer, then repair rounds while checks fail and rounds are left. Every round is paid for.
 * A call that gets no answer ends the case with its failure as data; `Fault` is only for what must stop the run.
 */
export const replayCase = Effect.fnUntraced(function* (
  archived: Case,
  setup: Setup,
  checks: ReadonlyArray<ReadyCheck>
) {
  const calls = yield* Calls
  const rounds = setup.axes.repairs ?? 0
  const attempts: Array<Attempt> = []
  const losses: Array<Loss> = []
  let last: Answer | undefined
  let request: CallRequest = setupRequest(archived, setup)
  for (let round = 0; ; round++) {
    const asked = yield* calls
      .ask({
        provider: setup.provider,
        request,
        series: "candidate",
        repeat: archived.repeat,
        origin: archived.requestDigest,
        stream: false,
        for: { case: archived.id, setup: setup.id }
      })
      .pipe(
        Effect.catchTag("CallFailed", ({ kind, message }) => Effect.succeed({ failure: { kind, message } as Failure }))
      )
    if ("failure" in asked) {
      // A repair round that cannot be sent leaves the answer there was, as it would in production.
      return outputOf(
        archived,
        setup.id,
        attempts,
        losses,
        last !== undefined && asked.failure.kind === "unsendable" ? { answer: last } : asked
      )
    }
    const answer = answerOf(asked.row.response, asked.row.usage)
    last = answer
    const results = yield* checked(checks, answer, archived)
    attempts.push(attemptOf(round, asked, results))
    if (round === 0) losses.push(...asked.losses)
    const failed = results.filter(({ broken, pass }) => !pass && broken !== true) // a broken check is not the model's to mend
    if (failed.length === 0 || round >= rounds) return outputOf(archived, setup.id, attempts, losses, { answer })
    request = repairRequest(request, asked.row.response, failed)
  }
})

/** The incumbent asked again for a case: the `draw`-th answer of its floor series. Checks and repairs play no part. */
export const replayFloor = Effect.fnUntraced(function* (
  archived: Case,
  incumbent: { readonly provider: string; readonly model: string },
  draw: number
) {
  const calls = yield* Calls
  const asked = yield* calls
    .ask({
      provider: incumbent.provider,
      request: floorRequest(archived, incumbent.model),
      series: "floor",
      repeat: draw,
      origin: archived.requestDigest,
      stream: false,
      for: { case: archived.id, setup: "floor" }
    })
    .pipe(
      Effect.catchTag("CallFailed", ({ kind, message }) => Effect.succeed({ failure: { kind, message } as Failure }))
    )
  if ("failure" in asked) return outputOf(archived, "floor", [], [], asked)
  const answer = answerOf(asked.row.response, asked.row.usage)
  return outputOf(archived, "floor", [attemptOf(0, asked, [])], asked.losses, { answer })
})
