import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"

import { ArchivedCall } from "../../domain/Call.ts"
import { callsIn, mutations, othersIn, readRows, skipsIn } from "../testReading.ts"
import { bedrock } from "./bedrock.ts"

const tool = {
  toolSpec: { name: "search", description: "Finds.", inputSchema: { json: { type: "object", properties: {} } } }
}
const question = {
  system: [{ text: "Be brief." }, { cachePoint: { type: "default" } }],
  messages: [
    { role: "user", content: [{ text: "look" }, { image: { format: "png", source: { bytes: "aGk=" } } }] },
    {
      role: "assistant",
      content: [
        { reasoningContent: { reasoningText: { text: "hm", signature: "sig" } } },
        { toolUse: { toolUseId: "t1", name: "search", input: { q: "x" } } }
      ]
    },
    {
      role: "user",
      content: [
        { toolResult: { toolUseId: "t1", content: [{ json: { hits: 2 } }], status: "error" } },
        { text: "go on" }
      ]
    }
  ],
  inferenceConfig: { maxTokens: 512, temperature: 0.7, topP: 0.9, stopSequences: ["END"] },
  toolConfig: { tools: [tool, { cachePoint: { type: "default" } }], toolChoice: { tool: { name: "search" } } },
  additionalModelRequestFields: { top_k: 40, thinking: { type: "enabled", budget_tokens: 1024 } },
  guardrailConfig: { guardrailIdentifier: "g1" }
}
const answer = {
  output: { message: { role: "assistant", content: [{ text: "done" }] } },
  stopReason: "end_turn",
  metrics: { latencyMs: 302 },
  usage: { inputTokens: 4, outputTokens: 38, totalTokens: 142, cacheReadInputTokens: 90, cacheWriteInputTokens: 10 }
}
const record = (more: object = {}) => ({
  schemaType: "ModelInvocationLog",
  schemaVersion: "1.0",
  timestamp: "2026-08-01T10:00:00Z",
  accountId: "123456789012",
  identity: { arn: "arn:aws:iam::123456789012:user/dev/ana" },
  region: "us-east-1",
  requestId: "ff4b6c63-5561-4431-93b8-06a817275900",
  operation: "Converse",
  modelId: "us.anthropic.claude-sonnet-4-20250514-v1:0",
  requestMetadata: { team: "payments" },
  input: {
    inputContentType: "application/json",
    inputBodyJson: question,
    ...{ inputTokenCount: 4, cacheReadInputTokenCount: 90, cacheWriteInputTokenCount: 10 }
  },
  output: { outputContentType: "application/json", outputBodyJson: answer, outputTokenCount: 38 },
  ...more
})
const invoked = (asked: unknown, said: unknown, more: object = {}) =>
  record({
    operation: "InvokeModel",
    input: { inputBodyJson: asked, inputTokenCount: 7 },
    output: { outputBodyJson: said, outputTokenCount: 3 },
    ...more
  })
const read = (...rows: ReadonlyArray<unknown>) => readRows(bedrock, { "a.json.gz": rows })
const callOf = (row: unknown): ArchivedCall => {
  const found = read(row)
  const [call] = callsIn(found)
  assert.isDefined(call, JSON.stringify(found))
  return call
}

describe("a Converse call in Bedrock's log", () => {
  it("becomes a call with all that was asked, valid by the schema", () => {
    const call = callOf(record())
    assert.deepStrictEqual(Schema.decodeUnknownSync(ArchivedCall)(JSON.parse(JSON.stringify(call))), call)
    assert.strictEqual(call.fidelity.grade, "A")
    const { request } = call
    assert.strictEqual(request.wire, "bedrock.converse")
    assert.strictEqual(request.provider, "bedrock")
    assert.strictEqual(request.endpoint, "https://bedrock-runtime.us-east-1.amazonaws.com")
    assert.deepStrictEqual(
      request.messages.map(({ blocks, joinPrevious, role }) => [role, blocks.map(({ type }) => type), joinPrevious]),
      [
        ["system", ["text"], undefined],
        ["user", ["text", "image"], undefined],
        ["assistant", ["thinking", "tool_use"], undefined],
        ["tool", ["tool_result"], undefined],
        ["user", ["text"], true]
      ]
    )
    assert.deepStrictEqual(request.messages[0]?.blocks[0]?.cacheControl, { ttl: "provider" })
    assert.deepStrictEqual(request.messages[3]?.blocks[0], {
      type: "tool_result",
      toolUseId: "t1",
      content: [{ type: "text", text: '{"hits":2}' }],
      isError: true,
      executedBy: "client"
    })
    assert.deepStrictEqual(request.tools, [
      {
        name: "search",
        description: "Finds.",
        inputSchema: { type: "object", properties: {} },
        kind: "function",
        basis: "recorded"
      }
    ])
    assert.deepStrictEqual(request.toolChoice, { mode: "tool", name: "search" })
    assert.strictEqual(request.params.maxOutputTokens, 512)
    assert.strictEqual(request.params.topK, 40)
    assert.deepStrictEqual(request.params.stop, ["END"])
    assert.deepStrictEqual(request.params.reasoning, { mode: "on", budgetTokens: 1024 })
    assert.deepStrictEqual(Object.keys(request.params.extra ?? {}).sort(), [
      "additionalModelRequestFields",
      "guardrailConfig",
      "toolCachePoint"
    ])
    assert.strictEqual(call.timing.latencyMs, 302)
  })

  it("counts the cache beside the input, as its total says", () => {
    const { usage } = callOf(record())
    assert.deepStrictEqual(usage.input, {
      ...{ total: 104, uncached: 4, cacheRead: 90 },
      ...{ cacheWrite5m: 0, cacheWrite1h: 0, cacheWriteOther: 10 }
    })
    assert.strictEqual(usage.output?.total, 38)
    assert.strictEqual(usage.basis, "reported")
  })

  it("offers no tools where it has none, and streams where its operation does", () => {
    const call = callOf(
      record({ operation: "ConverseStream", input: { inputBodyJson: { messages: question.messages.slice(0, 1) } } })
    )
    assert.deepStrictEqual(call.request.tools, [])
    assert.strictEqual(call.request.params.stream, true)
  })
})

describe("a call of InvokeModel", () => {
  const claude = {
    anthropic_version: "bedrock-2023-05-31",
    anthropic_beta: ["context-1m-2025-08-07"],
    max_tokens: 100,
    messages: [{ role: "user", content: "hi" }]
  }

  it("with Claude's bodies is one of Anthropic's wire, of the model that the log names", () => {
    const said = {
      id: "msg_bdrk_1",
      type: "message",
      role: "assistant",
      model: "claude-sonnet-4-20250514",
      content: [{ type: "text", text: "hello" }],
      stop_reason: "end_turn",
      usage: { input_tokens: 9, output_tokens: 5 }
    }
    const call = callOf(invoked(claude, said))
    assert.strictEqual(call.request.wire, "anthropic.messages")
    assert.strictEqual(call.request.model, "us.anthropic.claude-sonnet-4-20250514-v1:0")
    assert.strictEqual(call.fidelity.grade, "A")
    assert.strictEqual(call.usage.input?.total, 9)
    assert.notProperty(call.request.params.extra ?? {}, "anthropic_version")
    assert.strictEqual(call.provenance.native["anthropicVersion"], "bedrock-2023-05-31")
    assert.match(call.fidelity.notes.join(), /context-1m-2025-08-07/)
  })

  it("that was streamed is put together from its events", () => {
    const events = [
      {
        type: "message_start",
        message: {
          ...{ id: "msg_2", type: "message", role: "assistant", model: "claude-sonnet-4-20250514", content: [] },
          ...{ stop_reason: null, usage: { input_tokens: 9, output_tokens: 1 } }
        }
      },
      { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
      { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "hello" } },
      { type: "content_block_stop", index: 0 },
      { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 3 } },
      { type: "message_stop", "amazon-bedrock-invocationMetrics": { inputTokenCount: 9 } }
    ]
    const call = callOf(invoked(claude, events, { operation: "InvokeModelWithResponseStream" }))
    assert.deepStrictEqual(call.response.blocks, [{ type: "text", text: "hello" }])
    assert.isTrue(call.response.complete)
    assert.strictEqual(call.usage.output?.total, 3)
    assert.strictEqual(call.request.params.stream, true)
  })

  it("with OpenAI's bodies is one of its wire, with Nova's one of Converse", () => {
    const open = callOf(
      invoked(
        { messages: [{ role: "user", content: "hi" }], max_completion_tokens: 50 },
        { choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "hello" } }] },
        { modelId: "openai.gpt-oss-120b-1:0" }
      )
    )
    assert.strictEqual(open.request.wire, "openai.chat")
    assert.strictEqual(open.usage.input?.total, 7)
    const nova = callOf(
      invoked(
        {
          schemaVersion: "messages-v1",
          messages: [{ role: "user", content: [{ text: "hi" }] }],
          inferenceConfig: { max_new_tokens: 20 }
        },
        answer,
        { modelId: "amazon.nova-lite-v1:0" }
      )
    )
    assert.strictEqual(nova.request.wire, "bedrock.converse")
    assert.strictEqual(nova.request.params.maxOutputTokens, 20)
  })

  it("with another vendor's bodies is text, grade C, with the counts of the log", () => {
    const titan = callOf(
      invoked(
        { inputText: "User: hi\nBot:", textGenerationConfig: { maxTokenCount: 2048, temperature: 0, topP: 0.9 } },
        { inputTextTokenCount: 7, results: [{ outputText: " Hello!", tokenCount: 3, completionReason: "FINISH" }] },
        { modelId: "amazon.titan-text-express-v1" }
      )
    )
    assert.strictEqual(titan.fidelity.grade, "C")
    assert.strictEqual(titan.request.wire, "text")
    assert.strictEqual(titan.request.params.maxOutputTokens, 2048)
    assert.deepStrictEqual(titan.response.blocks, [{ type: "text", text: " Hello!" }])
    assert.strictEqual(titan.response.stopReason, "end")
    assert.strictEqual(titan.usage.input?.total, 7)
    const llama = callOf(
      invoked(
        { prompt: "<|begin_of_text|>hi", max_gen_len: 64 },
        [{ generation: "He" }, { generation: "llo", stop_reason: "length" }],
        { modelId: "meta.llama3-8b-instruct-v1:0", operation: "InvokeModelWithResponseStream" }
      )
    )
    assert.deepStrictEqual(llama.response.blocks, [{ type: "text", text: "Hello" }])
    assert.strictEqual(llama.response.stopReason, "length")
    assert.match(
      skipsIn(read(invoked({ weird: 1 }, {}, { modelId: "writer.palmyra-x5-v1:0" })))[0] ?? "",
      /of writer's own/
    )
  })

  it("that makes vectors or pictures is counted by what it is", () => {
    const found = read(
      invoked({ inputText: "x" }, { embedding: [1] }, { modelId: "amazon.titan-embed-text-v2:0" }),
      invoked({ prompt: "a cat" }, { images: ["x"] }, { modelId: "stability.sd3-5-large-v1:0" })
    )
    assert.deepStrictEqual(othersIn(found), ["Bedrock embedding", "Bedrock picture or film"])
  })
})

describe("a record of Bedrock's log", () => {
  const large = (more: object = {}) =>
    record({
      input: { inputBodyS3Path: "s3://b/AWSLogs/data/1f_input.json.gz", inputTokenCount: 4000 },
      output: { outputBodyS3Path: "s3://b/AWSLogs/data/1f_output.json.gz", outputTokenCount: 38 },
      ...more
    })

  it("whose bodies lie apart waits for them, in either order of the two", () => {
    const found = readRows(bedrock, {
      "10/log.json.gz": [large()],
      "10/data/1f_output.json.gz": [answer],
      "10/data/1f_input.json.gz": [question]
    })
    const [call, ...others] = callsIn(found)
    assert.strictEqual(others.length, 0)
    assert.strictEqual(call?.fidelity.grade, "A")
    assert.strictEqual(call?.provenance.file, "10/log.json.gz")
    assert.deepStrictEqual(call?.response.blocks, [{ type: "text", text: "done" }])
  })

  it("whose bodies did not come keeps its counts and says where they lie", () => {
    const call = callOf(large())
    assert.strictEqual(call.fidelity.grade, "D")
    assert.match(call.fidelity.notes.join(), /S3 objects of their own/)
    assert.strictEqual(call.usage.input?.total, 4000)
    const half = callsIn(readRows(bedrock, { "log.json": [large()], "data/1f_input.json": [question] }))
    assert.strictEqual(half.length, 1)
    assert.strictEqual(half[0]?.fidelity.grade, "C")
    assert.strictEqual(half[0]?.id, call.id)
    const stray = readRows(bedrock, { "log.json": [record()], "data/2f_input.json": [question] })
    assert.deepStrictEqual(othersIn(stray), ["Bedrock body without its log record"])
  })

  it("without bodies says which switch keeps them; one that failed keeps its error", () => {
    const bare = callOf(record({ input: { inputTokenCount: 4 }, output: { outputTokenCount: 2 } }))
    assert.strictEqual(bare.fidelity.grade, "D")
    assert.match(bare.fidelity.notes.join(), /delivery of text/)
    const refused = callOf(record({ errorCode: "ThrottlingException", output: {} }))
    assert.strictEqual(refused.response.error?.type, "ThrottlingException")
    assert.strictEqual(refused.fidelity.grade, "A")
  })

  it("names a person only where its caller is one", () => {
    const labels = (arn: string) => callOf(record({ identity: { arn } })).labels
    assert.strictEqual(labels("arn:aws:iam::123456789012:user/dev/ana")["engineer"], "ana")
    assert.strictEqual(
      labels("arn:aws:sts::1:assumed-role/AWSReservedSSO_Dev_0a1b/ana@x.example")["engineer"],
      "ana@x.example"
    )
    const service = labels("arn:aws:sts::123456789012:assumed-role/triage-service/i-0abc")
    assert.notProperty(service, "engineer")
    assert.strictEqual(service["application"], "triage-service")
    assert.strictEqual(service["roleSession"], "i-0abc")
    assert.strictEqual(service["team"], "payments")
    assert.strictEqual(service["account"], "123456789012")
  })

  it("is found within events of CloudWatch, and its model within an ARN", () => {
    const arn = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-4-20250514-v1:0"
    const found = read(
      { timestamp: 1, message: JSON.stringify(record({ modelId: arn })) },
      { events: [{ message: JSON.stringify(record({ requestId: "2" })) }] },
      { "@timestamp": "t", "@message": record({ requestId: "3" }) }
    )
    assert.deepStrictEqual(
      callsIn(found).map(({ request }) => request.model),
      Array.from({ length: 3 }, () => "us.anthropic.claude-sonnet-4-20250514-v1:0")
    )
    assert.strictEqual(callsIn(found)[0]?.provenance.native["modelId"], arn)
  })

  it("of the wrong kinds everywhere never throws", () => {
    const rows = [
      record(),
      invoked({ anthropic_version: "1", messages: [{ role: "user", content: "x" }] }, [{ type: "message_start" }]),
      large()
    ]
    for (const mutated of mutations(rows, 300, 14))
      assert.doesNotThrow(() => read(...(Array.isArray(mutated) ? mutated : [mutated])))
    for (const body of mutations(question, 100, 15))
      assert.doesNotThrow(() => readRows(bedrock, { "l.json": [large()], "data/1f_input.json": [body] }))
  })
})
