import type { Grade } from "../domain/Grade.ts"
import type { GradeInput, Grader } from "./contract.ts"

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

/** Runs one made grader on one input. Never throws: an error of the grader is a grade without a score. */
export const runGrader = async (made: ReturnType<Grader["make"]>, input: GradeInput): Promise<Grade> => {
  try {
    return gradeOf(await made(input))
  } catch (cause) {
    return cannot(`the grader itself failed: ${cause instanceof Error ? cause.message : String(cause)}`)
  }
}
