import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"

import { ArchivedCall } from "../../domain/Call.ts"
import { callsIn, mutations, othersIn, readRows } from "../testReading.ts"
import { openrouter } from "./openrouter.ts"

const generation = (more: object = {}) => ({
  id: "gen-3bhGkxlo4XFrqiabUM7NDtwDzWwG",
  upstream_id: "chatcmpl-791bcf62",
  total_cost: 0.0015,
  cache_discount: 0.0002,
  upstream_inference_cost: 0.0012,
  created_at: "2026-08-01T10:00:00.433273+00:00",
  model: "anthropic/claude-sonnet-4.6",
  app_id: 12345,
  streamed: true,
  cancelled: false,
  provider_name: "Anthropic",
  latency: 1250,
  moderation_latency: 50,
  generation_time: 1200,
  finish_reason: "stop",
  tokens_prompt: 11,
  tokens_completion: 27,
  native_tokens_prompt: 18054,
  native_tokens_completion: 120,
  native_tokens_reasoning: 20,
  native_tokens_cached: 18041,
  origin: "https://app.example/",
  usage: 0.0015,
  is_byok: false,
  native_finish_reason: "end_turn",
  external_user: "user-123",
  ...more
})
const read = (...rows: ReadonlyArray<unknown>) => readRows(openrouter, { "g.jsonl": rows })
const callOf = (more: object = {}): ArchivedCall => {
  const found = read({ data: generation(more) })
  const [call] = callsIn(found)
  assert.isDefined(call, JSON.stringify(found))
  return call
}

describe("a generation of OpenRouter's", () => {
  it("becomes a call of grade D with native counts and what was paid, valid by the schema", () => {
    const call = callOf()
    assert.deepStrictEqual(Schema.decodeUnknownSync(ArchivedCall)(JSON.parse(JSON.stringify(call))), call)
    assert.strictEqual(call.fidelity.grade, "D")
    assert.strictEqual(call.request.model, "anthropic/claude-sonnet-4.6")
    assert.strictEqual(call.request.provider, "openrouter")
    assert.deepStrictEqual(call.usage.input, {
      ...{ total: 18054, uncached: 13, cacheRead: 18041 },
      ...{ cacheWrite5m: 0, cacheWrite1h: 0, cacheWriteOther: 0 }
    })
    assert.deepStrictEqual(call.usage.output, { total: 120, text: 100, reasoning: 20 })
    assert.strictEqual(call.usage.basis, "reported")
    assert.deepStrictEqual(call.billed, { nanoUsd: "1500000", basis: "provider-reported", billing: "metered" })
    assert.strictEqual(call.timing.startedAt, "2026-08-01T10:00:00.433Z")
    assert.strictEqual(call.timing.latencyMs, 1250)
    assert.strictEqual(call.response.stopReason, "end")
    assert.strictEqual(call.response.stopReasonRaw, "end_turn")
    assert.strictEqual(call.labels["endUser"], "user-123")
    assert.strictEqual(call.labels["upstreamProvider"], "Anthropic")
    assert.match(call.fidelity.notes.join(), /counts twice/)
  })

  it("may stand alone, in a list, or as the SDK writes it; its id tells it", () => {
    const plain = callsIn(read(generation()))[0]
    const listed = callsIn(read({ data: [generation(), generation({ id: "gen-2" })] }))
    const sdk = callsIn(
      read({ id: "gen-9", model: "m/x", totalCost: 0.25, nativeTokensPrompt: 10, nativeTokensCompletion: 25 })
    )[0]
    assert.strictEqual(plain?.id, callOf().id)
    assert.strictEqual(listed.length, 2)
    assert.strictEqual(sdk?.usage.output?.total, 25)
    assert.strictEqual(sdk?.billed.nanoUsd, "250000000")
  })

  it("without native counts is estimated; with the user's own key the provider's bill is another", () => {
    const counted = callOf({ native_tokens_prompt: null, native_tokens_completion: null })
    assert.strictEqual(counted.usage.input?.total, 11)
    assert.strictEqual(counted.usage.basis, "estimated")
    const own = callOf({ is_byok: true })
    assert.strictEqual(own.billed.billing, "byok")
    assert.match(own.fidelity.notes.join(), /bring your own key/)
    assert.strictEqual(callOf({ cancelled: true }).response.stopReason, "cancelled")
  })

  it("that is an embedding or none at all is counted as that", () => {
    assert.deepStrictEqual(othersIn(read(generation({ api_type: "embeddings" }), { data: { id: "x" } })), [
      "OpenRouter embedding",
      "unknown object"
    ])
  })

  it("of the wrong kinds everywhere never throws", () => {
    for (const mutated of mutations({ data: generation() }, 400, 13)) assert.doesNotThrow(() => read(mutated))
  })
})
