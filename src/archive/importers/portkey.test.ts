import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"

import { ArchivedCall } from "../../domain/Call.ts"
import { callsIn, mutations, othersIn, readRows, skipsIn } from "../testReading.ts"
import { portkey } from "./portkey.ts"

const question = { model: "gpt-4o", temperature: 0.2, messages: [{ role: "user", content: "hi" }] }
const answer = {
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1785578400,
  model: "gpt-4o-2024-08-06",
  choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "hello" } }],
  usage: { prompt_tokens: 8, completion_tokens: 1, total_tokens: 9 }
}
const row = (more: object = {}) => ({
  id: "log-1",
  trace_id: "trace-1",
  created_at: "2026-08-01T10:00:00.000Z",
  request: question,
  response: answer,
  is_success: 1,
  ai_org: "openai",
  ai_model: "gpt-4o",
  req_units: 8,
  res_units: 1,
  total_units: 9,
  request_url: "https://api.openai.com/v1/chat/completions",
  cost: 0.00325,
  cost_currency: "USD",
  response_time: 812,
  response_status_code: 200,
  mode: "single",
  config: "pc-1",
  prompt_slug: "greet",
  metadata: { _user: "u1", _environment: "prod", team: "payments" },
  ...more
})
const read = (...rows: ReadonlyArray<unknown>) => readRows(portkey, { "export.jsonl": rows })
const callOf = (more: object = {}): ArchivedCall => {
  const found = read(row(more))
  const [call] = callsIn(found)
  assert.isDefined(call, JSON.stringify(found))
  return call
}

describe("a row of Portkey's export", () => {
  it("becomes a call, valid by the schema; its cost is logged in cents", () => {
    const call = callOf()
    assert.deepStrictEqual(Schema.decodeUnknownSync(ArchivedCall)(JSON.parse(JSON.stringify(call))), call)
    assert.strictEqual(call.fidelity.grade, "A")
    assert.strictEqual(call.request.provider, "openai")
    assert.strictEqual(call.request.params.temperature, 0.2)
    assert.deepStrictEqual(call.request.promptTemplate, { name: "greet" })
    // 0.00325 cents = 0.0000325 dollars = 32,500 nano-dollars
    assert.deepStrictEqual(call.billed, { nanoUsd: "32500", basis: "gateway", billing: "metered" })
    assert.deepStrictEqual(call.timing, { startedAt: "2026-08-01T10:00:00.000Z", latencyMs: 812, basis: "reported" })
    assert.strictEqual(call.grouping.sessionId, "trace-1")
    assert.strictEqual(call.labels["endUser"], "u1")
    assert.strictEqual(call.labels["environment"], "prod")
    assert.strictEqual(call.labels["team"], "payments")
    assert.notProperty(call.labels, "_user")
  })

  it("is read whether bodies stand alone, within address and headers, as text or under names with dots", () => {
    const wrapped = callOf({
      request: { url: "https://x", method: "POST", headers: { authorization: "Bearer abcdefghijk" }, body: question },
      response: { status: 200, headers: {}, responseTime: 1, body: answer }
    })
    const texts = callOf({ request: JSON.stringify(question), response: JSON.stringify(answer) })
    const dotted = callOf({
      ...{ request: undefined, response: undefined, "request.body": question, "response.body": answer },
      ...{ metadata: undefined, "metadata.key": ["team", "_user"], "metadata.value": ["risk", "u2"] }
    })
    for (const call of [wrapped, texts, dotted]) {
      assert.strictEqual(call.fidelity.grade, "A")
      assert.deepStrictEqual(call.request.messages, callOf().request.messages)
      assert.deepStrictEqual(call.response, callOf().response)
    }
    assert.notInclude(JSON.stringify(wrapped), "abcdefghijk")
    assert.strictEqual(dotted.labels["team"], "risk")
    assert.strictEqual(dotted.labels["endUser"], "u2")
  })

  it("without bodies keeps its counts under either name of the fields", () => {
    const call = callOf({ request: undefined, response: undefined })
    assert.strictEqual(call.fidelity.grade, "D")
    assert.match(call.fidelity.notes.join(), /fields request and response/)
    assert.strictEqual(call.usage.input?.total, 8)
    assert.strictEqual(call.usage.output?.total, 1)
    const newer = callsIn(
      read({ id: "2", ai_provider: "openai", ai_model: "gpt-4o", request_tokens: "5", response_tokens: "2", cost: 1 })
    )[0]
    assert.strictEqual(newer?.usage.input?.total, 5)
    assert.strictEqual(newer?.billed.nanoUsd, "10000000")
  })

  it("is not priced where Portkey tracked no price or another currency was logged, and free from the cache", () => {
    assert.strictEqual(callOf({ cost: 0 }).billed.nanoUsd, null)
    assert.match(callOf({ cost: 0 }).fidelity.notes.join(), /no price/)
    assert.strictEqual(callOf({ cost_currency: "EUR" }).billed.nanoUsd, null)
    assert.match(callOf({ cost: "much" }).fidelity.notes.join(), /no amount/)
    assert.strictEqual(callOf({ cost_currency: "usd" }).billed.nanoUsd, "32500")
    for (const cache_status of ["HIT", "SEMANTIC HIT"])
      assert.deepStrictEqual(callOf({ cache_status }).billed, {
        nanoUsd: "0",
        basis: "gateway",
        billing: "cached-response"
      })
  })

  it("that failed keeps its error", () => {
    const refused = callOf({
      ...{ is_success: 0, response_status_code: 401, cost: 0 },
      response: { error: { type: "auth", message: "wrong key" } }
    })
    assert.deepStrictEqual(refused.response.error, { type: "auth", httpStatus: 401, message: "wrong key" })
    assert.strictEqual(refused.fidelity.grade, "A")
    assert.strictEqual(callOf({ is_success: false, response: null }).response.stopReason, "error")
  })

  it("is the same call however often and with whichever fields it was exported", () => {
    assert.strictEqual(callOf().id, callOf({ request: undefined, cost: 5 }).id)
    assert.notStrictEqual(callOf().id, callOf({ id: "log-2" }).id)
    const nameless = callOf({ id: undefined })
    assert.strictEqual(nameless.provenance.identity, "content")
    assert.strictEqual(nameless.id, callOf({ id: undefined }).id)
  })

  it("that asks no model for an answer is counted by what it is; one without a model is a skip", () => {
    assert.deepStrictEqual(othersIn(read(row({ request_url: "https://api.openai.com/v1/embeddings" }))), [
      "request to …/embeddings"
    ])
    const bare = row({ request: undefined, response: undefined, ai_model: null })
    assert.deepStrictEqual(skipsIn(read(bare)), ["the row names no model"])
  })

  it("of the wrong kinds everywhere never throws", () => {
    for (const mutated of mutations(row(), 400, 12)) assert.doesNotThrow(() => read(mutated))
  })
})
