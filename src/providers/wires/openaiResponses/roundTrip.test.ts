import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

import { CallRequest } from "../../../domain/Call.ts"
import * as anthropicMessages from "../anthropicMessages.ts"
import type { JsonObject } from "../json.ts"
import * as ollamaChat from "../ollamaChat.ts"
import * as openaiChat from "../openaiChat.ts"
import * as openaiResponses from "../openaiResponses.ts"

const optional = Schema.optionalKey
const Text = Schema.String
const Flag = Schema.Boolean
const Args = Schema.Record(Schema.String, Schema.Json)
const Count = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 100_000 }))
/** Fields that no version knows yet. */
const unknown = { x_new: optional(Schema.Json), constructor: optional(Schema.Json) }
const few = <S extends Schema.Constraint>(item: S) => Schema.Array(item).check(Schema.isMaxLength(3))
const head = { id: optional(Text), status: optional(Schema.Literals(["completed", "in_progress"])) }
const ArgumentText = Schema.Union([Text, Schema.Literals(["", "{}", '{ "q" : 1.0 }', '{"q":', "[1]", "null"])])

const InputPart = Schema.Union([
  Schema.Struct({ type: Schema.Literals(["input_text", "output_text"]), text: Text, ...unknown }),
  Schema.Struct({
    type: Schema.Literal("input_image"),
    image_url: optional(Schema.NullOr(Schema.Literals(["data:image/png;base64,iVBORw0KGgo=", "https://e.test/a.png"]))),
    file_id: optional(Schema.NullOr(Text)),
    detail: optional(Schema.Literals(["low", "auto"])),
    ...unknown
  }),
  Schema.Struct({
    type: Schema.Literal("input_file"),
    file_data: optional(Schema.Literals(["data:application/pdf;base64,JVBE", "JVBE"])),
    file_url: optional(Text),
    file_id: optional(Schema.NullOr(Text)),
    filename: optional(Text)
  }),
  Schema.Struct({
    type: Schema.Literal("input_audio"),
    input_audio: Schema.Struct({ data: Text, format: Schema.Literals(["wav", "mp3"]), ...unknown })
  }),
  Schema.Struct({ type: Schema.Literal("input_video"), video: Args })
])
const Said = Schema.Struct({
  type: optional(Schema.Literal("message")),
  role: Schema.Literals(["system", "developer", "user"]),
  content: Schema.Union([Text, few(InputPart)]),
  ...head,
  ...unknown
})
const Answered = Schema.Struct({
  type: optional(Schema.Literal("message")),
  role: Schema.Literal("assistant"),
  content: Schema.Union([
    Text,
    few(
      Schema.Union([
        Schema.Struct({
          type: Schema.Literals(["output_text", "text"]),
          text: Text,
          annotations: optional(few(Args)),
          logprobs: optional(few(Schema.Json))
        }),
        Schema.Struct({ type: Schema.Literal("refusal"), refusal: Text }),
        Schema.Struct({ type: Schema.Literal("new_part"), data: Args })
      ])
    )
  ]),
  phase: optional(Text),
  ...head,
  ...unknown
})
const Reasoning = Schema.Struct({
  type: Schema.Literal("reasoning"),
  summary: optional(few(Schema.Struct({ type: Schema.Literals(["summary_text", "other"]), text: Text }))),
  content: optional(Schema.NullOr(few(Schema.Struct({ type: Schema.Literal("reasoning_text"), text: Text })))),
  encrypted_content: optional(Schema.NullOr(Text)),
  ...head,
  ...unknown
})
const Hosted = Schema.Union([
  Schema.Struct({ type: Schema.Literal("web_search_call"), id: Text, status: Text, action: optional(Args) }),
  Schema.Struct({
    type: Schema.Literal("mcp_call"),
    id: Text,
    name: Text,
    server_label: Text,
    arguments: ArgumentText,
    output: optional(Text)
  }),
  Schema.Struct({ type: Schema.Literal("computer_call_output"), call_id: Text, output: Args }),
  Schema.Struct({ type: Schema.Literal("item_reference"), id: Text }),
  Schema.Struct({ id: Text }),
  Schema.Struct({ type: Schema.Literal("compaction"), encrypted_content: Text, id: optional(Schema.NullOr(Text)) }),
  Schema.Struct({ type: Schema.Literal("of_next_year"), ...unknown })
])
const Output = Schema.Union([Text, few(InputPart)])
const Calling = Schema.Struct({
  calls: Schema.NonEmptyArray(
    Schema.Union([
      Schema.Struct({
        type: Schema.Literal("function_call"),
        name: Text,
        arguments: ArgumentText,
        ...head,
        ...unknown
      }),
      Schema.Struct({ type: Schema.Literal("custom_tool_call"), name: Text, input: Text, ...head, ...unknown })
    ])
  ).check(Schema.isMaxLength(3)),
  outputs: Schema.NonEmptyArray(Schema.Struct({ output: Output, ...head, ...unknown })).check(Schema.isMaxLength(3))
})
const calling = ({ calls, outputs }: typeof Calling.Type, at: number) => [
  ...calls.map((call, n) => ({ ...call, call_id: `call_${at}_${n}` })),
  ...calls.map((call, n) => ({
    ...outputs[n % outputs.length],
    call_id: `call_${at}_${n}`,
    type: `${call.type}_output`
  }))
]

const Params = Schema.Struct({
  model: Schema.Literals(["gpt-5.2", "gpt-4.1-2025-04-14", "medium"]),
  instructions: optional(Schema.NullOr(Text)),
  max_output_tokens: optional(Schema.NullOr(Count)),
  top_p: optional(Schema.NullOr(Schema.Finite)),
  parallel_tool_calls: optional(Schema.NullOr(Flag)),
  previous_response_id: optional(Schema.NullOr(Text)),
  conversation: optional(Schema.NullOr(Schema.Union([Text, Schema.Struct({ id: Text })]))),
  include: optional(few(Text)),
  store: optional(Flag),
  truncation: optional(Text),
  metadata: optional(Args),
  prompt: optional(Schema.NullOr(Schema.Struct({ id: Text, version: optional(Text), variables: optional(Args) }))),
  text: optional(
    Schema.Struct({
      format: optional(
        Schema.Union([
          Schema.Struct({ type: Schema.Literals(["text", "json_object", "grammar"]) }),
          Schema.Struct({
            type: Schema.Literal("json_schema"),
            name: Text,
            description: optional(Text),
            schema: Args,
            strict: optional(Schema.NullOr(Flag))
          })
        ])
      ),
      verbosity: optional(Text)
    })
  ),
  tools: optional(
    Schema.NullOr(
      few(
        Schema.Union([
          Schema.Struct({
            type: Schema.Literal("function"),
            name: Text,
            description: optional(Schema.NullOr(Text)),
            parameters: optional(
              Schema.NullOr(
                Schema.Struct({
                  type: Schema.Literal("object"),
                  properties: Schema.Record(Schema.String, Schema.Struct({ type: Text })),
                  required: optional(few(Text)),
                  additionalProperties: optional(Flag)
                })
              )
            ),
            strict: optional(Schema.NullOr(Flag)),
            ...unknown
          }),
          Schema.Struct({ type: Schema.Literal("custom"), name: Text, format: optional(Args) }),
          Schema.Struct({ type: Schema.Literal("web_search"), filters: optional(Args) }),
          Schema.Struct({ type: Schema.Literal("mcp"), server_label: Text, server_url: Text })
        ])
      )
    )
  ),
  tool_choice: optional(
    Schema.NullOr(
      Schema.Union([
        Schema.Literals(["auto", "none", "required"]),
        Schema.Struct({ type: Schema.Literals(["function", "custom"]), name: Text }),
        Schema.Struct({ type: Schema.Literal("web_search") }),
        Schema.Struct({
          type: Schema.Literal("allowed_tools"),
          mode: Schema.Literals(["auto", "required"]),
          tools: few(Schema.Struct({ type: Schema.Literal("function"), name: Text }))
        })
      ])
    )
  ),
  stream: optional(Schema.NullOr(Flag)),
  stream_options: optional(Schema.Struct({ include_obfuscation: Flag })),
  ...unknown
})
/** Only models that think are told how hard to; they take no temperature. */
const Thinking = Schema.Struct({
  reasoning: optional(
    Schema.NullOr(Schema.Struct({ effort: optional(Schema.NullOr(Text)), summary: optional(Schema.NullOr(Text)) }))
  )
})
const Sampled = Schema.Struct({ temperature: optional(Schema.NullOr(Schema.Finite)) })

/** What JSON makes of a generated value: no -0, no undefined. */
const json = (value: unknown): JsonObject => JSON.parse(JSON.stringify(value))

const bodies = Arbitrary.all({
  turns: Arbitrary.array(Arbitrary.schema(Schema.Union([Said, Answered, Reasoning, Hosted, Calling])), {
    minLength: 1,
    maxLength: 6
  }),
  text: Arbitrary.schema(Schema.UndefinedOr(Text)),
  params: Arbitrary.schema(Params),
  thinking: Arbitrary.schema(Thinking),
  sampled: Arbitrary.schema(Sampled)
}).pipe(
  Arbitrary.map(({ params, sampled, text, thinking, turns }) =>
    json({
      ...params,
      ...(params.model === "gpt-4.1-2025-04-14" ? sampled : thinking),
      input: text ?? turns.flatMap((turn, at): ReadonlyArray<unknown> => ("calls" in turn ? calling(turn, at) : [turn]))
    })
  )
)

const decode = Schema.decodeUnknownSync(CallRequest)
const runs = { timeout: 180_000, arbitrary: { runs: 300 } }

const without = (body: JsonObject, ...names: ReadonlyArray<string>): JsonObject =>
  Object.fromEntries(Object.entries(body).filter(([name]) => !names.includes(name)))

/** The body read and written back, after a rest on disk. */
const back = (body: JsonObject) => {
  const request = Result.getOrThrow(openaiResponses.readRequest(body))
  return { request, prepared: Result.getOrThrow(openaiResponses.writeRequest(decode(json(request)))) }
}

describe("a Responses request", () => {
  it.prop(
    "read and written back is the same request",
    { body: bodies },
    ({ body }) => {
      const { prepared, request } = back(body)
      assert.deepStrictEqual(prepared.body, without(body, "stream", "stream_options"))
      assert.deepStrictEqual(prepared.losses, [])
      assert.strictEqual(request.serverState?.previousResponseId ?? null, body["previous_response_id"] ?? null)
    },
    runs
  )

  it.prop(
    "carried to another wire keeps every call with its result behind it, and what is lost has a name",
    { body: bodies },
    ({ body }) => {
      const request = { ...Result.getOrThrow(openaiResponses.readRequest(body)), model: "medium" }
      const chat = openaiChat.writeRequest(request)
      if (Result.isSuccess(chat)) {
        const messages = chat.success.body["messages"] as ReadonlyArray<JsonObject>
        for (const [at, message] of messages.entries()) {
          const calls = (message["tool_calls"] ?? []) as ReadonlyArray<{ readonly id: string }>
          assert.deepStrictEqual(
            messages.slice(at + 1, at + 1 + calls.length).map((result) => result["tool_call_id"] as string),
            calls.map((call) => call.id)
          )
        }
      } else assert.match(chat.failure.message, /no messages|characters/)
      const claude = anthropicMessages.writeRequest(request)
      if (Result.isFailure(claude)) assert.match(claude.failure.message, /no message|characters/)
      const ollama = ollamaChat.writeRequest(request)
      if (Result.isFailure(ollama)) assert.match(ollama.failure.message, /no messages/)
      const types = new Set((Array.isArray(body["input"]) ? body["input"] : []).map((item: JsonObject) => item["type"]))
      for (const written of [chat, claude, ollama]) {
        if (Result.isFailure(written)) continue
        const lost = written.success.losses.map((loss) => loss.what)
        if (types.has("reasoning")) assert.include(lost, "thinking")
        if (types.has("web_search_call")) assert.include(lost, "hosted tool web_search")
        if (types.has("computer_call_output")) assert.include(lost, "hosted tool result")
        if (types.has("compaction")) assert.include(lost, "compaction")
        if (types.has("of_next_year")) assert.include(lost, "block of_next_year")
        if (request.serverState !== undefined) assert.include(lost, "history")
        if (body["truncation"] !== undefined) assert.include(lost, "parameter truncation")
      }
    },
    runs
  )

  it("that is none is refused with the place", () => {
    const refused = (body: unknown) => {
      const read = openaiResponses.readRequest(body)
      return Result.isFailure(read) ? read.failure : "read"
    }
    assert.strictEqual(refused([]), "the request is no JSON object")
    assert.strictEqual(refused({ input: "hi" }), "`model` is no text")
    assert.strictEqual(refused({ model: "m" }), "`input` is neither text nor an array")
    assert.strictEqual(refused({ model: "m", input: ["hi"] }), "`input[0]` is no object")
    assert.include(refused({ model: "m", input: [{ role: "critic", content: "b" }] }), '`input[0].role` is "critic"')
    assert.strictEqual(refused({ model: "m", previous_response_id: "resp_1" }), "read")
  })

  it("keeps what JSON allows and JavaScript stumbles over", () => {
    const body = JSON.parse(
      '{"model":"m","input":[{"role":"user","content":"a","__proto__":{"b":1}}],"__proto__":{"c":2}}'
    )
    const { prepared } = back(body)
    assert.strictEqual(JSON.stringify(prepared.body["input"]), JSON.stringify(body.input))
    assert.isTrue(Object.hasOwn(prepared.body, "__proto__"))
  })
})
