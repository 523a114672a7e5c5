import { assert, describe, it } from "@effect/vitest"

import type { Block } from "../../domain/Message.ts"
import { answerIn, responseOf } from "./answers.ts"
import { conversationIn } from "./messages.ts"
import { blockIn } from "./parts.ts"
import { settingsIn } from "./settings.ts"
import { toolsIn } from "./tools.ts"

/** A conversation in one line a message. */
const told = (list: ReadonlyArray<unknown>) =>
  conversationIn(list).messages.map(({ blocks, role }) => `${role}: ${blocks.map(word).join(" + ")}`)
const word = (block: Block): string => {
  switch (block.type) {
    case "text":
      return block.text
    case "thinking":
      return `(${block.text})`
    case "tool_use":
      return `${block.name}#${block.id}${JSON.stringify(block.input)}`
    case "tool_result":
      return `#${block.toolUseId}=${block.content.map(word).join("")}${block.isError === true ? "!" : ""}`
    default:
      return block.type
  }
}

// The same conversation as each library writes it.
const expected = ["system: s", "user: hi", 'assistant: (hm) + let me + f#c1{"a":1}', "tool: #c1=42"]

describe("one conversation, as each library logs it", () => {
  it("OpenAI chat", () => {
    assert.deepStrictEqual(
      told([
        { role: "system", content: "s" },
        { role: "user", content: [{ type: "text", text: "hi" }] },
        {
          role: "assistant",
          reasoning_content: "hm",
          content: "let me",
          tool_calls: [{ id: "c1", type: "function", function: { name: "f", arguments: '{"a":1}' } }]
        },
        { role: "tool", tool_call_id: "c1", content: "42" }
      ]),
      expected
    )
  })

  it("OpenAI's Responses", () => {
    assert.deepStrictEqual(
      told([
        { role: "system", content: "s" },
        { type: "message", role: "user", content: [{ type: "input_text", text: "hi" }] },
        { type: "reasoning", id: "rs", content: "hm" },
        { type: "message", role: "assistant", content: [{ type: "output_text", text: "let me" }] },
        { type: "function_call", id: "fc", call_id: "c1", name: "f", arguments: '{"a":1}' },
        { type: "function_call_output", call_id: "c1", output: "42" }
      ]),
      expected
    )
  })

  it("Anthropic", () => {
    assert.deepStrictEqual(
      told([
        { role: "system", content: "s" },
        { role: "user", content: "hi" },
        {
          role: "assistant",
          content: [
            { type: "thinking", thinking: "hm", signature: "sig" },
            { type: "text", text: "let me" },
            { type: "tool_use", id: "c1", name: "f", input: { a: 1 } }
          ]
        },
        { role: "user", content: [{ type: "tool_result", tool_use_id: "c1", content: [{ type: "text", text: "42" }] }] }
      ]),
      expected
    )
  })

  it("LangChain, as constructors, as dicts and as tuples", () => {
    const lc = (kind: string, kwargs: object) => ({
      lc: 1,
      type: "constructor",
      id: ["langchain_core", "messages", kind],
      kwargs
    })
    const call = { name: "f", args: { a: 1 }, id: "c1", type: "tool_call" }
    assert.deepStrictEqual(
      told([
        lc("SystemMessage", { content: "s" }),
        lc("HumanMessage", { content: "hi" }),
        lc("AIMessageChunk", { content: "let me", additional_kwargs: { reasoning_content: "hm" }, tool_calls: [call] }),
        lc("ToolMessage", { content: "42", tool_call_id: "c1" })
      ]),
      expected
    )
    assert.deepStrictEqual(
      told([
        ["system", "s"],
        { type: "human", data: { content: "hi" } },
        {
          type: "ai",
          content: [
            { type: "thinking", thinking: "hm" },
            { type: "text", text: "let me" },
            { type: "tool_use", id: "c1", name: "f", input: { a: 1 } }
          ],
          tool_calls: [call]
        },
        { type: "tool", content: "42", tool_call_id: "c1" }
      ]),
      expected
    )
  })

  it("the AI SDK", () => {
    assert.deepStrictEqual(
      told([
        { role: "system", content: "s" },
        { role: "user", content: [{ type: "text", text: "hi" }] },
        {
          role: "assistant",
          content: [
            { type: "reasoning", text: "hm" },
            { type: "text", text: "let me" },
            { type: "tool-call", toolCallId: "c1", toolName: "f", input: { a: 1 } }
          ]
        },
        {
          role: "tool",
          content: [{ type: "tool-result", toolCallId: "c1", toolName: "f", output: { type: "text", value: "42" } }]
        }
      ]),
      expected
    )
  })

  it("OpenTelemetry's parts and its events", () => {
    assert.deepStrictEqual(
      told([
        { role: "system", parts: [{ type: "text", content: "s" }] },
        { role: "user", parts: [{ type: "text", content: "hi" }] },
        {
          role: "assistant",
          parts: [
            { type: "reasoning", content: "hm" },
            { type: "text", content: "let me" },
            { type: "tool_call", id: "c1", name: "f", arguments: { a: 1 } }
          ]
        },
        { role: "user", parts: [{ type: "tool_call_response", id: "c1", response: "42" }] }
      ]),
      expected
    )
    const call = { id: "c1", type: "function", function: { name: "f", arguments: '{"a":1}' } }
    assert.deepStrictEqual(
      told([
        { "event.name": "gen_ai.system.message", content: "s" },
        { "event.name": "gen_ai.user.message", content: "hi" },
        { "event.name": "gen_ai.assistant.message", content: "let me", tool_calls: [call] },
        { "event.name": "gen_ai.tool.message", content: "42", id: "c1" }
      ]),
      ["system: s", "user: hi", 'assistant: let me + f#c1{"a":1}', "tool: #c1=42"]
    )
  })

  it("OpenInference", () => {
    const content = [
      { message_content: { type: "reasoning", text: "hm" } },
      { message_content: { type: "text", text: "let me" } }
    ]
    assert.deepStrictEqual(
      told([
        { message: { role: "system", content: "s" } },
        { message: { role: "user", contents: [{ message_content: { type: "text", text: "hi" } }] } },
        {
          message: {
            role: "assistant",
            contents: content,
            tool_calls: [{ tool_call: { id: "c1", function: { name: "f", arguments: '{"a":1}' } } }]
          }
        },
        { message: { role: "tool", tool_call_id: "c1", content: "42" } }
      ]),
      expected
    )
  })

  it("Gemini, whose calls have no ids", () => {
    const { messages, notes } = conversationIn([
      { role: "user", parts: [{ text: "hi" }] },
      { role: "model", parts: [{ text: "hm", thought: true }, { functionCall: { name: "f", args: { a: 1 } } }] },
      { role: "user", parts: [{ functionResponse: { name: "f", response: { v: 42 } } }] }
    ])
    assert.deepStrictEqual(
      messages.map(({ blocks, role }) => `${role}: ${blocks.map(word).join(" + ")}`),
      ["user: hi", 'assistant: (hm) + f#call_1{"a":1}', 'tool: #call_1={"v":42}']
    )
    assert.lengthOf(notes, 1)
  })
})

describe("a conversation with faults", () => {
  it("names what is missing: holes, orphans, roles that nobody knows", () => {
    const hole = conversationIn([{ role: "user", content: "x" }, undefined, { role: "tool", content: "y" }])
    assert.strictEqual(hole.gaps, 1)
    const orphan = conversationIn([{ role: "tool", tool_call_id: "c9", content: "y" }])
    assert.strictEqual(orphan.gaps, 1)
    assert.match(orphan.notes[0] ?? "", /not among the messages/)
    const odd = conversationIn([{ role: "narrator", content: "x" }])
    assert.deepStrictEqual(
      odd.messages.map(({ role }) => role),
      ["user"]
    )
    assert.lengthOf(odd.notes, 1)
    assert.strictEqual(conversationIn(["role='user' content='x' name=None"]).gaps, 1)
  })

  it("keeps arguments that are no JSON as they were written", () => {
    const block = blockIn({ type: "tool_call", id: "c", name: "f", arguments: '{"a":' })
    assert.deepInclude(block, { input: {}, inputRaw: '{"a":', inputError: "not JSON" })
  })

  it("keeps what it does not know as an opaque block", () => {
    const raw = { type: "hologram", depth: 3 }
    assert.deepStrictEqual(blockIn(raw), { type: "opaque", label: "hologram", origin: { wire: "unknown", data: raw } })
  })
})

describe("pictures and documents", () => {
  it("are inline, at an address, at the provider, or missing", () => {
    const kindOf = (raw: unknown) => {
      const block = blockIn(raw)
      return "source" in block ? `${block.type} ${block.source.kind}` : block.type
    }
    assert.strictEqual(kindOf({ type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } }), "image inline")
    assert.strictEqual(kindOf({ type: "image_url", image_url: { url: "https://a.b/c" } }), "image url")
    assert.strictEqual(
      kindOf({ type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } }),
      "image inline"
    )
    assert.strictEqual(kindOf({ type: "image", image: "AAAA", mimeType: "image/png" }), "image inline")
    assert.strictEqual(kindOf({ type: "file", data: "AAAA", mediaType: "application/pdf" }), "document inline")
    assert.strictEqual(
      kindOf({ type: "blob", modality: "audio", mime_type: "audio/wav", content: "AAAA" }),
      "audio inline"
    )
    assert.strictEqual(kindOf({ type: "uri", modality: "image", uri: "gs://b/c.png" }), "image url")
    assert.strictEqual(kindOf({ type: "file", modality: "document", file_id: "f1" }), "document file")
    assert.strictEqual(kindOf({ inlineData: { mimeType: "image/png", data: "AAAA" } }), "image inline")
    assert.strictEqual(kindOf({ type: "image_url", image_url: { url: "__REDACTED__" } }), "image missing")
    assert.strictEqual(
      kindOf({ message_content: { type: "image", image: { image: { url: "https://a.b/c" } } } }),
      "image url"
    )
  })
})

describe("an answer", () => {
  const said = (raw: unknown) => {
    const response = responseOf(answerIn(raw))
    return [response.blocks.map(word).join(" + "), response.stopReason, response.model]
  }
  it("is read as a body, a message, choices, generations, candidates or calls", () => {
    assert.deepStrictEqual(
      said({ choices: [{ message: { role: "assistant", content: "x" }, finish_reason: "stop" }], model: "m" }),
      ["x", "end", "m"]
    )
    assert.deepStrictEqual(
      said({ role: "assistant", content: [{ type: "text", text: "x" }], stop_reason: "max_tokens" }),
      ["x", "length", undefined]
    )
    const message = {
      lc: 1,
      type: "constructor",
      id: ["AIMessage"],
      kwargs: { content: "x", response_metadata: { finish_reason: "stop", model_name: "m" } }
    }
    assert.deepStrictEqual(said({ generations: [[{ text: "x", message }]] }), ["x", "end", "m"])
    assert.deepStrictEqual(
      said({
        candidates: [{ content: { role: "model", parts: [{ text: "x" }] }, finishReason: "STOP" }],
        modelVersion: "m"
      }),
      ["x", "end", "m"]
    )
    assert.deepStrictEqual(said([{ toolCallId: "c", toolName: "f", input: '{"a":1}' }]), [
      'f#c{"a":1}',
      "unknown",
      undefined
    ])
    assert.deepStrictEqual(said("x"), ["x", "unknown", undefined])
    assert.deepStrictEqual(said({ message: { role: "assistant", content: "x" } }), ["x", "unknown", undefined])
    assert.isUndefined(answerIn("None"))
    assert.isUndefined(answerIn([]))
  })

  it("keeps a text that looks like JSON as it was written, and says when an object was rebuilt", () => {
    assert.deepStrictEqual(said('{"answer": 42}'), ['{"answer": 42}', "unknown", undefined])
    assert.strictEqual(answerIn({ answers: 42 })?.state, "reconstructed")
    assert.isUndefined(answerIn('{"answers": 42}')?.state)
    assert.strictEqual(answerIn('[{"role":"assistant","content":"cut in the mid')?.state, "truncated")
  })

  it("with several choices has alternatives, with calls one by one has them all", () => {
    const choice = (text: string, index: number) => ({ index, message: { role: "assistant", content: text } })
    const two = responseOf(answerIn([choice("a", 0), choice("b", 1)]))
    assert.deepStrictEqual(
      two.alternatives?.map((blocks) => blocks.map(word)),
      [["b"]]
    )
    const call = (name: string) => ({
      role: "assistant",
      tool_calls: [{ id: name, function: { name, arguments: "{}" } }]
    })
    assert.lengthOf(responseOf(answerIn([call("f"), call("g")])).blocks, 2)
  })
})

describe("tools and settings", () => {
  it("are read under every library's names", () => {
    const parameters = { type: "object", properties: { a: { type: "number" } } }
    const shapes: ReadonlyArray<unknown> = [
      [{ type: "function", function: { name: "f", parameters } }],
      [{ type: "function", name: "f", parameters }],
      [{ name: "f", input_schema: parameters }],
      ['{"type":"function","name":"f","inputSchema":{"type":"object","properties":{"a":{"type":"number"}}}}'],
      [{ functionDeclarations: [{ name: "f", parametersJsonSchema: parameters }] }],
      [{ name: "f", parameters_json_schema: parameters }],
      [{ tool: { json_schema: JSON.stringify({ type: "function", function: { name: "f", parameters } }) } }],
      { f: JSON.stringify({ parameters }) }
    ]
    for (const shape of shapes) {
      const tool = toolsIn(shape)?.tools[0]
      assert.deepStrictEqual([tool?.name, tool?.inputSchema], ["f", parameters], JSON.stringify(shape))
    }
    assert.isTrue(toolsIn([{ type: "function", name: "f" }])?.bare)
    assert.deepStrictEqual(toolsIn([])?.tools, [])
    assert.isUndefined(toolsIn("none"))
    assert.strictEqual(toolsIn([{ type: "web_search_20250305", name: "web_search" }])?.tools[0]?.kind, "provider")
  })

  it("leave credentials, client settings and limits that were not set out", () => {
    const { params, responseFormat, toolChoice } = settingsIn({
      temperature: "0.7",
      maxOutputTokens: 50,
      top_k: 5,
      stop_sequences: ["x"],
      max_tokens: -1,
      toolChoice: '{"type":"tool","toolName":"f"}',
      response_format: { type: "json_schema", json_schema: { name: "n", schema: { type: "object" }, strict: true } },
      reasoning_effort: "low",
      api_key: "sk-abcdefgh1234",
      maxRetries: 2,
      service_tier: "auto",
      seed: ""
    })
    assert.deepStrictEqual(params, {
      maxOutputTokens: 50,
      temperature: 0.7,
      topK: 5,
      stop: ["x"],
      reasoning: { effort: "low" },
      extra: { service_tier: "auto" }
    })
    assert.deepStrictEqual(toolChoice, { mode: "tool", name: "f" })
    assert.deepStrictEqual(responseFormat, { type: "json_schema", name: "n", schema: { type: "object" }, strict: true })
  })
})
