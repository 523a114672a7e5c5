import * as Effect from "effect/Effect"

import type { Answer } from "../domain/Answer.ts"
import type { Evidence, Grade } from "../domain/Grade.ts"
import type { Said } from "../domain/Trials.ts"
import type { GradeInput } from "../graders/contract.ts"
import { type Given, givenOf } from "../graders/judge/constant.ts"
import { asksJudges, type FoilsHeard, silenced } from "./foils.ts"
import type { ReadyGrader } from "./gates.ts"

/** What was said of one setup by one grader's judges, a place a case in the run's order. */
export interface Heard {
  readonly evidence: Array<Evidence | undefined>
  /** By the grader; NaN: ungraded. */
  readonly score: Float64Array
  /** People's label as a score, 1, 1/2 or 0, from the output's side; NaN: not labelled. */
  readonly label: Float64Array
  /** What was answered to what, as digests; `undefined`: not graded yet. */
  readonly given: Array<Given | undefined>
  /** What the judges said of foils; `undefined`: none were put before them. */
  readonly foils?: FoilsHeard | undefined
}

/** An answer that a judge has graded, to be put before it again. */
export interface Again {
  readonly grader: string
  readonly input: GradeInput
  readonly score: number
  readonly evidence?: Evidence
}

const asScore: Readonly<Record<Said, number>> = { output: 1, tie: 0.5, original: 0 }

/** Graders whose word is heard: those that ask models to judge, and those that compare with the original. */
const isHeard = (grader: ReadyGrader) => asksJudges(grader) || grader.kind === "preference"

/** Listens to judges while cases are graded, so that they can be tried themselves. */
export class Hearing {
  readonly #graders: ReadonlyArray<ReadyGrader>
  readonly #cases: number
  readonly #repeats: number
  readonly #labelOf: (caseId: string, original: Answer, output: Answer) => Said | undefined
  readonly #heard = new Map<string, Map<string, Heard>>()
  #foils: ReadonlyMap<string, FoilsHeard> = new Map()
  readonly #again = new Map<string, { readonly setup: string; readonly kept: Map<number, Again> }>()

  /** `repeats`: answers a grader that are kept to be asked about again. */
  constructor(
    graders: ReadonlyArray<ReadyGrader>,
    cases: number,
    repeats: number,
    labelOf: (caseId: string, original: Answer, output: Answer) => Said | undefined = () => undefined
  ) {
    this.#graders = graders
    this.#cases = cases
    this.#repeats = repeats
    this.#labelOf = labelOf
  }

  /** The graders for one case of a setup: those whose word is heard note it. One whose judges gave no readable verdict on foils gives no grade, unasked. */
  graders(setup: string, at: number): ReadonlyArray<ReadyGrader> {
    return this.#graders.some(isHeard)
      ? this.#graders.map((grader) =>
          isHeard(grader)
            ? {
                ...grader,
                grade: (input) =>
                  Effect.map(this.#closed(grader) ?? grader.grade(input), (grade) => {
                    this.#note(setup, grader, at, input, grade)
                    return grade
                  })
              }
            : grader
        )
      : this.#graders
  }

  #closed({ id }: ReadyGrader): Effect.Effect<Grade> | undefined {
    const why = silenced(this.#foils.get(id))
    return why === undefined ? undefined : Effect.succeed({ score: null, why, evidence: { judges: [] } })
  }

  #note(setup: string, grader: ReadyGrader, at: number, input: GradeInput, { evidence, score }: Grade) {
    const heard = this.of(setup, grader.id) ?? this.#begin(setup, grader.id)
    heard.evidence[at] = evidence
    heard.score[at] = score ?? Number.NaN
    heard.given[at] = givenOf(input)
    const said = grader.kind === "preference" ? this.#labelOf(input.case.id, input.original, input.output) : undefined
    heard.label[at] = said === undefined ? Number.NaN : asScore[said]
    if (score !== null && asksJudges(grader))
      this.#keep(setup, at, {
        grader: grader.id,
        input,
        score,
        ...(evidence === undefined ? {} : { evidence })
      })
  }

  #begin(setup: string, grader: string): Heard {
    const nans = () => new Float64Array(this.#cases).fill(Number.NaN)
    const begun: Heard = {
      evidence: new Array(this.#cases),
      score: nans(),
      label: nans(),
      given: new Array(this.#cases),
      foils: this.#foils.get(grader)
    }
    const known = this.#heard.get(setup) ?? new Map<string, Heard>()
    this.#heard.set(setup, known.set(grader, begun))
    return begun
  }

  /** The first cases, in the run's random order, of the first setup: whatever finishes first, the same are kept. */
  #keep(setup: string, at: number, again: Again) {
    const known = this.#again.get(again.grader) ?? { setup, kept: new Map<number, Again>() }
    this.#again.set(again.grader, known)
    if (known.setup !== setup) return
    known.kept.set(at, again)
    if (known.kept.size > this.#repeats) known.kept.delete(Math.max(...known.kept.keys()))
  }

  /** Notes what was said of foils, by grader, before answers are graded. */
  noteFoils(foils: ReadonlyMap<string, FoilsHeard>): void {
    this.#foils = foils
  }

  /** What was said of a setup by a grader's judges; `undefined`: nothing. */
  of(setup: string, grader: string): Heard | undefined {
    return this.#heard.get(setup)?.get(grader)
  }

  /** Of every setup, by a grader. */
  all(grader: string): ReadonlyArray<readonly [setup: string, heard: Heard]> {
    return [...this.#heard].flatMap(([setup, by]) => {
      const heard = by.get(grader)
      return heard === undefined ? [] : [[setup, heard] as const]
    })
  }

  /** Answers to ask judges about again, in the run's order. */
  get again(): ReadonlyArray<Again> {
    return [...this.#again.values()].flatMap(({ kept }) =>
      [...kept].sort(([a], [b]) => a - b).map(([, again]) => again)
    )
  }
}
