import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

import { jsonOf, readJson } from "../checks/json.ts"
import { compareJson, type Rules } from "./compare.ts"
import { type GradeInput, grader } from "./contract.ts"
import { matches, type Pattern, type Place, patternOf } from "./paths.ts"
import { cannotTell, sideOf } from "./reference.ts"
import { tolerance, within } from "./tolerance.ts"

const shown = 5

const Path = Schema.String.check(
  Schema.makeFilter((text: string) => patternOf(text) !== undefined, {
    expected: 'a path such as "total", "items[*].id" or "$" for the top'
  })
)

const referenceOf = ({ case: { request }, expected, original }: GradeInput): Result.Result<unknown, string> => {
  if (expected === undefined) return jsonOf(original, request)
  return typeof expected === "string" ? readJson(expected) : Result.succeed(expected)
}

/**
 * 1 when the output is the same JSON as the expected answer (else the original), whatever the order of keys, plain or in a
 * fenced block; `why` names the first places that differ. With `partial`, the share of equal leaves.
 */
export const jsonEqual = grader({
  id: "jsonEqual",
  kind: "comparison",
  about: "1 when the JSON is the same, by structure",
  options: Schema.Struct({
    /** Places that do not count: `meta`, `items[*].id`. */
    ignore: Schema.Array(Path).pipe(Schema.withDecodingDefaultKey(Effect.succeed([]))),
    /** Arrays whose order does not count; elements are paired by `key`, without one by themselves. */
    unordered: Schema.Array(Schema.Struct({ path: Path, key: Schema.optionalKey(Schema.NonEmptyString) })).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed([]))
    ),
    /** Score the share of equal leaves instead of 1 or 0. Default false. */
    partial: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(false))),
    ...tolerance
  }),
  make({ ignore, partial, unordered, ...numbers }) {
    const ignored: ReadonlyArray<Pattern> = ignore.map((text) => patternOf(text) ?? [])
    const free = unordered.map(({ key, path }) => ({ pattern: patternOf(path) ?? [], key: key ?? null }))
    const rules: Rules = {
      numbers: (reference, value) => within(reference, value, numbers),
      texts: (reference, value) => reference === value,
      ignored: (place: Place) => ignored.some((pattern) => matches(pattern, place)),
      unordered: (place: Place) => free.find(({ pattern }) => matches(pattern, place))
    }
    return (input) => {
      const reference = referenceOf(input)
      if (Result.isFailure(reference)) return cannotTell(`${sideOf(input)} ${reference.failure}`)
      const value = jsonOf(input.output, input.case.request)
      if (Result.isFailure(value)) return { score: 0, why: `the output ${value.failure}` }
      const { differences, equal, leaves } = compareJson(reference.success, value.success, rules)
      if (differences.length === 0) return { score: 1, why: "equal" }
      const more = differences.length > shown ? `; and ${differences.length - shown} more` : ""
      return {
        score: partial ? equal / leaves : 0,
        why: `${differences.slice(0, shown).join("; ")}${more}`
      }
    }
  }
})
