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

/** Parts that add up whatever was reported: none exceeds what the total leaves for it. */
const fitting = (input: Input): Input => {
  let left = input.total - input.uncached
  const within = (part: number) => {
    const most = Math.min(part, left)
    left -= most
    return most
  }
  const cacheRead = within(input.cacheRead)
  const cacheWrite5m = within(input.cacheWrite5m)
  const cacheWrite1h = within(input.cacheWrite1h)
  const cacheWriteOther = within(input.cacheWriteOther)
  return { total: input.total, uncached: input.uncached + left, cacheRead, cacheWrite5m, cacheWrite1h, cacheWriteOther }
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
    input: input === null ? null : fitting(input),
    output:
      output?.reasoning != null && output.reasoning > output.total ? { ...output, reasoning: output.total } : output,
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

/** What a wire of OpenAI's calls its counts. */
interface Names {
  readonly input: string
  readonly output: string
  readonly inputDetails: string
  readonly outputDetails: string
  /** The words of a diagnostic. */
  readonly said: { readonly input: string; readonly output: string }
}

const chatNames: Names = {
  input: "prompt_tokens",
  output: "completion_tokens",
  inputDetails: "prompt_tokens_details",
  outputDetails: "completion_tokens_details",
  said: { input: "prompt", output: "completion" }
}
const responsesNames: Names = {
  input: "input_tokens",
  output: "output_tokens",
  inputDetails: "input_tokens_details",
  outputDetails: "output_tokens_details",
  said: { input: "input", output: "output" }
}

const inclusiveUsage = (raw: Json | undefined, names: Names, thinksBeside: boolean): Usage => {
  if (!isObject(raw)) return noUsage
  const prompt = count(raw[names.input])
  const completion = count(raw[names.output])
  if (prompt === undefined && completion === undefined) return { ...noUsage, raw }
  const details = raw[names.inputDetails]
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
  const reasoning = at(raw[names.outputDetails], "reasoning_tokens")
  const total = count(raw["total_tokens"])
  if (prompt !== undefined && completion !== undefined && total !== undefined && total !== prompt + completion) {
    const { said } = names
    const beside = total - prompt
    const tells = reasoning === undefined ? thinksBeside : beside === completion + reasoning
    return beside >= completion && tells
      ? usageOf(raw, input, outputOf(beside, reasoning ?? beside - completion), "derived", [
          `reasoning is counted beside the ${said.output}: the total says so`
        ])
      : {
          ...usageOf(raw, input, outputOf(completion, reasoning), "reported", [
            `${said.input} ${prompt} and ${said.output} ${completion} do not add up to the total ${total}`
          ]),
          basis: "unreliable"
        }
  }
  return usageOf(raw, input, outputOf(completion, reasoning), "reported", [])
}

/**
 * OpenAI Chat: `prompt_tokens` includes what was read from and written to the cache, `completion_tokens` includes reasoning.
 * Hosts that count reasoning beside the completion are recognised by `total_tokens`. `thinksBeside`: the model is known to think, or its thinking
 * is there, so that what a total holds beyond its parts is reasoning although nobody counted it; else such counts contradict each other.
 * DeepSeek's and LiteLLM's names of cache counts are read too.
 */
export const openaiUsage = (raw: Json | undefined, thinksBeside = false): Usage =>
  inclusiveUsage(raw, chatNames, thinksBeside)

/** OpenAI Responses: `input_tokens` includes what was read from and written to the cache, `output_tokens` includes reasoning. */
export const responsesUsage = (raw: Json | undefined): Usage => inclusiveUsage(raw, responsesNames, false)

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
  const serverTools = usesIn(raw["server_tool_use"])
  const usage = usageOf(raw, input, outputOf(output, thinking), "reported", [])
  return serverTools === undefined ? usage : { ...usage, serverTools }
}

/** Uses of Anthropic's own tools: `{ web_search_requests: n }`, by the tool's name. */
const usesIn = (raw: Json | undefined): Usage["serverTools"] => {
  if (!isObject(raw)) return undefined
  const uses = Object.entries(raw).flatMap(([name, value]) => {
    const times = count(value)
    return times === undefined || times === 0 ? [] : [[name.replace(/_requests$/, ""), times] as const]
  })
  return uses.length === 0 ? undefined : Object.fromEntries(uses)
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
