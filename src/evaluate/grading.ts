import * as Effect from "effect/Effect"

import type { Answer } from "../domain/Answer.ts"
import type { Case } from "../domain/Case.ts"
import type { Measured } from "../graders/contract.ts"
import type { ReadyGrader } from "./gates.ts"

/** Grades one answer to a case by some graders, all at once; the grades are in the graders' order. */
export const gradeAll = (graders: ReadonlyArray<ReadyGrader>, loaded: Case, output: Answer, measured: Measured) =>
  Effect.all(
    graders.map((grader) =>
      grader.grade({ output, original: loaded.original, expected: loaded.expected, case: loaded, measured })
    ),
    { concurrency: "unbounded" }
  )
