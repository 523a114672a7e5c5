import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

import type { Answer } from "../domain/Answer.ts"
import { type GradeInput, grader } from "./contract.ts"
import { cannotTell, referenceText, sideOf } from "./reference.ts"
import { tokensOf } from "./textSimilarity.ts"

const natural = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
type Unit = "characters" | "words" | "tokens"

const ofText = (text: string, unit: Exclude<Unit, "tokens">): number =>
  unit === "words" ? tokensOf(text).length : [...text].length

const lengthOf = ({ text, usage }: Answer, unit: Unit): Result.Result<number, string> => {
  if (unit !== "tokens") return Result.succeed(ofText(text, unit))
  const total = usage?.output?.total
  return total === undefined ? Result.fail("has no count of tokens") : Result.succeed(total)
}

const isNothing = ({ text, toolCalls }: Answer): boolean => text.trim() === "" && toolCalls.length === 0

const referenceLength = (input: GradeInput, unit: Unit): Result.Result<number, string> => {
  const side = sideOf(input)
  const length =
    unit === "tokens"
      ? input.expected === undefined
        ? Result.mapError(lengthOf(input.original, unit), (why) => `${side} ${why}`)
        : Result.fail(`${side} has no count of tokens`)
      : Result.map(referenceText(input), (text) => ofText(text, unit))
  return Result.flatMap(length, (count) =>
    count === 0 ? Result.fail(`${side} has no ${unit}`) : Result.succeed(count)
  )
}

/**
 * 1 when the output's text is not too long and not too short: between `min` and `max`, and at most `ratio` times as long as the expected
 * text (else the original's). Characters are Unicode's code points, words as `textSimilarity` counts them, tokens as the provider billed them, reasoning in.
 * An answer without text and tool calls is wrong, however short it may be, unless `min` is 0.
 * Without `ratio` an outcome: the original is held to the same.
 */
export const length = grader({
  id: "length",
  kind: "outcome",
  kindOf: ({ ratio }) => (ratio === undefined ? "outcome" : "comparison"),
  about: "1 when the answer is not too long and not too short",
  options: Schema.Struct({
    /** Default words. */
    unit: Schema.Literals(["characters", "words", "tokens"]).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed("words" as const))
    ),
    /** 0 lets an answer be empty. */
    min: Schema.optionalKey(natural),
    max: Schema.optionalKey(natural),
    ratio: Schema.optionalKey(Schema.Finite.check(Schema.isGreaterThan(0)))
  }).check(
    Schema.makeFilter(({ max, min, ratio }) => {
      if (min === undefined && max === undefined && ratio === undefined) return "name a `min`, a `max` or a `ratio`"
      return min !== undefined && max !== undefined && min > max ? "`min` is above `max`" : undefined
    })
  ),
  make:
    ({ max = Number.POSITIVE_INFINITY, min, ratio, unit }) =>
    (input) => {
      const reference = ratio === undefined ? Result.succeed(0) : referenceLength(input, unit)
      if (Result.isFailure(reference)) return cannotTell(reference.failure)
      if (min !== 0 && isNothing(input.output)) return { score: 0, why: "the output has neither text nor tool calls" }
      const counted = lengthOf(input.output, unit)
      if (Result.isFailure(counted)) return cannotTell(`the output ${counted.failure}`)
      const most = ratio === undefined ? max : Math.min(max, ratio * reference.success)
      const count = counted.success
      if (min !== undefined && count < min) return { score: 0, why: `${count} ${unit}, at least ${min} are right` }
      return count > most
        ? { score: 0, why: `${count} ${unit}, at most ${most} are right` }
        : { score: 1, why: `${count} ${unit}` }
    }
})
