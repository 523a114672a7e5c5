import { assert, describe, it } from "@effect/vitest"

import { spanUsageOf } from "./spanUsage.ts"
import { disjoint, inclusive, usageOf } from "./tokens.ts"
import { usageIn } from "./usages.ts"

const sides = ({ input, output }: ReturnType<typeof usageOf>) => [
  input?.total,
  input?.uncached,
  input?.cacheRead,
  (input?.cacheWrite5m ?? 0) + (input?.cacheWrite1h ?? 0) + (input?.cacheWriteOther ?? 0),
  output?.total,
  output?.text,
  output?.reasoning
]

// One call in every source's words: 100 tokens asked, of them 60 read from a cache and 10 written to it; 50 answered, 30 of them reasoning.
const truth = [100, 30, 60, 10, 50, 20, 30]

describe("one call's tokens in the words of each source", () => {
  it("OpenTelemetry counts the cache inside the input and reasoning inside the output", () => {
    const usage = spanUsageOf({
      "gen_ai.usage.input_tokens": 100,
      "gen_ai.usage.cache_read.input_tokens": "60",
      "gen_ai.usage.cache_creation.input_tokens": 10,
      "gen_ai.usage.output_tokens": 50,
      "gen_ai.usage.reasoning.output_tokens": 30
    })
    assert.deepStrictEqual(sides(usage), truth)
    assert.strictEqual(usage.basis, "reported")
  })

  it("OpenLLMetry's older names mean the same", () => {
    const usage = spanUsageOf({
      "gen_ai.usage.prompt_tokens": 100,
      "gen_ai.usage.cache_read_input_tokens": 60,
      "gen_ai.usage.cache_creation_input_tokens": 10,
      "gen_ai.usage.completion_tokens": 50,
      "gen_ai.usage.reasoning_tokens": 30,
      "llm.usage.total_tokens": 150
    })
    assert.deepStrictEqual(sides(usage), truth)
  })

  it("OpenInference counts both inside, and its total says so", () => {
    const names = {
      "llm.token_count.prompt": 100,
      "llm.token_count.prompt_details.cache_read": 60,
      "llm.token_count.prompt_details.cache_write": 10,
      "llm.token_count.completion": 50,
      "llm.token_count.completion_details.reasoning": 30
    }
    assert.deepStrictEqual(sides(spanUsageOf({ ...names, "llm.token_count.total": 150 })), truth)
    // An instrumentation that passes Anthropic's counts on leaves the cache out, which its total shows.
    const beside = spanUsageOf({ ...names, "llm.token_count.prompt": 30, "llm.token_count.total": 150 })
    assert.deepStrictEqual(sides(beside), truth)
    assert.match(beside.diagnostics?.[0] ?? "", /beside/)
  })

  it("the AI SDK 6 counts both inside; 4 and 5 pass Anthropic's input on, which leaves the cache out", () => {
    const six = spanUsageOf({
      "ai.operationId": "ai.generateText.doGenerate",
      "ai.model.provider": "anthropic.messages",
      "ai.usage.inputTokens": 100,
      "ai.usage.inputTokenDetails.noCacheTokens": 30,
      "ai.usage.inputTokenDetails.cacheReadTokens": 60,
      "ai.usage.inputTokenDetails.cacheWriteTokens": 10,
      "ai.usage.outputTokens": 50,
      "ai.usage.outputTokenDetails.reasoningTokens": 30,
      "ai.usage.totalTokens": 150
    })
    assert.deepStrictEqual(sides(six), truth)
    const five = spanUsageOf({
      "ai.operationId": "ai.generateText.doGenerate",
      "ai.model.provider": "openai.responses",
      "ai.usage.inputTokens": 100,
      "ai.usage.cachedInputTokens": 60,
      "ai.usage.outputTokens": 50,
      "ai.usage.reasoningTokens": 30,
      "ai.usage.totalTokens": 150
    })
    assert.deepStrictEqual(sides(five), [100, 40, 60, 0, 50, 20, 30])
    const anthropic = {
      "ai.operationId": "ai.streamText.doStream",
      "ai.model.provider": "anthropic.messages",
      "ai.usage.inputTokens": 30,
      "ai.usage.cachedInputTokens": 60,
      "ai.usage.outputTokens": 50,
      "ai.usage.totalTokens": 80
    }
    assert.deepStrictEqual(sides(spanUsageOf(anthropic)).slice(0, 3), [90, 30, 60])
    const metadata = {
      anthropic: {
        usage: { input_tokens: 30, cache_read_input_tokens: 60, cache_creation_input_tokens: 10, output_tokens: 50 }
      }
    }
    const whole = spanUsageOf({ ...anthropic, "ai.response.providerMetadata": JSON.stringify(metadata) })
    assert.deepStrictEqual(sides(whole).slice(0, 5), [100, 30, 60, 10, 50])
    const four = spanUsageOf({
      "ai.operationId": "ai.generateText.doGenerate",
      "ai.usage.promptTokens": 100,
      "ai.usage.completionTokens": 50
    })
    assert.deepStrictEqual(sides(four), [100, 100, 0, 0, 50, null, null])
  })

  it("LangChain's usage metadata, OpenAI's Responses, Gemini's and the AI SDK's own objects", () => {
    const metadata = {
      input_tokens: 100,
      output_tokens: 50,
      total_tokens: 150,
      input_token_details: { cache_read: 60, cache_creation: 10 },
      output_token_details: { reasoning: 30 }
    }
    assert.deepStrictEqual(sides(usageIn(metadata)!), truth)
    const responses = {
      input_tokens: 100,
      input_tokens_details: { cached_tokens: 60, cache_write_tokens: 10 },
      output_tokens: 50,
      output_tokens_details: { reasoning_tokens: 30 },
      total_tokens: 150
    }
    assert.deepStrictEqual(sides(usageIn(responses)!), truth)
    const gemini = {
      promptTokenCount: 100,
      cachedContentTokenCount: 60,
      candidatesTokenCount: 20,
      thoughtsTokenCount: 30,
      totalTokenCount: 150
    }
    assert.deepStrictEqual(sides(usageIn(gemini)!), [100, 40, 60, 0, 50, 20, 30])
    const nested = {
      inputTokens: { total: 100, noCache: 30, cacheRead: 60, cacheWrite: 10 },
      outputTokens: { total: 50, text: 20, reasoning: 30 }
    }
    assert.deepStrictEqual(sides(usageIn(nested)!), truth)
    assert.isUndefined(usageIn({ something: 1 }))
    assert.isUndefined(usageIn("100"))
  })

  it("LangChain's two lifetimes of the cache add up to what was written", () => {
    const usage = usageIn({
      input_tokens: 100,
      output_tokens: 1,
      input_token_details: {
        cache_read: 60,
        cache_creation: 10,
        ephemeral_5m_input_tokens: 7,
        ephemeral_1h_input_tokens: 3
      }
    })
    assert.deepInclude(usage?.input, { cacheWrite5m: 7, cacheWrite1h: 3, cacheWriteOther: 0, uncached: 30 })
  })
})

describe("counts that do not fit", () => {
  it("are read as the total says, with a diagnostic, and marked unreliable where nothing fits", () => {
    const beside = usageOf({ input: 30, cacheRead: 70, output: 20, reasoning: 30, total: 150 }, inclusive)
    assert.deepStrictEqual([beside.input?.total, beside.output?.total, beside.basis], [100, 50, "reported"])
    assert.lengthOf(beside.diagnostics ?? [], 2)
    const inside = usageOf({ input: 100, cacheRead: 70, output: 50, total: 150 }, disjoint)
    assert.strictEqual(inside.input?.total, 100)
    const odd = usageOf({ input: 100, output: 50, reasoning: 5, total: 7 }, inclusive)
    assert.strictEqual(odd.basis, "unreliable")
  })

  it("are not zero where they are absent, and a rest of the total is reasoning", () => {
    const none = usageOf({}, inclusive)
    assert.deepStrictEqual([none.input, none.output], [null, null])
    const half = usageOf({ input: 5 }, inclusive)
    assert.isNull(half.output)
    assert.strictEqual(half.basis, "unreliable")
    const rest = usageOf({ input: 5, output: 845, total: 2023 }, inclusive)
    assert.deepStrictEqual(rest.output, { total: 2018, text: 845, reasoning: 1173 })
    assert.strictEqual(rest.basis, "derived")
  })

  it("always add up to what they say is the whole", () => {
    for (let seed = 0; seed < 3000; seed++) {
      const pick = (place: number) =>
        (seed * 7919 + place * 104_729) % 6 === 0 ? undefined : (seed * (place + 3) * 31) % 90
      const [input, output, total, cacheRead, cacheWrite5m, cacheWriteOther, reasoning] = [0, 1, 2, 3, 4, 5, 6].map(
        pick
      )
      const usage = usageOf(
        { input, output, total, cacheRead, cacheWrite5m, cacheWriteOther, reasoning },
        seed % 2 === 0 ? inclusive : disjoint
      )
      if (usage.input !== null) {
        const { total: all, ...parts } = usage.input
        assert.strictEqual(
          Object.values(parts).reduce((a, b) => a + b),
          all
        )
        assert.isTrue(Object.values(parts).every((count) => count >= 0))
      }
      if (usage.output?.reasoning != null) {
        assert.strictEqual((usage.output.text ?? 0) + usage.output.reasoning, usage.output.total)
        assert.isAtLeast(usage.output.text ?? 0, 0)
      }
    }
  })
})
