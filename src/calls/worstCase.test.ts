import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"

import type { CallRequest } from "../domain/Call.ts"
import type { Price } from "../domain/Price.ts"
import { costOf } from "../pricing/cost.ts"
import { worstCaseOf, worstTokens } from "./worstCase.ts"

const price: Price = { input: "1", output: "4", source: "test", asOf: "2026-01-01" }

const request = (more: Partial<CallRequest> = {}): CallRequest => ({
  wire: "openai.chat",
  model: "small",
  messages: [{ role: "user", blocks: [{ type: "text", text: "Hello" }] }],
  tools: null,
  params: { maxOutputTokens: 100 },
  ...more
})
const body = { model: "small", messages: [{ role: "user", content: "Hello" }] }

describe("the worst case of a call", () => {
  it("counts a token a byte and all the output that the limit allows", () => {
    const { input, output } = worstTokens(request(), body)
    assert.isAtLeast(input, JSON.stringify(body).length)
    assert.strictEqual(output, 100)
    const wide = { ...body, messages: [{ role: "user", content: "日本語" }] }
    assert.isAtLeast(worstTokens(request(), wide).input, Buffer.byteLength(JSON.stringify(wide)))
  })

  it("takes the limit that is sent, and the longest answer there is where none is", () => {
    const limits = [
      { max_tokens: 7 },
      { max_completion_tokens: 7 },
      { options: { num_predict: 7 } },
      { max_tokens: 1, n: 7 }
    ]
    for (const limit of limits) assert.strictEqual(worstTokens(request(), { ...body, ...limit }).output, 7)
    assert.strictEqual(worstTokens(request({ params: {} }), body).output, 128_000)
  })

  it("allows for pictures, whose bytes say little of their tokens", () => {
    const source = { kind: "url", url: "https://example.com/a.png" } as const
    const seen = request({ messages: [{ role: "user", blocks: [{ type: "image", source }] }] })
    assert.isAtLeast(worstTokens(seen, body).input, 50_000)
  })

  it("takes the dearest price of each side", () => {
    const dear = { ...price, cacheRead: "0.1", cacheWrite5m: "2", cacheWrite1h: "3", reasoning: "8" }
    const { input, output } = worstTokens(request(), body)
    assert.strictEqual(worstCaseOf(request(), body, dear), BigInt(input * 3_000 + output * 8_000) + 5n)
    assert.strictEqual(worstCaseOf(request(), body, { ...price, input: "0", output: "0" }), 0n)
  })

  const Count = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1_000_000 }))
  it.prop(
    "is no less than what any usage within the limits costs",
    [Schema.String, Count, Count, Count, Count],
    ([content, part, cacheRead, cacheWrite5m, out]) => {
      const sent = { ...body, messages: [{ role: "user", content }] }
      const { input, output } = worstTokens(request(), sent)
      const [read, write] = [cacheRead % (input + 1), cacheWrite5m % (input + 1)]
      const kept = Math.min(read, input)
      const written = Math.min(write, input - kept)
      const uncached = Math.min(part, input - kept - written)
      const total = out % (output + 1)
      const dear = { ...price, cacheRead: "0.1", cacheWrite5m: "1.25", cacheWrite1h: "2" }
      const usage = {
        basis: "reported",
        input: {
          total: kept + written + uncached,
          uncached,
          cacheRead: kept,
          cacheWrite5m: written,
          cacheWrite1h: 0,
          cacheWriteOther: 0
        },
        output: { total, text: total, reasoning: 0 }
      } as const
      const cost = costOf(usage, dear)
      assert.isNotNull(cost)
      assert.isTrue((cost?.total ?? 0n) <= worstCaseOf(request(), sent, dear))
    }
  )
})
