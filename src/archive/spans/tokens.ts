import type * as Schema from "effect/Schema"

import type { Usage } from "../../domain/Call.ts"
import { noUsage } from "../../providers/wires/usage.ts"

/** Counts of tokens as a log has them, under one set of names. What is left out was not logged. */
export interface Counts {
  readonly input?: number | undefined
  readonly output?: number | undefined
  readonly total?: number | undefined
  readonly cacheRead?: number | undefined
  readonly cacheWrite5m?: number | undefined
  readonly cacheWrite1h?: number | undefined
  /** Written to a cache for a time that is not told. */
  readonly cacheWriteOther?: number | undefined
  readonly reasoning?: number | undefined
}

/** What the format's own documentation says: does `input` hold the cached tokens, does `output` hold the reasoning? */
export interface Habit {
  readonly cacheInside: boolean
  readonly reasoningInside: boolean
}

/** The habit of OpenTelemetry, OpenInference, OpenAI and LangSmith. */
export const inclusive: Habit = { cacheInside: true, reasoningInside: true }
/** The habit of Langfuse's own counts. */
export const disjoint: Habit = { cacheInside: false, reasoningInside: false }

/**
 * Usage of counts. A reported total decides what is inside what: the habit is kept where it fits, else the reading that adds up, with a
 * diagnostic; what a total holds beyond input and output is reasoning; counts that fit nothing are marked unreliable. Without a total the habit holds.
 */
export const usageOf = (counts: Counts, habit: Habit, raw?: unknown): Usage => {
  const { input, output, reasoning, total } = counts
  if (input === undefined && output === undefined)
    return raw === undefined ? noUsage : { ...noUsage, raw: raw as Schema.Json }
  const cacheRead = counts.cacheRead ?? 0
  const cacheWrite5m = counts.cacheWrite5m ?? 0
  const cacheWrite1h = counts.cacheWrite1h ?? 0
  const cacheWriteOther = counts.cacheWriteOther ?? 0
  const cached = cacheRead + cacheWrite5m + cacheWrite1h + cacheWriteOther
  const diagnostics: Array<string> = []
  let basis: Usage["basis"] = "reported"
  let { cacheInside, reasoningInside } = habit
  let surplus = 0
  const summed = (cache: boolean, thought: boolean) =>
    (input ?? 0) + (cache ? 0 : cached) + (output ?? 0) + (thought ? 0 : (reasoning ?? 0))
  if (
    input !== undefined &&
    output !== undefined &&
    total !== undefined &&
    total !== summed(cacheInside, reasoningInside)
  ) {
    const fits = [
      [!cacheInside, reasoningInside],
      [cacheInside, !reasoningInside],
      [!cacheInside, !reasoningInside]
    ].find(([cache, thought]) => summed(cache!, thought!) === total)
    if (fits !== undefined) {
      if (fits[0] !== cacheInside)
        diagnostics.push(`the total shows that input holds cached tokens ${fits[0] ? "inside" : "beside it"}`)
      if (fits[1] !== reasoningInside)
        diagnostics.push(`the total shows that output holds reasoning ${fits[1] ? "inside" : "beside it"}`)
      cacheInside = fits[0]!
      reasoningInside = fits[1]!
    } else if (reasoning === undefined && total > summed(cacheInside, true)) {
      surplus = total - summed(cacheInside, true)
      basis = "derived"
      diagnostics.push("the total holds more than input and output: the rest is taken as reasoning")
    } else {
      basis = "unreliable"
      diagnostics.push(`the total ${total} is not input ${input} and output ${output}`)
    }
  } else if (cacheInside && input !== undefined && cached > input) {
    cacheInside = false
    basis = "derived"
    diagnostics.push("more cached tokens than input: read as counted beside it")
  }
  if (reasoningInside && output !== undefined && reasoning !== undefined && reasoning > output) {
    reasoningInside = false
    basis = "derived"
    diagnostics.push("more reasoning than output: read as counted beside it")
  }
  const inputTotal = input === undefined ? undefined : Math.max(cached, cacheInside ? input : input + cached)
  const thought = surplus > 0 ? surplus : reasoning
  const outputTotal =
    output === undefined ? undefined : reasoningInside && surplus === 0 ? output : output + (thought ?? 0)
  if (input === undefined) diagnostics.push("no input tokens reported")
  if (output === undefined) diagnostics.push("no output tokens reported")
  return {
    basis: input === undefined || output === undefined ? "unreliable" : basis,
    input:
      inputTotal === undefined
        ? null
        : { total: inputTotal, uncached: inputTotal - cached, cacheRead, cacheWrite5m, cacheWrite1h, cacheWriteOther },
    output:
      outputTotal === undefined
        ? null
        : {
            total: outputTotal,
            text: thought === undefined ? null : outputTotal - thought,
            reasoning: thought ?? null
          },
    ...(diagnostics.length === 0 ? {} : { diagnostics }),
    ...(raw === undefined ? {} : { raw: raw as Schema.Json })
  }
}
