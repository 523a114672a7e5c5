import * as Effect from "effect/Effect"

import type { Calls } from "../calls/Calls.ts"
import type { Fault } from "../domain/Fault.ts"
import type { Grade } from "../domain/Grade.ts"
import type { GradeInput, Grading } from "./contract.ts"

const cannot = (why: string): Grade => ({ score: null, why })

/**
 * What a grader gave, as a grade: a number is a score without a reason; a score outside [0,1], NaN or anything else is no
 * score (`null`), and `why` says so.
 */
export const gradeOf = (got: unknown): Grade => {
  const { score, why }: { score?: unknown; why?: unknown } =
    typeof got === "object" && got !== null ? got : { score: got }
  const reason = typeof why === "string" ? why : ""
  if (score === null) return cannot(reason === "" ? "the grader cannot tell and gave no reason" : reason)
  if (typeof score !== "number") return cannot("the grader gave no score: a number in [0,1] or { score, why } is right")
  if (!(score >= 0 && score <= 1)) return cannot(`the grader gave ${score}, which is not in [0,1]`)
  return { score, why: reason }
}

/** Runs one made grader on one input. An error of the grader is a grade without a score; `Fault` is what must stop the run. */
export const runGrader = (grade: Grading, input: GradeInput): Effect.Effect<Grade, Fault, Calls> =>
  Effect.suspend(() => {
    const got = grade(input)
    return Effect.isEffect(got)
      ? got
      : got instanceof Promise
        ? Effect.map(
            Effect.promise(() => got),
            gradeOf
          )
        : Effect.succeed(gradeOf(got))
  }).pipe(
    Effect.catchDefect((defect) =>
      Effect.succeed(cannot(`the grader itself failed: ${defect instanceof Error ? defect.message : String(defect)}`))
    )
  )
