import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

import { grader } from "./contract.ts"
import { cannotTell, referenceText, sideOf } from "./reference.ts"

const flag = (value: boolean) => Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(value)))

/** 1 when the output's text is the expected text (else the original's), 0 when it is not. */
export const exact = grader({
  id: "exact",
  kind: "comparison",
  about: "1 when the text is the same",
  options: Schema.Struct({
    /** White space at both ends does not count. Default true. */
    trim: flag(true),
    caseInsensitive: flag(false),
    /** Any run of white space counts as one space. Default false. */
    collapseWhitespace: flag(false)
  }),
  make({ caseInsensitive, collapseWhitespace, trim }) {
    const normal = (text: string): string => {
      const trimmed = trim ? text.trim() : text
      const collapsed = collapseWhitespace ? trimmed.replace(/\s+/gu, " ") : trimmed
      return caseInsensitive ? collapsed.toLowerCase() : collapsed
    }
    return (input) => {
      const reference = referenceText(input)
      if (Result.isFailure(reference)) return cannotTell(reference.failure)
      return normal(reference.success) === normal(input.output.text)
        ? { score: 1, why: `the same text as ${sideOf(input)}` }
        : { score: 0, why: `another text than ${sideOf(input)}` }
    }
  }
})
