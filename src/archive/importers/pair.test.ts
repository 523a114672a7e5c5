import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"

import { ArchivedCall } from "../../domain/Call.ts"
import type { Found } from "../contract.ts"
import { pair } from "./pair.ts"

const read = (row: unknown): Found => pair.start({}).open("log.jsonl").line({ line: 3, json: row })[0]!
const callOf = (row: unknown): ArchivedCall => {
  const found = read(row)
  assert.strictEqual(found._tag, "Call", JSON.stringify(found))
  return (found as Extract<Found, { _tag: "Call" }>).call
}
const skipOf = (row: unknown): string => {
  const found = read(row)
  return found._tag === "Skip" ? found.reason : JSON.stringify(found)
}

const openai = {
  request: {
    model: "gpt-4o",
    messages: [
      { role: "system", content: "Be brief." },
      { role: "user", content: "What is this?" }
    ],
    temperature: 0.2,
    max_completion_tokens: 500,
    user: "customer-9",
    metadata: { experiment: "b" }
  },
  response: {
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1785578400,
    model: "gpt-4o-2024-08-06",
    choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "A cat.", refusal: null } }],
    usage: {
      prompt_tokens: 100,
      completion_tokens: 20,
      total_tokens: 120,
      prompt_tokens_details: { cached_tokens: 64 },
      completion_tokens_details: { reasoning_tokens: 5 }
    }
  }
}
const anthropic = {
  request: {
    model: "claude-opus-4-6",
    max_tokens: 4096,
    system: "You are terse.",
    messages: [{ role: "user", content: "list files" }]
  },
  response: {
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "claude-opus-4-6",
    content: [{ type: "text", text: "One file." }],
    stop_reason: "end_turn",
    usage: { input_tokens: 12, cache_creation_input_tokens: 300, cache_read_input_tokens: 2000, output_tokens: 8 }
  }
}
const ollama = {
  request: {
    model: "llama3.1:8b",
    messages: [{ role: "user", content: "hi" }],
    options: { temperature: 0 },
    stream: false
  },
  response: {
    model: "llama3.1:8b",
    created_at: "2026-08-01T10:00:00Z",
    message: { role: "assistant", content: "hello" },
    done: true,
    done_reason: "stop",
    prompt_eval_count: 11,
    eval_count: 3
  }
}

describe("a pair of bodies", () => {
  it("is read by its shape on all three wires, valid by the schema", () => {
    for (const [bodies, wire, text, tokens] of [
      [openai, "openai.chat", "A cat.", 100],
      [anthropic, "anthropic.messages", "One file.", 2312],
      [ollama, "ollama.chat", "hello", 11]
    ] as const) {
      const call = callOf(bodies)
      assert.deepStrictEqual(Schema.decodeUnknownSync(ArchivedCall)(JSON.parse(JSON.stringify(call))), call)
      assert.strictEqual(call.request.wire, wire)
      assert.deepStrictEqual(call.response.blocks, [{ type: "text", text }])
      assert.strictEqual(call.usage.input?.total, tokens)
      assert.strictEqual(call.fidelity.grade, "A")
      assert.strictEqual(call.provenance.line, 3)
    }
  })

  it("may be JSON text in the row", () => {
    const text = callOf({ request: JSON.stringify(openai.request), response: JSON.stringify(openai.response) })
    assert.deepStrictEqual(text.request, callOf(openai).request)
  })

  it("takes id, time, user, session, durations, cost and labels from beside the bodies", () => {
    const call = callOf({
      ...openai,
      id: "r1",
      created_at: "2026-08-01T10:00:00Z",
      user: "ana",
      session: "s1",
      latency_ms: 812,
      ttft_ms: 240,
      cost_usd: 0.0012,
      team: "payments",
      labels: { taskType: "caption" },
      metadata: { item_id: "x/1", nested: { depth: 2 }, api_key: "k" }
    })
    assert.deepStrictEqual(call.timing, {
      startedAt: "2026-08-01T10:00:00.000Z",
      latencyMs: 812,
      ttftMs: 240,
      basis: "reported"
    })
    assert.strictEqual(call.grouping.sessionId, "s1")
    assert.strictEqual(call.billed.nanoUsd, "1200000")
    assert.deepStrictEqual(call.labels, {
      endUser: "customer-9",
      engineer: "ana",
      experiment: "b",
      item_id: "x/1",
      "nested.depth": "2",
      taskType: "caption",
      team: "payments"
    })
    assert.strictEqual(call.provenance.native["id"], "r1")
  })

  it("does not know counts that are none: not zero, and said", () => {
    const usage = (prompt: unknown) => ({ ...openai.response.usage, prompt_tokens: prompt })
    for (const prompt of [-5, 1e30, "many", 1.5]) {
      const call = callOf({ ...openai, response: { ...openai.response, usage: usage(prompt) } })
      assert.isNull(call.usage.input)
      assert.isNotNull(call.usage.output)
      assert.deepStrictEqual(call.fidelity.notes, [
        `prompt_tokens was logged as ${JSON.stringify(prompt)}, which is no count of tokens`
      ])
      assert.include(call.usage.diagnostics ?? [], call.fidelity.notes[0] ?? "")
      assert.strictEqual(call.fidelity.parts["usage"], "partial")
    }
    const { eval_count: _, prompt_eval_count: __, ...silent } = ollama.response
    const absent = callOf({ ...ollama, response: silent })
    assert.deepStrictEqual([absent.usage.input, absent.usage.output], [null, null])
    assert.strictEqual(absent.fidelity.parts["usage"], "absent")
    assert.deepStrictEqual(absent.fidelity.notes, ["token counts were not logged"])
    const broken = callOf({ ...ollama, response: { ...silent, eval_count: "x", prompt_eval_count: -1 } })
    assert.strictEqual(broken.fidelity.parts["usage"], "unknown")
    assert.strictEqual(broken.fidelity.notes.length, 2)
  })

  it("takes no bill that is no amount of dollars, and says so", () => {
    for (const cost of [-5, "12 dollars", 1e300, 1e12, "0x10", true, {}]) {
      const call = callOf({ ...openai, cost_usd: cost })
      assert.deepStrictEqual(call.billed, { nanoUsd: null, basis: "none", billing: "unknown" })
      assert.match(call.fidelity.notes[0] ?? "", /^the logged cost .* is no amount of dollars: taken as not recorded$/)
      assert.strictEqual(call.fidelity.parts["cost"], "absent")
    }
    for (const [cost, nano] of [
      ["0.0012", "1200000"],
      [1.5e-7, "150"],
      ["1e-999999999", "0"],
      ["999999999999.99", "999999999999990000000"]
    ] as const) {
      const call = callOf({ ...openai, cost_usd: cost })
      assert.strictEqual(call.billed.nanoUsd, nano)
      assert.deepStrictEqual(call.fidelity.notes, [])
    }
  })

  it("without a time of its own takes the answer's, as derived", () => {
    assert.deepStrictEqual(callOf(openai).timing, { startedAt: "2026-08-01T10:00:00.000Z", basis: "derived" })
  })

  it("is the same call when id and content are the same, else when content and time are", () => {
    const id = (row: object) => callOf(row).id
    assert.strictEqual(id({ ...openai, id: "r1" }), id({ ...openai, id: "r1", user: "bo", latency_ms: 5 }))
    assert.notStrictEqual(id({ ...openai, id: "r1" }), id({ ...openai, id: "r2" }))
    // Row numbers of two logs: the same id for different calls.
    assert.notStrictEqual(id({ ...openai, id: 1 }), id({ ...anthropic, id: 1 }))
    assert.strictEqual(id({ ...openai, created_at: "2026-08-01" }), id({ ...openai, created_at: "2026-08-01" }))
    assert.notStrictEqual(id({ ...openai, created_at: "2026-08-01" }), id({ ...openai, created_at: "2026-08-02" }))
  })

  it("whose answer is an error is a call that failed", () => {
    const body = callOf({
      request: openai.request,
      response: { error: { message: "Rate limit", type: "rate_limit", code: "429" } },
      status_code: 429
    })
    assert.deepStrictEqual(body.response.error, {
      type: "rate_limit",
      code: "429",
      httpStatus: 429,
      message: "Rate limit"
    })
    assert.isFalse(body.response.complete)
    assert.isNull(body.usage.input)
    const beside = callOf({ request: anthropic.request, response: null, error: "timeout of sk-abcdefgh1234" })
    assert.strictEqual(beside.response.error?.message, "timeout of [secret removed]")
    assert.strictEqual(beside.request.wire, "anthropic.messages")
  })

  it("keeps the arguments of a tool call that are no JSON", () => {
    const message = {
      role: "assistant",
      content: null,
      tool_calls: [{ id: "c1", type: "function", function: { name: "lookup", arguments: '{"q": ' } }]
    }
    const call = callOf({
      ...openai,
      response: { ...openai.response, choices: [{ index: 0, finish_reason: "tool_calls", message }] }
    })
    const [block] = call.response.blocks
    assert.isTrue(block?.type === "tool_use" && block.inputRaw === '{"q": ' && block.inputError !== undefined)
  })

  it("with pictures says how they were kept", () => {
    const withImage = (url: string) => {
      const content = [
        { type: "text", text: "What is this?" },
        { type: "image_url", image_url: { url } }
      ]
      return callOf({ ...openai, request: { ...openai.request, messages: [{ role: "user", content }] } }).fidelity
    }
    assert.strictEqual(withImage("data:image/png;base64,iVBORw0KGgo=").parts["media"], "verbatim")
    assert.strictEqual(withImage("https://example.com/a.png").parts["media"], "unknown")
    assert.strictEqual(withImage("https://example.com/a.png").notes.length, 1)
    assert.isUndefined(callOf(openai).fidelity.parts["media"])
  })

  it("of half, of another wire or of a stream is skipped with the reason", () => {
    assert.include(skipOf({ request: openai.request, response: null }), "no response")
    assert.include(skipOf({ response: openai.response }), "no request")
    assert.include(
      skipOf({ request: { model: "m", input: "x" }, response: { object: "response", output: [] } }),
      "Responses"
    )
    assert.include(skipOf({ request: { contents: [] }, response: { candidates: [] } }), "Gemini")
    assert.include(skipOf({ request: openai.request, response: "data: {}" }), "stream")
    assert.include(
      skipOf({ request: openai.request, response: { object: "chat.completion.chunk", choices: [] } }),
      "chunk"
    )
    assert.include(
      skipOf({ request: { model: "m", messages: "x" }, response: openai.response }),
      "request cannot be read"
    )
    assert.deepStrictEqual(read({ type: "session_start", at: 1 }), { _tag: "Other", type: "session_start" })
  })
})
