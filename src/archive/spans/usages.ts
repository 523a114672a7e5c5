import type * as Schema from "effect/Schema"

import type { Usage } from "../../domain/Call.ts"
import { anthropicUsage, openaiUsage } from "../../providers/wires/usage.ts"
import type { JsonObject } from "../json.ts"
import { countIn, objectIn } from "../json.ts"
import type { Counts, Habit } from "./tokens.ts"
import { inclusive, usageOf } from "./tokens.ts"

type Json = Schema.Json

const first = (...values: ReadonlyArray<unknown>) => values.map(countIn).find((value) => value !== undefined)

/** Gemini counts thinking beside the candidates, and what tools put into the prompt beside the prompt. */
const gemini: Habit = { cacheInside: true, reasoningInside: false }

const geminiCounts = (usage: JsonObject): Counts => {
  const prompt = first(usage["promptTokenCount"], usage["prompt_token_count"])
  const tools = first(usage["toolUsePromptTokenCount"], usage["tool_use_prompt_token_count"])
  return {
    input: prompt === undefined ? undefined : prompt + (tools ?? 0),
    output: first(usage["candidatesTokenCount"], usage["candidates_token_count"]),
    total: first(usage["totalTokenCount"], usage["total_token_count"]),
    cacheRead: first(usage["cachedContentTokenCount"], usage["cached_content_token_count"]),
    reasoning: first(usage["thoughtsTokenCount"], usage["thoughts_token_count"])
  }
}

/** LangChain's `usage_metadata` and OpenAI's Responses API: everything inside. */
const inclusiveCounts = (usage: JsonObject): Counts => {
  const input = objectIn(usage["input_token_details"]) ?? objectIn(usage["input_tokens_details"]) ?? {}
  const output = objectIn(usage["output_token_details"]) ?? objectIn(usage["output_tokens_details"]) ?? {}
  const write5m = first(input["ephemeral_5m_input_tokens"])
  const write1h = first(input["ephemeral_1h_input_tokens"])
  const written = first(input["cache_creation"], input["cache_write_tokens"])
  // LangChain leaves `cache_creation` at 0 where it tells the two lifetimes apart, older versions repeat their sum.
  const rest = Math.max(0, (written ?? 0) - (write5m ?? 0) - (write1h ?? 0))
  return {
    input: countIn(usage["input_tokens"]),
    output: countIn(usage["output_tokens"]),
    total: countIn(usage["total_tokens"]),
    cacheRead: first(input["cache_read"], input["cached_tokens"]),
    cacheWrite5m: write5m,
    cacheWrite1h: write1h,
    cacheWriteOther: written === undefined ? undefined : rest,
    reasoning: first(output["reasoning"], output["reasoning_tokens"])
  }
}

/** The AI SDK's usage: of version 6 with its parts, of 4 and 5 with names in camel case. */
const aiSdkCounts = (usage: JsonObject): Counts => {
  const input = objectIn(usage["inputTokens"])
  const output = objectIn(usage["outputTokens"])
  const inputDetails = objectIn(usage["inputTokenDetails"]) ?? input ?? {}
  const outputDetails = objectIn(usage["outputTokenDetails"]) ?? output ?? {}
  return {
    input: first(input?.["total"], usage["inputTokens"], usage["promptTokens"]),
    output: first(output?.["total"], usage["outputTokens"], usage["completionTokens"]),
    total: first(usage["totalTokens"]),
    cacheRead: first(inputDetails["cacheRead"], inputDetails["cacheReadTokens"], usage["cachedInputTokens"]),
    cacheWriteOther: first(inputDetails["cacheWrite"], inputDetails["cacheWriteTokens"]),
    reasoning: first(outputDetails["reasoning"], outputDetails["reasoningTokens"], usage["reasoningTokens"])
  }
}

/**
 * The usage object that a provider or a library put beside an answer: OpenAI chat and Responses, Anthropic, Gemini, LangChain, the AI SDK.
 * `undefined` where it holds no count that is known.
 */
export const usageIn = (raw: unknown): Usage | undefined => {
  const usage = objectIn(raw)
  if (usage === undefined) return undefined
  const has = (...names: ReadonlyArray<string>) => names.some((name) => name in usage)
  const read = has("prompt_tokens", "completion_tokens")
    ? openaiUsage(usage as Json & object)
    : has("promptTokenCount", "prompt_token_count", "candidatesTokenCount", "candidates_token_count")
      ? usageOf(geminiCounts(usage), gemini, usage)
      : has("cache_read_input_tokens", "cache_creation_input_tokens", "cache_creation")
        ? anthropicUsage(usage as Json & object)
        : has("input_tokens", "output_tokens")
          ? usageOf(inclusiveCounts(usage), inclusive, usage)
          : has("inputTokens", "outputTokens", "promptTokens", "completionTokens")
            ? usageOf(aiSdkCounts(usage), inclusive, usage)
            : undefined
  return read === undefined || (read.input === null && read.output === null) ? undefined : read
}
