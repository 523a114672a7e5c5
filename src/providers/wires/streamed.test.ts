import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"

import { piecesOf, readStream, type StreamedWire, streamOf } from "./streamed.ts"

const sse = (events: ReadonlyArray<unknown>, end = "\n") =>
  events.map((event) => `data: ${typeof event === "string" ? event : JSON.stringify(event)}${end}${end}`).join("")

const chunk = (delta: object, finish: string | null = null) => ({
  id: "chatcmpl-1",
  object: "chat.completion.chunk",
  model: "gpt-4o-2024-08-06",
  choices: [{ index: 0, delta, finish_reason: finish }]
})
const counted = {
  id: "chatcmpl-1",
  object: "chat.completion.chunk",
  choices: [],
  usage: { prompt_tokens: 8, completion_tokens: 2, total_tokens: 10 }
}
const chat = [
  chunk({ role: "assistant", content: "" }),
  chunk({ content: "Hel" }),
  chunk({ content: "lo" }),
  chunk({}, "stop")
]
const anthropic = [
  {
    type: "message_start",
    message: {
      id: "msg_1",
      type: "message",
      role: "assistant",
      model: "claude-opus-4-6",
      content: [],
      stop_reason: null,
      usage: { input_tokens: 8, cache_read_input_tokens: 100, output_tokens: 1 }
    }
  },
  { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
  { type: "ping" },
  { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Hello" } },
  { type: "content_block_stop", index: 0 },
  { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { input_tokens: null, output_tokens: 3 } },
  { type: "message_stop" }
]
const responses = [
  { type: "response.created", response: { id: "resp_1", object: "response", status: "in_progress", output: [] } },
  {
    type: "response.completed",
    response: {
      id: "resp_1",
      object: "response",
      status: "completed",
      model: "gpt-5.2",
      output: [{ type: "message", role: "assistant", content: [{ type: "output_text", text: "Hello" }] }],
      usage: { input_tokens: 5, output_tokens: 2, total_tokens: 7 }
    }
  }
]
const ollama = [
  { model: "llama3.1:8b", message: { role: "assistant", content: "Hel" }, done: false },
  { model: "llama3.1:8b", message: { role: "assistant", content: "lo" }, done: false },
  {
    model: "llama3.1:8b",
    message: { role: "assistant", content: "" },
    done: true,
    done_reason: "stop",
    prompt_eval_count: 4,
    eval_count: 2
  }
]

const answerOf = (wire: StreamedWire, text: string) => {
  const pieces = piecesOf(text)
  assert.isDefined(pieces)
  assert.strictEqual(streamOf(pieces.events), wire)
  return Result.getOrThrow(readStream(wire, pieces))
}
const textOf = (answer: ReturnType<typeof answerOf>) =>
  answer.response.blocks.map((block) => (block.type === "text" ? block.text : block.type)).join("|")

describe("a recorded stream", () => {
  it("of each wire is one answer, in each form that it is recorded in", () => {
    const rows: ReadonlyArray<readonly [StreamedWire, string, number | undefined]> = [
      ["openai.chat", sse([...chat, counted, "[DONE]"]), 8],
      ["openai.chat", sse([...chat, counted, "[DONE]"], "\r\n"), 8],
      ["openai.chat", JSON.stringify([...chat, counted]), 8],
      ["openai.chat", [...chat, counted].map((one) => JSON.stringify(one)).join("\n"), 8],
      [
        "anthropic.messages",
        anthropic.map((one) => `event: ${one.type}\ndata: ${JSON.stringify(one)}\n\n`).join(""),
        108
      ],
      ["openai.responses", responses.map((one) => `event: ${one.type}\ndata:${JSON.stringify(one)}\n\n`).join(""), 5],
      ["ollama.chat", ollama.map((one) => JSON.stringify(one)).join("\n"), 4],
      ["ollama.chat", `: a comment\n\n${sse(ollama)}`, 4]
    ]
    for (const [wire, text, input] of rows) {
      const answer = answerOf(wire, text)
      assert.strictEqual(textOf(answer), "Hello", text.slice(0, 40))
      assert.strictEqual(answer.response.stopReason, "end")
      assert.isTrue(answer.response.complete)
      assert.strictEqual(answer.usage.input?.total, input)
    }
  })

  it("of Anthropic's counts what the last event says, field by field", () => {
    const { usage } = answerOf("anthropic.messages", sse(anthropic))
    assert.deepStrictEqual(usage.input && [usage.input.uncached, usage.input.cacheRead], [8, 100])
    assert.strictEqual(usage.output?.total, 3)
  })

  it("of Anthropic's that ends before its output was counted does not know it", () => {
    const start = {
      type: "message_start",
      message: {
        id: "m",
        type: "message",
        role: "assistant",
        model: "claude-x",
        content: [],
        usage: { input_tokens: 8, output_tokens: 1 }
      }
    }
    const stop = { type: "message_delta", delta: { stop_reason: "end_turn" } }
    for (const events of [[start], [start, stop]]) {
      const { usage } = answerOf("anthropic.messages", sse(events))
      assert.deepStrictEqual([usage.basis, usage.input?.total, usage.output], ["unreliable", 8, null])
    }
    const counted = answerOf("anthropic.messages", sse([start, { ...stop, usage: { output_tokens: 5 } }]))
    assert.deepStrictEqual([counted.usage.basis, counted.usage.output?.total], ["reported", 5])
  })

  it("of OpenAI's that was not asked for usage has none", () => {
    const { usage } = answerOf("openai.chat", sse([...chat, "[DONE]"]))
    assert.deepStrictEqual([usage.input, usage.output], [null, null])
  })

  it("that was cut keeps what came and is not complete", () => {
    for (const cut of [sse(chat.slice(0, 3)), sse(chat).slice(0, -30), JSON.stringify(chat.slice(0, 3))]) {
      const answer = answerOf("openai.chat", cut)
      assert.strictEqual(textOf(answer), "Hello")
      assert.isFalse(answer.response.complete)
    }
    assert.isFalse(answerOf("anthropic.messages", sse(anthropic.slice(0, 5))).response.complete)
    assert.isFalse(
      answerOf(
        "ollama.chat",
        ollama
          .slice(0, 2)
          .map((one) => JSON.stringify(one))
          .join("\n")
      ).response.complete
    )
    assert.isFalse(answerOf("openai.responses", sse(responses.slice(0, 1))).response.complete)
  })

  it("that broke off with an error is an error with what came", () => {
    const overloaded = { type: "error", error: { type: "overloaded_error", message: "Overloaded" } }
    const broken = answerOf("anthropic.messages", sse([...anthropic.slice(0, 4), overloaded]))
    assert.deepStrictEqual(broken.response.error, { type: "overloaded_error", message: "Overloaded" })
    assert.strictEqual(textOf(broken), "Hello")
    const chatted = answerOf("openai.chat", sse([chat[0], { error: { message: "boom", code: "server_error" } }]))
    assert.strictEqual(chatted.response.error?.code, "server_error")
  })

  it("of tool calls has their arguments whole", () => {
    const call = (at: number, fields: object) => chunk({ tool_calls: [{ index: at, ...fields }] })
    const { response } = answerOf(
      "openai.chat",
      sse([
        call(0, { id: "c1", type: "function", function: { name: "a", arguments: "" } }),
        call(0, { function: { arguments: '{"q":' } }),
        call(1, { id: "c2", type: "function", function: { name: "b", arguments: "{}" } }),
        call(0, { function: { arguments: "1}" } }),
        chunk({}, "tool_calls")
      ])
    )
    assert.deepStrictEqual(
      response.blocks.map((block) => (block.type === "tool_use" ? [block.name, block.input] : [])),
      [
        ["a", { q: 1 }],
        ["b", {}]
      ]
    )
  })

  it("of tool calls keeps them apart however its host numbers and names them", () => {
    const call = (fields: object) => chunk({ tool_calls: [fields] })
    const f = (args: string, name: string | null = "f") => ({
      type: "function",
      function: { ...(name === null ? {} : { name }), arguments: args }
    })
    const calls = (...pieces: ReadonlyArray<object>) =>
      answerOf("openai.chat", sse([...pieces.map(call), chunk({}, "tool_calls")])).response.blocks.map((block) =>
        block.type === "tool_use" ? [block.idSynthetic === true ? "" : block.id, block.name, block.input] : []
      )
    const both = [
      ["a", "f", { x: 1 }],
      ["b", "g", { y: 2 }]
    ]
    const one = [["a", "f", { x: 1 }]]
    // every call at index 0
    const [a, b] = [
      { index: 0, id: "a", ...f('{"x":1}') },
      { index: 0, id: "b", ...f('{"y":2}', "g") }
    ]
    assert.deepStrictEqual(calls(a, b), both)
    assert.deepStrictEqual(
      calls(
        { index: 0, id: "a", ...f("") },
        { index: 0, ...f('{"x":1}', null) },
        { index: 0, id: "b", ...f("", "g") },
        { index: 0, ...f('{"y"', null) },
        { index: 0, id: "", ...f(":2}", "") }
      ),
      both
    )
    assert.deepStrictEqual(calls({ ...a, id: "" }, { ...b, id: "" }), [
      ["", "f", { x: 1 }],
      ["", "g", { y: 2 }]
    ])
    // id and name in every piece, and pieces of several calls in turns
    assert.deepStrictEqual(calls({ index: 0, id: "a", ...f('{"x"') }, { index: 0, id: "a", ...f(":1}") }), one)
    assert.deepStrictEqual(calls({ index: 0, id: "a", ...f('{"x"') }, { index: 0, ...f(":1}") }), one)
    assert.deepStrictEqual(
      calls(
        { index: 0, id: "a", ...f('{"x"') },
        { index: 0, id: "b", ...f('{"y"', "g") },
        { index: 0, id: "a", ...f(":1}") },
        { index: 0, id: "b", ...f(":2}", "g") }
      ),
      both
    )
    // an id of its own for each piece
    assert.deepStrictEqual(calls({ index: 0, id: "a", ...f("") }, { index: 0, id: "a2", ...f('{"x":1}', null) }), one)
    // no index
    assert.deepStrictEqual(
      calls({ id: "a", ...f('{"x"') }, { id: "a", ...f(":1}") }, { id: "b", ...f('{"y":2}', "g") }),
      both
    )
    assert.deepStrictEqual(calls({ id: "a", ...f('{"x"') }, f(":1}", null), { id: "b", ...f('{"y":2}', "g") }), both)
    // the same id twice: the index counts
    assert.deepStrictEqual(calls({ index: 0, id: "a", ...f("{}") }, { index: 1, id: "a", ...f("{}", "g") }), [
      ["a", "f", {}],
      ["a", "g", {}]
    ])
  })

  it("is told from other texts", () => {
    for (const text of ["", "hello", '{"id":"x"}', '{\n  "id": "x"\n}', "[1, 2", "<html>"])
      assert.isUndefined(piecesOf(text), text)
    assert.deepStrictEqual(streamOf([{ type: "completion", completion: "hi" }]), {
      unread: "a stream of Anthropic's older completions"
    })
    assert.isUndefined(streamOf([1, null, "x", {}, { type: "hello" }]))
  })

  it("of nonsense never throws", () => {
    const wires: ReadonlyArray<StreamedWire> = ["openai.chat", "openai.responses", "anthropic.messages", "ollama.chat"]
    const odd: ReadonlyArray<unknown> = [null, 1, "x", [], {}, { type: 1 }, { choices: 1 }, { choices: [null, 1, {}] }]
    const events = [
      ...odd,
      ...odd.map((value) => ({ type: "message_start", message: value })),
      ...odd.map((value) => ({ type: "content_block_start", index: 0, content_block: value })),
      ...odd.map((value) => ({ type: "content_block_delta", index: 0, delta: value })),
      ...odd.map((value) => ({ type: "response.output_item.done", output_index: 0, item: value })),
      ...odd.map((value) => ({ type: "response.completed", response: value })),
      ...odd.map((value) => ({ message: value, done: value })),
      ...odd.map((value) => ({ choices: [{ index: value, delta: { tool_calls: [value], content: value } }] }))
    ]
    for (const wire of wires)
      for (const event of events)
        for (const list of [[event], [anthropic[0], event], [event, ...chat], [responses[0], event]])
          assert.doesNotThrow(() => readStream(wire, { events: JSON.parse(JSON.stringify(list)), broken: 0 }))
  })
})
