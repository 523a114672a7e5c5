import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

import { deepestNesting, tooDeep, tooDeepWhy } from "../checks/depth.ts"
import { readJson } from "../checks/json.ts"
import type { ToolCall } from "../domain/Answer.ts"
import { compareArguments, type Sameness } from "./arguments.ts"
import { bestOrderedPairing, bestPairing } from "./assignment.ts"
import { argumentsOf, type Pairing, pairedByThing } from "./callOrder.ts"
import { type GradeInput, grader } from "./contract.ts"
import { cannotTell, sideOf } from "./reference.ts"
import { tolerance } from "./tolerance.ts"

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

/** Differences named in a reason. */
const shown = 5

/** Arguments that lie too deep to be compared count as unreadable: nothing that they are compared with is as deep. */
const readable = (call: ToolCall): ToolCall =>
  tooDeep(call.arguments) ? { ...call, arguments: {}, error: `nested more than ${deepestNesting} levels deep` } : call

/** A sum of shares to twelve places, so that the order of adding does not show. */
const rounded = (score: number) => Math.round(score * 1e12) / 1e12

/** Whether a tool only looks, by its name: `get_order`, `searchFlights`. What does not say so is taken to change something. */
const looksOnly = (name: string) => /^(get|list|search|find|read|fetch)(?![a-z])/.test(name)

/** What is not as it should be, in the order of the reference, with the first divergence named as such. */
const whyOf = (
  reference: ReadonlyArray<ToolCall>,
  calls: ReadonlyArray<ToolCall>,
  pairs: ReadonlyArray<ReadonlyArray<Sameness>>,
  columnOf: Pairing
): string => {
  const free = new Set(calls.keys())
  for (const column of columnOf) free.delete(column)
  const missing = reference.flatMap(({ name }, row) => {
    const at = `call ${row + 1} ${name}`
    const alike = [...free].filter((column) => calls[column]!.name === name)
    const same = alike.find((column) => pairs[row]![column]!.differences.length === 0)
    const near = columnOf[row] === -1 ? (same ?? alike[0]) : columnOf[row]
    if (near === undefined) return [`${at} is not called`]
    free.delete(near)
    const { differences } = pairs[row]![near]!
    if (columnOf[row] === -1 && differences.length === 0) return [`${at} is called out of order`]
    return differences.map((difference) => `${at}${difference}`)
  })
  const notes = [...missing, ...[...free].map((column) => `${calls[column]!.name} is called and should not be`)]
  if (notes.length === 0) return "the same calls"
  const more = notes.length > shown ? `; and ${notes.length - shown} more` : ""
  return `first divergence: ${notes.slice(0, shown).join("; ")}${more}`
}

/**
 * How far the output makes the calls that are expected (else those of the original): calls are paired one to one as well as
 * can be, a pair scores the mean of its arguments under the tool's input schema (`arguments.ts`; 0 for another tool, one that
 * was not offered, or unreadable arguments), and the weighted sum is divided by the larger weight of the two sides. A call that
 * changes something weighs three times one that looks. Rightly calling nothing scores 1 where tools were offered; where none
 * were, there is nothing to tell.
 */
export const toolCalls = grader({
  id: "toolCalls",
  kind: "comparison",
  about: "the share of tool calls and arguments that are the same, in any order unless it matters",
  options: Schema.Struct({
    /**
     * Whether the order of calls counts. `auto` (the default): only among calls that change the same thing in different ways,
     * that is, writing calls that share an id argument and differ in tool or arguments; all others were made at once.
     */
    ordered: Schema.Union([Schema.Literal("auto"), Schema.Boolean]).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed("auto" as const))
    ),
    /** `normalised`: case, width and white space of texts do not count, and prose scores by words in common. Default normalised. */
    text: Schema.Literals(["normalised", "exact"]).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed("normalised" as const))
    ),
    /** Prose with a word F1 below this scores 0. Default 0.5. */
    textFloor: Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 })).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed(0.5))
    ),
    /** What tools do, by name. Default: `read` where the name begins with get, list, search, find, read or fetch, else `write`. */
    effects: Schema.Record(Schema.String, Schema.Literals(["read", "write"])).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed({}))
    ),
    /** How much a writing call weighs against a reading one. Default 3. */
    writeWeight: Schema.Finite.check(Schema.isGreaterThan(0)).pipe(Schema.withDecodingDefaultKey(Effect.succeed(3))),
    ...tolerance
  }),
  make({ effects, ordered, writeWeight, ...forgiving }) {
    const writes = (name: string) => (Object.hasOwn(effects, name) ? effects[name] === "write" : !looksOnly(name))
    const weightOf = ({ name }: ToolCall) => (writes(name) ? writeWeight : 1)
    const weight = (calls: ReadonlyArray<ToolCall>) => calls.reduce((sum, call) => sum + weightOf(call), 0)
    return (input) => {
      const read = referenceOf(input)
      if (Result.isFailure(read)) return cannotTell(`${sideOf(input)} ${read.failure}`)
      const reference = read.success
      if (reference.some((call) => tooDeep(call.arguments))) return cannotTell(`${sideOf(input)} ${tooDeepWhy}`)
      const calls = input.output.toolCalls.map(readable)
      const tools = input.case.request.tools ?? []
      if (reference.length === 0 && calls.length === 0) {
        const offered = tools.length > 0 || input.original.toolCalls.length > 0
        return offered ? { score: 1, why: "rightly calls nothing" } : cannotTell("no tools were offered")
      }
      const schemas = new Map(tools.map(({ inputSchema, name }) => [name, inputSchema]))
      // What the original calls was offered to it, whatever the archive recorded of that.
      const offers = ({ name }: ToolCall) =>
        tools.length === 0 || schemas.has(name) || input.original.toolCalls.some((call) => call.name === name)
      const sameness = (wanted: ToolCall, call: ToolCall): Sameness => {
        if (wanted.name !== call.name) return { score: 0, differences: [] }
        if (call.error !== undefined) return { score: 0, differences: [` has unreadable arguments (${call.error})`] }
        if (!offers(call)) return { score: 0, differences: [" was not offered"] }
        return compareArguments(schemas.get(call.name), argumentsOf(wanted), argumentsOf(call), forgiving)
      }
      const pairs = reference.map((wanted) => calls.map((call) => sameness(wanted, call)))
      const scores = pairs.map((row, i) => row.map(({ score }) => score * weightOf(reference[i]!)))
      const columnOf =
        ordered === "auto"
          ? pairedByThing(reference, calls, scores, writes)
          : (ordered ? bestOrderedPairing : bestPairing)(scores)
      const total = columnOf.reduce((sum, column, row) => sum + (scores[row]?.[column] ?? 0), 0)
      return {
        score: rounded(total / Math.max(weight(reference), weight(calls))),
        why: whyOf(reference, calls, pairs, columnOf)
      }
    }
  }
})
