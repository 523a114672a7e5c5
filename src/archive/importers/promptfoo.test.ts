import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"

import { ArchivedCall } from "../../domain/Call.ts"
import { callsIn, mutations, othersIn, readRows, skipsIn } from "../testReading.ts"
import { promptfooUsage } from "./promptfoo/exchange.ts"
import { askedIn } from "./promptfoo/providers.ts"
import { promptfoo } from "./promptfoo.ts"

type Row = Readonly<Record<string, unknown>>

const messages = [
  { role: "system", content: "Be brief." },
  { role: "user", content: "Capital of France?" }
]
const row = (more: Row = {}): Row => ({
  id: "r1",
  promptIdx: 0,
  testIdx: 3,
  testCase: {
    description: "capitals",
    vars: { country: "France" },
    assert: [{ type: "icontains", value: "Paris" }],
    options: {},
    metadata: { item_id: "q7" }
  },
  promptId: "p",
  provider: { id: "openai:chat:gpt-4o", label: "" },
  prompt: { raw: JSON.stringify(messages), label: "short" },
  vars: { country: "France", page: "x".repeat(500) },
  response: {
    output: "Paris.",
    tokenUsage: { total: 25, prompt: 20, completion: 5, completionDetails: { reasoning: 2 } },
    cached: false,
    finishReason: "stop"
  },
  success: true,
  score: 1,
  namedScores: { accuracy: 1 },
  latencyMs: 812,
  cost: 0.00012,
  failureReason: 0,
  gradingResult: {
    pass: true,
    score: 1,
    reason: "All assertions passed",
    componentResults: [{ pass: true, score: 1, reason: "ok", assertion: { type: "icontains", value: "Paris" } }]
  },
  ...more
})
const results = (...rows: ReadonlyArray<Row>): Row => ({
  evalId: "eval-abc-2026-07-01",
  results: {
    version: 3,
    timestamp: "2026-07-01T10:00:00.000Z",
    results: rows.length === 0 ? [row()] : rows,
    prompts: [],
    stats: {}
  },
  config: {
    description: "geography",
    providers: [
      { id: "openai:chat:gpt-4o", config: { temperature: 0, max_tokens: 50, apiKey: "sk-abcdefghijkl" } },
      "anthropic:messages:claude-sonnet-4-5"
    ]
  },
  metadata: { promptfooVersion: "0.117.4" }
})
const read = (...rows: ReadonlyArray<unknown>) => readRows(promptfoo, { "results.json": rows })
const only = (...rows: ReadonlyArray<Row>) => callsIn(read(results(...rows)))[0]!
const answerOf = ({ response }: ArchivedCall) =>
  response.blocks.map((block) => (block.type === "text" ? block.text : block.type))

describe("a result of promptfoo's", () => {
  it("is a call, with the settings of its evaluation and without its keys", () => {
    const call = only()
    assert.strictEqual(call.request.model, "gpt-4o")
    assert.strictEqual(call.request.provider, "openai")
    assert.deepStrictEqual(
      call.request.messages.map(({ role }) => role),
      ["system", "user"]
    )
    assert.strictEqual(call.request.params.temperature, 0)
    assert.strictEqual(call.request.params.maxOutputTokens, 50)
    assert.deepStrictEqual(call.request.tools, [], "its configuration offers none")
    assert.notInclude(JSON.stringify(call), "sk-abc")
    assert.deepStrictEqual(answerOf(call), ["Paris."])
    assert.strictEqual(call.usage.input?.total, 20)
    assert.deepStrictEqual(call.usage.output, { total: 5, text: 3, reasoning: 2 })
    assert.deepStrictEqual(call.billed, { nanoUsd: "120000", basis: "client-estimate", billing: "metered" })
    assert.strictEqual(call.timing.latencyMs, 812)
    assert.strictEqual(call.fidelity.grade, "B")
    assert.strictEqual(call.provenance.producer?.version, "0.117.4")
    const { country, item_id, page, taskType, test } = {
      ...call.labels,
      country: call.labels["vars.country"],
      page: call.labels["vars.page"]
    } as Record<string, string | undefined>
    assert.deepStrictEqual(
      [country, item_id, page, taskType, test],
      ["France", "q7", undefined, "geography", "capitals"]
    )
    assert.deepStrictEqual(Schema.decodeUnknownSync(ArchivedCall)(JSON.parse(JSON.stringify(call))), call)
  })

  it("tells how it went, and who says so", () => {
    assert.deepStrictEqual(
      only().signals.map(({ name, source, value }) => [name, value, source]),
      [
        ["success", true, "test"],
        ["score", 1, "test"],
        ["accuracy", 1, "test"],
        ["assert.icontains", true, "test"]
      ]
    )
    const rubric = { pass: false, score: 0.2, assertion: { type: "llm-rubric" } }
    const call = only(
      row({ success: false, score: 0.2, namedScores: {}, gradingResult: { componentResults: [rubric] } })
    )
    assert.deepStrictEqual(
      call.signals.map(({ name, source, value }) => [name, value, source]),
      [
        ["success", false, "llm-judge"],
        ["score", 0.2, "llm-judge"],
        ["assert.llm-rubric", false, "llm-judge"]
      ]
    )
    const bare = row({
      testCase: { vars: {} },
      namedScores: {},
      gradingResult: { pass: true, reason: "No assertions" }
    })
    assert.deepStrictEqual(only(bare).signals, [], "nothing was asserted")
  })

  it("without its configuration has no settings, not none", () => {
    const [call] = callsIn(read(row()))
    assert.isNull(call?.request.tools)
    assert.deepStrictEqual(call?.request.params, {})
    assert.strictEqual(call?.fidelity.parts["params"], "absent")
    assert.strictEqual(call?.fidelity.grade, "B")
    assert.isNull(call?.timing.startedAt)
  })

  it("is one call, whether it comes as JSON or as a line", () => {
    assert.strictEqual(callsIn(read(row()))[0]?.id, only().id)
  })

  it("reads a prompt that is text, and one in another's blocks", () => {
    const text = only(row({ prompt: { raw: "Capital of France?", label: "p" } }))
    assert.deepStrictEqual(text.request.messages, [
      { role: "user", blocks: [{ type: "text", text: "Capital of France?" }] }
    ])
    const blocks = [{ role: "user", content: [{ type: "tool_result", tool_use_id: "t", content: "3" }] }]
    const other = only(
      row({ provider: { id: "anthropic:messages:claude-sonnet-4-5" }, prompt: { raw: JSON.stringify(blocks) } })
    )
    assert.strictEqual(other.request.wire, "anthropic.messages")
    assert.strictEqual(other.request.messages[0]?.role, "tool")
    const yaml = only(row({ prompt: { raw: "- role: user\n  content: hi" } }))
    assert.strictEqual(yaml.fidelity.grade, "C")
  })

  it("reads tool calls, and JSON that was parsed", () => {
    const call = { id: "c", type: "function", function: { name: "find", arguments: "{}" } }
    for (const output of [[call], { content: null, tool_calls: [call] }, JSON.stringify([call])]) {
      const read = only(row({ response: { output, finishReason: "tool_calls" } }))
      assert.deepStrictEqual(answerOf(read), ["tool_use"])
      assert.strictEqual(read.response.stopReason, "tool_use")
    }
    const parsed = only(row({ response: { output: { city: "Paris" } } }))
    assert.deepStrictEqual(answerOf(parsed), ['{"city":"Paris"}'])
    assert.strictEqual(parsed.fidelity.parts["response"], "reconstructed")
  })

  it("prefers the provider's own body", () => {
    const raw = {
      id: "chatcmpl-1",
      object: "chat.completion",
      model: "gpt-4o-2024-08-06",
      choices: [{ index: 0, message: { role: "assistant", content: "PARIS" }, finish_reason: "stop" }],
      usage: { prompt_tokens: 30, completion_tokens: 4, total_tokens: 34, prompt_tokens_details: { cached_tokens: 10 } }
    }
    const call = only(row({ response: { output: "changed", raw } }))
    assert.deepStrictEqual(answerOf(call), ["PARIS"])
    assert.strictEqual(call.usage.input?.cacheRead, 10)
    assert.strictEqual(call.response.model, "gpt-4o-2024-08-06")
  })

  it("from a cache is billed as such and has no counts of its own", () => {
    const call = only(row({ response: { output: "Paris.", cached: true, tokenUsage: { cached: 25, total: 25 } } }))
    assert.deepStrictEqual(call.billed, { nanoUsd: "0", basis: "client-estimate", billing: "cached-response" })
    assert.isNull(call.usage.input)
    assert.isUndefined(call.timing.latencyMs)
  })

  it("that is an error is no wrong answer, and a failed test is no error", () => {
    const failed = only(
      row({ response: { error: "API error: 429 sk-abcdefghijkl" }, failureReason: 2, success: false })
    )
    assert.strictEqual(failed.response.stopReason, "error")
    assert.strictEqual(failed.response.error?.message, "API error: 429 sk-abcdefghijkl")
    const wrong = only(row({ error: "Expected output to contain Paris", failureReason: 1, success: false }))
    assert.isUndefined(wrong.response.error)
    assert.deepStrictEqual(answerOf(wrong), ["Paris."])
  })

  it("is C where a program was asked or the answer was changed before it was stored", () => {
    for (const id of ["https://chat.example/api", "exec: ./run.sh", "file://provider.py", "python:agent.py"])
      assert.strictEqual(only(row({ provider: { id } })).fidelity.grade, "C", id)
    assert.strictEqual(only(row({ testCase: { vars: {}, options: { transform: "output.x" } } })).fidelity.grade, "C")
  })

  it("of a provider that asks nobody is counted, not imported", () => {
    assert.deepStrictEqual(othersIn(read(results(row({ provider: { id: "echo" } })))), [
      "result that no model was asked for"
    ])
  })

  it("costs nothing that is known where 0 is noted", () => {
    assert.isNull(only(row({ cost: 0 })).billed.nanoUsd)
  })

  it("of version 2, or as a summary alone, is read too", () => {
    const { id: _, promptIdx: __, testIdx: ___, ...old } = row()
    assert.strictEqual(
      callsIn(read({ evalId: "e", results: { version: 2, results: [old, old], table: {} } })).length,
      2
    )
    assert.strictEqual(
      callsIn(read({ version: 3, timestamp: "2026-07-01T10:00:00Z", results: [row()], stats: {} })).length,
      1
    )
  })

  it("is known by its evaluation, or by its row", () => {
    const sniff = (one: unknown) => promptfoo.sniff({ file: "x.json", first: [one] })
    assert.isTrue(sniff(results()))
    assert.isTrue(sniff(row()))
    assert.isTrue(sniff({ version: 3, results: [row()], stats: {} }))
    assert.isFalse(sniff({ results: [{ id: 1 }] }))
    assert.isFalse(sniff({ prompt: "x", response: "y" }))
  })

  it("whatever is in it, is read or skipped, never a crash", () => {
    for (const one of mutations(results(row(), row({ id: "r2", response: { output: [{}] } })), 600, 13)) read(one)
    assert.deepStrictEqual(skipsIn(read(7, results(7 as never, row({ provider: {} }), row({ prompt: {} })))), [
      "not a JSON object",
      "a result that is no object",
      "a result that names no provider",
      "a result without its prompt"
    ])
  })
})

describe("a provider's id", () => {
  it("names provider and model", () => {
    const of = (id: string) => {
      const { model, provider } = askedIn(id)
      return [provider, model]
    }
    assert.deepStrictEqual(of("openai:gpt-4o"), ["openai", "gpt-4o"])
    assert.deepStrictEqual(of("openai:responses:gpt-5"), ["openai", "gpt-5"])
    assert.deepStrictEqual(of("anthropic:messages:claude-sonnet-4-5"), ["anthropic", "claude-sonnet-4-5"])
    assert.deepStrictEqual(of("openrouter:openai/gpt-4o-mini"), ["openrouter", "openai/gpt-4o-mini"])
    assert.deepStrictEqual(of("ollama:chat:llama3:8b"), ["ollama", "llama3:8b"])
    assert.deepStrictEqual(of("ollama:llama3:8b"), ["ollama", "llama3:8b"])
    assert.deepStrictEqual(of("bedrock:anthropic.claude-3-haiku-20240307-v1:0"), [
      "bedrock",
      "anthropic.claude-3-haiku-20240307-v1:0"
    ])
    assert.deepStrictEqual(of("my-model"), [undefined, "my-model"])
  })
})

describe("its counts", () => {
  it("that are 0 on both sides were not told", () => {
    assert.isNull(promptfooUsage({ prompt: 0, completion: 0, total: 0 }).input)
    assert.isNull(promptfooUsage(undefined).input)
  })
})
