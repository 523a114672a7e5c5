import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"

import * as anthropicMessages from "./anthropicMessages.ts"
import * as ollamaChat from "./ollamaChat.ts"
import * as openaiChat from "./openaiChat.ts"

const chat = (message: object, finish_reason: string | null = "stop", more: object = {}) =>
  Result.getOrThrow(
    openaiChat.readResponse({ id: "c", model: "m-2026", choices: [{ index: 0, message, finish_reason }], ...more })
  ).response
const claude = (content: ReadonlyArray<object>, stop_reason: string | null) =>
  Result.getOrThrow(anthropicMessages.readResponse({ id: "m", model: "claude-x", content, stop_reason })).response

describe("an answer of OpenAI's chat completions", () => {
  it("keeps arguments that are no JSON as they came, and says why", () => {
    const { blocks } = chat({
      role: "assistant",
      content: null,
      tool_calls: [
        { id: "a", type: "function", function: { name: "f", arguments: '{"q":' } },
        { id: "b", type: "function", function: { name: "f", arguments: ' {"q": 1}' } }
      ]
    })
    const [broken, fine] = blocks
    assert.deepInclude(broken, { type: "tool_use", input: {}, inputRaw: '{"q":' })
    assert.isString(broken?.type === "tool_use" ? broken.inputError : undefined)
    assert.deepStrictEqual(fine, {
      type: "tool_use",
      id: "b",
      name: "f",
      input: { q: 1 },
      inputRaw: ' {"q": 1}',
      kind: "function"
    })
  })

  it("names why it ended, with the wire's own word", () => {
    const text = { role: "assistant", content: "x" }
    for (const [raw, reason] of [
      ["stop", "end"],
      ["length", "length"],
      ["tool_calls", "tool_use"],
      ["function_call", "tool_use"],
      ["content_filter", "content_filter"],
      ["brand_new", "unknown"]
    ] as const) {
      assert.deepInclude(chat(text, raw), { stopReason: reason, stopReasonRaw: raw })
    }
    assert.strictEqual(chat(text, null).stopReason, "unknown")
    const call = { id: "a", type: "function", function: { name: "f", arguments: "{}" } }
    assert.strictEqual(chat({ role: "assistant", content: null, tool_calls: [call] }).stopReason, "tool_use")
    assert.deepInclude(chat({ role: "assistant", content: null, refusal: "no" }), {
      stopReason: "refusal",
      blocks: [{ type: "refusal", text: "no" }]
    })
  })

  it("keeps thinking apart, whatever its host calls it, and further choices as alternatives", () => {
    for (const field of ["reasoning_content", "reasoning"]) {
      const { blocks } = chat({ role: "assistant", content: "4", [field]: "2 + 2" })
      assert.deepInclude(blocks[0], {
        type: "thinking",
        text: "2 + 2",
        producer: { provider: "openai", model: "m-2026" }
      })
      assert.deepStrictEqual(blocks[1], { type: "text", text: "4" })
    }
    const several = Result.getOrThrow(
      openaiChat.readResponse({
        choices: ["a", "b"].map((content, index) => ({
          index,
          message: { role: "assistant", content },
          finish_reason: "stop"
        }))
      })
    ).response
    assert.deepStrictEqual(several.alternatives, [[{ type: "text", text: "b" }]])
  })

  it("is refused where it is none", () => {
    for (const body of ["hello", null, {}, { choices: [] }, { choices: [{}] }, { choices: [{ message: "x" }] }]) {
      assert.isTrue(Result.isFailure(openaiChat.readResponse(body)))
    }
  })

  it("is put together from chunks of hosts that leave indexes and ids out", () => {
    const delta = (one: object, finish_reason: string | null = null) => ({ choices: [{ delta: one, finish_reason }] })
    const { response } = Result.getOrThrow(
      openaiChat.assemble([
        delta({ role: "assistant", content: "" }),
        delta({ tool_calls: [{ id: "a", function: { name: "f", arguments: '{"q"' } }] }),
        delta({ tool_calls: [{ function: { arguments: ":1}" } }] }),
        delta({ tool_calls: [{ id: "b", function: { name: "g", arguments: "{}" } }] }),
        delta({}, "tool_calls")
      ])
    )
    assert.deepStrictEqual(
      response.blocks.map((block) => (block.type === "tool_use" ? [block.id, block.name, block.input] : block)),
      [
        ["a", "f", { q: 1 }],
        ["b", "g", {}]
      ]
    )
    assert.isTrue(response.complete)
    const cut = Result.getOrThrow(openaiChat.assemble([delta({ content: "half of" })]))
    assert.deepInclude(cut.response, { complete: false, stopReason: "unknown" })
    assert.strictEqual(cut.usage.basis, "unreliable")
  })
})

describe("an answer of Anthropic's messages", () => {
  it("names why it ended", () => {
    for (const [raw, reason] of [
      ["end_turn", "end"],
      ["max_tokens", "length"],
      ["stop_sequence", "stop_sequence"],
      ["tool_use", "tool_use"],
      ["pause_turn", "pause"],
      ["refusal", "refusal"],
      ["model_context_window_exceeded", "context_window"]
    ] as const) {
      assert.deepInclude(claude([{ type: "text", text: "x" }], raw), { stopReason: reason, stopReasonRaw: raw })
    }
    assert.strictEqual(claude([], null).stopReason, "unknown")
  })

  it("keeps thinking with its signature, and what it does not know as it came", () => {
    const strange = { type: "holo_block", shape: [1, 2] }
    const { blocks } = claude(
      [
        { type: "thinking", thinking: "hm", signature: "Eq" },
        { type: "redacted_thinking", data: "xx" },
        { type: "tool_use", id: "t", name: "f", input: { q: 1 } },
        strange
      ],
      "tool_use"
    )
    const producer = { provider: "anthropic", model: "claude-x" }
    assert.deepStrictEqual(blocks, [
      { type: "thinking", text: "hm", signature: "Eq", producer },
      { type: "thinking", text: null, encrypted: "xx", redacted: true, producer },
      { type: "tool_use", id: "t", name: "f", input: { q: 1 }, kind: "function" },
      { type: "opaque", label: "holo_block", origin: { wire: "anthropic.messages", data: strange } }
    ])
  })

  it("is put together with thinking, citations, empty input and input that broke off", () => {
    const start = (index: number, content_block: object) => ({ type: "content_block_start", index, content_block })
    const delta = (index: number, one: object) => ({ type: "content_block_delta", index, delta: one })
    const { response, usage } = Result.getOrThrow(
      anthropicMessages.assemble([
        {
          type: "message_start",
          message: { id: "m", model: "claude-x", content: [], usage: { input_tokens: 7, output_tokens: 1 } }
        },
        start(0, { type: "thinking", thinking: "", signature: "" }),
        delta(0, { type: "thinking_delta", thinking: "hm" }),
        delta(0, { type: "signature_delta", signature: "Eq" }),
        start(1, { type: "text", text: "" }),
        delta(1, { type: "text_delta", text: "see" }),
        delta(1, { type: "citations_delta", citation: { url: "u" } }),
        start(2, { type: "tool_use", id: "a", name: "f", input: {} }),
        delta(2, { type: "input_json_delta", partial_json: "" }),
        start(3, { type: "tool_use", id: "b", name: "f", input: {} }),
        delta(3, { type: "input_json_delta", partial_json: '{"q":' }),
        {
          type: "message_delta",
          delta: { stop_reason: "max_tokens" },
          usage: { output_tokens: 30, input_tokens: null }
        },
        { type: "message_stop" }
      ])
    )
    const [thinking, text, empty, broken] = response.blocks
    assert.deepInclude(thinking, { type: "thinking", text: "hm", signature: "Eq" })
    assert.deepInclude(text, {
      text: "see",
      origin: { wire: "anthropic.messages", data: { rest: { citations: [{ url: "u" }] } } }
    })
    assert.deepStrictEqual(empty, { type: "tool_use", id: "a", name: "f", input: {}, kind: "function" })
    assert.deepInclude(broken, { input: {}, inputRaw: '{"q":' })
    assert.strictEqual(response.stopReason, "length")
    assert.strictEqual(usage.input?.total, 7)
    assert.strictEqual(usage.output?.total, 30)
    assert.isTrue(Result.isFailure(anthropicMessages.assemble([])))
  })
})

describe("an answer of Ollama's chat", () => {
  it("names why it ended, and numbers its calls", () => {
    const read = (message: object, more: object) =>
      Result.getOrThrow(ollamaChat.readResponse({ model: "m", message, ...more })).response
    const text = { role: "assistant", content: "x" }
    assert.deepInclude(read(text, { done: true, done_reason: "stop" }), {
      stopReason: "end",
      stopReasonRaw: "stop",
      complete: true
    })
    assert.strictEqual(read(text, { done: true, done_reason: "length" }).stopReason, "length")
    assert.strictEqual(read(text, { done: true, done_reason: "load" }).stopReason, "unknown")
    assert.isFalse(read(text, { done: false }).complete)
    const called = read(
      {
        role: "assistant",
        content: "",
        thinking: "hm",
        tool_calls: [{ function: { name: "f", arguments: { q: 1 } } }]
      },
      { done: true, done_reason: "stop" }
    )
    assert.strictEqual(called.stopReason, "tool_use")
    assert.deepStrictEqual(called.blocks, [
      { type: "thinking", text: "hm", producer: { provider: "ollama", model: "m" } },
      { type: "tool_use", id: "call_0", idSynthetic: true, name: "f", input: { q: 1 }, kind: "function" }
    ])
    assert.isTrue(Result.isFailure(ollamaChat.readResponse({ done: true })))
  })
})
