import * as Effect from "effect/Effect"

import { type Case, type CaseRow, replayable } from "../domain/Case.ts"
import type { Grade } from "../domain/Grade.ts"
import type { NanoUsd } from "../domain/Money.ts"
import { sumOf } from "../domain/Money.ts"
import type { Measured } from "../graders/contract.ts"
import type { Manner } from "../replay/manner.ts"
import { floorDraw, replayFloor } from "../replay/replay.ts"
import type { RunWriter } from "../store/Runs.ts"
import { kindAt, type ReadyGrader } from "./gates.ts"
import { gradeAll } from "./grading.ts"
import { Marks } from "./marks.ts"
import { gradeRow, outputRow } from "./rows.ts"
import { Told } from "./told.ts"

/** Sessions on which an outcome-graded archive is tested for having been selected (only accepted answers kept). */
export const selectionSessions = 60

export interface Incumbent {
  readonly provider: string
  readonly model: string
}

/** What a case's score is compared with, by grader; all arrays have one place a case, in the run's order. */
export interface Reference {
  /** The reference score; NaN: none to be had. */
  readonly score: Readonly<Record<string, Float64Array>>
  /** Score of the incumbent asked again (mean over its draws); NaN: not asked or no answer. */
  readonly again: Readonly<Record<string, Float64Array>>
  /** Score of the archived original against a reference answer; NaN elsewhere. */
  readonly original: Readonly<Record<string, Float64Array>>
  readonly cost: Array<NanoUsd | null>
  /** Milliseconds to the first token of the incumbent asked again (its first draw that tells it); NaN: unknown. */
  readonly ttft: Float64Array
  /** How its answers ended; of several draws, each. */
  readonly endings: Marks
  /** Where the incumbent was asked again and gave no answer: 1 for reasons of infrastructure, 2 because the budget was spent, 3 because it cannot or may not be sent there. */
  readonly missing: Uint8Array
  /** What the first case was told where the incumbent gave no answer for reasons of infrastructure, and, by grader, why the first original was not graded. */
  readonly told: Told
}

const nans = (length: number) => new Float64Array(length).fill(Number.NaN)
const byGrader = (graders: ReadonlyArray<ReadyGrader>, length: number) =>
  Object.fromEntries(graders.map(({ id }) => [id, nans(length)]))

/** An empty reference for `length` cases. */
export const emptyReference = (graders: ReadonlyArray<ReadyGrader>, length: number): Reference => ({
  score: byGrader(graders, length),
  again: byGrader(graders, length),
  original: byGrader(graders, length),
  cost: new Array<NanoUsd | null>(length).fill(0n),
  ttft: nans(length),
  endings: new Marks(length),
  missing: new Uint8Array(length),
  told: new Told()
})

/** Whether the incumbent must be asked again at a case because a grader compares with the original. */
export const needsFloor = (graders: ReadonlyArray<ReadyGrader>, row: CaseRow): boolean =>
  graders.some((grader) => kindAt(grader.kind, row) === "agreement")

/** Whether the budget left a case without the noise floor that a gate needs there. */
export const unpaidFloor = (reference: Reference, graders: ReadonlyArray<ReadyGrader>, at: number): boolean =>
  reference.missing[at] === 2 && graders.some(({ id, report }) => !report && Number.isNaN(reference.score[id]![at]!))

/** The reference score of one grader at one case. */
export const referenceScore = (
  kind: "outcome" | "agreement" | "preference",
  known: { readonly original: number; readonly again: number; readonly selected: boolean; readonly floor: boolean }
): number => {
  if (kind === "preference") return known.selected ? known.again : 0.5
  if (kind === "outcome") return known.selected ? known.again : known.original
  return known.floor ? known.again : 1
}

/**
 * Fills the reference of one case: scores the original where it can be scored by itself, asks the incumbent again where `ask` says so
 * and scores that. Grades are on disk before they count.
 */
export const fillReference = Effect.fnUntraced(function* (
  into: Reference,
  at: number,
  loaded: Case,
  graders: ReadonlyArray<ReadyGrader>,
  how: {
    readonly incumbent: Incumbent
    readonly manner: Manner
    readonly repeats: number
    readonly ask: boolean
    /** What the original cost at the run's prices; `null`: not known. */
    readonly originalCost: NanoUsd | null
    /** The case may go to the incumbent's provider. */
    readonly allowed: boolean
    readonly selected: boolean
    readonly floor: boolean
    readonly writer: RunWriter
  }
) {
  const named = (some: ReadonlyArray<ReadyGrader>, output: Case["original"], measured: Measured) =>
    Effect.map(gradeAll(some, loaded, output, measured), (grades) =>
      grades.map((grade, place) => [some[place]!.id, grade] as const)
    )
  const outcomes = graders.filter((grader) => kindAt(grader.kind, loaded) === "outcome")
  const ownScore = yield* named(outcomes, loaded.original, {
    latencyMs: loaded.latencyMs ?? null,
    usd: how.originalCost === null ? null : Number(how.originalCost) / 1e9
  })
  for (const [id, grade] of ownScore) {
    into.original[id]![at] = grade.score ?? Number.NaN
    if (grade.score === null) into.told.ungraded(id, at, grade)
  }
  yield* how.writer.grades(ownScore.map(([id, grade]) => gradeRow(loaded.id, "original", id, grade)))

  if (how.ask && !how.allowed) into.missing[at] = 3
  else if (how.ask) {
    const draws: Array<ReadonlyArray<readonly [string, Grade]>> = []
    const costs: Array<NanoUsd | null> = []
    let missing = 0
    for (let draw = 0; draw < how.repeats; draw++) {
      const output = yield* replayFloor(
        replayable(loaded),
        how.incumbent,
        floorDraw(loaded, how.repeats, draw),
        how.manner
      )
      yield* how.writer.output(outputRow(output, "floor"))
      costs.push(output.cost)
      into.endings.set(output.ending, at)
      if (output.ttftMs !== undefined && Number.isNaN(into.ttft[at])) into.ttft[at] = output.ttftMs
      if (output.answer !== null)
        draws.push(
          yield* named(graders, output.answer, {
            latencyMs: output.latencyMs,
            usd: output.cost === null ? null : Number(output.cost) / 1e9
          })
        )
      else {
        missing = { budget: 2, infrastructure: 1, unsendable: 3 }[output.failure?.kind ?? "infrastructure"]
        if (output.failure?.kind === "infrastructure") into.told.withheld(at, output.failure)
      }
    }
    into.cost[at] = sumOf(costs)
    into.missing[at] = draws.length === 0 ? missing : 0
    for (const { id } of graders) {
      const scores = draws.map((grades) => {
        const grade = grades.find(([name]) => name === id)?.[1]
        if (grade?.failure !== undefined) into.told.ungraded(id, at, grade)
        return grade?.score ?? Number.NaN
      })
      if (scores.length > 0) into.again[id]![at] = scores.reduce((sum, score) => sum + score, 0) / scores.length
    }
    yield* how.writer.grades(
      draws.flatMap((grades) => grades.map(([id, grade]) => gradeRow(loaded.id, "floor", id, grade)))
    )
  }
  settleReference(into, at, loaded, graders, how)
})

/** Takes the reference scores of one case from what is known of it by now. */
export const settleReference = (
  into: Reference,
  at: number,
  row: CaseRow,
  graders: ReadonlyArray<ReadyGrader>,
  { floor, selected }: { readonly selected: boolean; readonly floor: boolean }
): void => {
  for (const { id, kind } of graders) {
    const [original, again] = [into.original[id]![at]!, into.again[id]![at]!]
    into.score[id]![at] = referenceScore(kindAt(kind, row), { original, again, selected, floor })
  }
}
