import { assert, describe, it } from "@effect/vitest"

import { failureOf } from "./failure.ts"
import { Refused } from "./fetch.ts"
import { retryAfterOf, waitForQuota, waitInBody, waitInWords } from "./retryAfter.ts"

const now = Date.parse("2026-08-01T10:00:00Z")

describe("the time to wait", () => {
  it("is read in milliseconds, seconds, or as a date, and never negative", () => {
    const wait = (headers: Record<string, string>) => retryAfterOf(new Headers(headers), now)
    assert.strictEqual(wait({ "retry-after": "1.5" }), 1500)
    assert.strictEqual(wait({ "retry-after-ms": "250", "retry-after": "9" }), 250)
    assert.strictEqual(wait({ "retry-after": "Sat, 01 Aug 2026 10:00:30 GMT" }), 30_000)
    assert.strictEqual(wait({ "retry-after": "Sat, 01 Aug 2026 09:00:00 GMT" }), 0)
    assert.strictEqual(wait({ "retry-after": "1m2s" }), 62_000)
    assert.strictEqual(wait({ "retry-after": "-3" }), 0)
    assert.strictEqual(wait({ "x-ms-retry-after-ms": "1200", "retry-after": "2" }), 1200, "Azure")
    assert.strictEqual(wait({ "retry-after": String((now + 45_000) / 1000) }), 45_000, "a moment, no 56 years")
    assert.strictEqual(wait({ "retry-after": String(now + 45_000) }), 45_000)
    assert.strictEqual(wait({ "retry-after": "86400" }), 86_400_000)
    assert.isUndefined(wait({ "retry-after": "soon", "retry-after-ms": "" }))
    assert.isUndefined(wait({}))
  })

  it("is read from the words of many vendors", () => {
    for (const [words, expected] of [
      ["Rate limit reached for gpt-4o on tokens per min (TPM): Limit 30000. Please try again in 1.2s. Visit", 1200],
      ["Please try again in 20ms.", 20],
      ["Please try again in 6m0s.", 360_000],
      ["Please try again in 1h2m3.5s", 3_723_500],
      ["Rate limit reached. Please try again in 7.66s.", 7660],
      ["You exceeded your current quota. Please retry in 34.074824224s.", 34_075],
      ["Please retry after 6 seconds. To increase your default rate limit", 6000],
      ["Try again in 1 minute 30 seconds.", 90_000],
      ["Please retry after 1 hour, 5 mins.", 3_900_000]
    ] as const) {
      assert.strictEqual(waitInWords(words), expected, words)
    }
    for (const words of ["Please try again later.", "try again in a while", "retry after 6 moons", "in 7s"])
      assert.isUndefined(waitInWords(words), words)
  })

  it("is read from the details of a Google error", () => {
    const details = [
      { "@type": "type.googleapis.com/google.rpc.Help", links: [] },
      { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "34s" }
    ]
    assert.strictEqual(waitInBody({ error: { code: 429, details } }), 34_000)
    assert.isUndefined(waitInBody({ error: { details: [{ retryDelay: 3 }] } }))
    assert.isUndefined(waitInBody("no"))
  })

  it("is that of a used-up quota whose end is a moment, where a 429 says nothing else", () => {
    const at = Date.now() + 5_000
    const headers = new Headers({ "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(at) })
    const { retryAfterMs } = failureOf(new Refused(429, headers, "slow"), { provider: "p", model: "m", key: undefined })
    assert.isAbove(retryAfterMs ?? 0, 1_000)
    assert.isAtMost(retryAfterMs ?? 0, 5_000)
  })

  it("is that of the quota which is used up", () => {
    const requests = { remaining: 0, resetMs: 8000 }
    assert.strictEqual(waitForQuota({ requests, tokens: { remaining: 5, resetMs: 100 } }), 8000)
    assert.strictEqual(waitForQuota({ requests, tokens: { remaining: 0, resetMs: 9000 } }), 9000)
    assert.strictEqual(
      waitForQuota({ requests: { remaining: 1, resetMs: 8000 }, tokens: { remaining: 5, resetMs: 100 } }),
      100
    )
    assert.isUndefined(waitForQuota({ requests: { remaining: 0 } }))
    assert.isUndefined(waitForQuota(undefined))
  })

  it("comes from the header first, then the body, the words, the quota; and from a quota after a 429 alone", () => {
    const quota = { "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "3s" }
    const failed = (status: number, headers: Record<string, string>, body: unknown) =>
      failureOf(new Refused(status, new Headers(headers), JSON.stringify(body)), {
        provider: "there",
        model: "m",
        key: undefined
      })
    const told = { error: { message: "Please try again in 2s.", details: [{ retryDelay: "1s" }] } }
    const words = { error: { message: "Please try again in 2s." } }
    assert.strictEqual(failed(429, { ...quota, "retry-after": "4" }, told).retryAfterMs, 4000)
    assert.strictEqual(failed(429, quota, [told]).retryAfterMs, 1000)
    assert.strictEqual(failed(429, quota, words).retryAfterMs, 2000)
    const bare = failed(429, quota, { error: { message: "slow down" } })
    assert.strictEqual(bare.retryAfterMs, 3000)
    assert.deepStrictEqual(bare.quota, { requests: { remaining: 0, resetMs: 3000 } })
    const busy = failed(503, quota, { error: { message: "busy" } })
    assert.isUndefined(busy.retryAfterMs)
    assert.deepStrictEqual(busy.quota, { requests: { remaining: 0, resetMs: 3000 } })
    assert.isUndefined(failed(400, {}, words).retryAfterMs)
    assert.isUndefined(failed(429, {}, { error: { message: "slow down" } }).quota)
  })
})
