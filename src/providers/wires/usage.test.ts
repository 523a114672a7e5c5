import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"

import type { Usage } from "../../domain/Call.ts"
import type { JsonObject } from "./json.ts"
import { readResponse } from "./openaiChat.ts"
import { anthropicUsage, noUsage, ollamaUsage, openaiUsage, responsesUsage } from "./usage.ts"

const input = (total: number, parts: Partial<NonNullable<Usage["input"]>> = {}) => ({
  total,
  uncached: total,
  cacheRead: 0,
  cacheWrite5m: 0,
  cacheWrite1h: 0,
  cacheWriteOther: 0,
  ...parts
})
const output = (total: number, reasoning: number | null = null) => ({
  total,
  text: reasoning === null ? null : total - reasoning,
  reasoning
})

type Row = readonly [
  what: string,
  raw: JsonObject,
  basis: Usage["basis"],
  input: Usage["input"],
  output: Usage["output"]
]

const check = (read: (raw: JsonObject) => Usage, rows: ReadonlyArray<Row>) => {
  for (const [what, raw, basis, expectedInput, expectedOutput] of rows) {
    it(what, () => {
      const usage = read(raw)
      assert.strictEqual(usage.basis, basis)
      assert.deepStrictEqual(usage.input, expectedInput)
      assert.deepStrictEqual(usage.output, expectedOutput)
      if (basis === "unreliable") assert.isNotEmpty(usage.diagnostics)
      if (basis === "reported") assert.isUndefined(usage.diagnostics)
      if (usage.input !== null && basis !== "unreliable") {
        const { total, ...parts } = usage.input
        assert.strictEqual(
          Object.values(parts).reduce((sum, part) => sum + part, 0),
          total
        )
      }
    })
  }
}

describe("usage of OpenAI's chat completions", () => {
  check(openaiUsage, [
    ["plain", { prompt_tokens: 8, completion_tokens: 1, total_tokens: 9 }, "reported", input(8), output(1)],
    [
      "cached tokens are part of the prompt, reasoning is part of the completion",
      {
        prompt_tokens: 100,
        completion_tokens: 20,
        total_tokens: 120,
        prompt_tokens_details: { cached_tokens: 64, audio_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: 15 }
      },
      "reported",
      input(100, { uncached: 36, cacheRead: 64 }),
      output(20, 15)
    ],
    [
      "tokens written to the cache are part of the prompt",
      {
        prompt_tokens: 100,
        completion_tokens: 2,
        prompt_tokens_details: { cached_tokens: 10, cache_write_tokens: 50 }
      },
      "reported",
      input(100, { uncached: 40, cacheRead: 10, cacheWriteOther: 50 }),
      output(2)
    ],
    [
      "DeepSeek's names of the cache",
      { prompt_tokens: 10, completion_tokens: 2, prompt_cache_hit_tokens: 7, prompt_cache_miss_tokens: 3 },
      "reported",
      input(10, { uncached: 3, cacheRead: 7 }),
      output(2)
    ],
    [
      "LiteLLM's names of Anthropic's cache",
      {
        prompt_tokens: 100,
        completion_tokens: 2,
        cache_creation_input_tokens: 20,
        prompt_tokens_details: { cached_tokens: 30 }
      },
      "reported",
      input(100, { uncached: 50, cacheRead: 30, cacheWriteOther: 20 }),
      output(2)
    ],
    [
      "reasoning beside the completion, by the total",
      {
        prompt_tokens: 10,
        completion_tokens: 5,
        total_tokens: 35,
        completion_tokens_details: { reasoning_tokens: 20 }
      },
      "derived",
      input(10),
      output(25, 20)
    ],
    [
      "a total above its parts, and nothing that tells of reasoning",
      { prompt_tokens: 100, completion_tokens: 10, total_tokens: 500 },
      "unreliable",
      input(100),
      output(10)
    ],
    [
      "a total that contradicts",
      { prompt_tokens: 10, completion_tokens: 5, total_tokens: 12 },
      "unreliable",
      input(10),
      output(5)
    ],
    [
      "more cached than prompt",
      { prompt_tokens: 10, completion_tokens: 5, prompt_tokens_details: { cached_tokens: 11 } },
      "unreliable",
      input(10, { uncached: 0, cacheRead: 10 }),
      output(5)
    ],
    [
      "more reasoning than completion",
      { prompt_tokens: 10, completion_tokens: 5, completion_tokens_details: { reasoning_tokens: 6 } },
      "unreliable",
      input(10),
      { total: 5, text: 0, reasoning: 5 }
    ],
    ["half of it", { prompt_tokens: 10 }, "unreliable", input(10), null],
    ["no numbers", { prompt_tokens: null, completion_tokens: "3" }, "unreliable", null, null]
  ])

  it("a total above its parts is reasoning where the model is known to think", () => {
    const usage = openaiUsage({ prompt_tokens: 10, completion_tokens: 5, total_tokens: 35 }, true)
    assert.deepStrictEqual([usage.basis, usage.input, usage.output], ["derived", input(10), output(25, 20)])
    const answer = (model: string, message: object) =>
      readResponse({
        model,
        choices: [{ finish_reason: "stop", message: { role: "assistant", content: "x", ...message } }],
        usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 35 }
      })
    const reasoning = (model: string, message: object = {}) =>
      Result.getOrThrow(answer(model, message)).usage.output?.reasoning
    assert.strictEqual(reasoning("gemini-2.5-flash"), 20)
    assert.strictEqual(reasoning("some-thinker", { reasoning_content: "Hm." }), 20)
    assert.isNull(reasoning("gpt-4o"))
  })

  it("none is not zero", () => {
    assert.deepStrictEqual(openaiUsage(undefined), noUsage)
    assert.deepStrictEqual(openaiUsage(null), noUsage)
    assert.isNull(noUsage.input)
    assert.isNull(noUsage.output)
  })
})

describe("usage of OpenAI's responses", () => {
  check(responsesUsage, [
    ["plain", { input_tokens: 8, output_tokens: 1, total_tokens: 9 }, "reported", input(8), output(1)],
    [
      "what was read from and written to the cache is part of the input, reasoning is part of the output",
      {
        input_tokens: 100,
        input_tokens_details: { cached_tokens: 64, cache_write_tokens: 6 },
        output_tokens: 30,
        output_tokens_details: { reasoning_tokens: 20 },
        total_tokens: 130
      },
      "reported",
      input(100, { uncached: 30, cacheRead: 64, cacheWriteOther: 6 }),
      output(30, 20)
    ],
    [
      "reasoning beside the output, by the total",
      { input_tokens: 10, output_tokens: 5, output_tokens_details: { reasoning_tokens: 20 }, total_tokens: 35 },
      "derived",
      input(10),
      output(25, 20)
    ],
    [
      "a total that contradicts",
      { input_tokens: 10, output_tokens: 5, total_tokens: 12 },
      "unreliable",
      input(10),
      output(5)
    ],
    ["the names of the chat wire are none of it", { prompt_tokens: 8, completion_tokens: 1 }, "unreliable", null, null],
    ["half of it", { output_tokens: 8 }, "unreliable", null, output(8)]
  ])

  it("none is not zero", () => assert.deepStrictEqual(responsesUsage(null), noUsage))
})

/** One call of 1000 new, 200 read, 50 written and 300 answered tokens, 100 of them reasoning, as each wire counts it. */
describe("the same call on every wire", () => {
  it("is the same usage, whether the wire counts the cache within the input or beside it", () => {
    const parts = { uncached: 1000, cacheRead: 200, cacheWriteOther: 50 }
    const expected = { input: input(1250, parts), output: output(300, 100) }
    const openai = openaiUsage({
      prompt_tokens: 1250,
      completion_tokens: 300,
      total_tokens: 1550,
      prompt_tokens_details: { cached_tokens: 200, cache_write_tokens: 50 },
      completion_tokens_details: { reasoning_tokens: 100 }
    })
    const responses = responsesUsage({
      input_tokens: 1250,
      output_tokens: 300,
      total_tokens: 1550,
      input_tokens_details: { cached_tokens: 200, cache_write_tokens: 50 },
      output_tokens_details: { reasoning_tokens: 100 }
    })
    const anthropic = anthropicUsage({
      input_tokens: 1000,
      cache_read_input_tokens: 200,
      cache_creation_input_tokens: 50,
      output_tokens: 300,
      output_tokens_details: { thinking_tokens: 100 }
    })
    for (const usage of [openai, responses, anthropic]) {
      assert.deepStrictEqual({ input: usage.input, output: usage.output }, expected)
    }
  })
})

describe("usage of Anthropic's messages", () => {
  check(anthropicUsage, [
    ["plain", { input_tokens: 514, output_tokens: 152 }, "reported", input(514), output(152)],
    [
      "the cache stands beside the input, thinking within the output",
      {
        input_tokens: 12,
        cache_creation_input_tokens: 300,
        cache_creation: { ephemeral_5m_input_tokens: 100, ephemeral_1h_input_tokens: 200 },
        cache_read_input_tokens: 2000,
        output_tokens: 8,
        output_tokens_details: { thinking_tokens: 3 }
      },
      "reported",
      input(2312, { uncached: 12, cacheRead: 2000, cacheWrite5m: 100, cacheWrite1h: 200 }),
      output(8, 3)
    ],
    [
      "a cache whose time is not told",
      { input_tokens: 12, cache_creation_input_tokens: 300, cache_read_input_tokens: null, output_tokens: 8 },
      "reported",
      input(312, { uncached: 12, cacheWriteOther: 300 }),
      output(8)
    ],
    [
      "a split that is more than the whole",
      {
        input_tokens: 12,
        cache_creation_input_tokens: 10,
        cache_creation: { ephemeral_5m_input_tokens: 20, ephemeral_1h_input_tokens: 0 },
        output_tokens: 8
      },
      "unreliable",
      input(22, { uncached: 12, cacheWrite5m: 10 }),
      output(8)
    ],
    ["half of it", { output_tokens: 8 }, "unreliable", null, output(8)]
  ])

  it("counts the uses of Anthropic's own tools", () => {
    const uses = (server_tool_use: JsonObject) =>
      anthropicUsage({ input_tokens: 1, output_tokens: 1, server_tool_use }).serverTools
    assert.deepStrictEqual(uses({ web_search_requests: 2, web_fetch_requests: 0 }), { web_search: 2 })
    assert.isUndefined(uses({ web_search_requests: 0 }))
  })

  it("none is not zero", () => assert.deepStrictEqual(anthropicUsage(undefined), noUsage))
})

describe("usage of Ollama's chat", () => {
  check(ollamaUsage, [
    ["plain", { prompt_eval_count: 26, eval_count: 298 }, "reported", input(26), output(298)],
    ["a prompt that was not counted", { eval_count: 298 }, "unreliable", null, output(298)],
    ["none", { done: true }, "unreliable", null, null]
  ])
})
