import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

import { grader } from "./contract.ts"
import { numberInField, numberInJson, numbersIn } from "./number.ts"
import { cannotTell, sideOf } from "./reference.ts"
import { tolerance, within } from "./tolerance.ts"

/**
 * 1 when the output's number is the expected one (else the original's) within the tolerance. The number is the first in the
 * JSON field `field`, or without one the `first` or `last` number in the text; `$` and commas do not count.
 */
export const numeric = grader({
  id: "numeric",
  kind: "comparison",
  about: "1 when the number in the text, or in a field of its JSON, is the same within a tolerance",
  options: Schema.Struct({
    /** A key of the JSON in the answer, or a path of keys: `total.amount`. The JSON may be fenced or broken. */
    field: Schema.optionalKey(Schema.NonEmptyString),
    /** Which number of the text, where no field is named. Default last. */
    pick: Schema.Literals(["first", "last"]).pipe(Schema.withDecodingDefaultKey(Effect.succeed("last" as const))),
    ...tolerance
  }),
  make(options) {
    const { field, pick } = options
    const read = (text: string) =>
      field === undefined ? numbersIn(text).at(pick === "last" ? -1 : 0) : numberInField(text, field)
    const readExpected = (expected: unknown): number | undefined => {
      if (typeof expected === "number") return expected
      if (typeof expected === "string") return read(expected) ?? numbersIn(expected)[0]
      return field === undefined ? undefined : numberInJson(expected, field)
    }
    const where = field === undefined ? "" : ` in the field "${field}"`
    return (input) => {
      const reference = input.expected === undefined ? read(input.original.text) : readExpected(input.expected)
      if (reference === undefined) return cannotTell(`${sideOf(input)} has no number${where}`)
      const number = read(input.output.text)
      if (number === undefined) return { score: 0, why: `the output has no number${where}` }
      return within(reference, number, options)
        ? { score: 1, why: `${number}` }
        : { score: 0, why: `${number} instead of ${reference}` }
    }
  }
})
