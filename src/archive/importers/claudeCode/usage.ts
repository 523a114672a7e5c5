import type { Usage } from "../../../domain/Call.ts"
import type { Json } from "../../../providers/wires/json.ts"
import { anthropicUsage, noUsage } from "../../../providers/wires/usage.ts"
import { withUnreadable } from "../../counts.ts"
import type { JsonObject } from "../../json.ts"
import { arrayIn, countIn, objectIn, textIn } from "../../json.ts"
import { isBefore } from "./context.ts"

const counted = ["input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens"] as const

/** All tokens that a `usage` counts. */
export const tokensIn = (usage: JsonObject | undefined): number =>
  counted.reduce((sum, name) => sum + (countIn(usage?.[name]) ?? 0), 0)

/** Of several copies of one answer's counts the largest holds; at equal totals one that tells its speed, then the first. */
export const moreUsed = (usage: JsonObject, known: JsonObject | undefined): boolean => {
  if (known === undefined) return true
  const more = tokensIn(usage) - tokensIn(known)
  return more > 0 || (more === 0 && known["speed"] === undefined && usage["speed"] !== undefined)
}

const placeholders = "Claude Code before 2.1.97 wrote placeholders for output tokens: they are too low"

/** Counts of the wire; a side whose sum is beyond what can be counted is not known. */
const countsIn = (usage: JsonObject): Usage => {
  // Parsed JSON.
  const read = withUnreadable(anthropicUsage(usage as Json & JsonObject), [usage])
  if (read.input === null || Number.isSafeInteger(read.input.total)) return read
  const told = [...(read.diagnostics ?? []), "the input tokens add up to more than can be counted"]
  return { ...read, basis: "unreliable", input: null, diagnostics: told }
}

/** The counts of an answer as a transcript of this version has them. */
export const usageOfCopy = (usage: JsonObject | undefined, version: string | undefined): Usage => {
  if (usage === undefined) return noUsage
  const read = countsIn(usage)
  if (read.input === null && read.output === null) return read
  return isBefore(version, [2, 1, 97])
    ? { ...read, basis: "unreliable", diagnostics: [...(read.diagnostics ?? []), placeholders] }
    : read
}

/** Another model's part in an answer, which its own counts leave out. */
export interface Advised {
  readonly model: string
  readonly usage: Usage
}

/** The calls of an advisor within an answer. */
export const advisedIn = (usage: JsonObject | undefined): ReadonlyArray<Advised> =>
  (arrayIn(usage?.["iterations"]) ?? []).map(objectIn).flatMap((iteration) => {
    const model = textIn(iteration?.["model"])
    return iteration?.["type"] !== "advisor_message" || model === undefined
      ? []
      : [{ model, usage: countsIn(iteration) }]
  })
