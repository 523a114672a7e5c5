import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"

import { ArchivedCall } from "../../domain/Call.ts"
import { callsIn, mutations, othersIn, readRows, skipsIn } from "../testReading.ts"
import { helicone } from "./helicone.ts"

const question = {
  model: "claude-opus-4-6",
  max_tokens: 100,
  system: "Be brief.",
  messages: [{ role: "user", content: "hi" }]
}
const answer = {
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: "claude-opus-4-6",
  content: [{ type: "text", text: "hello" }],
  stop_reason: "end_turn",
  usage: { input_tokens: 12, output_tokens: 8, cache_read_input_tokens: 2000 }
}
const row = (more: object = {}) => ({
  request_id: "h1",
  request_created_at: "2026-08-01T10:00:00Z",
  response_id: "r1",
  response_created_at: "2026-08-01T10:00:02.100Z",
  request_path: "https://api.anthropic.com/v1/messages",
  provider: "ANTHROPIC",
  request_model: "claude-opus-4-6",
  response_status: 200,
  delay_ms: 2100,
  time_to_first_token: 400,
  prompt_tokens: 12,
  prompt_cache_read_tokens: 2000,
  prompt_cache_write_tokens: 0,
  completion_tokens: 8,
  total_tokens: 20,
  cost: 0.00126,
  request_user_id: "ana",
  request_properties: {
    "Helicone-Session-Id": "s1",
    "Helicone-Session-Path": "/plan/step1",
    "Helicone-Session-Name": "Plan",
    team: "payments"
  },
  feedback_rating: true,
  feedback_created_at: "2026-08-01T11:00:00Z",
  scores: {
    helpful: 4,
    "polite-hcone-bool": 1,
    tone: { value: 1, valueType: "boolean" },
    "helicone-score-feedback": 1
  },
  request_body: question,
  response_body: answer,
  ...more
})
const placeholder = {
  helicone_message: "fetching body from signed_url... contact engineering@helicone.ai for more information"
}
const read = (...rows: ReadonlyArray<unknown>) => readRows(helicone, { "export.jsonl": rows })
const callOf = (more: object = {}): ArchivedCall => {
  const found = read(row(more))
  const [call] = callsIn(found)
  assert.isDefined(call, JSON.stringify(found))
  return call
}

describe("a Helicone row", () => {
  it("becomes a call with its bodies, times, cost, labels and signals, valid by the schema", () => {
    const call = callOf()
    assert.deepStrictEqual(Schema.decodeUnknownSync(ArchivedCall)(JSON.parse(JSON.stringify(call))), call)
    assert.strictEqual(call.fidelity.grade, "A")
    assert.strictEqual(call.request.wire, "anthropic.messages")
    assert.strictEqual(call.request.provider, "anthropic")
    assert.strictEqual(call.request.endpoint, "https://api.anthropic.com/v1/messages")
    assert.deepStrictEqual(
      call.request.messages.map(({ role }) => role),
      ["system", "user"]
    )
    assert.deepStrictEqual(call.response.blocks, [{ type: "text", text: "hello" }])
    assert.strictEqual(call.usage.input?.total, 2012)
    assert.strictEqual(call.usage.input?.cacheRead, 2000)
    assert.deepStrictEqual(call.billed, { nanoUsd: "1260000", basis: "gateway", billing: "metered" })
    assert.deepStrictEqual(call.timing, {
      startedAt: "2026-08-01T10:00:00.000Z",
      endedAt: "2026-08-01T10:00:02.100Z",
      latencyMs: 2100,
      ttftMs: 400,
      basis: "reported"
    })
    assert.deepStrictEqual(call.grouping, { sessionId: "s1", agent: "/plan/step1", attempt: 0 })
    assert.deepStrictEqual(call.labels, {
      endUser: "ana",
      sessionName: "Plan",
      sessionPath: "/plan/step1",
      team: "payments"
    })
    assert.deepStrictEqual(call.signals, [
      { name: "feedback", value: true, source: "human", scope: "call", at: "2026-08-01T11:00:00.000Z" },
      { name: "helpful", value: 4, source: "heuristic", scope: "call" },
      { name: "polite", value: true, source: "heuristic", scope: "call" },
      { name: "tone", value: true, source: "heuristic", scope: "call" }
    ])
  })

  it("without bodies keeps its counts and its cost, and says how to get them", () => {
    for (const more of [
      { request_body: undefined, response_body: undefined, signed_body_url: "https://x.example/b" },
      { request_body: placeholder, response_body: placeholder },
      { request_body: JSON.stringify(placeholder), response_body: "{}" }
    ]) {
      const call = callOf(more)
      assert.strictEqual(call.fidelity.grade, "D")
      assert.match(call.fidelity.notes.join(), /--include-body/)
      assert.strictEqual(call.request.model, "claude-opus-4-6")
      assert.strictEqual(call.request.tools, null)
      assert.strictEqual(call.usage.input?.total, 2012)
      assert.strictEqual(call.usage.input?.uncached, 12)
      assert.strictEqual(call.usage.output?.total, 8)
      assert.strictEqual(call.billed.nanoUsd, "1260000")
    }
    const dropped = callOf({
      request_body: placeholder,
      response_body: placeholder,
      storage_location: "not_stored_exceeded_free"
    })
    assert.match(dropped.fidelity.notes.join(), /free plan/)
  })

  it("is the same call with bodies and without, and the one with them stays", () => {
    const ranks = read(row(), row({ request_body: placeholder, response_body: placeholder })).flatMap((one) =>
      one._tag === "Call" ? [[one.call.id, one.rank] as const] : []
    )
    assert.strictEqual(ranks[0]?.[0], ranks[1]?.[0])
    assert.deepStrictEqual(
      ranks.map(([, rank]) => rank),
      [2, 0]
    )
  })

  it("with one body keeps that one: a request without its answer is C, an answer without its request D", () => {
    const asked = callOf({ response_body: null })
    assert.strictEqual(asked.fidelity.grade, "C")
    assert.strictEqual(asked.fidelity.parts["response"], "absent")
    assert.strictEqual(asked.request.messages.length, 2)
    const said = callOf({ request_body: null })
    assert.strictEqual(said.fidelity.grade, "D")
    assert.strictEqual(said.response.blocks.length, 1)
  })

  it("counts the cache of OpenAI inside the prompt", () => {
    const call = callOf({
      ...{ provider: "OPENAI", request_model: "gpt-4o", request_body: null, response_body: null },
      ...{ prompt_tokens: "2100", prompt_cache_read_tokens: "2000" }
    })
    assert.strictEqual(call.usage.input?.total, 2100)
    assert.strictEqual(call.usage.input?.uncached, 100)
  })

  it("knows statuses that are none of HTTP, and failures that are", () => {
    const timeout = callOf({ response_status: -1, response_body: null })
    assert.strictEqual(timeout.response.error?.type, "timeout")
    assert.strictEqual(timeout.response.stopReason, "error")
    const cancelled = callOf({ response_status: -3 })
    assert.strictEqual(cancelled.response.stopReason, "cancelled")
    assert.isFalse(cancelled.response.complete)
    assert.strictEqual(cancelled.response.blocks.length, 1)
    const refused = callOf({
      response_status: 429,
      response_body: { type: "error", error: { type: "rate_limit_error", message: "slow down, sk-abcdefghijk" } }
    })
    assert.deepStrictEqual(refused.response.error, {
      type: "rate_limit_error",
      httpStatus: 429,
      message: "slow down, sk-abcdefghijk"
    })
    assert.strictEqual(refused.fidelity.grade, "A")
    assert.match(skipsIn(read(row({ response_status: -2 })))[0] ?? "", /still under way/)
  })

  it("takes no cost of 0 for a price, and an answer from the cache as not billed", () => {
    assert.strictEqual(callOf({ cost: 0 }).billed.nanoUsd, null)
    assert.match(callOf({ cost: 0 }).fidelity.notes.join(), /knew none/)
    assert.strictEqual(callOf({ cost: undefined, costUSD: 0.5 }).billed.nanoUsd, "500000000")
    assert.deepStrictEqual(callOf({ cache_reference_id: "h0" }).billed, {
      nanoUsd: "0",
      basis: "gateway",
      billing: "cached-response"
    })
    const own = callOf({ cache_reference_id: "00000000-0000-0000-0000-000000000000" })
    assert.strictEqual(own.billed.billing, "metered")
  })

  it("with pictures that Helicone took out is C", () => {
    const pictured = {
      ...question,
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "what is it" },
            {
              type: "image",
              source: { type: "base64", media_type: "image/png", data: '<helicone-asset-id key="a1"/>' }
            }
          ]
        }
      ]
    }
    const call = callOf({ request_body: pictured })
    assert.strictEqual(call.fidelity.parts["media"], "absent")
    assert.strictEqual(call.fidelity.grade, "C")
    const addressed = callOf({
      ...{ provider: "OPENAI", request_path: "/v1/chat/completions", request_model: "gpt-4o" },
      request_body: {
        model: "gpt-4o",
        messages: [
          {
            role: "user",
            content: [{ type: "image_url", image_url: { url: '<helicone-asset-id key="a1"/>' } }]
          }
        ]
      },
      response_body: {
        choices: [{ index: 0, message: { role: "assistant", content: "a cat" }, finish_reason: "stop" }]
      }
    })
    assert.strictEqual(addressed.fidelity.parts["media"], "absent")
    assert.strictEqual(addressed.fidelity.grade, "C")
  })

  it("reads Gemini's bodies from their parts, and streams that were kept as text", () => {
    const gemini = callOf({
      ...{
        provider: "GOOGLE",
        request_model: "gemini-2.5-pro",
        request_path: "/v1beta/models/gemini-2.5-pro:generateContent"
      },
      request_body: {
        systemInstruction: { parts: [{ text: "Be brief." }] },
        contents: [{ role: "user", parts: [{ text: "hi" }] }],
        generationConfig: { temperature: 0.5 }
      },
      response_body: {
        candidates: [{ content: { role: "model", parts: [{ text: "hello" }] }, finishReason: "STOP" }],
        usageMetadata: { promptTokenCount: 5, candidatesTokenCount: 2, totalTokenCount: 7 }
      }
    })
    assert.strictEqual(gemini.request.wire, "google.generate")
    assert.strictEqual(gemini.request.params.temperature, 0.5)
    assert.deepStrictEqual(gemini.response.blocks, [{ type: "text", text: "hello" }])
    assert.strictEqual(gemini.usage.input?.total, 5)
    const chunk = (delta: object) => ({
      id: "c",
      object: "chat.completion.chunk",
      model: "gpt-4o",
      choices: [{ index: 0, delta }]
    })
    const streamed = callOf({
      ...{ provider: "OPENAI", request_path: "/v1/chat/completions" },
      request_body: { model: "gpt-4o", stream: true, messages: [{ role: "user", content: "hi" }] },
      response_body: {
        streamed_data: `data: ${JSON.stringify(chunk({ content: "he" }))}\n\ndata: ${JSON.stringify(chunk({ content: "y" }))}\n\n`
      }
    })
    assert.deepStrictEqual(streamed.response.blocks, [{ type: "text", text: "hey" }])
  })

  it("that is no model's call is counted by what it is", () => {
    const found = read(
      row({ request_body: { _type: "tool", toolName: "x" } }),
      row({ request_path: "https://api.openai.com/v1/embeddings", request_body: { input: "x", model: "m" } }),
      { other: 1 }
    )
    assert.deepStrictEqual(othersIn(found), [
      "Helicone event of kind tool",
      "request to …/embeddings",
      "unknown object"
    ])
    assert.strictEqual(found.length, 3)
  })

  it("may stand in a page of the API, and names its prompt", () => {
    const found = read({ data: [row(), row({ request_id: "h2", prompt_id: "p1", prompt_version: "3" })] })
    assert.strictEqual(callsIn(found).length, 2)
    assert.deepStrictEqual(callsIn(found)[1]?.request.promptTemplate, { name: "p1", version: "3" })
  })

  it("of the wrong kinds everywhere never throws", () => {
    for (const mutated of mutations(row(), 400, 11)) assert.doesNotThrow(() => read(mutated))
    assert.strictEqual(skipsIn(read(1))[0], "not a JSON object")
  })
})
