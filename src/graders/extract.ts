import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

import { tooDeep, tooDeepWhy } from "../checks/depth.ts"
import { codeIn } from "../checks/fence.ts"
import { fencesOf } from "../checks/files.ts"
import { jsonOf, readExactJson } from "../checks/json.ts"
import { firstMatch, flags, refusedPattern } from "../checks/matching.ts"
import type { Answer } from "../domain/Answer.ts"
import type { CallRequest } from "../domain/Call.ts"
import type { GradeInput, Grader, Grading } from "./contract.ts"
import { lastNumberIn } from "./number.ts"
import { patternOf } from "./paths.ts"
import { cannotTell } from "./reference.ts"

const Path = Schema.Struct({
  /** A place in the JSON of the answer, plain or fenced: `answer`, `items[0].id`. A text is taken as it is, anything else as JSON, with all digits of whole numbers. */
  path: Schema.String.check(
    Schema.makeFilter((text: string) => patternOf(text)?.includes("*") === false, {
      expected: 'one path such as "answer" or "items[0].id"'
    })
  )
})
const Regex = Schema.Struct({
  /** The first match counts; put `[^]*` in front for the last one. */
  regex: Schema.NonEmptyString,
  flags,
  /** A group's number or name. Default: the first group, or the whole match where the pattern has none. */
  group: Schema.optionalKey(Schema.Union([Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)), Schema.NonEmptyString]))
}).check(
  Schema.makeFilter(({ flags, group, regex }) => {
    const refused = refusedPattern(regex, flags)
    if (refused !== undefined || group === undefined) return refused
    const empty = new RegExp(`${regex}|`, flags).exec("")
    const has = typeof group === "number" ? group < (empty?.length ?? 0) : Object.hasOwn(empty?.groups ?? {}, group)
    return has ? undefined : `the pattern has no group ${group}`
  })
)
const Fenced = Schema.Struct({
  /** The language behind the opening fence. */
  fenced: Schema.NonEmptyString
})

/** The option of every grader that says which part of an answer is graded. */
export const Extract = Schema.Union([Schema.Literals(["lastNumber", "fenced"]), Path, Regex, Fenced])
export type Extract = typeof Extract.Type

/** The field of a grader's entry in a suite that names what is extracted before it grades. */
export const extract = { extract: Schema.optionalKey(Extract) }

/** Newer than the types: a number's text that is written as it is. */
const { rawJSON } = JSON as unknown as { readonly rawJSON: (text: string) => unknown }

const digitsKept = (_key: string, value: unknown): unknown => {
  if (typeof value === "bigint") return rawJSON(String(value))
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value
}

const at = (json: unknown, path: string): Result.Result<string, string> => {
  let value = json
  for (const key of patternOf(path) ?? []) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return Result.fail(`has no ${path}`)
    value = (value as Readonly<Record<string, unknown>>)[key]
  }
  if (typeof value === "string") return Result.succeed(value)
  return tooDeep(value) ? Result.fail(tooDeepWhy) : Result.succeed(JSON.stringify(value, digitsKept))
}

/** Finds the part of a text. Fails with a sentence without a subject: `has no number`. */
type Find = (text: string) => Result.Result<string, string>

const finding = (extract: Exclude<Extract, typeof Path.Type>): Find => {
  if (extract === "lastNumber") {
    return (text) => {
      const number = lastNumberIn(text)
      return number === undefined ? Result.fail("has no number") : Result.succeed(number)
    }
  }
  if (extract === "fenced") {
    return (text) => (fencesOf(text).length === 0 ? Result.fail("has no fenced block") : Result.succeed(codeIn(text)))
  }
  if ("fenced" in extract) {
    const language = extract.fenced.toLowerCase()
    return (text) =>
      fencesOf(text).some(({ info }) => info.split(/[\s:{]/)[0]?.toLowerCase() === language)
        ? Result.succeed(codeIn(text, [language]))
        : Result.fail(`has no fenced block of ${extract.fenced}`)
  }
  const pattern = new RegExp(extract.regex, extract.flags)
  return (text) => {
    const found = firstMatch(pattern, text)
    if (found === null) return Result.fail(`does not match ${pattern}`)
    const { group = found.length > 1 ? 1 : 0 } = extract
    const part = typeof group === "number" ? found[group] : found.groups?.[group]
    return part === undefined ? Result.fail(`matches ${pattern} without its group ${group}`) : Result.succeed(part)
  }
}

interface Extracting {
  ofAnswer(answer: Answer, request: CallRequest): Result.Result<string, string>
  /** What a reference is after extraction: where nothing can be extracted from it, it is the bare answer already. */
  ofExpected(expected: unknown): unknown
}

const extractingOf = (extract: Extract): Extracting => {
  if (typeof extract === "object" && "path" in extract) {
    const { path } = extract
    return {
      ofAnswer: (answer, request) => Result.flatMap(jsonOf(answer, request, readExactJson), (json) => at(json, path)),
      ofExpected: (expected) =>
        typeof expected === "object" ? Result.getOrElse(at(expected, path), () => expected) : expected
    }
  }
  const find = finding(extract)
  return {
    ofAnswer: ({ text }) => find(text),
    ofExpected: (expected) =>
      typeof expected === "string" ? Result.getOrElse(find(expected), () => expected) : expected
  }
}

/** Where the answer was asked for by way of a tool, its one call is the whole of which the text is a part. */
const only = (answer: Answer, text: string, { responseFormat }: CallRequest): Answer => {
  const isCall = responseFormat?.type === "json_schema" && responseFormat.via === "tool"
  return { ...answer, text, toolCalls: isCall ? [] : answer.toolCalls }
}

/**
 * A grading that sees, in place of the texts of output, original and reference, what is extracted from them; tool calls stay. Where the output
 * holds no such part it scores 0; where what it is compared with is an original that holds none, there is no score. A reference that holds none is
 * taken as the bare answer: "42" where the pattern is `answer: (\d+)`. With `path` only a reference that is JSON itself is looked into.
 */
export const extracting = (extract: Extract | undefined, kind: Grader["kind"], grade: Grading): Grading => {
  if (extract === undefined) return grade
  const { ofAnswer, ofExpected } = extractingOf(extract)
  return (input: GradeInput) => {
    const { request } = input.case
    const isCompared = kind === "comparison" ? input.expected === undefined : kind !== "outcome"
    const original = ofAnswer(input.original, request)
    if (Result.isFailure(original) && isCompared) return cannotTell(`the original ${original.failure}`)
    const output = ofAnswer(input.output, request)
    if (Result.isFailure(output)) return { score: 0, why: `the output ${output.failure}` }
    return grade({
      ...input,
      output: only(input.output, output.success, request),
      original: only(
        input.original,
        Result.getOrElse(original, () => ""),
        request
      ),
      expected: ofExpected(input.expected)
    })
  }
}

/** Why what is extracted leaves a grader nothing to grade: a last number stands without its unit. */
const refusedWith = (grader: Grader, extract: Extract | undefined, options: unknown): string | undefined =>
  grader.id === "numeric" &&
  extract === "lastNumber" &&
  typeof options === "object" &&
  options !== null &&
  "units" in options &&
  options.units === true
    ? 'extract lastNumber leaves no unit to read: use pick: "last"'
    : undefined

/** Makes the grader of an entry in a suite, which sees what the entry extracts. Throws where the options cannot be used. */
export const madeOf = (
  grader: Grader,
  { extract, options }: { readonly extract?: Extract; readonly options: unknown }
): Grading => {
  const refused = refusedWith(grader, extract, options)
  if (refused !== undefined) throw new Error(refused)
  return extracting(extract, grader.kindOf?.(options) ?? grader.kind, grader.make(options))
}
