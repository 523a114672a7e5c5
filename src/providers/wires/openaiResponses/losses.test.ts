import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"

import type { CallRequest } from "../../../domain/Call.ts"
import * as anthropicMessages from "../anthropicMessages.ts"
import type { JsonObject } from "../json.ts"
import * as ollamaChat from "../ollamaChat.ts"
import * as openaiChat from "../openaiChat.ts"
import * as openaiResponses from "../openaiResponses.ts"

interface Translation {
  readonly readRequest: typeof openaiChat.readRequest
  readonly writeRequest: typeof openaiChat.writeRequest
}

const carry = (from: Translation, to: Translation, body: JsonObject, change: Partial<CallRequest> = {}) => {
  const request = { ...Result.getOrThrow(from.readRequest({ model: "m", ...body })), ...change }
  const { body: written, losses } = Result.getOrThrow(to.writeRequest(request))
  return { body: written as JsonObject, losses: losses.map((loss) => loss.what) }
}

const schema = { type: "object", properties: { q: { type: "string" } }, required: ["q"], additionalProperties: false }
const open = { type: "object", properties: { q: { type: "string" } } }

const conversation: JsonObject = {
  instructions: "Be brief.",
  input: [
    { role: "developer", content: "Speak plainly." },
    {
      role: "user",
      content: [
        { type: "input_text", text: "What is this?" },
        { type: "input_image", image_url: "data:image/png;base64,iVBORw0KGgo=", detail: "low" }
      ]
    },
    { type: "reasoning", id: "rs_1", summary: [], encrypted_content: "gAAA" },
    {
      type: "message",
      id: "msg_1",
      role: "assistant",
      status: "completed",
      content: [{ type: "output_text", text: "Let me see.", annotations: [] }]
    },
    {
      type: "function_call",
      id: "fc_1",
      call_id: "call_1",
      name: "lookup",
      arguments: '{"q":"a"}',
      status: "completed"
    },
    {
      type: "function_call",
      id: "fc_2",
      call_id: "call_2",
      name: "lookup",
      arguments: '{"q":"b"}',
      status: "completed"
    },
    { type: "function_call_output", call_id: "call_2", output: "two" },
    { type: "function_call_output", call_id: "call_1", output: [{ type: "input_text", text: "one" }] },
    { role: "user", content: "So?" }
  ],
  tools: [{ type: "function", name: "lookup", description: "d", parameters: schema, strict: true }],
  max_output_tokens: 300
}

describe("from Responses to OpenAI's chat", () => {
  it("instructions and messages, calls side by side with their results in order, pictures and limits", () => {
    const { body, losses } = carry(openaiResponses, openaiChat, conversation)
    assert.deepStrictEqual(body["messages"], [
      { role: "system", content: "Be brief." },
      { role: "system", content: "Speak plainly." },
      {
        role: "user",
        content: [
          { type: "text", text: "What is this?" },
          { type: "image_url", image_url: { url: "data:image/png;base64,iVBORw0KGgo=", detail: "low" } }
        ]
      },
      {
        role: "assistant",
        content: "Let me see.",
        tool_calls: [
          { id: "call_1", type: "function", function: { name: "lookup", arguments: '{"q":"a"}' } },
          { id: "call_2", type: "function", function: { name: "lookup", arguments: '{"q":"b"}' } }
        ]
      },
      { role: "tool", tool_call_id: "call_1", content: "one" },
      { role: "tool", tool_call_id: "call_2", content: "two" },
      { role: "user", content: "So?" }
    ])
    assert.deepStrictEqual(body["tools"], [
      { type: "function", function: { name: "lookup", description: "d", parameters: schema, strict: true } }
    ])
    assert.strictEqual(body["max_tokens"], 300)
    assert.deepStrictEqual(losses, ["thinking"])
  })

  it("a tool that does not say is held to its schema where that is closed, as the wire does", () => {
    const tools = (parameters: JsonObject) =>
      carry(openaiResponses, openaiChat, { input: "hi", tools: [{ type: "function", name: "f", parameters }] }).body[
        "tools"
      ]
    assert.deepStrictEqual(tools(schema), [
      { type: "function", function: { name: "f", parameters: schema, strict: true } }
    ])
    assert.deepStrictEqual(tools(open), [{ type: "function", function: { name: "f", parameters: open } }])
  })

  it("what only Responses knows is named", () => {
    const { losses } = carry(openaiResponses, openaiChat, {
      input: [
        { role: "user", content: "hi" },
        { type: "web_search_call", id: "ws_1", status: "completed", action: { type: "search" } },
        { type: "item_reference", id: "rs_0" },
        { role: "assistant", content: "hello", phase: "commentary" },
        { role: "user", content: "so?" }
      ],
      tools: [{ type: "web_search" }],
      text: { format: { type: "json_object" }, verbosity: "low" },
      reasoning: { effort: "low", summary: "auto" },
      truncation: "auto",
      previous_response_id: "resp_0"
    })
    assert.sameMembers(losses, [
      "hosted tool web_search",
      "block item_reference",
      "field phase",
      "parameter text.verbosity",
      "parameter reasoning.summary",
      "parameter truncation",
      "history"
    ])
  })

  it("history that was put together from the archive is there, and no loss", () => {
    const { losses } = carry(
      openaiResponses,
      openaiChat,
      { input: "hi", previous_response_id: "resp_0" },
      {
        serverState: { previousResponseId: "resp_0", resolved: true }
      }
    )
    assert.deepStrictEqual(losses, [])
    const own = carry(
      openaiResponses,
      openaiResponses,
      { input: "hi", previous_response_id: "resp_0" },
      {
        serverState: { previousResponseId: "resp_0", resolved: true }
      }
    )
    assert.deepStrictEqual(own, { body: { model: "m", input: "hi" }, losses: [] })
  })
})

describe("from Responses to Anthropic and Ollama", () => {
  it("instructions go to the top, results into one message, effort into thinking where the model can", () => {
    const { body, losses } = carry(
      openaiResponses,
      anthropicMessages,
      { ...conversation, reasoning: { effort: "low" } },
      { model: "claude-opus-4-6" }
    )
    assert.deepStrictEqual(body["system"], [
      { type: "text", text: "Be brief." },
      { type: "text", text: "Speak plainly." }
    ])
    const messages = body["messages"] as ReadonlyArray<JsonObject>
    assert.deepStrictEqual(
      messages.map((one) => one["role"]),
      ["user", "assistant", "user"]
    )
    assert.include(losses, "thinking")
    assert.isObject(body["thinking"])
    const ollama = carry(openaiResponses, ollamaChat, conversation)
    assert.include(ollama.losses, "thinking")
    assert.strictEqual((ollama.body["messages"] as ReadonlyArray<JsonObject>)[0]?.["content"], "Be brief.")
  })
})

describe("from other wires to Responses", () => {
  it("of OpenAI's chat: messages become items, what the wire has no name for is a loss", () => {
    const { body, losses } = carry(openaiChat, openaiResponses, {
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: "hi", name: "ana" },
        {
          role: "assistant",
          content: "Let me see.",
          reasoning_content: "hm",
          tool_calls: [
            { id: "call:1", type: "function", function: { name: "desk.lookup", arguments: '{"q":1}' } },
            { id: "call_2", type: "custom", custom: { name: "patch", input: "*** Begin" } }
          ]
        },
        { role: "tool", tool_call_id: "call_2", content: "done" }
      ],
      tools: [
        { type: "function", function: { name: "desk.lookup", parameters: open } },
        {
          type: "custom",
          custom: { name: "patch", format: { type: "grammar", grammar: { syntax: "lark", definition: "x" } } }
        }
      ],
      tool_choice: { type: "function", function: { name: "desk.lookup" } },
      response_format: { type: "json_schema", json_schema: { name: "out", schema, strict: true } },
      stop: ["END"],
      seed: 1,
      n: 2,
      frequency_penalty: 0.1,
      max_completion_tokens: 5,
      reasoning_effort: "low"
    })
    assert.deepStrictEqual(body["input"], [
      { role: "system", content: "Be brief." },
      { role: "user", content: "hi" },
      { role: "assistant", content: "Let me see." },
      { type: "function_call", call_id: "call_1", name: "desk-x2e-lookup", arguments: '{"q":1}' },
      { type: "custom_tool_call", call_id: "call_2", name: "patch", input: "*** Begin" },
      { type: "function_call_output", call_id: "call_1", output: "[no result recorded]" },
      { type: "custom_tool_call_output", call_id: "call_2", output: "done" }
    ])
    assert.deepStrictEqual(body["tools"], [
      { type: "function", name: "desk-x2e-lookup", parameters: open, strict: false },
      { type: "custom", name: "patch", format: { type: "grammar", syntax: "lark", definition: "x" } }
    ])
    assert.deepStrictEqual(body["tool_choice"], { type: "function", name: "desk-x2e-lookup" })
    assert.deepStrictEqual(body["text"], { format: { type: "json_schema", name: "out", schema, strict: true } })
    assert.deepStrictEqual(body["reasoning"], { effort: "low" })
    assert.strictEqual(body["max_output_tokens"], 16)
    assert.sameMembers(losses, [
      "name",
      "thinking",
      "tool result",
      "tool error flag",
      "tool id",
      "stop",
      "seed",
      "n",
      "frequencyPenalty",
      "maxOutputTokens"
    ])
  })

  it("of Anthropic: the system prompt becomes instructions, signatures and hosted tools are losses", () => {
    const { body, losses } = carry(anthropicMessages, openaiResponses, {
      max_tokens: 100,
      system: [
        { type: "text", text: "A", cache_control: { type: "ephemeral" } },
        { type: "text", text: "B" }
      ],
      messages: [
        { role: "user", content: "hi" },
        {
          role: "assistant",
          content: [
            { type: "thinking", thinking: "hm", signature: "Eq" },
            { type: "tool_use", id: "toolu_1", name: "bash", input: { cmd: "ls" } }
          ]
        },
        {
          role: "user",
          content: [
            { type: "tool_result", tool_use_id: "toolu_1", content: "a.txt", is_error: true },
            { type: "text", text: "go on" }
          ]
        }
      ],
      tools: [
        { name: "bash", input_schema: open },
        { type: "web_search_20250305", name: "web_search" }
      ],
      top_k: 5
    })
    assert.strictEqual(body["instructions"], "A\n\nB")
    assert.deepStrictEqual(body["input"], [
      { role: "user", content: "hi" },
      { type: "function_call", call_id: "toolu_1", name: "bash", arguments: '{"cmd":"ls"}' },
      { type: "function_call_output", call_id: "toolu_1", output: "a.txt" },
      { role: "user", content: "go on" }
    ])
    assert.deepStrictEqual(body["tools"], [{ type: "function", name: "bash", parameters: open, strict: false }])
    assert.sameMembers(losses, ["cache control", "thinking", "tool error flag", "hosted tool web_search", "topK"])
  })

  it("thinking of another model of OpenAI's is left out, that of the same one goes back", () => {
    const kept = carry(openaiResponses, openaiResponses, conversation)
    assert.deepStrictEqual(kept.losses, [])
    const other = carry(openaiResponses, openaiResponses, conversation, { model: "gpt-5-mini" })
    assert.deepStrictEqual(other.losses, ["thinking"])
    assert.strictEqual((other.body["input"] as ReadonlyArray<unknown>).length, 8)
  })
})
