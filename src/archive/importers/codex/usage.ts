import type { Usage } from "../../../domain/Call.ts"
import { noUsage, responsesUsage } from "../../../providers/wires/usage.ts"
import type { JsonObject } from "../../json.ts"
import { countIn, objectIn } from "../../json.ts"

const names = [
  "input_tokens",
  "cached_input_tokens",
  "cache_write_input_tokens",
  "output_tokens",
  "reasoning_output_tokens",
  "total_tokens"
] as const

/** Counts as Codex writes them. */
export interface Counts {
  readonly raw: JsonObject
  /** What is counted, as one text: equal texts are equal counts. */
  readonly key: string
  /** By name; 0 where a name is not there. */
  readonly of: ReadonlyMap<string, number>
}

/** Reads a `TokenUsage`; `undefined` for what is none, or counts nothing. */
export const countsIn = (value: unknown): Counts | undefined => {
  const raw = objectIn(value)
  if (raw === undefined) return undefined
  const of = new Map(names.map((name) => [name, countIn(raw[name]) ?? 0] as const))
  const counted = (["input_tokens", "output_tokens"] as const).some((name) => countIn(raw[name]) !== undefined)
  return counted ? { raw, key: [...of.values()].join(","), of } : undefined
}

/** What the totals grew by beyond the last call's counts; `undefined` where nothing is left over. */
export const leftOver = (before: Counts | undefined, now: Counts, last: Counts): Counts | undefined => {
  if (before === undefined) return undefined
  const rest = names.map((name) => [name, now.of.get(name)! - before.of.get(name)! - last.of.get(name)!] as const)
  if (rest.some(([, count]) => count < 0) || rest.every(([, count]) => count === 0)) return undefined
  return countsIn(Object.fromEntries(rest))
}

/**
 * The usage of a call: cached input is counted inside the input, reasoning inside the output, unless the total says that it stands beside
 * it. More cached than all input is taken for all of it, and the counts are unreliable.
 */
export const usageOf = (counts: Counts | undefined): Usage => {
  if (counts === undefined) return noUsage
  const { raw } = counts
  const input = countIn(raw["input_tokens"])
  const cached = countIn(raw["cached_input_tokens"])
  const written = countIn(raw["cache_write_input_tokens"])
  const reasoning = countIn(raw["reasoning_output_tokens"])
  const output = countIn(raw["output_tokens"])
  const total = countIn(raw["total_tokens"])
  const exceeds = cached !== undefined && input !== undefined && cached > input
  const usage = responsesUsage({
    ...(input === undefined ? {} : { input_tokens: input }),
    ...(output === undefined ? {} : { output_tokens: output }),
    ...(total === undefined || total === 0 ? {} : { total_tokens: total }),
    input_tokens_details: {
      ...(cached === undefined ? {} : { cached_tokens: cached }),
      ...(written === undefined ? {} : { cache_write_tokens: written })
    },
    output_tokens_details: reasoning === undefined ? {} : { reasoning_tokens: reasoning }
  })
  const { raw: _, ...read } = usage
  const told = exceeds ? ["more cached input than input was logged: taken as all of it"] : []
  const diagnostics = [...(read.diagnostics ?? []), ...told]
  return {
    ...read,
    ...(diagnostics.length === 0 ? {} : { diagnostics }),
    raw: Object.fromEntries(
      names.flatMap((name) => (countIn(raw[name]) === undefined ? [] : [[name, countIn(raw[name])!]]))
    )
  }
}
