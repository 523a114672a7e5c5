import * as Effect from "effect/Effect"

import type { Case, CaseRow } from "../domain/Case.ts"
import type { NanoUsd } from "../domain/Money.ts"
import type { Setup } from "../domain/Setup.ts"
import { type ReadyCheck, replayCase } from "../replay/replay.ts"
import type { RunWriter } from "../store/Runs.ts"
import type { ReadyGrader } from "./gates.ts"
import { gradeRow, outputRow } from "./rows.ts"
import { Told } from "./told.ts"

/** How a case ended under a setup. */
export const Ended = { notAsked: 0, answered: 1, infrastructure: 2, unsendable: 3, budget: 4 } as const

/** What was measured of one setup, a place a case in the run's order. */
export interface Tried {
  readonly setup: Setup
  readonly ended: Uint8Array
  /** By grader; NaN: ungraded or no answer. */
  readonly score: Readonly<Record<string, Float64Array>>
  readonly cost: Array<NanoUsd | null>
  /** Milliseconds, all rounds; NaN: unknown. */
  readonly latency: Float64Array
  /** 1 where a repair round was taken. */
  readonly repaired: Uint8Array
  /** 1 where a check itself failed to run. */
  readonly broken: Uint8Array
  /** What the first case that got no answer for reasons of infrastructure was told, and, by grader, why the first case was not graded. */
  readonly told: Told
}

/** Nothing measured yet. */
export const untried = (setup: Setup, graders: ReadonlyArray<ReadyGrader>, cases: number): Tried => ({
  setup,
  ended: new Uint8Array(cases),
  score: Object.fromEntries(graders.map(({ id }) => [id, new Float64Array(cases).fill(Number.NaN)])),
  cost: new Array<NanoUsd | null>(cases).fill(null),
  latency: new Float64Array(cases).fill(Number.NaN),
  repaired: new Uint8Array(cases),
  broken: new Uint8Array(cases),
  told: new Told()
})

/** Replays and grades one case under one setup and keeps what was measured. Output and grades are on disk before they count. */
export const tryCase = Effect.fnUntraced(function* (
  into: Tried,
  at: number,
  loaded: Case,
  graders: ReadonlyArray<ReadyGrader>,
  checks: ReadonlyArray<ReadyCheck>,
  writer: RunWriter
) {
  const output = yield* replayCase(loaded, into.setup, checks)
  const { answer } = output
  const grades =
    answer === null
      ? []
      : yield* Effect.promise(() =>
          Promise.all(
            graders.map(
              async (grader) =>
                [
                  grader.id,
                  await grader.grade({
                    output: answer,
                    original: loaded.original,
                    expected: loaded.expected,
                    case: loaded
                  })
                ] as const
            )
          )
        )
  yield* Effect.all(
    [
      writer.output(outputRow(output, "candidate")),
      writer.grades(grades.map(([id, grade]) => gradeRow(loaded.id, into.setup.id, id, grade)))
    ],
    { concurrency: 2, discard: true }
  )
  for (const [id, { score, why }] of grades) {
    into.score[id]![at] = score ?? Number.NaN
    if (score === null) into.told.ungraded(id, at, why)
  }
  into.cost[at] = output.cost
  into.latency[at] = output.latencyMs ?? Number.NaN
  into.repaired[at] = output.attempts.length > 1 ? 1 : 0
  into.broken[at] = output.attempts.some(({ checks: run }) => run.some(({ broken }) => broken === true)) ? 1 : 0
  if (output.failure?.kind === "infrastructure") into.told.withheld(at, output.failure.message)
  into.ended[at] = answer === null ? Ended[output.failure?.kind ?? "infrastructure"] : Ended.answered
})

/** Counts a case that may not go to the setup's provider; nothing is sent. */
export const keepBack = (into: Tried, at: number, row: CaseRow, writer: RunWriter) => {
  into.ended[at] = Ended.unsendable
  const message = `mayReceive: this call may not be sent to ${into.setup.provider}`
  return writer.output(
    outputRow(
      {
        caseId: row.id,
        setupId: into.setup.id,
        answer: null,
        failure: { kind: "unsendable", message },
        attempts: [],
        losses: [],
        cost: null,
        latencyMs: null
      },
      "candidate"
    )
  )
}
