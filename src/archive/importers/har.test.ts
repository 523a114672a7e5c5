import { existsSync } from "node:fs"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"

import { ArchivedCall } from "../../domain/Call.ts"
import { callsIn, mutations, othersIn, readFiles, readRows, skipsIn } from "../testReading.ts"
import { har } from "./har.ts"

const headers = (all: Readonly<Record<string, string>>) => Object.entries(all).map(([name, value]) => ({ name, value }))

const question = { model: "gpt-4o", messages: [{ role: "user", content: "hi" }] }
const answer = (id: string, text: string) => ({
  id,
  object: "chat.completion",
  created: 1785578400,
  model: "gpt-4o-2024-08-06",
  choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: text } }],
  usage: { prompt_tokens: 8, completion_tokens: 1, total_tokens: 9 }
})
const sse = [
  {
    type: "message_start",
    message: {
      id: "msg_1",
      type: "message",
      role: "assistant",
      model: "claude-opus-4-6",
      content: [],
      stop_reason: null,
      usage: { input_tokens: 8, output_tokens: 1 }
    }
  },
  { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
  { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "hello" } },
  { type: "content_block_stop", index: 0 },
  { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 3 } },
  { type: "message_stop" }
]
  .map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
  .join("")

interface Entry {
  readonly url?: string
  readonly method?: string
  readonly body?: unknown
  readonly sent?: Readonly<Record<string, string>>
  readonly status?: number
  readonly got?: Readonly<Record<string, string>>
  readonly content?: object
  readonly more?: object
}

const entry = ({
  body = question,
  content,
  got = {},
  method = "POST",
  more,
  sent = {},
  status = 200,
  url = "https://api.openai.com/v1/chat/completions"
}: Entry) => ({
  startedDateTime: "2026-08-01T10:00:00.000Z",
  time: 2100,
  timings: { send: 1, wait: 400, receive: 1699 },
  request: {
    method,
    url,
    headers: headers({ authorization: "Bearer sk-canary-1234567890", cookie: "c=canary-cookie", ...sent }),
    cookies: [{ name: "c", value: "canary-cookie" }],
    postData: { mimeType: "application/json", text: typeof body === "string" ? body : JSON.stringify(body) }
  },
  response: {
    status,
    headers: headers({ "set-cookie": "s=canary-cookie", ...got }),
    content: content ?? { mimeType: "application/json", text: JSON.stringify(answer("chatcmpl-1", "hello")) }
  },
  ...more
})
const log = (...entries: ReadonlyArray<unknown>) => ({
  log: { version: "1.2", creator: { name: "Proxyman", version: "5" }, entries }
})
const read = (...entries: ReadonlyArray<Entry>) => readRows(har, { "a.har": [log(...entries.map(entry))] })
const one = (given: Entry = {}) => {
  const [call] = callsIn(read(given))
  assert.isDefined(call)
  return call
}

describe("a HAR", () => {
  it("gives its calls, valid by the schema, with times and the request's id", () => {
    const call = one({ got: { "x-request-id": "req_1" } })
    assert.deepStrictEqual(Schema.decodeUnknownSync(ArchivedCall)(JSON.parse(JSON.stringify(call))), call)
    assert.deepStrictEqual(call.timing, { startedAt: "2026-08-01T10:00:00.000Z", latencyMs: 2100, basis: "reported" })
    assert.deepStrictEqual(call.provenance.native, { requestId: "req_1", responseId: "chatcmpl-1" })
    assert.deepStrictEqual(call.provenance.producer, { name: "Proxyman", version: "5" })
    assert.strictEqual(call.request.endpoint, "https://api.openai.com/v1/chat/completions")
    assert.strictEqual(call.request.provider, "openai")
    assert.strictEqual(call.fidelity.grade, "A")
  })

  it("stores no header, cookie or key of an address", () => {
    const found = read(
      { url: "https://user:canary-pass@api.openai.com/v1/chat/completions?key=canary-key&api-version=2024-10-21" },
      { status: 401, content: { text: JSON.stringify({ error: { message: "Incorrect API key" } }) } },
      { method: "GET", url: "https://api.openai.com/v1/models?key=canary-key" }
    )
    assert.strictEqual(callsIn(found).length, 2)
    assert.notInclude(JSON.stringify(found), "canary")
    assert.strictEqual(
      callsIn(found)[0]?.request.endpoint,
      "https://api.openai.com/v1/chat/completions?api-version=2024-10-21"
    )
  })

  it("puts streams together, whose first token came after the wait", () => {
    const call = one({
      url: "https://api.anthropic.com/v1/messages",
      body: { model: "claude-opus-4-6", max_tokens: 10, stream: true, messages: [{ role: "user", content: "hi" }] },
      content: { mimeType: "text/event-stream", text: sse }
    })
    assert.deepStrictEqual(call.response.blocks, [{ type: "text", text: "hello" }])
    assert.strictEqual(call.usage.output?.total, 3)
    assert.strictEqual(call.timing.ttftMs, 400)
    const packed = one({
      url: "https://api.anthropic.com/v1/messages",
      body: { model: "claude-opus-4-6", max_tokens: 10, messages: [{ role: "user", content: "hi" }] },
      content: { mimeType: "text/event-stream", encoding: "base64", text: Buffer.from(sse).toString("base64") }
    })
    assert.deepStrictEqual(packed.response.blocks, call.response.blocks)
    const cut = one({
      url: "https://api.anthropic.com/v1/messages",
      body: { model: "claude-opus-4-6", max_tokens: 10, messages: [{ role: "user", content: "hi" }] },
      content: { mimeType: "text/event-stream", text: sse.slice(0, sse.indexOf("event: content_block_stop")) }
    })
    assert.deepStrictEqual([cut.fidelity.grade, cut.response.complete], ["C", false])
  })

  it("counts what is no call, and skips what cannot be read with the entry and the reason", () => {
    const found = read(
      { method: "GET", url: "https://chat.example.com/" },
      { method: "OPTIONS" },
      { url: "https://api.openai.com/v1/embeddings" },
      { url: "https://chat.example.com/api/messages", body: { text: "hi" } },
      { url: "https://api.openai.com/v1/threads/thread_1/messages", body: { role: "user", content: "hi" } },
      { body: '{"model":"gpt-4o","messages":[{"role":"us' },
      { content: { mimeType: "application/json", text: '{"id":"chatcmpl-1","choi' } },
      { content: { mimeType: "text/event-stream" } },
      {
        url: "https://generativelanguage.googleapis.com/v1beta/models/gemini-2:generateContent",
        body: { contents: [] }
      },
      { url: "https://api.openai.com/v1/completions", body: { model: "m", prompt: "x" } }
    )
    assert.deepStrictEqual(othersIn(found), [
      "request to another host",
      "another request to a provider",
      "request to …/embeddings",
      "request to another host",
      "request to …/threads"
    ])
    assert.deepStrictEqual(skipsIn(found), [
      "entry 6: the request is no JSON object: it was cut, perhaps",
      "entry 7: the response is neither JSON nor a stream that can be put together: it was cut, perhaps",
      "entry 8: half a pair: no response",
      "entry 9: a Gemini call, which is not read yet",
      "entry 10: a text completion, which is not read yet"
    ])
  })

  it("reads gateways on any host, by path and body", () => {
    const call = one({ url: "http://localhost:4000/chat/completions" })
    assert.strictEqual(call.request.endpoint, "http://localhost:4000/chat/completions")
    assert.isUndefined(call.request.provider)
  })

  it("takes Azure's model from the deployment", () => {
    const call = one({
      url: "https://acme.openai.azure.com/openai/deployments/premium-4o/chat/completions?api-version=2024-10-21",
      body: { messages: [{ role: "user", content: "hi" }] }
    })
    assert.strictEqual(call.request.model, "premium-4o")
    assert.strictEqual(call.request.provider, "azure")
    assert.match(call.request.endpoint ?? "", /^https:\/\/acme\.openai\.azure\.com\/.*api-version=2024-10-21$/)
  })

  it("of failures gives calls with an error", () => {
    const limited = one({
      status: 429,
      content: {
        text: JSON.stringify({ error: { type: "rate_limit", message: "Slow down", code: "rate_limit_exceeded" } })
      }
    })
    assert.deepStrictEqual(limited.response.error, {
      type: "rate_limit",
      code: "rate_limit_exceeded",
      httpStatus: 429,
      message: "Slow down"
    })
    const page = one({ status: 502, content: { text: "<html>Bad gateway</html>" } })
    assert.deepStrictEqual(page.response.error, { type: "error", httpStatus: 502, message: "HTTP status 502" })
    assert.strictEqual(one({ status: 0, content: {} }).response.error?.type, "no_answer")
  })

  it("takes the same question with another answer as another call, and the same exchange as one", () => {
    const ids = callsIn(
      read(
        {},
        {},
        { content: { text: JSON.stringify(answer("chatcmpl-2", "hello")) } },
        { sent: { "x-stainless-retry-count": "1" }, content: { text: JSON.stringify(answer("chatcmpl-3", "hello")) } }
      )
    )
    assert.strictEqual(ids[0]?.id, ids[1]?.id)
    assert.strictEqual(new Set(ids.map((call) => call.id)).size, 3)
    assert.deepStrictEqual(
      ids.map((call) => call.grouping.attempt),
      [0, 0, 0, 1]
    )
  })

  it("tells answers that say the same without an id apart by what the provider calls each request", () => {
    const limited = { status: 429, content: { text: '{"error":{"message":"Slow down","type":"rate_limit"}}' } }
    const ids = ["req_1", "req_2", "req_1"].map(
      (id) => callsIn(read({ ...limited, got: { "x-request-id": id } }))[0]?.id
    )
    assert.strictEqual(ids[0], ids[2])
    assert.notStrictEqual(ids[0], ids[1])
  })

  it("links a further attempt to the first one that failed, in the same trajectory", () => {
    const limited = { status: 429, content: { text: '{"error":{"message":"Slow down","type":"rate_limit"}}' } }
    const retry = (count: number) => ({ sent: { "x-stainless-retry-count": String(count) } })
    const next = {
      ...question,
      messages: [...question.messages, { role: "assistant", content: "hello" }, { role: "user", content: "and?" }]
    }
    const other = { body: { ...question, messages: [{ role: "user", content: "other" }] } }
    const calls = callsIn(
      read(
        { ...limited, ...retry(0) },
        { ...limited, ...retry(1) },
        { ...other, ...retry(1), content: { text: JSON.stringify(answer("chatcmpl-9", "x")) } },
        retry(2),
        { body: next, content: { text: JSON.stringify(answer("chatcmpl-2", "so")) } },
        { ...retry(1), content: { text: JSON.stringify(answer("chatcmpl-3", "hello")) } }
      )
    )
    const [first, second, stranger, third, after, alone] = calls
    assert.strictEqual(new Set(calls.map(({ id }) => id)).size, 6)
    assert.deepStrictEqual(
      [first, second, third].map((call) => [call?.grouping.attempt, call?.grouping.attemptOf]),
      [
        [0, undefined],
        [1, first?.id],
        [2, first?.id]
      ]
    )
    for (const call of [second, third, after]) assert.strictEqual(call?.grouping.trajectoryId, first?.id)
    assert.deepStrictEqual([third?.grouping.stepIndex, after?.grouping.stepIndex], [0, 1])
    for (const call of [stranger, alone]) {
      assert.strictEqual(call?.grouping.attempt, 1)
      assert.isUndefined(call?.grouping.attemptOf)
      assert.strictEqual(call?.grouping.trajectoryId, call?.id)
    }
  })

  it("ties a call to the nearest earlier one whose request and answer it begins with", () => {
    const asked = (...texts: ReadonlyArray<string>) => ({
      ...question,
      messages: texts.map((content, at) => ({ role: at % 2 === 0 ? "user" : "assistant", content }))
    })
    const say = (id: string, text: string) => ({ text: JSON.stringify(answer(id, text)) })
    const [first, again, second, third, other] = callsIn(
      read(
        { body: asked("hi"), content: say("1", "hello") },
        { body: asked("hi"), content: say("2", "hello") },
        { body: asked("hi", "hello", "and?"), content: say("3", "so") },
        { body: asked("hi", "hello", "and?", "so", "then?"), content: say("4", "end") },
        { body: asked("hi", "good day", "and?"), content: say("5", "so") }
      )
    )
    assert.notStrictEqual(first?.grouping.trajectoryId, again?.grouping.trajectoryId)
    const place = (call: ArchivedCall | undefined) => [call?.grouping.trajectoryId, call?.grouping.stepIndex]
    assert.deepStrictEqual(place(second), [again?.id, 1])
    assert.deepStrictEqual(place(third), [again?.id, 2])
    assert.deepStrictEqual(place(other), [other?.id, 0])
  })

  it("ties Responses to the answers that they name, whatever the order of its entries", () => {
    const turn = (id: string, input: string, before?: string): Entry => ({
      url: "https://api.openai.com/v1/responses",
      body: { model: "gpt-5.2", input, ...(before === undefined ? {} : { previous_response_id: before }) },
      content: {
        text: JSON.stringify({
          id,
          object: "response",
          status: "completed",
          model: "gpt-5.2",
          output: [{ type: "message", role: "assistant", content: [{ type: "output_text", text: `to ${input}` }] }],
          usage: { input_tokens: 8, output_tokens: 1, total_tokens: 9 }
        })
      }
    })
    const turns = [turn("resp_1", "one"), turn("resp_2", "two", "resp_1"), turn("resp_3", "three", "resp_2")]
    for (const order of [turns, turns.toReversed()]) {
      const calls = callsIn(read(...order))
      assert.deepStrictEqual(
        calls.map(({ fidelity, grouping, request }) => [fidelity.grade, grouping.stepIndex, request.messages.length]),
        [
          ["A", 0, 1],
          ["B", 1, 3],
          ["B", 2, 5]
        ]
      )
      assert.deepStrictEqual(new Set(calls.map(({ grouping }) => grouping.trajectoryId)), new Set([calls[0]!.id]))
    }
  })

  it("of OpenRouter says what was charged", () => {
    const usage = { prompt_tokens: 8, completion_tokens: 1, total_tokens: 9, cost: 0.5, is_byok: false }
    const content = { text: JSON.stringify({ ...answer("gen-1", "hello"), usage }) }
    for (const url of ["https://openrouter.ai/api/v1/chat/completions", "https://gateway.test/v1/chat/completions"]) {
      const { billed, fidelity, request } = one({ url, content })
      assert.deepStrictEqual(billed, { nanoUsd: "500000000", basis: "provider-reported", billing: "metered" })
      assert.deepStrictEqual([request.provider, fidelity.parts["cost"]], ["openrouter", "verbatim"])
    }
  })

  it("of the wrong kinds everywhere never throws", () => {
    const whole = log(entry({}), entry({ url: "https://api.anthropic.com/v1/messages", content: { text: sse } }))
    for (const mutated of mutations(whole, 400, 7)) assert.doesNotThrow(() => readRows(har, { "a.har": [mutated] }))
    assert.deepStrictEqual(skipsIn(readRows(har, { "a.har": [{ log: {} }, 1] })), ["not a HAR log", "not a HAR log"])
  })
})

const sample = join(import.meta.dirname, "../../../../shared/data/formats/har/derived_from_cassettes.har")

describe("the sample", () => {
  it.skipIf(!existsSync(sample))(
    "is 23 calls of grade A on two wires, with the counts that the bodies say [needs ../shared]",
    () => {
      const found = readFiles(har, [sample])
      const calls = callsIn(found)
      // jq '.log.entries|length' = 23; jq '[.log.entries[].request.url]|group_by(.)|map([.[0],length])': 5 messages, 18 chat/completions
      assert.strictEqual(found.length, 23)
      assert.strictEqual(calls.filter((call) => call.request.wire === "anthropic.messages").length, 5)
      assert.strictEqual(calls.filter((call) => call.request.wire === "openai.chat").length, 18)
      assert.isTrue(calls.every((call) => call.fidelity.grade === "A"))
      assert.strictEqual(new Set(calls.map((call) => call.id)).size, 23)
      // jq '[.log.entries[].response|select(.content.mimeType|startswith("application/json")).content.text|fromjson|.usage|(.prompt_tokens//.input_tokens)]|[length,add]' = [17,1524]; the outputs likewise: 2080
      // grep of the streams: Anthropic's two say input 506 and 17, output at the end 153 and 171; OpenAI's four streams say nothing
      const sum = (of: (call: ArchivedCall) => number | undefined) =>
        calls.reduce((total, call) => total + (of(call) ?? 0), 0)
      assert.strictEqual(
        sum((call) => call.usage.input?.total),
        1524 + 506 + 17
      )
      assert.strictEqual(
        sum((call) => call.usage.output?.total),
        2080 + 153 + 171
      )
      assert.strictEqual(calls.filter((call) => call.usage.input === null).length, 4)
      // Three chats of test_chat_context go on: jq '[.log.entries[].request.postData.text|fromjson|select(.model=="gpt-4.1-nano" and (.messages|length)==3)]|length' = 3
      assert.strictEqual(calls.filter((call) => call.grouping.stepIndex === 1).length, 3)
      assert.isTrue(calls.every((call) => call.response.complete))
    }
  )
})
