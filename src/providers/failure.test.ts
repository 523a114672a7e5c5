import { assert, describe, it } from "@effect/vitest"

import { failureOf, Reported } from "./failure.ts"
import { Refused } from "./fetch.ts"

const to = { provider: "there", model: "m", key: undefined }
const refused = (status: number, body: string) => failureOf(new Refused(status, new Headers(), body), to)

describe("what a provider's error means", () => {
  it("is read from the shapes of many hosts", () => {
    for (const [body, detail] of [
      ['{"error":{"message":"nested","type":"x"}}', "nested"],
      ['{"type":"error","error":{"type":"x","message":"nested"}}', "nested"],
      ['{"error":"plain"}', "plain"],
      ['{"object":"error","message":"flat","type":"BadRequestError","code":400}', "flat"],
      ['{"detail":"fast"}', "fast"],
      ['{"detail":[{"loc":["body","n"],"msg":"wrong"}]}', '[{"loc":["body","n"],"msg":"wrong"}]'],
      ["no  JSON\n at all", "no JSON at all"],
      ["", "status 400"]
    ] as const) {
      assert.strictEqual(refused(400, body).detail, detail)
    }
    const flat = '{"object":"error","message":"This model\'s maximum context length is 4096 tokens.","code":400}'
    assert.strictEqual(refused(400, flat).reason, "ContextTooLong")
  })

  it("a limit that no waiting mends is no rate limit", () => {
    const tier =
      '{"error":{"message":"Request too large for gpt-4o on tokens per min (TPM): Limit 30000, Requested 40000."}}'
    assert.strictEqual(refused(429, tier).reason, "ContextTooLong")
    assert.strictEqual(refused(402, '{"error":{"message":"Insufficient Balance"}}').reason, "Auth")
    assert.strictEqual(refused(429, '{"error":{"message":"slow down"}}').reason, "RateLimited")
  })

  it("reported in a good answer is classed by the provider's own code", () => {
    const reported = (body: unknown) => failureOf(new Reported(body), to)
    assert.deepInclude(reported({ message: "busy", code: 429 }), { reason: "RateLimited", mayBeBilled: false })
    assert.deepInclude(reported({ message: "busy", type: "overloaded_error" }), { reason: "Server", mayBeBilled: true })
    assert.deepInclude(reported("model runner has unexpectedly stopped"), { reason: "Server", mayBeBilled: true })
    assert.strictEqual(
      reported({ message: "prompt is too long", type: "invalid_request_error" }).reason,
      "ContextTooLong"
    )
  })

  it("a redirect is no answer", () => assert.strictEqual(refused(307, "").reason, "BadRequest"))
})
