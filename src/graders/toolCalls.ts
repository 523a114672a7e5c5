import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

import { readJson } from "../checks/json.ts"
import type { ToolCall } from "../domain/Answer.ts"
import { bestOrderedPairing, bestPairing } from "./assignment.ts"
import { compareJson, type Rules } from "./compare.ts"
import { type GradeInput, grader } from "./contract.ts"
import { cannotTell, sideOf } from "./reference.ts"
import { tolerance, within } from "./tolerance.ts"

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const expectedCall = (value: unknown): ToolCall | undefined => {
  if (!isObject(value) || typeof value["name"] !== "string") return undefined
  const written = value["arguments"] ?? {}
  const read = typeof written === "string" ? Result.getOrUndefined(readJson(written)) : written
  return isObject(read) ? { name: value["name"], arguments: read } : undefined
}

const referenceOf = ({ expected, original }: GradeInput): Result.Result<ReadonlyArray<ToolCall>, string> => {
  if (expected === undefined) {
    const broken = original.toolCalls.find((call) => call.error !== undefined)
    return broken === undefined
      ? Result.succeed(original.toolCalls)
      : Result.fail(`has unreadable arguments of ${broken.name}: ${broken.error}`)
  }
  const calls = (Array.isArray(expected) ? expected : [expected]).map(expectedCall)
  return calls.every((call) => call !== undefined)
    ? Result.succeed(calls)
    : Result.fail("is no list of { name, arguments }")
}

const normal = (text: string) => text.normalize("NFKC").toLowerCase().replace(/\s+/gu, " ").trim()

interface PairScore {
  readonly score: number
  readonly differences: ReadonlyArray<string>
}

const argumentsOf = (call: ToolCall): Readonly<Record<string, unknown>> =>
  isObject(call.arguments) ? call.arguments : { arguments: call.arguments }

/** The share of arguments that are equal, among those of both calls; 0 for another tool or unreadable arguments. */
const pairScore = (reference: ToolCall, call: ToolCall, rules: Rules): PairScore => {
  if (reference.name !== call.name) return { score: 0, differences: [] }
  if (call.error !== undefined) return { score: 0, differences: [`unreadable arguments (${call.error})`] }
  const wanted = argumentsOf(reference)
  const given = argumentsOf(call)
  const names = [...new Set([...Object.keys(wanted), ...Object.keys(given)])]
  const differing = names.map(
    (name) =>
      compareJson(
        Object.hasOwn(wanted, name) ? { [name]: wanted[name] } : {},
        Object.hasOwn(given, name) ? { [name]: given[name] } : {},
        rules
      ).differences
  )
  const equal = differing.filter((differences) => differences.length === 0).length
  return { score: names.length === 0 ? 1 : equal / names.length, differences: differing.flat() }
}

/** A sum of shares to twelve places, so that the order of adding does not show. */
const rounded = (score: number) => Math.round(score * 1e12) / 1e12

/**
 * How far the output makes the calls that are expected (else those of the original): calls are paired one to one as well as
 * can be, a pair scores the share of equal arguments (0 for another tool), and the sum is divided by the larger number of
 * calls. The order of calls does not count unless `ordered`. Rightly calling nothing scores 1 where
 * tools were offered; where none were, there is nothing to tell.
 */
export const toolCalls = grader({
  id: "toolCalls",
  kind: "comparison",
  about: "the share of tool calls and arguments that are the same, in any order",
  options: Schema.Struct({
    /** The order of the calls counts. Default false. */
    ordered: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(false))),
    /** `normalised`: case, width and white space of texts do not count. Default normalised. */
    text: Schema.Literals(["normalised", "exact"]).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed("normalised" as const))
    ),
    ...tolerance
  }),
  make({ ordered, text, ...numbers }) {
    const rules: Rules = {
      numbers: (reference, value) => within(reference, value, numbers),
      texts: text === "exact" ? (one, other) => one === other : (one, other) => normal(one) === normal(other),
      ignored: () => false,
      unordered: () => undefined
    }
    return (input) => {
      const read = referenceOf(input)
      if (Result.isFailure(read)) return cannotTell(`${sideOf(input)} ${read.failure}`)
      const reference = read.success
      const calls = input.output.toolCalls
      if (reference.length === 0 && calls.length === 0) {
        const offered = (input.case.request.tools ?? []).length > 0 || input.original.toolCalls.length > 0
        return offered ? { score: 1, why: "rightly calls nothing" } : cannotTell("no tools were offered")
      }
      const pairs = reference.map((wanted) => calls.map((call) => pairScore(wanted, call, rules)))
      const columnOf = (ordered ? bestOrderedPairing : bestPairing)(pairs.map((row) => row.map(({ score }) => score)))
      const total = columnOf.reduce((sum, column, row) => sum + (pairs[row]?.[column]?.score ?? 0), 0)
      const score = rounded(total / Math.max(reference.length, calls.length))
      const notes = [
        ...columnOf.flatMap((column, row) => {
          const name = reference[row]!.name
          const pair = pairs[row]?.[column]
          const near = pairs[row]!.find((_, i) => !columnOf.includes(i) && calls[i]!.name === name)
          const told = pair ?? near
          return told === undefined
            ? [`${name} is not called`]
            : told.differences.map((difference) => `${name}: ${difference}`)
        }),
        ...calls.flatMap(({ name }, i) =>
          columnOf.includes(i) || reference.some((wanted, row) => columnOf[row] === -1 && wanted.name === name)
            ? []
            : [`${name} is called and should not be`]
        )
      ]
      return { score, why: notes.length === 0 ? "the same calls" : notes.join("; ") }
    }
  }
})
