import type { Usage } from "../../domain/Call.ts"
import { isInt, isObject, type Json, type JsonObject } from "./json.ts"

/** Usage of an answer that tells none: not known, which is not zero. */
export const noUsage: Usage = { basis: "unreliable", input: null, output: null, diagnostics: ["no usage reported"] }

/** A count that is there and makes sense. */
const count = (value: Json | undefined): number | undefined => (isInt(value) && value >= 0 ? value : undefined)
const at = (object: Json | undefined, key: string) => (isObject(object) ? count(object[key]) : undefined)

type Input = NonNullable<Usage["input"]>
type Output = NonNullable<Usage["output"]>

/** What is wrong with the parts of a usage: they must add up, and none may exceed its whole. */
const faults = (input: Input | null, output: Output | null): ReadonlyArray<string> => {
  const wrong: Array<string> = []
  if (input !== null) {
    const parts = input.uncached + input.cacheRead + input.cacheWrite5m + input.cacheWrite1h + input.cacheWriteOther
    if (parts !== input.total) wrong.push(`input parts add up to ${parts}, the total is ${input.total}`)
  }
  if (output?.reasoning != null && output.text !== null && output.text + output.reasoning !== output.total) {
    wrong.push(`reasoning is ${output.reasoning} of ${output.total} output tokens`)
  }
  return wrong
}

const usageOf = (
  raw: JsonObject,
  input: Input | null,
  output: Output | null,
  basis: "reported" | "derived",
  notes: ReadonlyArray<string>
): Usage => {
  const missing = [
    ...(input === null ? ["no input tokens reported"] : []),
    ...(output === null ? ["no output tokens reported"] : [])
  ]
  const wrong = [...missing, ...faults(input, output)]
  const diagnostics = wrong.length === 0 && notes.length === 0 ? undefined : [...notes, ...wrong]
  return {
    basis: wrong.length === 0 ? basis : "unreliable",
    input,
    output,
    ...(diagnostics === undefined ? {} : { diagnostics }),
    raw
  }
}

const outputOf = (total: number | undefined, reasoning: number | undefined): Output | null =>
  total === undefined
    ? null
    : {
        total,
        text: reasoning === undefined ? null : Math.max(0, total - reasoning),
        reasoning: reasoning ?? null
      }

/**
 * OpenAI Chat: `prompt_tokens` includes what was read from and written to the cache, `completion_tokens` includes reasoning.
 * Hosts that count reasoning beside the completion are recognised by `total_tokens`. DeepSeek's and LiteLLM's names of cache counts are read too.
 */
export const openaiUsage = (raw: Json | undefined): Usage => {
  if (!isObject(raw)) return noUsage
  const prompt = count(raw["prompt_tokens"])
  const completion = count(raw["completion_tokens"])
  if (prompt === undefined && completion === undefined) return { ...noUsage, raw }
  const details = raw["prompt_tokens_details"]
  const cacheRead = at(details, "cached_tokens") ?? count(raw["prompt_cache_hit_tokens"]) ?? 0
  const cacheWriteOther = at(details, "cache_write_tokens") ?? count(raw["cache_creation_input_tokens"]) ?? 0
  const input: Input | null =
    prompt === undefined
      ? null
      : {
          total: prompt,
          uncached: Math.max(0, prompt - cacheRead - cacheWriteOther),
          cacheRead,
          cacheWrite5m: 0,
          cacheWrite1h: 0,
          cacheWriteOther
        }
  const reasoning = at(raw["completion_tokens_details"], "reasoning_tokens")
  const total = count(raw["total_tokens"])
  if (prompt !== undefined && completion !== undefined && total !== undefined && total !== prompt + completion) {
    const beside = total - prompt
    return beside >= completion && (reasoning === undefined || beside === completion + reasoning)
      ? usageOf(raw, input, outputOf(beside, reasoning ?? beside - completion), "derived", [
          "reasoning is counted beside the completion: the total says so"
        ])
      : {
          ...usageOf(raw, input, outputOf(completion, reasoning), "reported", [
            `prompt ${prompt} and completion ${completion} do not add up to the total ${total}`
          ]),
          basis: "unreliable"
        }
  }
  return usageOf(raw, input, outputOf(completion, reasoning), "reported", [])
}

/** Anthropic Messages: `input_tokens` excludes what was read from and written to the cache; `output_tokens` includes thinking. */
export const anthropicUsage = (raw: Json | undefined): Usage => {
  if (!isObject(raw)) return noUsage
  const uncached = count(raw["input_tokens"])
  const output = count(raw["output_tokens"])
  if (uncached === undefined && output === undefined) return { ...noUsage, raw }
  const cacheRead = count(raw["cache_read_input_tokens"]) ?? 0
  const split = raw["cache_creation"]
  const cacheWrite5m = at(split, "ephemeral_5m_input_tokens") ?? 0
  const cacheWrite1h = at(split, "ephemeral_1h_input_tokens") ?? 0
  const written = count(raw["cache_creation_input_tokens"]) ?? cacheWrite5m + cacheWrite1h
  const input: Input | null =
    uncached === undefined
      ? null
      : {
          total: uncached + cacheRead + written,
          uncached,
          cacheRead,
          cacheWrite5m,
          cacheWrite1h,
          cacheWriteOther: Math.max(0, written - cacheWrite5m - cacheWrite1h)
        }
  const thinking = at(raw["output_tokens_details"], "thinking_tokens")
  return usageOf(raw, input, outputOf(output, thinking), "reported", [])
}

/** Ollama: `prompt_eval_count` and `eval_count`; it tells no cache and no reasoning apart. */
export const ollamaUsage = (body: JsonObject): Usage => {
  const prompt = count(body["prompt_eval_count"])
  const output = count(body["eval_count"])
  if (prompt === undefined && output === undefined) return noUsage
  const raw: JsonObject = {
    ...(prompt === undefined ? {} : { prompt_eval_count: prompt }),
    ...(output === undefined ? {} : { eval_count: output })
  }
  const input: Input | null =
    prompt === undefined
      ? null
      : { total: prompt, uncached: prompt, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, cacheWriteOther: 0 }
  return usageOf(raw, input, outputOf(output, undefined), "reported", [])
}
