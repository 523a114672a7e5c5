import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

import { grader } from "./contract.ts"
import { normalisation, normalOf } from "./normal.ts"
import { cannotTell, referenceText, sideOf } from "./reference.ts"

/** 1 when the output's text is the expected text (else the original's), 0 when it is not. */
export const exact = grader({
  id: "exact",
  kind: "comparison",
  about: "1 when the text is the same",
  options: Schema.Struct(normalisation),
  make(options) {
    const normal = normalOf(options)
    return (input) => {
      const reference = referenceText(input)
      if (Result.isFailure(reference)) return cannotTell(reference.failure)
      return normal(reference.success) === normal(input.output.text)
        ? { score: 1, why: `the same text as ${sideOf(input)}` }
        : { score: 0, why: `another text than ${sideOf(input)}` }
    }
  }
})
