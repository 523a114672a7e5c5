import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

import { tooDeep, tooDeepWhy } from "../checks/depth.ts"
import { jsonOf, readExactJson } from "../checks/json.ts"
import { compareJson, type Rules } from "./compare.ts"
import { type GradeInput, grader } from "./contract.ts"
import { normalisation, normalOf } from "./normal.ts"
import { matches, type Pattern, type Place, patternOf } from "./paths.ts"
import { cannotTell, sideOf } from "./reference.ts"
import { Measure, similarityOf } from "./textSimilarity.ts"
import { allowance, tolerance } from "./tolerance.ts"

const shown = 5

const Path = Schema.String.check(
  Schema.makeFilter((text: string) => patternOf(text) !== undefined, {
    expected: 'a path such as "total", "items[*].id" or "$" for the top'
  })
)

const none = <A>(): ReadonlyArray<A> => []

const Tolerance = Schema.Struct({ path: Path, ...allowance }).check(
  Schema.makeFilter(({ absolute, relative }) =>
    absolute === undefined && relative === undefined ? "a tolerance is `absolute`, `relative` or both" : undefined
  )
)

const Text = Schema.Struct({
  path: Path,
  ...normalisation,
  /** Texts that are at least as alike as `atLeast`, from 0 to 1, count as equal. */
  similarity: Schema.optionalKey(
    Schema.Struct({
      measure: Measure,
      atLeast: Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))
    })
  )
})

/** The value of the first pattern that is the place's; made to cost nothing where there is no pattern. */
const byPlace = <A>(entries: ReadonlyArray<{ readonly path: string } & A>) => {
  const known = entries.map((entry) => ({ pattern: patternOf(entry.path) ?? [], entry }))
  return (place: Place): A | undefined =>
    known.length === 0 ? undefined : known.find(({ pattern }) => matches(pattern, place))?.entry
}

const textRule = ({ similarity, ...options }: typeof Text.Type) => {
  const normal = normalOf(options)
  const alike = similarity === undefined ? undefined : similarityOf(similarity.measure)
  return (reference: string, value: string): boolean => {
    const [one, other] = [normal(reference), normal(value)]
    return one === other || (alike !== undefined && (alike(one, other) ?? 0) >= (similarity?.atLeast ?? 1))
  }
}

/** How far two numbers are apart: to the last digit where both kept theirs, else as numbers. */
const apart = (one: number | bigint, other: number | bigint): number =>
  Math.abs(typeof one === "bigint" && typeof other === "bigint" ? Number(other - one) : Number(other) - Number(one))

/** A value that can be walked by recursion. */
const shallow = (value: unknown): Result.Result<unknown, string> =>
  tooDeep(value) ? Result.fail(tooDeepWhy) : Result.succeed(value)

const referenceOf = ({ case: { request }, expected, original }: GradeInput): Result.Result<unknown, string> => {
  if (expected === undefined) return jsonOf(original, request, readExactJson)
  return typeof expected === "string" ? readExactJson(expected) : Result.succeed(expected)
}

/**
 * 1 when the output is the same JSON as the expected answer (else the original), whatever the order of keys, plain or in a
 * fenced block; `why` names the first places that differ. With `partial`, the share of equal leaves. Whole numbers beyond 2^53
 * are compared by their digits, where both sides are texts. An output that is nested too deep to be compared scores 0.
 */
export const jsonEqual = grader({
  id: "jsonEqual",
  kind: "comparison",
  about: "1 when the JSON is the same, by structure",
  options: Schema.Struct({
    /** Places that do not count: `meta`, `items[*].id`. */
    ignore: Schema.Array(Path).pipe(Schema.withDecodingDefaultKey(Effect.succeed([]))),
    /**
     * Arrays whose order does not count. Elements are paired by `key`; without one, and where a key repeats, those that are the
     * same, then the others by how much of them is equal under all rules (up to 60 a side, beyond that by position).
     */
    unordered: Schema.Array(Schema.Struct({ path: Path, key: Schema.optionalKey(Schema.NonEmptyString) })).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed([]))
    ),
    /** Numbers at these places may be off by that much; the first path that fits wins over `tolerance`. */
    tolerances: Schema.Array(Tolerance).pipe(Schema.withDecodingDefaultKey(Effect.succeed(none()))),
    /** Texts at these places are normalised before they are compared, or compared by similarity; the first path that fits wins. Elsewhere every character counts. */
    texts: Schema.Array(Text).pipe(Schema.withDecodingDefaultKey(Effect.succeed(none()))),
    /** Score the share of equal leaves instead of 1 or 0. Default false. */
    partial: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(false))),
    ...tolerance
  }),
  make({ ignore, partial, texts, tolerances, unordered, ...numbers }) {
    const ignored: ReadonlyArray<Pattern> = ignore.map((text) => patternOf(text) ?? [])
    const free = unordered.map(({ key, path }) => ({ pattern: patternOf(path) ?? [], key: key ?? null }))
    const allowed = byPlace(tolerances)
    const textsAt = byPlace(texts.map((text) => ({ path: text.path, equal: textRule(text) })))
    const rules: Rules = {
      numbers(reference, value, place) {
        if (reference === value) return true
        const own = allowed(place)
        const off = apart(reference, value)
        // No share can be taken of what is beyond a double.
        const size = Number.isFinite(Number(reference)) ? Math.abs(Number(reference)) : 0
        return own === undefined
          ? off <= numbers.tolerance * (numbers.scale === "relative" ? size : 1)
          : off <= (own.absolute ?? 0) || off <= (own.relative ?? 0) * size
      },
      texts: (reference, value, place) => reference === value || textsAt(place)?.equal(reference, value) === true,
      ignored: (place: Place) => ignored.some((pattern) => matches(pattern, place)),
      unordered: (place: Place) => free.find(({ pattern }) => matches(pattern, place))
    }
    return (input) => {
      const reference = Result.flatMap(referenceOf(input), shallow)
      if (Result.isFailure(reference)) return cannotTell(`${sideOf(input)} ${reference.failure}`)
      const value = Result.flatMap(jsonOf(input.output, input.case.request, readExactJson), shallow)
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
