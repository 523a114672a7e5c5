import type * as Schema from "effect/Schema"

import type { Usage } from "../../domain/Call.ts"
import { anthropicUsage, noUsage } from "../../providers/wires/usage.ts"
import { countIn, objectIn, unpacked } from "../json.ts"
import type { Attributes } from "./attributes.ts"
import { below } from "./attributes.ts"
import type { Counts, Habit } from "./tokens.ts"
import { inclusive, usageOf } from "./tokens.ts"

/** Names of each count, by precedence: OpenTelemetry's of today, older ones, those of other instrumentations, OpenInference's, the AI SDK's. */
const names = {
  input: [
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.prompt_tokens",
    "llm.token_count.prompt",
    "ai.usage.inputTokens",
    "ai.usage.promptTokens"
  ],
  output: [
    ...["gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens", "llm.token_count.completion"],
    ...["ai.usage.outputTokens", "ai.usage.completionTokens"]
  ],
  total: [
    "llm.token_count.total",
    "gen_ai.usage.total_tokens",
    "llm.usage.total_tokens",
    "ai.usage.totalTokens",
    "ai.usage.tokens"
  ],
  cacheRead: [
    ...[
      "gen_ai.usage.cache_read.input_tokens",
      "gen_ai.usage.cache_read_input_tokens",
      "gen_ai.usage.cache_read_tokens"
    ],
    ...["gen_ai.usage.details.cache_read_tokens", "gen_ai.usage.details.cache_read_input_tokens"],
    ...[
      "gen_ai.usage.input_cached_tokens",
      "llm.token_count.prompt_details.cache_read",
      "llm.usage.cache_read_input_tokens"
    ],
    ...["ai.usage.inputTokenDetails.cacheReadTokens", "ai.usage.cachedInputTokens"]
  ],
  cacheWriteOther: [
    ...[
      "gen_ai.usage.cache_creation.input_tokens",
      "gen_ai.usage.cache_creation_input_tokens",
      "gen_ai.usage.cache_write_tokens"
    ],
    ...["gen_ai.usage.details.cache_write_tokens", "gen_ai.usage.details.cache_creation_input_tokens"],
    ...[
      "gen_ai.usage.input_cache_creation",
      "llm.token_count.prompt_details.cache_write",
      "llm.usage.cache_creation_input_tokens"
    ],
    "ai.usage.inputTokenDetails.cacheWriteTokens"
  ],
  reasoning: [
    ...[
      "gen_ai.usage.reasoning.output_tokens",
      "gen_ai.usage.details.reasoning_tokens",
      "gen_ai.usage.details.thoughts_tokens"
    ],
    ...["gen_ai.usage.reasoning_tokens", "llm.usage.reasoning_tokens", "llm.token_count.completion_details.reasoning"],
    ...["ai.usage.outputTokenDetails.reasoningTokens", "ai.usage.reasoningTokens"]
  ]
} as const

const countOf = (attributes: Attributes, of: keyof typeof names) =>
  names[of].map((name) => countIn(attributes[name])).find((value) => value !== undefined)

/** The AI SDK before version 6 passed Anthropic's count on, which leaves the cache out, and added its total from that. */
const leavesCacheOut = (attributes: Attributes) =>
  "ai.operationId" in attributes &&
  !("ai.usage.inputTokenDetails.cacheReadTokens" in attributes) &&
  !("ai.usage.inputTokenDetails.noCacheTokens" in attributes) &&
  /anthropic|claude/i.test(
    `${attributes["ai.model.provider"]} ${attributes["ai.model.id"]} ${attributes["gen_ai.system"]}`
  )

/** What the AI SDK keeps of the provider's own words: Anthropic's usage object, or the cache counts of several providers. */
const providerSaid = (attributes: Attributes): { readonly whole?: Usage; readonly counts: Counts } => {
  const metadata = objectIn(unpacked(attributes["ai.response.providerMetadata"])) ?? {}
  const anthropic = objectIn(metadata["anthropic"]) ?? {}
  const usage = objectIn(anthropic["usage"])
  if (usage !== undefined && "input_tokens" in usage)
    return { whole: anthropicUsage(usage as Schema.JsonObject), counts: {} }
  const openai = objectIn(metadata["openai"]) ?? objectIn(metadata["azure"]) ?? {}
  const bedrock = objectIn(objectIn(metadata["bedrock"])?.["usage"]) ?? {}
  const first = (...values: ReadonlyArray<unknown>) => values.map(countIn).find((value) => value !== undefined)
  return {
    counts: {
      cacheRead: first(
        openai["cachedPromptTokens"],
        anthropic["cacheReadInputTokens"],
        bedrock["cacheReadInputTokens"]
      ),
      cacheWriteOther: first(anthropic["cacheCreationInputTokens"], bedrock["cacheWriteInputTokens"]),
      reasoning: first(openai["reasoningTokens"])
    }
  }
}

/**
 * The usage that a span's attributes tell. OpenTelemetry and OpenInference count cached tokens inside the input and reasoning inside the output;
 * the AI SDK's own counts depend on its version and the provider. `noUsage` where there is none.
 */
export const spanUsageOf = (attributes: Attributes): Usage => {
  const said = providerSaid(attributes)
  if (said.whole !== undefined && leavesCacheOut(attributes)) return said.whole
  const exclusive = leavesCacheOut(attributes)
  const counts: Counts = {
    input: countOf(attributes, "input"),
    output: countOf(attributes, "output"),
    total: exclusive ? undefined : countOf(attributes, "total"),
    cacheRead: countOf(attributes, "cacheRead") ?? said.counts.cacheRead,
    cacheWriteOther: countOf(attributes, "cacheWriteOther") ?? said.counts.cacheWriteOther,
    reasoning: countOf(attributes, "reasoning") ?? said.counts.reasoning
  }
  if (counts.input === undefined && counts.output === undefined && counts.total === undefined) return noUsage
  const habit: Habit = exclusive ? { cacheInside: false, reasoningInside: true } : inclusive
  const raw = {
    ...below(attributes, "gen_ai.usage."),
    ...below(attributes, "llm.token_count."),
    ...below(attributes, "ai.usage.")
  }
  return usageOf(counts, habit, raw)
}
