import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"

import { ArchivedCall } from "../../domain/Call.ts"
import { mutated } from "../../testing/mutations.ts"
import type { Found } from "../contract.ts"
import { otlp } from "./otlp.ts"

/** Each argument is a file, given as its lines. */
const readFiles = (...files: ReadonlyArray<ReadonlyArray<unknown>>): ReadonlyArray<Found> => {
  const session = otlp.start({})
  const found = files.flatMap((lines, index) => {
    const reader = session.open(`${index}.jsonl`)
    return [...lines.flatMap((json, at) => reader.line({ line: at + 1, json })), ...reader.end()]
  })
  return [...found, ...session.end()]
}
const callsIn = (found: ReadonlyArray<Found>) => found.flatMap((one) => (one._tag === "Call" ? [one.call] : []))
const callOf = (...lines: ReadonlyArray<unknown>): ArchivedCall => {
  const [call] = callsIn(readFiles(lines))
  assert.isDefined(call)
  return call
}
const others = (found: ReadonlyArray<Found>) => {
  const counts: { [type: string]: number } = {}
  for (const one of found) if (one._tag === "Other") counts[one.type] = (counts[one.type] ?? 0) + (one.count ?? 1)
  return counts
}

/** A value as OTLP's JSON has it. */
const any = (value: unknown): object => {
  if (typeof value === "string") return { stringValue: value }
  if (typeof value === "boolean") return { boolValue: value }
  if (typeof value === "number") return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value }
  if (Array.isArray(value)) return { arrayValue: { values: value.map(any) } }
  return { kvlistValue: { values: list(value as { [key: string]: unknown }) } }
}
const list = (attributes: { readonly [key: string]: unknown }) =>
  Object.entries(attributes).map(([key, value]) => ({ key, value: any(value) }))

const traceId = "0af7651916cd43dd8448eb211c80319c"
const spanId = "b7ad6b7169203331"
const span = (attributes: { readonly [key: string]: unknown }, more: object = {}) => ({
  traceId,
  spanId,
  parentSpanId: "",
  name: "chat gpt-4o",
  kind: 3,
  startTimeUnixNano: "1785578400000000000",
  endTimeUnixNano: "1785578402000000000",
  attributes: list(attributes),
  status: {},
  ...more
})
const spans = (...all: ReadonlyArray<object>) => ({
  resourceSpans: [
    {
      resource: {
        attributes: list({ "service.name": "triage", "deployment.environment": "prod", "host.name": "laptop" })
      },
      scopeSpans: [{ scope: { name: "opentelemetry.instrumentation.openai_v2", version: "2.1" }, spans: all }]
    }
  ]
})
const logs = (...records: ReadonlyArray<object>) => ({
  resourceLogs: [{ resource: {}, scopeLogs: [{ scope: {}, logRecords: records }] }]
})

const chat = {
  "gen_ai.operation.name": "chat",
  "gen_ai.provider.name": "openai",
  "gen_ai.request.model": "gpt-4o",
  "gen_ai.response.model": "gpt-4o-2024-08-06",
  "gen_ai.response.id": "chatcmpl-1",
  "gen_ai.response.finish_reasons": ["stop"],
  "gen_ai.usage.input_tokens": 100,
  "gen_ai.usage.output_tokens": 20
}
const third = {
  ...chat,
  "gen_ai.conversation.id": "conv_1",
  "gen_ai.request.temperature": 0.2,
  "gen_ai.request.max_tokens": 50,
  "gen_ai.usage.cache_read.input_tokens": 64,
  "gen_ai.response.time_to_first_chunk": 0.4,
  "gen_ai.system_instructions": '[{"type":"text","content":"Be brief."}]',
  "gen_ai.input.messages": '[{"role":"user","parts":[{"type":"text","content":"hi"}]}]',
  "gen_ai.output.messages": '[{"role":"assistant","parts":[{"type":"text","content":"hello"}],"finish_reason":"stop"}]',
  "gen_ai.tool.definitions": '[{"type":"function","name":"f","description":"d","parameters":{"type":"object"}}]'
}
const shown = (call: ArchivedCall) => [
  ...call.request.messages.map(
    ({ blocks, role }) => `${role}: ${blocks.map((b) => (b.type === "text" ? b.text : b.type)).join("+")}`
  ),
  `-> ${call.response.blocks.map((b) => (b.type === "text" ? b.text : b.type === "tool_use" ? `${b.name}#${b.id}` : b.type)).join("+")}`
]
const hello = ["system: Be brief.", "user: hi", "-> hello"]

describe("a span of OpenTelemetry's third generation", () => {
  it("becomes a call with messages, tools, usage, times and labels, valid by the schema", () => {
    const call = callOf(spans(span(third)))
    assert.deepStrictEqual(Schema.decodeUnknownSync(ArchivedCall)(JSON.parse(JSON.stringify(call))), call)
    assert.deepStrictEqual(shown(call), hello)
    assert.strictEqual(call.request.messages[0]?.placement, "top")
    assert.strictEqual(call.request.model, "gpt-4o")
    assert.strictEqual(call.request.provider, "openai")
    assert.deepStrictEqual(call.request.params, { maxOutputTokens: 50, temperature: 0.2 })
    assert.strictEqual(call.request.tools?.[0]?.name, "f")
    assert.strictEqual(call.response.model, "gpt-4o-2024-08-06")
    assert.strictEqual(call.response.stopReason, "end")
    assert.deepInclude(call.usage.input, { total: 100, uncached: 36, cacheRead: 64 })
    assert.deepStrictEqual(call.timing, {
      startedAt: "2026-08-01T10:00:00.000Z",
      endedAt: "2026-08-01T10:00:02.000Z",
      latencyMs: 2000,
      ttftMs: 400,
      basis: "reported"
    })
    assert.strictEqual(call.grouping.sessionId, "conv_1")
    assert.strictEqual(call.grouping.trajectoryId, traceId)
    assert.deepStrictEqual(call.labels, { application: "triage", environment: "prod", name: "chat gpt-4o" })
    assert.deepStrictEqual(call.provenance.producer, {
      name: "opentelemetry.instrumentation.openai_v2",
      version: "2.1"
    })
    // The conventions have no place for a tool choice, an answer format or the reasoning effort.
    assert.strictEqual(call.fidelity.grade, "B")
    assert.strictEqual(call.fidelity.parts["params"], "unknown")
  })

  it("is the same with structured attributes, in snake case, and with ids in base64", () => {
    const structured = {
      ...third,
      "gen_ai.input.messages": [{ role: "user", parts: [{ type: "text", content: "hi" }] }]
    }
    assert.deepStrictEqual(shown(callOf(spans(span(structured)))), hello)
    const base64 = (hex: string) => Buffer.from(hex, "hex").toString("base64")
    const snake = {
      resource_spans: [
        {
          resource: { attributes: [{ key: "service.name", value: { string_value: "triage" } }] },
          scope_spans: [
            {
              spans: [
                {
                  trace_id: base64(traceId),
                  span_id: base64(spanId),
                  start_time_unix_nano: 1785578400000000000,
                  attributes: Object.entries(third).map(([key, value]) => ({
                    key,
                    value: { string_value: String(value) }
                  }))
                }
              ]
            }
          ]
        }
      ]
    }
    const call = callOf(snake)
    assert.deepStrictEqual(shown(call), hello)
    assert.strictEqual(call.id, callOf(spans(span(third))).id)
  })

  it("has its content on an event as well as on the span, in the span or in the logs", () => {
    const {
      "gen_ai.input.messages": input,
      "gen_ai.output.messages": output,
      "gen_ai.system_instructions": system
    } = third
    const details = {
      "gen_ai.input.messages": input,
      "gen_ai.output.messages": output,
      "gen_ai.system_instructions": system
    }
    const name = "gen_ai.client.inference.operation.details"
    assert.deepStrictEqual(shown(callOf(spans(span(chat, { events: [{ name, attributes: list(details) }] })))), hello)
    const record = { traceId, spanId, eventName: name, attributes: list(details) }
    assert.deepStrictEqual(shown(callOf(logs(record), spans(span(chat)))), hello)
    // The event alone holds all of a call.
    const alone = callOf(
      logs({ ...record, timeUnixNano: "1785578402000000000", attributes: list({ ...chat, ...details }) })
    )
    assert.deepStrictEqual(shown(alone), hello)
    assert.strictEqual(alone.usage.input?.total, 100)
    assert.strictEqual(alone.timing.endedAt, "2026-08-01T10:00:02.000Z")
  })

  it("without content gives its usage alone: D", () => {
    const call = callOf(spans(span(chat)))
    assert.strictEqual(call.fidelity.grade, "D")
    assert.strictEqual(call.usage.output?.total, 20)
    assert.isNull(call.request.tools)
    assert.include(call.fidelity.notes, "no content was logged: its capture was off")
  })

  it("with tools but no schemas says so", () => {
    const call = callOf(spans(span({ ...third, "gen_ai.tool.definitions": '[{"type":"function","name":"f"}]' })))
    assert.strictEqual(call.fidelity.parts["tools"], "partial")
  })
})

describe("OpenTelemetry's second generation", () => {
  const record = (name: string, body: object, more: object = {}) => ({
    traceId,
    spanId,
    timeUnixNano: "1785578400000000000",
    body: any(body),
    attributes: list({ "event.name": name }),
    ...more
  })
  const call1 = { id: "c1", type: "function", function: { name: "f", arguments: '{"a":1}' } }
  const records = [
    record("gen_ai.system.message", { content: "Be brief." }),
    record("gen_ai.user.message", { content: "hi" }),
    record("gen_ai.assistant.message", { tool_calls: [call1] }),
    record("gen_ai.tool.message", { id: "c1", content: "42" }),
    record("gen_ai.choice", { index: 0, finish_reason: "stop", message: { role: "assistant", content: "hello" } })
  ]
  const told = ["system: Be brief.", "user: hi", "assistant: tool_use", "tool: tool_result", "-> hello"]

  it("has its messages in the logs, before or after the spans, in other files", () => {
    for (const files of [
      [[logs(...records)], [spans(span(chat))]],
      [[spans(span(chat))], [logs(...records)]],
      [[logs(...records.slice(0, 2)), spans(span(chat)), logs(...records.slice(2))]]
    ]) {
      const found = readFiles(...files)
      const [call] = callsIn(found)
      assert.deepStrictEqual(call && shown(call), told)
      assert.strictEqual(call?.fidelity.parts["history"], "verbatim")
    }
  })

  it("has them as events of the span, or as a list in an attribute", () => {
    const events = [
      { name: "gen_ai.user.message", attributes: list({ content: "hi" }) },
      {
        name: "gen_ai.choice",
        attributes: list({ index: 0, finish_reason: "stop", message: '{"role":"assistant","content":"hello"}' })
      }
    ]
    const onSpan = callOf(spans(span(chat, { events })))
    assert.deepStrictEqual(shown(onSpan).slice(0, 1), ["user: hi"])
    const listed = [
      { "event.name": "gen_ai.system.message", role: "system", content: "Be brief." },
      { "event.name": "gen_ai.user.message", role: "user", content: "hi" },
      { "event.name": "gen_ai.choice", index: 0, message: { role: "assistant", content: "hello" } }
    ]
    assert.deepStrictEqual(shown(callOf(spans(span({ ...chat, events: JSON.stringify(listed) })))), hello)
  })

  it("whose span is in none of the files cannot be a call, which is told", () => {
    const found = readFiles([logs(...records)])
    assert.deepStrictEqual(callsIn(found), [])
    const skips = found.flatMap((one) => (one._tag === "Skip" ? [one.reason] : []))
    assert.deepStrictEqual(skips, ["messages in a log whose span is in none of the files"])
  })
})

describe("OpenTelemetry's first generation and OpenLLMetry", () => {
  it("spells the messages out in attributes", () => {
    const call = callOf(
      spans(
        span({
          "llm.request.type": "chat",
          "gen_ai.system": "OpenAI",
          "gen_ai.request.model": "gpt-4o",
          "gen_ai.prompt.0.role": "system",
          "gen_ai.prompt.0.content": "Be brief.",
          "gen_ai.prompt.1.role": "user",
          "gen_ai.prompt.1.content":
            '[{"type":"text","text":"hi"},{"type":"image_url","image_url":{"url":"https://a.b/c.png"}}]',
          "gen_ai.prompt.2.role": "assistant",
          "gen_ai.prompt.2.tool_calls.0.id": "c1",
          "gen_ai.prompt.2.tool_calls.0.name": "f",
          "gen_ai.prompt.2.tool_calls.0.arguments": '{"a":1}',
          "gen_ai.prompt.3.role": "tool",
          "gen_ai.prompt.3.content": "42",
          "gen_ai.prompt.3.tool_call_id": "c1",
          "gen_ai.completion.0.role": "assistant",
          "gen_ai.completion.0.finish_reason": "tool_calls",
          "gen_ai.completion.0.tool_calls.0.id": "c2",
          "gen_ai.completion.0.tool_calls.0.name": "f",
          "gen_ai.completion.0.tool_calls.0.arguments": "{}",
          "llm.request.functions.0.name": "f",
          "llm.request.functions.0.description": "d",
          "llm.request.functions.0.parameters": '{"type":"object","properties":{}}',
          "gen_ai.usage.prompt_tokens": 10,
          "gen_ai.usage.completion_tokens": 5,
          "llm.usage.total_tokens": 15,
          "traceloop.association.properties.session_id": "s1",
          "traceloop.association.properties.team": "payments"
        })
      )
    )
    assert.deepStrictEqual(shown(call), [
      "system: Be brief.",
      "user: hi+image",
      "assistant: tool_use",
      "tool: tool_result",
      "-> f#c2"
    ])
    assert.strictEqual(call.response.stopReason, "tool_use")
    assert.strictEqual(call.request.tools?.[0]?.description, "d")
    assert.strictEqual(call.usage.input?.total, 10)
    assert.strictEqual(call.grouping.sessionId, "s1")
    assert.strictEqual(call.labels["team"], "payments")
  })

  it("or holds them in two events", () => {
    const events = [
      {
        name: "gen_ai.content.prompt",
        attributes: list({
          "gen_ai.prompt": '[{"role":"system","content":"Be brief."},{"role":"user","content":"hi"}]'
        })
      },
      {
        name: "gen_ai.content.completion",
        attributes: list({ "gen_ai.completion": '[{"role":"assistant","content":"hello"}]' })
      }
    ]
    assert.deepStrictEqual(shown(callOf(spans(span(chat, { events })))), hello)
  })
})

describe("OpenInference", () => {
  const flat = {
    "openinference.span.kind": "LLM",
    "llm.model_name": "gpt-4o",
    "llm.provider": "openai",
    "llm.input_messages.0.message.role": "system",
    "llm.input_messages.0.message.content": "Be brief.",
    "llm.input_messages.1.message.role": "user",
    "llm.input_messages.1.message.contents.0.message_content.type": "text",
    "llm.input_messages.1.message.contents.0.message_content.text": "hi",
    "llm.output_messages.0.message.role": "assistant",
    "llm.output_messages.0.message.content": "hello",
    "llm.invocation_parameters": '{"model":"gpt-4o","temperature":0.2}',
    "llm.tools.0.tool.json_schema": '{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}',
    "llm.token_count.prompt": 10,
    "llm.token_count.completion": 5,
    "llm.cost.total": 0.00012,
    "session.id": "s1",
    "user.id": "ana",
    "tag.tags": ["eu", "beta"],
    metadata: '{"team":"payments"}'
  }

  it("spells messages, tools and all parameters out: A", () => {
    const call = callOf(spans(span(flat)))
    assert.deepStrictEqual(shown(call), hello)
    assert.strictEqual(call.fidelity.grade, "A")
    assert.strictEqual(call.request.tools?.[0]?.name, "f")
    assert.deepStrictEqual(call.billed, { nanoUsd: "120000", basis: "client-estimate", billing: "metered" })
    assert.strictEqual(call.grouping.sessionId, "s1")
    assert.deepInclude(call.labels, { endUser: "ana", tags: "eu,beta", team: "payments" })
  })

  it("holds the whole body, which is read by its own wire", () => {
    const body = {
      model: "gpt-4o",
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: "hi" }
      ],
      temperature: 0.2,
      logit_bias: { "7": 1 }
    }
    const answer = {
      id: "chatcmpl-1",
      model: "gpt-4o-2024-08-06",
      choices: [{ message: { role: "assistant", content: "hello" }, finish_reason: "stop" }]
    }
    const call = callOf(
      spans(
        span({
          ...flat,
          "input.value": JSON.stringify(body),
          "input.mime_type": "application/json",
          "output.value": JSON.stringify(answer),
          "output.mime_type": "application/json"
        })
      )
    )
    assert.strictEqual(call.request.wire, "openai.chat")
    assert.deepStrictEqual(call.request.params.extra, { logit_bias: { "7": 1 } })
    assert.strictEqual(call.response.id, "chatcmpl-1")
    assert.strictEqual(call.fidelity.grade, "A")
  })

  it("keeps judgements with what they judge", () => {
    const call = callOf(
      spans(
        span({
          ...flat,
          "evaluations.0.evaluation.name": "relevance",
          "evaluations.0.evaluation.score": 0.5,
          "evaluations.0.evaluation.annotator_kind": "LLM"
        })
      )
    )
    assert.deepStrictEqual(call.signals, [{ name: "relevance", value: 0.5, source: "llm-judge", scope: "call" }])
  })
})

describe("the AI SDK", () => {
  const attributes = {
    "operation.name": "ai.streamText.doStream triage",
    "ai.operationId": "ai.streamText.doStream",
    "ai.telemetry.functionId": "triage",
    "ai.telemetry.metadata.team": "payments",
    "ai.telemetry.metadata.sessionId": "s1",
    "ai.model.provider": "openai.responses",
    "ai.model.id": "gpt-4o-mini",
    "ai.prompt.messages":
      '[{"role":"system","content":"Be brief."},{"role":"user","content":[{"type":"text","text":"hi"}]}]',
    "ai.prompt.tools": ['{"type":"function","name":"f","inputSchema":{"type":"object"}}'],
    "ai.prompt.toolChoice": '{"type":"auto"}',
    "ai.settings.maxOutputTokens": 50,
    "ai.response.text": "hello",
    "ai.response.reasoning": "hm",
    "ai.response.toolCalls": '[{"toolCallId":"c1","toolName":"f","input":"{}"}]',
    "ai.response.finishReason": "tool-calls",
    "ai.response.msToFirstChunk": 426.85,
    "ai.usage.inputTokens": 15,
    "ai.usage.outputTokens": 112,
    "ai.usage.totalTokens": 127
  }

  it("is read from its own attributes", () => {
    const call = callOf(spans(span(attributes)))
    assert.deepStrictEqual(shown(call), ["system: Be brief.", "user: hi", "-> thinking+hello+f#c1"])
    assert.strictEqual(call.response.stopReason, "tool_use")
    assert.strictEqual(call.timing.ttftMs, 426.85)
    assert.strictEqual(call.request.provider, "openai")
    assert.deepStrictEqual(call.request.toolChoice, { mode: "auto" })
    assert.strictEqual(call.request.params.maxOutputTokens, 50)
    assert.deepInclude(call.labels, { team: "payments", functionId: "triage" })
    const { "ai.prompt.tools": _, ...none } = attributes
    assert.deepStrictEqual(callOf(spans(span(none))).request.tools, [])
  })

  it("counts doStream and doGenerate, not what stands around them", () => {
    const outer = span({ ...attributes, "ai.operationId": "ai.streamText" }, { spanId: "00f067aa0ba902b7" })
    const found = readFiles([spans(outer, span(attributes, { parentSpanId: "00f067aa0ba902b7" }))])
    assert.lengthOf(callsIn(found), 1)
    assert.deepStrictEqual(others(found), { "span: ai.streamText": 1 })
  })

  it("is read as its SDK prints spans, too", () => {
    const dump = {
      name: "ai.streamText.doStream",
      spanContext: { traceId, spanId },
      attributes,
      status: { code: 0 },
      startTime: [1785578400, 500000000],
      endTime: [1785578402, 0],
      events: []
    }
    assert.isTrue(otlp.sniff({ file: "spans.json", first: [dump] }))
    const call = callOf(dump)
    assert.strictEqual(call.timing.startedAt, "2026-08-01T10:00:00.500Z")
    assert.strictEqual(call.timing.latencyMs, 1500)
    const python = {
      name: "chat",
      context: { trace_id: `0x${traceId}`, span_id: `0x${spanId}` },
      parent_id: null,
      start_time: "2026-08-01T10:00:00.000000Z",
      end_time: "2026-08-01T10:00:02.000000Z",
      status: { status_code: "ERROR", description: "429 slow down" },
      attributes: third,
      events: [],
      resource: { attributes: { "service.name": "triage" } }
    }
    const printed = callOf(python)
    assert.strictEqual(printed.id, callOf(spans(span(third))).id)
    assert.strictEqual(printed.response.error?.message, "429 slow down")
    assert.strictEqual(printed.labels["application"], "triage")
  })
})

describe("other instrumentations", () => {
  it("Google's ADK and Logfire keep whole bodies", () => {
    const adk = callOf(
      spans(
        span({
          "gen_ai.system": "gcp.vertex.agent",
          "gen_ai.request.model": "gemini-2.0-flash",
          "gcp.vertex.agent.llm_request": JSON.stringify({
            model: "gemini-2.0-flash",
            config: {
              system_instruction: "Be brief.",
              temperature: 0.1,
              http_options: { headers: { "x-goog-api-key": "k" } },
              tools: [{ function_declarations: [{ name: "f", parameters: { type: "OBJECT", properties: {} } }] }]
            },
            contents: [{ role: "user", parts: [{ text: "hi" }] }]
          }),
          "gcp.vertex.agent.llm_response": JSON.stringify({
            content: { role: "model", parts: [{ text: "hello" }] },
            finish_reason: "STOP",
            usage_metadata: { prompt_token_count: 28, candidates_token_count: 3, total_token_count: 31 }
          })
        })
      )
    )
    assert.deepStrictEqual(shown(adk), hello)
    assert.deepStrictEqual(
      [adk.usage.input?.total, adk.request.tools?.[0]?.name, adk.request.params.temperature],
      [28, "f", 0.1]
    )
    assert.notInclude(JSON.stringify(adk), "x-goog-api-key")
    const logfire = callOf(
      spans(
        span({
          "gen_ai.request.model": "gpt-4o",
          request_data: JSON.stringify({
            model: "gpt-4o",
            messages: [
              { role: "system", content: "Be brief." },
              { role: "user", content: "hi" }
            ]
          }),
          response_data: JSON.stringify({
            message: { role: "assistant", content: "hello" },
            usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 }
          })
        })
      )
    )
    assert.deepStrictEqual(shown(logfire), hello)
    assert.strictEqual(logfire.request.wire, "openai.chat")
    assert.strictEqual(logfire.usage.input?.total, 10)
  })

  it("agents, tools, embeddings and chains are counted by what they are", () => {
    const kinds = [
      { "gen_ai.operation.name": "invoke_agent", "gen_ai.usage.input_tokens": 100 },
      { "gen_ai.operation.name": "execute_tool" },
      { "gen_ai.operation.name": "embeddings" },
      { "openinference.span.kind": "CHAIN" },
      { "traceloop.span.kind": "workflow" },
      { agent_name: "a", "gen_ai.usage.input_tokens": 5 }
    ].map((attributes, at) => span(attributes, { spanId: `000000000000000${at + 1}` }))
    const found = readFiles([spans(...kinds)])
    assert.deepStrictEqual(callsIn(found), [])
    assert.deepStrictEqual(others(found), {
      "span: invoke_agent": 1,
      "span: execute_tool": 1,
      "span: embeddings": 1,
      "span: chain": 1,
      "span: workflow": 1,
      "span: other span": 1
    })
  })
})

describe("the reading of an OTLP export", () => {
  it("counts a call once that two libraries logged, one inside the other, or that was exported twice", () => {
    const outer = span({ ...third, "gen_ai.response.id": "chatcmpl-1" }, { spanId: "00f067aa0ba902b7" })
    const inner = span(chat, { parentSpanId: "00f067aa0ba902b7" })
    const found = readFiles([spans(outer), spans(inner), spans(inner)])
    const [call, more] = callsIn(found)
    assert.isUndefined(more)
    assert.strictEqual(call?.provenance.native["spanId"], spanId)
    assert.deepStrictEqual(call && shown(call), hello)
    assert.strictEqual(found.filter((one) => one._tag === "Duplicate").length, 2)
  })

  it("says what was cut at a length, and takes an account that was not", () => {
    const long = JSON.stringify([{ role: "user", parts: [{ type: "text", content: "x".repeat(9000) }] }]).slice(0, 4096)
    const cut = callOf(spans(span({ ...third, "gen_ai.input.messages": long })))
    assert.strictEqual(cut.fidelity.parts["history"], "truncated")
    assert.strictEqual(cut.fidelity.grade, "C")
    const flat = { "gen_ai.prompt.0.role": "user", "gen_ai.prompt.0.content": "y".repeat(4096) }
    assert.strictEqual(callOf(spans(span({ ...chat, ...flat }))).fidelity.parts["history"], "truncated")
    const answer = { "gen_ai.completion.0.role": "assistant", "gen_ai.completion.0.content": "y".repeat(4096) }
    assert.strictEqual(
      callOf(spans(span({ ...third, "gen_ai.output.messages": "", ...answer }))).fidelity.parts["response"],
      "truncated"
    )
    const both = { ...chat, "input.value": long, "gen_ai.prompt.0.role": "user", "gen_ai.prompt.0.content": "short" }
    const whole = callOf(spans(span(both)))
    assert.deepStrictEqual(shown(whole).slice(0, 1), ["user: short"])
    assert.strictEqual(whole.fidelity.parts["history"], "verbatim")
  })

  it("takes a failed span as a call with its error", () => {
    const failed = span(
      { ...third, "error.type": "RateLimitError", "gen_ai.output.messages": "" },
      { status: { code: 2, message: "429 for sk-abcdefgh1234" } }
    )
    const call = callOf(spans(failed))
    assert.deepStrictEqual(call.response.error, { type: "RateLimitError", message: "429 for sk-abcdefgh1234" })
    assert.strictEqual(call.response.stopReason, "error")
  })

  it("gives a call the agent it lies in, and its place in the trace", () => {
    const agent = span(
      { "gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "planner" },
      { spanId: "00f067aa0ba902b7" }
    )
    const later = span(
      { ...third, "gen_ai.response.id": "chatcmpl-2" },
      { spanId: "00f067aa0ba902b8", startTimeUnixNano: "1785578401000000000" }
    )
    const calls = callsIn(readFiles([spans(later, span(third, { parentSpanId: "00f067aa0ba902b7" }), agent)]))
    assert.deepStrictEqual(
      calls.map(({ grouping }) => [grouping.stepIndex, grouping.agent]),
      [
        [0, "planner"],
        [1, undefined]
      ]
    )
  })

  it("makes signals of evaluation events: of the span's call, of the answer they name, else of the trace", () => {
    const evaluation = (more: object, attributes: object = {}) => ({
      traceId,
      spanId,
      eventName: "gen_ai.evaluation.result",
      attributes: list({
        "gen_ai.evaluation.name": "relevance",
        "gen_ai.evaluation.score.value": 0.5,
        "gen_ai.evaluation.explanation": "why",
        ...attributes
      }),
      ...more
    })
    const found = readFiles([
      spans(span(third), span({ "gen_ai.operation.name": "invoke_agent" }, { spanId: "00f067aa0ba902b7" })),
      logs(
        evaluation({}),
        evaluation({ traceId: "", spanId: "" }, { "gen_ai.response.id": "chatcmpl-1" }),
        evaluation({ spanId: "00f067aa0ba902b7" })
      )
    ])
    const key = found.flatMap((one) => (one._tag === "Call" ? [one.dedupeKey] : []))[0]
    assert.deepStrictEqual(
      found.flatMap((one) => (one._tag === "Verdict" ? [[one.of, one.signal.scope, one.signal.value]] : [])),
      [
        [key, "call", 0.5],
        [traceId, "trajectory", 0.5],
        [key, "call", 0.5]
      ]
    )
  })

  it("gives calls as they stand where files are followed, and again when their messages have come", () => {
    const session = otlp.start({ following: true })
    const reader = session.open("spans.jsonl")
    reader.line({ line: 1, json: spans(span(chat)) })
    const first = reader.end()
    assert.strictEqual(callsIn(first)[0]?.fidelity.grade, "D")
    const body = { message: { role: "assistant", content: "hello" } }
    const choice = { traceId, spanId, body: any(body), attributes: list({ "event.name": "gen_ai.choice" }) }
    const record = {
      traceId,
      spanId,
      body: any({ content: "hi" }),
      attributes: list({ "event.name": "gen_ai.user.message" })
    }
    const logged = session.open("logs.jsonl")
    logged.line({ line: 1, json: logs(record, choice) })
    const second = logged.end()
    const [again] = callsIn(second)
    assert.deepStrictEqual(again && shown(again), ["user: hi", "-> hello"])
    const ranks = [first, second].map(
      (found) => found.flatMap((one) => (one._tag === "Call" ? [one.rank ?? 0] : []))[0] ?? 0
    )
    assert.isAbove(ranks[1] ?? 0, ranks[0] ?? 0)
    assert.strictEqual(again?.id, callsIn(first)[0]?.id)
    assert.deepStrictEqual(callsIn(session.end()), [])
  })

  it("never throws on exports of the wrong kinds, and pollutes nothing", () => {
    const flat = {
      "llm.input_messages.0.message.role": "user",
      "llm.input_messages.0.message.content": "x",
      "openinference.span.kind": "LLM"
    }
    const event = { name: "gen_ai.user.message", attributes: list({ content: "x" }) }
    const documents = [
      spans(
        span(third),
        span(flat, { spanId: "00f067aa0ba902b8" }),
        span(chat, { spanId: "00f067aa0ba902b9", events: [event] })
      ),
      logs({ traceId, spanId, eventName: "gen_ai.user.message", body: any({ content: "hi" }) })
    ]
    for (let seed = 0; seed < 500; seed++) {
      const found = readFiles(documents.map((one, index) => mutated(one, seed * 5 + index)))
      for (const call of callsIn(found)) Schema.decodeUnknownSync(ArchivedCall)(JSON.parse(JSON.stringify(call)))
    }
    assert.isUndefined(({} as { polluted?: unknown }).polluted)
  })
})
