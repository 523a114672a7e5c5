import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

import { CallRequest } from "../../domain/Call.ts"
import * as anthropicMessages from "./anthropicMessages.ts"
import { isObject, type JsonObject } from "./json.ts"
import * as ollamaChat from "./ollamaChat.ts"
import * as openaiChat from "./openaiChat.ts"

const optional = Schema.optionalKey
const Text = Schema.String
const Flag = Schema.Boolean
const Args = Schema.Record(Schema.String, Schema.Json)
const Unit = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))
const Count = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 100_000 }))
const cached = {
  cache_control: optional(
    Schema.Struct({ type: Schema.Literal("ephemeral"), ttl: optional(Schema.Literals(["5m", "1h"])) })
  )
}
/** Fields that no version knows yet. */
const unknown = { x_new: optional(Schema.Json), constructor: optional(Schema.Json) }
const few = <S extends Schema.Constraint>(item: S) => Schema.Array(item).check(Schema.isMaxLength(3))
const some = <S extends Schema.Constraint>(item: S) => Schema.NonEmptyArray(item).check(Schema.isMaxLength(3))

/** What JSON makes of a generated value: no -0, no undefined. */
const json = (value: unknown): JsonObject => JSON.parse(JSON.stringify(value))

const without = (body: JsonObject, ...names: ReadonlyArray<string>): JsonObject =>
  Object.fromEntries(Object.entries(body).filter(([name]) => !names.includes(name)))

const decode = Schema.decodeUnknownSync(CallRequest)

interface Translation {
  readonly readRequest: typeof openaiChat.readRequest
  readonly writeRequest: typeof openaiChat.writeRequest
}

/** The body read and written back, after a rest on disk; the canonical form must be what the schema says. */
const back = (wire: Translation, body: JsonObject) => {
  const request = Result.getOrThrow(wire.readRequest(body))
  const stored = decode(JSON.parse(JSON.stringify(request)))
  return { request, prepared: Result.getOrThrow(wire.writeRequest(stored)) }
}

const ToolParameters = Schema.Struct({ type: Schema.Literal("object"), properties: Args })
const FunctionTool = Schema.Struct({
  type: Schema.Literal("function"),
  function: Schema.Struct({
    name: Text,
    description: optional(Text),
    parameters: optional(Schema.NullOr(ToolParameters)),
    strict: optional(Schema.NullOr(Flag)),
    ...unknown
  }),
  ...unknown
})

// ---------- OpenAI

const Part = Schema.Union([
  Schema.Struct({ type: Schema.Literal("text"), text: Text, ...cached, ...unknown }),
  Schema.Struct({
    type: Schema.Literal("image_url"),
    image_url: Schema.Struct({
      url: Schema.Literals(["data:image/png;base64,iVBORw0KGgo=", "https://example.test/a.png", "data:odd"]),
      detail: optional(Schema.Literals(["low", "high", "auto"])),
      ...unknown
    })
  }),
  Schema.Struct({
    type: Schema.Literal("input_audio"),
    input_audio: Schema.Struct({ data: Text, format: Schema.Literals(["wav", "mp3"]) })
  }),
  Schema.Struct({
    type: Schema.Literal("file"),
    file: Schema.Union([
      Schema.Struct({ file_id: Text }),
      Schema.Struct({ file_data: Schema.Literal("data:application/pdf;base64,JVBE"), filename: optional(Text) }),
      Schema.Struct({ file_url: Text })
    ])
  }),
  Schema.Struct({ type: Schema.Literal("video_url"), video_url: Args })
])
const Said = Schema.Struct({
  role: Schema.Literals(["system", "developer", "user"]),
  content: Schema.Union([Text, few(Part)]),
  name: optional(Text),
  ...unknown
})
const Answered = Schema.Struct({
  role: Schema.Literal("assistant"),
  content: optional(
    Schema.NullOr(
      Schema.Union([
        Text,
        few(
          Schema.Union([
            Schema.Struct({ type: Schema.Literal("text"), text: Text }),
            Schema.Struct({ type: Schema.Literal("refusal"), refusal: Text })
          ])
        )
      ])
    )
  ),
  refusal: optional(Schema.NullOr(Text)),
  reasoning_content: optional(Text),
  reasoning: optional(Schema.NullOr(Text)),
  annotations: optional(few(Schema.Json)),
  audio: optional(Schema.NullOr(Schema.Struct({ id: Text }))),
  tool_calls: optional(Schema.NullOr(Schema.Tuple([]))),
  name: optional(Text),
  ...unknown
})
const ArgumentText = Schema.Union([Text, Schema.Literals(["", "{}", '{ "q" : 1.0 }', '{"q":', "[1]", "null"])])
const Calling = Schema.Struct({
  turn: Schema.Struct({
    role: Schema.Literal("assistant"),
    content: optional(Schema.NullOr(Text)),
    reasoning_content: optional(Text),
    ...unknown
  }),
  calls: some(
    Schema.Struct({
      function: Schema.Struct({ name: Text, arguments: ArgumentText, ...unknown }),
      result: Schema.Struct({ content: Schema.Union([Text, few(Part)]), name: optional(Text), ...unknown }),
      ...unknown
    })
  )
})
const Older = Schema.Struct({
  name: Text,
  arguments: ArgumentText,
  content: optional(Schema.NullOr(Text)),
  result: Text
})

const calling = ({ calls, turn }: typeof Calling.Type, at: number) => [
  {
    ...turn,
    tool_calls: calls.map(({ result: _result, ...call }, n) => ({ ...call, id: `call_${at}_${n}`, type: "function" }))
  },
  ...calls.map(({ result }, n) => ({ role: "tool", tool_call_id: `call_${at}_${n}`, ...result }))
]
const older = ({ arguments: args, content, name, result }: typeof Older.Type) => [
  { role: "assistant", ...(content === undefined ? {} : { content }), function_call: { name, arguments: args } },
  { role: "function", name, content: result }
]

const OpenaiParams = Schema.Struct({
  model: Schema.Literals(["gpt-4o-2024-08-06", "medium", "meta/llama-3.3"]),
  max_tokens: optional(Schema.NullOr(Count)),
  max_completion_tokens: optional(Count),
  temperature: optional(Schema.NullOr(Schema.Finite)),
  top_p: optional(Unit),
  top_k: optional(Count),
  seed: optional(Schema.NullOr(Schema.Int)),
  n: optional(Count),
  stop: optional(Schema.NullOr(Schema.Union([Text, few(Text)]))),
  frequency_penalty: optional(Schema.Finite),
  presence_penalty: optional(Schema.Finite),
  logit_bias: optional(Args),
  logprobs: optional(Flag),
  user: optional(Text),
  metadata: optional(Schema.NullOr(Args)),
  service_tier: optional(Text),
  parallel_tool_calls: optional(Flag),
  tools: optional(
    Schema.NullOr(
      few(
        Schema.Union([
          FunctionTool,
          Schema.Struct({ type: Schema.Literal("custom"), custom: Schema.Struct({ name: Text, format: Args }) }),
          Schema.Struct({ type: Schema.Literal("web_search"), filters: Args })
        ])
      )
    )
  ),
  tool_choice: optional(
    Schema.NullOr(
      Schema.Union([
        Schema.Literals(["auto", "none", "required"]),
        Schema.Struct({ type: Schema.Literal("function"), function: Schema.Struct({ name: Text }) }),
        Schema.Struct({ type: Schema.Literal("custom"), custom: Schema.Struct({ name: Text }) }),
        Schema.Struct({
          type: Schema.Literal("allowed_tools"),
          allowed_tools: Schema.Struct({
            mode: Schema.Literals(["auto", "required"]),
            tools: few(Schema.Struct({ type: Schema.Literal("function"), function: Schema.Struct({ name: Text }) }))
          })
        })
      ])
    )
  ),
  response_format: optional(
    Schema.NullOr(
      Schema.Union([
        Schema.Struct({ type: Schema.Literals(["text", "json_object"]) }),
        Schema.Struct({
          type: Schema.Literal("json_schema"),
          json_schema: Schema.Struct({
            name: Text,
            description: optional(Text),
            schema: optional(Args),
            strict: optional(Schema.NullOr(Flag))
          })
        }),
        Schema.Struct({ type: Schema.Literal("grammar"), grammar: Text })
      ])
    )
  ),
  stream: optional(Flag),
  stream_options: optional(Schema.Struct({ include_usage: Flag })),
  ...unknown
})
const OpenaiOlder = Schema.Struct({
  functions: optional(few(Schema.Struct({ name: Text, description: optional(Text), parameters: Args }))),
  function_call: optional(Schema.Union([Schema.Literals(["auto", "none"]), Schema.Struct({ name: Text })]))
})

const openaiBody = Arbitrary.all({
  turns: Arbitrary.array(Arbitrary.schema(Schema.Union([Said, Answered, Calling, Older])), {
    minLength: 1,
    maxLength: 5
  }),
  params: Arbitrary.schema(OpenaiParams),
  older: Arbitrary.schema(OpenaiOlder)
}).pipe(
  Arbitrary.map(({ older: legacy, params, turns }) =>
    json({
      ...(turns.length % 2 === 0 ? { ...legacy, ...without(json(params), "tools", "tool_choice") } : params),
      messages: turns.flatMap(
        (turn, at): ReadonlyArray<unknown> =>
          "calls" in turn ? calling(turn, at) : "result" in turn ? older(turn) : [turn]
      )
    })
  )
)

// ---------- Anthropic

const AnthropicText = Schema.Struct({
  type: Schema.Literal("text"),
  text: Text,
  ...cached,
  citations: optional(Schema.NullOr(few(Args)))
})
const AnthropicBlock = Schema.Union([
  AnthropicText,
  Schema.Struct({
    type: Schema.Literal("image"),
    source: Schema.Union([
      Schema.Struct({ type: Schema.Literal("base64"), media_type: Schema.Literal("image/webp"), data: Text }),
      Schema.Struct({ type: Schema.Literal("url"), url: Text }),
      Schema.Struct({ type: Schema.Literal("file"), file_id: Text }),
      Schema.Struct({ type: Schema.Literal("other"), ref: Text })
    ]),
    ...cached
  }),
  Schema.Struct({
    type: Schema.Literal("document"),
    source: Schema.Union([
      Schema.Struct({ type: Schema.Literal("text"), media_type: Schema.Literal("text/plain"), data: Text }),
      Schema.Struct({ type: Schema.Literal("base64"), media_type: Schema.Literal("application/pdf"), data: Text }),
      Schema.Struct({ type: Schema.Literal("content"), content: few(Schema.Json) })
    ]),
    title: optional(Schema.NullOr(Text)),
    context: optional(Text),
    ...unknown
  }),
  Schema.Struct({ type: Schema.Literal("search_result"), source: Text, content: few(Args) })
])
const AnthropicAnswerBlock = Schema.Union([
  AnthropicText,
  Schema.Struct({ type: Schema.Literal("thinking"), thinking: Text, signature: Text }),
  Schema.Struct({ type: Schema.Literal("redacted_thinking"), data: Text }),
  Schema.Struct({ type: Schema.Literal("server_tool_use"), id: Text, name: Text, input: Args }),
  Schema.Struct({ type: Schema.Literal("web_search_tool_result"), tool_use_id: Text, content: few(Args) }),
  Schema.Struct({ type: Schema.Literal("compaction"), content: Schema.NullOr(Text) })
])
const AnthropicSaid = Schema.Struct({
  role: Schema.Literals(["user", "system"]),
  content: Schema.Union([Text, some(AnthropicBlock)]),
  ...unknown
})
const AnthropicAnswered = Schema.Struct({
  role: Schema.Literal("assistant"),
  content: Schema.Union([Text, some(AnthropicAnswerBlock)])
})
const AnthropicCalling = Schema.Struct({
  before: few(AnthropicAnswerBlock),
  calls: some(
    Schema.Struct({
      name: Text,
      input: Args,
      caller: optional(Args),
      result: Schema.Struct({
        content: optional(Schema.Union([Text, few(AnthropicBlock)])),
        is_error: optional(Flag),
        ...cached,
        ...unknown
      })
    })
  ),
  first: few(AnthropicBlock),
  after: few(AnthropicBlock)
})
const anthropicCalling = ({ after, before, calls, first }: typeof AnthropicCalling.Type, at: number) => [
  {
    role: "assistant",
    content: [
      ...before,
      ...calls.map(({ result: _result, ...call }, n) => ({ ...call, type: "tool_use", id: `toolu_${at}_${n}` }))
    ]
  },
  {
    role: "user",
    content: [
      ...first,
      ...calls.map(({ result }, n) => ({ type: "tool_result", tool_use_id: `toolu_${at}_${n}`, ...result })),
      ...after
    ]
  }
]
const AnthropicParams = Schema.Struct({
  model: Schema.Literals(["claude-opus-4-6", "claude-sonnet-5", "medium"]),
  max_tokens: Count,
  system: optional(Schema.Union([Text, few(AnthropicText)])),
  temperature: optional(Unit),
  top_p: optional(Unit),
  top_k: optional(Count),
  stop_sequences: optional(Schema.NullOr(few(Text))),
  metadata: optional(Schema.Struct({ user_id: Text })),
  service_tier: optional(Text),
  output_config: optional(
    Schema.NullOr(
      Schema.Struct({
        effort: optional(Schema.Literals(["low", "medium", "high", "max"])),
        format: optional(Schema.NullOr(Schema.Struct({ type: Schema.Literal("json_schema"), schema: Args }))),
        ...unknown
      })
    )
  ),
  tools: optional(
    few(
      Schema.Union([
        Schema.Struct({
          type: optional(Schema.Literal("custom")),
          name: Text,
          description: optional(Text),
          input_schema: Args,
          strict: optional(Flag),
          input_examples: optional(few(Args)),
          ...cached
        }),
        Schema.Struct({ type: Schema.Literal("bash_20250124"), name: Schema.Literal("bash") })
      ])
    )
  ),
  tool_choice: optional(
    Schema.Union([
      Schema.Struct({
        type: Schema.Literals(["auto", "any", "none"]),
        disable_parallel_tool_use: optional(Flag)
      }),
      Schema.Struct({ type: Schema.Literal("tool"), name: Text, disable_parallel_tool_use: optional(Flag) })
    ])
  ),
  stream: optional(Flag),
  ...unknown
})
/** Thinking goes with neither a temperature nor a budget above `max_tokens`: the API refuses both. */
const Thinking = Schema.Union([
  Schema.Struct({ type: Schema.Literal("adaptive"), display: optional(Text) }),
  Schema.Struct({ type: Schema.Literal("disabled") }),
  Schema.Struct({ type: Schema.Literal("between_tools") })
])
const anthropicBody = Arbitrary.all({
  turns: Arbitrary.array(Arbitrary.schema(Schema.Union([AnthropicSaid, AnthropicAnswered, AnthropicCalling])), {
    minLength: 1,
    maxLength: 5
  }),
  params: Arbitrary.schema(AnthropicParams),
  thinking: Arbitrary.schema(Schema.UndefinedOr(Thinking))
}).pipe(
  Arbitrary.map(({ params, thinking, turns }) =>
    json({
      ...(thinking === undefined || params.temperature !== undefined
        ? params
        : { ...params, thinking, max_tokens: params.max_tokens + 1024 }),
      messages: turns.flatMap(
        (turn, at): ReadonlyArray<unknown> => ("calls" in turn ? anthropicCalling(turn, at) : [turn])
      )
    })
  )
)

// ---------- Ollama

const OllamaMessage = Schema.Union([
  Schema.Struct({
    role: Schema.Literals(["system", "user"]),
    content: Text,
    images: optional(Schema.Union([some(Text), few(Text)])),
    ...unknown
  }),
  Schema.Struct({
    role: Schema.Literal("assistant"),
    content: optional(Schema.NullOr(Text)),
    thinking: optional(Text),
    tool_calls: optional(
      few(
        Schema.Struct({
          id: optional(Text),
          function: Schema.Struct({ name: Text, arguments: Args, index: optional(Count) }),
          ...unknown
        })
      )
    ),
    ...unknown
  }),
  Schema.Struct({
    role: Schema.Literal("tool"),
    content: optional(Text),
    tool_name: optional(Text),
    tool_call_id: optional(Text),
    ...unknown
  })
])
const OllamaBody = Schema.Struct({
  model: Schema.Literals(["llama3.2", "gpt-oss:20b"]),
  messages: some(OllamaMessage),
  tools: optional(Schema.NullOr(few(FunctionTool))),
  format: optional(Schema.Union([Schema.Literals(["json", ""]), Args])),
  think: optional(Schema.NullOr(Schema.Union([Flag, Schema.Literals(["low", "medium", "high"])]))),
  keep_alive: optional(Schema.Json),
  options: optional(
    Schema.Struct({
      num_predict: optional(Schema.Union([Count, Schema.Literals([-1, -2])])),
      num_ctx: optional(Count),
      temperature: optional(Schema.Finite),
      top_p: optional(Unit),
      top_k: optional(Count),
      seed: optional(Schema.Int),
      stop: optional(few(Text)),
      repeat_penalty: optional(Schema.Finite),
      frequency_penalty: optional(Schema.Finite),
      presence_penalty: optional(Schema.Finite),
      ...unknown
    })
  ),
  stream: optional(Flag),
  ...unknown
})

const runs = { timeout: 180_000, arbitrary: { runs: 300 } }

describe("a request read from a wire and written back to it", () => {
  it.prop(
    "is the same chat completion request",
    { body: openaiBody },
    ({ body }) => {
      const { prepared, request } = back(openaiChat, body)
      assert.deepStrictEqual(prepared.body, without(body, "stream", "stream_options"))
      assert.deepStrictEqual(prepared.losses, [])
      assert.strictEqual(request.params.stream, body["stream"])
    },
    runs
  )

  it.prop(
    "is the same messages request",
    { body: anthropicBody },
    ({ body }) => {
      const { prepared } = back(anthropicMessages, body)
      assert.deepStrictEqual(prepared.body, without(body, "stream"))
      assert.deepStrictEqual(prepared.losses, [])
    },
    runs
  )

  it.prop(
    "is the same request of Ollama's, with a context that is large enough",
    { body: Arbitrary.schema(OllamaBody).pipe(Arbitrary.map(json)) },
    ({ body }) => {
      const { prepared } = back(ollamaChat, body)
      const options = isObject(prepared.body["options"]) ? prepared.body["options"] : {}
      const recorded = isObject(body["options"]) ? body["options"] : {}
      assert.deepStrictEqual(without(prepared.body as JsonObject, "options"), without(body, "stream", "options"))
      assert.deepStrictEqual(without(options as JsonObject, "num_ctx"), without(recorded, "num_ctx"))
      const least = Math.max(Number(recorded["num_predict"] ?? 0), Number(recorded["num_ctx"] ?? 0))
      const sent = (options as JsonObject)["num_ctx"]
      assert.isAtLeast(Number(sent), least)
      const said = prepared.losses.map(({ what }) => what)
      assert.deepStrictEqual(said, sent === recorded["num_ctx"] ? [] : ["context size"])
    },
    runs
  )

  it("keeps a context of Ollama's that is large enough, and names another one", () => {
    const sent = (options: JsonObject, question = "hi") => {
      const body = { model: "m", messages: [{ role: "user", content: question }], options }
      const { prepared } = back(ollamaChat, body)
      return [(prepared.body["options"] as JsonObject)["num_ctx"], prepared.losses.map(({ why }) => why).join()]
    }
    assert.deepStrictEqual(sent({ num_ctx: 2048, num_predict: 100 }), [2048, ""])
    assert.deepStrictEqual(sent({ num_ctx: 20_000 }), [20_000, ""])
    const raised = sent({ num_ctx: 2048, num_predict: 100 }, "x".repeat(9000))
    assert.deepStrictEqual(raised, [8192, "num_ctx 2048 was recorded; sent as 8192, which holds input and output"])
    assert.match(String(sent({})[1]), /^none was recorded; sent with num_ctx 8192/)
  })

  it("keeps what JSON allows and JavaScript stumbles over", () => {
    const body = JSON.parse(
      '{"model":"m","messages":[{"role":"user","content":"a","__proto__":{"b":1}}],"__proto__":{"c":2}}'
    )
    const { prepared } = back(openaiChat, body)
    assert.strictEqual(JSON.stringify(prepared.body["messages"]), JSON.stringify(body.messages))
    assert.isTrue(Object.hasOwn(prepared.body, "__proto__"))
  })
})

const anyBody = Arbitrary.all({
  openai: openaiBody,
  anthropic: anthropicBody,
  ollama: Arbitrary.schema(OllamaBody).pipe(Arbitrary.map(json))
})

const carried = (body: JsonObject, from: Translation, to: Translation) =>
  to.writeRequest({ ...Result.getOrThrow(from.readRequest(body)), model: "medium" })

const messagesOf = (body: { readonly [key: string]: unknown }) => body["messages"] as ReadonlyArray<JsonObject>
const blocksOf = (message: JsonObject | undefined) =>
  (Array.isArray(message?.["content"]) ? message["content"] : []) as ReadonlyArray<JsonObject>

describe("a request carried to another wire", () => {
  it.prop(
    "is one that Anthropic takes: turns alternate, every call has its result right behind it, ids are fit and unique",
    { bodies: anyBody },
    ({ bodies }) => {
      for (const written of [
        carried(bodies.openai, openaiChat, anthropicMessages),
        carried(bodies.ollama, ollamaChat, anthropicMessages)
      ]) {
        if (Result.isFailure(written)) {
          assert.match(written.failure.message, /no message|characters/)
          continue
        }
        const messages = messagesOf(written.success.body)
        assert.strictEqual(messages[0]?.["role"], "user")
        assert.strictEqual(messages.at(-1)?.["role"], "user")
        for (const [at, message] of messages.entries()) {
          assert.strictEqual(message["role"], at % 2 === 0 ? "user" : "assistant")
          assert.isAbove(
            typeof message["content"] === "string" ? message["content"].length : blocksOf(message).length,
            0
          )
          const calls = blocksOf(message).filter((block) => block["type"] === "tool_use")
          const results = blocksOf(messages[at + 1]).filter((block) => block["type"] === "tool_result")
          if (calls.length > 0) {
            assert.deepStrictEqual(
              results.map((result) => result["tool_use_id"]),
              calls.map((call) => call["id"])
            )
          }
        }
        const ids = messages
          .flatMap(blocksOf)
          .flatMap((block) => (block["type"] === "tool_use" ? [String(block["id"])] : []))
        assert.strictEqual(new Set(ids).size, ids.length)
        for (const id of ids) assert.match(id, /^[a-zA-Z0-9_-]+$/)
        const { temperature } = written.success.body
        if (temperature !== undefined) assert.isAtMost(temperature as number, 1)
      }
    },
    runs
  )

  it.prop(
    "is one that OpenAI takes: every call has its result before anyone else speaks",
    { bodies: anyBody },
    ({ bodies }) => {
      for (const written of [
        carried(bodies.anthropic, anthropicMessages, openaiChat),
        carried(bodies.ollama, ollamaChat, openaiChat)
      ]) {
        if (Result.isFailure(written)) {
          assert.match(written.failure.message, /no messages|characters/)
          continue
        }
        const messages = messagesOf(written.success.body)
        for (const [at, message] of messages.entries()) {
          const calls = (message["tool_calls"] ?? []) as ReadonlyArray<{ id: string; function: { arguments: string } }>
          assert.deepStrictEqual(
            messages.slice(at + 1, at + 1 + calls.length).map((result) => result["tool_call_id"] as string),
            calls.map((call) => call.id)
          )
          for (const call of calls) assert.doesNotThrow(() => JSON.parse(call.function.arguments))
        }
      }
    },
    runs
  )

  it.prop(
    "is one that Ollama takes: texts, and arguments as objects",
    { bodies: anyBody },
    ({ bodies }) => {
      for (const written of [
        carried(bodies.openai, openaiChat, ollamaChat),
        carried(bodies.anthropic, anthropicMessages, ollamaChat)
      ]) {
        if (Result.isFailure(written)) {
          assert.match(written.failure.message, /no messages/)
          continue
        }
        for (const message of messagesOf(written.success.body)) assert.isString(message["content"])
        const options = written.success.body["options"] as JsonObject
        assert.isAtLeast(options["num_ctx"] as number, 8192)
        assert.strictEqual(Math.log2(options["num_ctx"] as number) % 1, 0)
      }
    },
    runs
  )
})

describe("a request that is none", () => {
  it("is refused with the place", () => {
    for (const wire of [openaiChat, anthropicMessages, ollamaChat]) {
      assert.deepStrictEqual(wire.readRequest([]), Result.fail("the request is no JSON object"))
      assert.deepStrictEqual(wire.readRequest({ messages: [] }), Result.fail("`model` is no text"))
      assert.deepStrictEqual(wire.readRequest({ model: "m" }), Result.fail("`messages` is no array"))
      assert.deepStrictEqual(
        wire.readRequest({ model: "m", messages: ["hi"] }),
        Result.fail("`messages[0]` is no object")
      )
      const critic = wire.readRequest({
        model: "m",
        messages: [
          { role: "user", content: "a" },
          { role: "critic", content: "b" }
        ]
      })
      const said = Result.isFailure(critic) ? critic.failure : ""
      assert.include(said, "`messages[1].role` is none that ")
      assert.notInclude(said, "critic") // a reason quotes nothing of a log
    }
  })
})
