import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

import { type GradeInput, grader } from "./contract.ts"
import { cannotTell, referenceText } from "./reference.ts"

const isTexts = (value: unknown): value is ReadonlyArray<string> =>
  Array.isArray(value) && value.length > 0 && value.every((text) => typeof text === "string")

const listed = (texts: ReadonlyArray<string>) => texts.map((text) => JSON.stringify(text)).join(", ")

const wanted = (input: GradeInput): Result.Result<ReadonlyArray<string>, string> =>
  isTexts(input.expected) ? Result.succeed(input.expected) : Result.map(referenceText(input), (text) => [text.trim()])

/**
 * 1 when the output's text contains all (or any, or none) of the texts: those in the suite; without them, the expected text or texts,
 * else the whole of the original's text. An empty output (no text, no tool call) scores 0, with `none` too. With texts in the suite it is an outcome: original and output are looked at alike.
 */
export const contains = grader({
  id: "contains",
  kind: "comparison",
  kindOf: ({ texts }) => (texts === undefined ? "comparison" : "outcome"),
  about: "1 when the text contains the given texts, or the expected one, or none of them",
  options: Schema.Struct({
    texts: Schema.optionalKey(Schema.NonEmptyArray(Schema.NonEmptyString)),
    /** How many of the texts must be there. `none`: they are what must not be said. Default all. */
    match: Schema.Literals(["all", "any", "none"]).pipe(Schema.withDecodingDefaultKey(Effect.succeed("all" as const))),
    caseInsensitive: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(false)))
  }),
  make({ caseInsensitive, match, texts }) {
    const normal = (text: string) => (caseInsensitive ? text.toLowerCase() : text)
    return (input) => {
      const looked = texts === undefined ? wanted(input) : Result.succeed(texts)
      if (Result.isFailure(looked)) return cannotTell(looked.failure)
      const text = normal(input.output.text)
      const missing = looked.success.filter((part) => !text.includes(normal(part)))
      if (match === "none") {
        const isEmpty = text.trim() === "" && input.output.toolCalls.length === 0
        if (isEmpty) return { score: 0, why: "the output is empty: it says nothing at all" }
        const found = looked.success.filter((part) => !missing.includes(part))
        return {
          score: found.length === 0 ? 1 : 0,
          why: found.length === 0 ? "contains none" : `contains ${listed(found)}`
        }
      }
      const found = match === "all" ? missing.length === 0 : missing.length < looked.success.length
      return { score: found ? 1 : 0, why: missing.length === 0 ? "contains all" : `lacks ${listed(missing)}` }
    }
  }
})
