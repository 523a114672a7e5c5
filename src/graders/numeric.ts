import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

import { grader } from "./contract.ts"
import { numbersIn, valueInField, valueInJson } from "./number.ts"
import { type Quantity, quantitiesIn, quantityText, valueIn } from "./numberUnits.ts"
import { patternOf } from "./paths.ts"
import { cannotTell, sideOf } from "./reference.ts"
import { tolerance, within } from "./tolerance.ts"

/**
 * 1 when the output's number is the expected one (else the original's) within the tolerance. The number is the first in the
 * JSON field `field`, or without one the `first` or `last` number in the text; `$` does not count. `1 234`, `1,234` and `1.234.567` are groups of
 * three digits; any other single comma is a decimal one: `12,5`; `3/4` and `1.5 x 10^3` are one number each.
 * With `units`, what stands beside a number counts: lengths, areas, masses, volumes, times, energy, power, frequencies, bytes, shares, angles and
 * temperatures are converted, money is never (`$` is USD, `¥` JPY), nor are months into days; `k`, `M`, `bn`, `million` multiply. `km/h` and
 * `m²` are made of their parts. Any other word right behind a number is held against another word or unit,
 * never against a bare number; `and`, `of`, `today` and the like are none. `50%` is 0.5 and not 50, on either side. `3 h 20 min` are two numbers. Markdown's and LaTeX's marks do not count.
 */
export const numeric = grader({
  id: "numeric",
  kind: "comparison",
  about: "1 when the number in the text, or in a field of its JSON, is the same within a tolerance",
  options: Schema.Struct({
    /** A key of the JSON in the answer, or a path: `total.amount`, `items[0].price`, `$.a`. The JSON may be fenced or broken. */
    field: Schema.optionalKey(
      Schema.NonEmptyString.check(
        Schema.makeFilter((text: string) => patternOf(text)?.includes("*") === false, {
          expected: 'one path such as "answer" or "items[0].price"'
        })
      )
    ),
    /** Which number of the text, where no field is named. Default last. */
    pick: Schema.Literals(["first", "last"]).pipe(Schema.withDecodingDefaultKey(Effect.succeed("last" as const))),
    /** Units are read, and a wrong one is wrong. Where the reference has none, the output's does not count. Default false: numbers alone. */
    units: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(false))),
    /** In the reference's unit. */
    ...tolerance
  }),
  make(options) {
    const { field, pick, units } = options
    const allIn = (text: string): ReadonlyArray<Quantity> =>
      units ? quantitiesIn(text) : numbersIn(text).map((value) => ({ value, unit: null }))
    const quantityOf = (value: unknown): Quantity | undefined =>
      typeof value === "number" ? { value, unit: null } : typeof value === "string" ? allIn(value)[0] : undefined
    const read = (text: string): Quantity | undefined =>
      field === undefined ? allIn(text).at(pick === "last" ? -1 : 0) : quantityOf(valueInField(text, field))
    const readExpected = (expected: unknown): Quantity | undefined => {
      if (typeof expected === "string") return read(expected) ?? quantityOf(expected)
      if (typeof expected === "number") return quantityOf(expected)
      return field === undefined ? undefined : quantityOf(valueInJson(expected, field))
    }
    const where = field === undefined ? "" : ` in the field "${field}"`
    return (input) => {
      const reference = input.expected === undefined ? read(input.original.text) : readExpected(input.expected)
      if (reference === undefined) return cannotTell(`${sideOf(input)} has no number${where}`)
      const quantity = read(input.output.text)
      if (quantity === undefined) return { score: 0, why: `the output has no number${where}` }
      const number = valueIn(reference.unit, quantity)
      if (number === undefined) {
        const what = quantity.unit === null ? "has no unit" : "has another unit"
        return { score: 0, why: `${quantityText(quantity)} ${what}: ${quantityText(reference)} is right` }
      }
      return within(reference.value, number, options)
        ? { score: 1, why: quantityText(quantity) }
        : { score: 0, why: `${quantityText(quantity)} instead of ${quantityText(reference)}` }
    }
  }
})
