import type { ArchivedCall, Usage } from "../../../domain/Call.ts"
import { billIn, unbilled } from "../../billed.ts"
import type { JsonObject } from "../../json.ts"
import { countIn } from "../../json.ts"
import type { Counts } from "../../spans/tokens.ts"
import { disjoint, inclusive, usageOf } from "../../spans/tokens.ts"
import { fieldIn, fieldObject } from "./rows.ts"

/** Names of Langfuse's counts that stand beside `input` and `output`. */
const names = {
  cacheRead: [
    "input_cached_tokens",
    "input_cache_read",
    "cache_read_input_tokens",
    "input_cached",
    "input_cache_read_tokens"
  ],
  cacheWrite5m: ["input_cache_creation_5m", "input_ephemeral_5m_input_tokens"],
  cacheWrite1h: ["input_cache_creation_1h", "input_ephemeral_1h_input_tokens"],
  cacheWriteOther: [
    "input_cache_creation",
    "input_cache_write",
    "cache_creation_input_tokens",
    "input_cache_creation_tokens"
  ],
  reasoning: ["output_reasoning_tokens", "output_reasoning"]
} as const
/** Names of counts that OpenInference's spans bring: parts of `input` and `output`. */
const inner = {
  cacheRead: "prompt_details.cache_read",
  cacheWriteOther: "prompt_details.cache_write",
  reasoning: "completion_details.reasoning"
} as const

const known = new Set<string>([...Object.values(names).flat(), "input", "output", "total"])

const summed = (details: JsonObject, of: ReadonlyArray<string>) => {
  const counts = of.map((name) => countIn(details[name])).filter((count) => count !== undefined)
  return counts.length === 0 ? undefined : Math.max(...counts)
}

/** Other parts that Langfuse took out of `input` or `output` (sound, pictures): they belong to them again. */
const others = (details: JsonObject, side: "input_" | "output_") =>
  Object.entries(details).reduce(
    (total, [name, value]) => (name.startsWith(side) && !known.has(name) ? total + (countIn(value) ?? 0) : total),
    0
  )

const plus = (count: number | undefined, more: number) => (count === undefined ? undefined : count + more)

/**
 * What an observation's usage details say. Langfuse counts cached tokens and reasoning beside `input` and `output`, but inside them where the names
 * are OpenInference's; a total decides. Where nothing shows that somebody reported them, Langfuse counted them itself: basis `estimated`.
 */
export const usageOfRow = (row: JsonObject): Usage | undefined => {
  const provided = fieldObject(row, "provided_usage_details")
  const reported = Object.keys(provided).length > 0
  const details = reported ? provided : fieldObject(row, "usage_details", "usage")
  if (Object.keys(details).length === 0) return undefined
  const inside = Object.values(inner).some((name) => name in details)
  const counts: Counts = {
    input: plus(countIn(details["input"]), inside ? 0 : others(details, "input_")),
    output: plus(countIn(details["output"]), inside ? 0 : others(details, "output_")),
    total: countIn(details["total"]),
    cacheRead: summed(details, names.cacheRead) ?? countIn(details[inner.cacheRead]),
    cacheWrite5m: summed(details, names.cacheWrite5m),
    cacheWrite1h: summed(details, names.cacheWrite1h),
    cacheWriteOther: summed(details, names.cacheWriteOther) ?? countIn(details[inner.cacheWriteOther]),
    reasoning: summed(details, names.reasoning) ?? countIn(details[inner.reasoning])
  }
  const usage = usageOf(counts, inside ? inclusive : disjoint, details)
  if (usage.input === null && usage.output === null) return undefined
  // Langfuse's own count knows an input, an output and a total, and nothing of their parts.
  const told = reported || Object.keys(details).some((name) => !["input", "output", "total"].includes(name))
  const billed = Object.keys(fieldObject(row, "provided_cost_details")).length > 0
  return told || billed || usage.basis !== "reported"
    ? usage
    : {
        ...usage,
        basis: "estimated",
        diagnostics: [
          ...(usage.diagnostics ?? []),
          "nothing shows that a provider reported these counts: Langfuse may have counted them"
        ]
      }
}

/** A bill as the record has it, with what is to be known of it. */
export interface ReadCost {
  readonly billed: ArchivedCall["billed"]
  readonly notes: ReadonlyArray<string>
}

const asBilled = (value: unknown, note: string): ReadCost => {
  const bill = billIn(value)
  return bill.nanoUsd === null
    ? { billed: unbilled, notes: bill.note === undefined ? [] : [bill.note] }
    : { billed: { nanoUsd: bill.nanoUsd.toString(), basis: "client-estimate", billing: "metered" }, notes: [note] }
}

/** The cost that the application gave for an observation; `undefined` where it gave none. */
export const givenCost = (row: JsonObject): ReadCost | undefined => {
  const { total } = fieldObject(row, "provided_cost_details")
  return total === undefined ? undefined : asBilled(total, "the cost is what the application said")
}

const agree = (row: JsonObject, usage: Usage) => {
  const counted = usageOfRow(row)
  return (
    counted === undefined ||
    (counted.input?.total === usage.input?.total && counted.output?.total === usage.output?.total)
  )
}

/** The cost that Langfuse worked out from its prices; none where it did so from other counts than the call's. A total of 0 without parts is no cost. */
export const workedOutCost = (row: JsonObject, usage: Usage): ReadCost => {
  const details = fieldObject(row, "cost_details")
  const total = details["total"] ?? (Object.keys(details).length > 0 ? fieldIn(row, "total_cost") : undefined)
  const legacy = fieldIn(row, "total_cost", "calculated_total_cost")
  const given = total ?? (Number(legacy) > 0 ? legacy : undefined)
  if (given === undefined) return { billed: unbilled, notes: [] }
  return agree(row, usage)
    ? asBilled(given, "the cost was worked out by Langfuse from its table of prices")
    : { billed: unbilled, notes: ["the cost that Langfuse worked out is of other token counts: taken as not recorded"] }
}
