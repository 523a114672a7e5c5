import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"

import type { CallRequest } from "../../domain/Call.ts"
import * as anthropicMessages from "./anthropicMessages.ts"
import type { JsonObject } from "./json.ts"
import * as ollamaChat from "./ollamaChat.ts"
import * as openaiChat from "./openaiChat.ts"

interface Translation {
  readonly readRequest: typeof openaiChat.readRequest
  readonly writeRequest: typeof openaiChat.writeRequest
}

const carry = (from: Translation, to: Translation, body: JsonObject, change: Partial<CallRequest> = {}) => {
  const request = { ...Result.getOrThrow(from.readRequest({ model: "m", ...body })), ...change }
  const { body: written, losses } = Result.getOrThrow(to.writeRequest(request))
  return { body: written as JsonObject, losses: losses.map((loss) => loss.what), why: losses.map((loss) => loss.why) }
}
const hi = { messages: [{ role: "user", content: "hi" }] }
const chat = (body: JsonObject, model = "m") => carry(openaiChat, anthropicMessages, { ...hi, ...body, model })

const lookup = {
  type: "function",
  function: {
    name: "desk.lookup",
    description: "d",
    parameters: { type: "object", properties: { q: { type: "string" } } }
  }
}

describe("from OpenAI to Anthropic", () => {
  it("system messages go to the top, and later ones into the next message of the user", () => {
    const { body, losses } = chat({
      messages: [
        { role: "system", content: "A" },
        { role: "developer", content: "B" },
        { role: "user", content: "hi" },
        { role: "assistant", content: "hello" },
        { role: "system", content: "C" },
        { role: "user", content: "go on" }
      ]
    })
    assert.deepStrictEqual(body["system"], [
      { type: "text", text: "A" },
      { type: "text", text: "B" }
    ])
    assert.deepStrictEqual(body["messages"], [
      { role: "user", content: "hi" },
      { role: "assistant", content: "hello" },
      {
        role: "user",
        content: [
          { type: "text", text: "<system>\nC\n</system>" },
          { type: "text", text: "go on" }
        ]
      }
    ])
    assert.deepStrictEqual(losses, ["system placement"])
  })

  it("a conversation with tools keeps its pairs: parallel calls, a missing result, broken arguments", () => {
    const { body, losses } = chat({
      messages: [
        { role: "user", content: "hi" },
        {
          role: "assistant",
          content: null,
          tool_calls: [
            { id: "call:1", type: "function", function: { name: "desk.lookup", arguments: '{"q":1}' } },
            { id: "call:2", type: "function", function: { name: "desk.lookup", arguments: '{"q":' } }
          ]
        },
        { role: "tool", tool_call_id: "call:2", content: "two" },
        { role: "user", content: "so?" }
      ],
      tools: [lookup]
    })
    assert.deepStrictEqual(body["messages"], [
      { role: "user", content: "hi" },
      {
        role: "assistant",
        content: [
          { type: "tool_use", id: "call_1", name: "desk-x2e-lookup", input: { q: 1 } },
          { type: "tool_use", id: "call_2", name: "desk-x2e-lookup", input: { _raw: '{"q":' } }
        ]
      },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "call_1", content: "[no result recorded]", is_error: true },
          { type: "tool_result", tool_use_id: "call_2", content: "two" },
          { type: "text", text: "so?" }
        ]
      }
    ])
    assert.deepStrictEqual(body["tools"], [
      { name: "desk-x2e-lookup", description: "d", input_schema: lookup.function.parameters }
    ])
    assert.sameMembers(losses, ["tool result", "tool id", "tool arguments"])
  })

  it("parameters that it does not know are named, those it knows otherwise are mapped", () => {
    const { body, losses } = chat({
      max_completion_tokens: 300,
      temperature: 1.4,
      top_p: 0.5,
      seed: 1,
      frequency_penalty: 0.1,
      presence_penalty: 0.2,
      n: 2,
      logit_bias: { "1": 2 },
      user: "u",
      stop: ["END", "\n"],
      tools: [lookup],
      tool_choice: "required",
      parallel_tool_calls: false
    })
    assert.strictEqual(body["max_tokens"], 300)
    assert.strictEqual(body["temperature"], 1)
    assert.deepStrictEqual(body["stop_sequences"], ["END"])
    assert.deepStrictEqual(body["tool_choice"], { type: "any", disable_parallel_tool_use: true })
    for (const absent of ["top_p", "seed", "n", "user", "logit_bias"]) assert.notProperty(body, absent)
    assert.sameMembers(losses, [
      "temperature",
      "topP",
      "seed",
      "n",
      "frequencyPenalty",
      "presencePenalty",
      "parameter logit_bias",
      "parameter user",
      "stop"
    ])
  })

  it("max_tokens is always there", () => assert.strictEqual(chat({}).body["max_tokens"], 4096))

  it("an answer format is enforced where Anthropic can, else asked for in the system prompt", () => {
    const json = chat({ response_format: { type: "json_object" } })
    assert.match(String(json.body["system"]), /one valid JSON object/)
    assert.deepStrictEqual(json.losses, ["response format"])
    const schema = {
      type: "object",
      properties: { a: { type: "integer", minimum: 1, description: "how many" }, b: { oneOf: [{ type: "string" }] } },
      required: ["a"]
    }
    const format = { type: "json_schema", json_schema: { name: "out", strict: true, schema } }
    const enforced = chat({ response_format: format })
    assert.deepStrictEqual(enforced.body["output_config"], {
      format: {
        type: "json_schema",
        schema: {
          type: "object",
          properties: {
            a: { type: "integer", description: "how many\n\n{minimum: 1}" },
            b: { anyOf: [{ type: "string" }] }
          },
          required: ["a"],
          additionalProperties: false
        }
      }
    })
    assert.deepStrictEqual(enforced.losses, [
      "schema keyword minimum",
      "schema keyword oneOf",
      "schema keyword additionalProperties"
    ])
    const old = chat({ response_format: format }, "claude-3-haiku-20240307")
    assert.notProperty(old.body, "output_config")
    assert.include(String(old.body["system"]), JSON.stringify(schema))
    assert.deepStrictEqual(old.losses, ["response format"])
  })

  it("a model that thinks gets no sampling that Anthropic refuses then, and does not think where it must call a tool", () => {
    const tools = [{ type: "function", function: { name: "lookup", parameters: { type: "object" } } }]
    const asked = { reasoning_effort: "medium", max_completion_tokens: 20_000, top_p: 0.5, tools }
    const model = "claude-sonnet-4-5-20250929"
    const free = chat(asked, model)
    assert.isUndefined(free.body["top_p"])
    assert.include(free.losses, "topP")
    assert.deepStrictEqual(free.body["thinking"], { type: "enabled", budget_tokens: 8192 })
    const forced = chat({ ...asked, tool_choice: "required" }, model)
    assert.isUndefined(forced.body["thinking"])
    assert.strictEqual(forced.body["top_p"], 0.5)
    assert.include(forced.losses, "reasoning")
  })

  it("an effort becomes what the model takes: an effort, a budget, or nothing", () => {
    const asked = { reasoning_effort: "medium", max_completion_tokens: 20_000, temperature: 0 }
    const newest = chat(asked, "claude-opus-4-6")
    assert.deepStrictEqual(newest.body["thinking"], { type: "adaptive" })
    assert.deepStrictEqual(newest.body["output_config"], { effort: "medium" })
    assert.notProperty(newest.body, "temperature")
    assert.deepStrictEqual(newest.losses, ["temperature"])
    const budget = chat(asked, "claude-sonnet-4-5-20250929")
    assert.deepStrictEqual(budget.body["thinking"], { type: "enabled", budget_tokens: 8192 })
    const small = chat({ ...asked, max_completion_tokens: 500 }, "claude-haiku-4-5")
    assert.notProperty(small.body, "thinking")
    assert.include(small.losses, "reasoning")
    const old = chat(asked, "claude-3-5-sonnet-20241022")
    assert.notProperty(old.body, "thinking")
    assert.strictEqual(old.body["temperature"], 0)
    assert.deepStrictEqual(old.losses, ["reasoning"])
    assert.deepStrictEqual(chat({ reasoning_effort: "none" }).body["thinking"], { type: "disabled" })
  })

  it("pictures go along, but for those without a source", () => {
    const { body, losses } = carry(
      openaiChat,
      anthropicMessages,
      {
        messages: [
          {
            role: "user",
            name: "ana",
            content: [
              { type: "image_url", image_url: { url: "data:image/png;base64,iVBORw0KGgo=", detail: "low" } },
              { type: "image_url", image_url: { url: "https://example.test/a.png" } },
              { type: "input_audio", input_audio: { data: "AAAA", format: "wav" } },
              { type: "file", file: { file_id: "file-1" } }
            ]
          }
        ]
      },
      {}
    )
    assert.deepStrictEqual(body["messages"], [
      {
        role: "user",
        content: [
          { type: "image", source: { type: "base64", media_type: "image/png", data: "iVBORw0KGgo=" } },
          { type: "image", source: { type: "url", url: "https://example.test/a.png" } },
          { type: "text", text: "[audio left out]" },
          { type: "text", text: "[document left out]" }
        ]
      }
    ])
    assert.sameMembers(losses, ["name", "audio", "document", "image detail"])
    const missing = carry(openaiChat, anthropicMessages, hi, {
      messages: [{ role: "user", blocks: [{ type: "image", source: { kind: "missing", reason: "redacted" } }] }]
    })
    assert.deepStrictEqual(missing.losses, ["image"])
    assert.deepStrictEqual(missing.why, ["its content was redacted when it was recorded"])
  })

  it("how closely a picture is to be looked at is named where the wire cannot say it, but for what is usual", () => {
    const look = (to: Translation, detail?: string) => {
      const image_url = {
        url: "data:image/png;base64,iVBORw0KGgo=",
        ...(detail === undefined ? {} : { detail })
      }
      return carry(openaiChat, to, { messages: [{ role: "user", content: [{ type: "image_url", image_url }] }] }).losses
    }
    for (const to of [anthropicMessages, ollamaChat]) {
      assert.deepStrictEqual(look(to, "low"), ["image detail"])
      assert.notInclude(look(to, "auto"), "image detail")
      assert.notInclude(look(to), "image detail")
    }
  })

  it("a schema that leaves its objects open is closed, and said to be, at any depth", () => {
    const losses = (schema: JsonObject) =>
      chat(
        { response_format: { type: "json_schema", json_schema: { name: "r", schema, strict: true } } },
        "claude-opus-4-6"
      ).losses
    const open = { type: "object", properties: { a: { type: "string" } }, required: ["a"] }
    const closed = { ...open, additionalProperties: false }
    assert.deepStrictEqual(losses(closed), [])
    assert.deepStrictEqual(losses(open), ["schema keyword additionalProperties"])
    assert.deepStrictEqual(losses({ ...closed, properties: { a: open } }), ["schema keyword additionalProperties"])
    assert.deepStrictEqual(losses({ ...closed, properties: { a: { oneOf: [{ type: "string" }] } } }), [
      "schema keyword oneOf"
    ])
  })

  it("what goes on from the assistant's own words is asked for, and named", () => {
    const { body, losses } = chat({
      messages: [
        { role: "assistant", content: "Hello." },
        { role: "user", content: "hi" },
        { role: "assistant", content: "The answer is" }
      ]
    })
    const roles = (body["messages"] as ReadonlyArray<JsonObject>).map((message) => message["role"])
    assert.deepStrictEqual(roles, ["user", "assistant", "user", "assistant", "user"])
    assert.sameMembers(losses, ["first message", "prefill"])
  })

  it("a tool name that is too long cannot be sent, which is said", () => {
    const long = { ...lookup, function: { name: "n".repeat(129) } }
    const request = Result.getOrThrow(openaiChat.readRequest({ model: "m", ...hi, tools: [long] }))
    const written = anthropicMessages.writeRequest(request)
    assert.include(Result.isFailure(written) ? written.failure.message : "", "has 129 characters")
  })
})

const claude: JsonObject = {
  model: "claude-opus-4-6",
  max_tokens: 4096,
  system: [{ type: "text", text: "You are", cache_control: { type: "ephemeral", ttl: "1h" } }],
  messages: [
    { role: "user", content: "list files" },
    {
      role: "assistant",
      content: [
        { type: "thinking", thinking: "use ls", signature: "Eq" },
        { type: "tool_use", id: "toolu_1", name: "bash", input: { cmd: "ls" } },
        { type: "text", text: "running" },
        { type: "tool_use", id: "toolu_2", name: "bash", input: { cmd: "pwd" } }
      ]
    },
    {
      role: "user",
      content: [
        { type: "tool_result", tool_use_id: "toolu_2", content: [{ type: "text", text: "/w" }], is_error: true },
        {
          type: "tool_result",
          tool_use_id: "toolu_1",
          content: [{ type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } }]
        },
        { type: "text", text: "continue" }
      ]
    }
  ],
  tools: [
    { name: "bash", description: "run", input_schema: { type: "object", properties: { cmd: { type: "string" } } } },
    { type: "web_search_20250305", name: "web_search" }
  ],
  tool_choice: { type: "any", disable_parallel_tool_use: true },
  thinking: { type: "enabled", budget_tokens: 2000 },
  stop_sequences: ["1", "2", "3", "4", "5"],
  metadata: { user_id: "u-1" },
  top_k: 5
}

describe("from Anthropic to OpenAI", () => {
  it("an agent's step goes along, in the order of its calls, with every loss named", () => {
    const { body, losses } = carry(anthropicMessages, openaiChat, claude, { model: "gpt-4o" })
    assert.deepStrictEqual(body, {
      model: "gpt-4o",
      max_tokens: 4096,
      messages: [
        { role: "system", content: "You are" },
        { role: "user", content: "list files" },
        {
          role: "assistant",
          content: "running",
          tool_calls: [
            { id: "toolu_1", type: "function", function: { name: "bash", arguments: '{"cmd":"ls"}' } },
            { id: "toolu_2", type: "function", function: { name: "bash", arguments: '{"cmd":"pwd"}' } }
          ]
        },
        { role: "tool", tool_call_id: "toolu_1", content: "" },
        { role: "tool", tool_call_id: "toolu_2", content: "/w" },
        {
          role: "user",
          content: [{ type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } }]
        },
        { role: "user", content: "continue" }
      ],
      tools: [
        {
          type: "function",
          function: {
            name: "bash",
            description: "run",
            parameters: { type: "object", properties: { cmd: { type: "string" } } }
          }
        }
      ],
      tool_choice: "required",
      parallel_tool_calls: false,
      stop: ["1", "2", "3", "4"]
    })
    assert.sameMembers(losses, [
      "cache control",
      "thinking",
      "order",
      "tool error flag",
      "image in a tool result",
      "hosted tool web_search",
      "reasoning",
      "stop",
      "parameter metadata",
      "topK"
    ])
  })

  it("a model that thinks gets its own name of the limit, an effort, and no sampling", () => {
    const { body, losses } = carry(
      anthropicMessages,
      openaiChat,
      { max_tokens: 100, temperature: 0.2, ...hi, output_config: { effort: "max" } },
      { model: "o4-mini" }
    )
    assert.deepStrictEqual(body, { model: "o4-mini", max_completion_tokens: 100, reasoning_effort: "xhigh", ...hi })
    assert.sameMembers(losses, ["reasoning", "temperature"])
  })

  it("a schema is strict where OpenAI can take it so", () => {
    const schema = {
      type: "object",
      properties: { a: { type: "string" } },
      required: ["a"],
      additionalProperties: false
    }
    const asked = (one: JsonObject) =>
      carry(anthropicMessages, openaiChat, {
        max_tokens: 9,
        ...hi,
        output_config: { format: { type: "json_schema", schema: one } }
      })
    assert.deepStrictEqual(asked(schema).body["response_format"], {
      type: "json_schema",
      json_schema: { name: "answer", schema, strict: true }
    })
    assert.deepStrictEqual(asked({ ...schema, required: [] }).losses, ["strict schema"])
  })
})

describe("to Ollama", () => {
  it("calls lose their ids, choices become words, and the context is sized", () => {
    const { body, losses } = carry(anthropicMessages, ollamaChat, claude, { model: "llama3.2" })
    const [system, , assistant, first, second, last] = body["messages"] as ReadonlyArray<JsonObject>
    assert.match(String(system?.["content"]), /^You are\n\nCall one of the tools/)
    assert.deepStrictEqual(assistant, {
      role: "assistant",
      content: "running",
      tool_calls: [
        { function: { name: "bash", arguments: { cmd: "ls" } } },
        { function: { name: "bash", arguments: { cmd: "pwd" } } }
      ]
    })
    assert.deepStrictEqual(first, { role: "tool", content: "", tool_name: "bash", images: ["AAAA"] })
    assert.deepStrictEqual(second, { role: "tool", content: "/w", tool_name: "bash" })
    assert.deepStrictEqual(last, { role: "user", content: "continue" })
    assert.deepStrictEqual(body["options"], {
      num_predict: 4096,
      top_k: 5,
      stop: ["1", "2", "3", "4", "5"],
      num_ctx: 8192
    })
    assert.includeMembers(losses, [
      "thinking",
      "tool id",
      "order",
      "tool error flag",
      "tool choice",
      "parallel tool calls",
      "hosted tool web_search",
      "reasoning",
      "parameter metadata",
      "cache control"
    ])
  })

  it("the context holds input and output, in sizes that are few", () => {
    const sized = (chars: number, output: number, recorded?: number, char = "x") =>
      (
        carry(
          openaiChat,
          ollamaChat,
          {
            max_tokens: output,
            messages: [{ role: "user", content: char.repeat(chars) }]
          },
          recorded === undefined ? {} : { params: { maxOutputTokens: output, contextSize: recorded } }
        ).body["options"] as JsonObject
      )["num_ctx"]
    assert.strictEqual(sized(10, 100), 8192)
    assert.strictEqual(sized(30_000, 4096), 16_384)
    assert.strictEqual(sized(300_000, 4096), 131_072)
    assert.strictEqual(sized(300, 100, 4096), 4096)
    assert.strictEqual(sized(30_000, 4096, 4096), 16_384)
    assert.strictEqual(sized(30_000, 4096, undefined, "説"), 65_536)
  })

  it("an effort is a level for models that take one, else a yes or no", () => {
    const think = (effort: string, model: string) =>
      carry(openaiChat, ollamaChat, { ...hi, reasoning_effort: effort }, { model }).body["think"]
    assert.strictEqual(think("high", "gpt-oss:20b"), "high")
    assert.strictEqual(think("high", "qwen3:8b"), true)
    assert.strictEqual(think("none", "qwen3:8b"), false)
  })

  it("pictures by address, seeds and formats", () => {
    const { body, losses } = carry(openaiChat, ollamaChat, {
      seed: 7,
      response_format: { type: "json_object" },
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "what is this?" },
            { type: "image_url", image_url: { url: "https://example.test/a.png" } },
            { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } }
          ]
        }
      ]
    })
    assert.deepStrictEqual(body["messages"], [
      { role: "user", content: "what is this?\n[image left out]", images: ["AAAA"] }
    ])
    assert.strictEqual(body["format"], "json")
    assert.strictEqual((body["options"] as JsonObject)["seed"], 7)
    assert.deepStrictEqual(losses, ["image"])
  })
})

describe("back to the same wire under another model", () => {
  it("thinking of another model is left out, and so is thinking amid a turn that does not begin with it", () => {
    const same = carry(anthropicMessages, anthropicMessages, claude)
    assert.deepStrictEqual(same.losses, [])
    assert.deepStrictEqual(same.body, claude)
    const other = carry(anthropicMessages, anthropicMessages, claude, { model: "claude-haiku-4-5" })
    assert.sameMembers(other.losses, ["thinking", "reasoning"])
    assert.notProperty(other.body, "thinking")
    const dated = carry(anthropicMessages, anthropicMessages, claude, { model: "claude-opus-4-6-20260205" })
    assert.deepStrictEqual(dated.losses, [])
  })

  it("calls that go on without a result get one", () => {
    const calls = [{ id: "a", type: "function", function: { name: "f", arguments: "{}" } }]
    const { body, losses } = carry(openaiChat, openaiChat, {
      messages: [
        { role: "assistant", content: null, tool_calls: calls },
        { role: "user", content: "so?" }
      ]
    })
    assert.deepStrictEqual(body["messages"], [
      { role: "assistant", content: null, tool_calls: calls },
      { role: "tool", tool_call_id: "a", content: "[no result recorded]" },
      { role: "user", content: "so?" }
    ])
    assert.sameMembers(losses, ["tool result", "tool error flag"])
  })
})
