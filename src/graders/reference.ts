import * as Result from "effect/Result"

import type { Grade } from "../domain/Grade.ts"
import type { GradeInput } from "./contract.ts"

/** The grader cannot tell. */
export const cannotTell = (why: string): Grade => ({ score: null, why })

/** What the case's output is compared with, in words. */
export const sideOf = (input: GradeInput): "the expected answer" | "the original" =>
  input.expected === undefined ? "the original" : "the expected answer"

/** The text to compare with: the expected one, else the original's. Fails with a sentence when there is none. */
export const referenceText = (input: GradeInput): Result.Result<string, string> => {
  const { expected, original } = input
  if (typeof expected === "string") return Result.succeed(expected)
  if (typeof expected === "number" || typeof expected === "boolean") return Result.succeed(String(expected))
  if (expected !== undefined) return Result.fail("the expected answer is JSON, not a text")
  return original.text.trim() === "" ? Result.fail("the original has no text") : Result.succeed(original.text)
}
