import { assert, describe, it } from "@effect/vitest"

import { durationMs, quotaOf } from "./quota.ts"

const now = Date.parse("2026-08-01T10:00:00Z")
const quota = (headers: Record<string, string>) => quotaOf(new Headers(headers), now)

describe("what is left of a quota", () => {
  it("is read from headers of OpenAI's style", () => {
    assert.deepStrictEqual(
      quota({
        "x-ratelimit-limit-requests": "5000",
        "x-ratelimit-remaining-requests": "4999",
        "x-ratelimit-reset-requests": "12ms",
        "x-ratelimit-limit-tokens": "160000",
        "x-ratelimit-remaining-tokens": "159976",
        "x-ratelimit-reset-tokens": "6m0s"
      }),
      {
        requests: { remaining: 4999, limit: 5000, resetMs: 12 },
        tokens: { remaining: 159_976, limit: 160_000, resetMs: 360_000 }
      }
    )
  })

  it("is read from Azure's, which say neither limit nor reset", () => {
    assert.deepStrictEqual(quota({ "x-ratelimit-remaining-requests": "9", "x-ratelimit-remaining-tokens": "1000" }), {
      requests: { remaining: 9 },
      tokens: { remaining: 1000 }
    })
  })

  it("is read from Anthropic's: of the token quotas the one nearest to its end", () => {
    const of = (kind: string, limit: number, remaining: number, reset: string) => ({
      [`anthropic-ratelimit-${kind}-limit`]: String(limit),
      [`anthropic-ratelimit-${kind}-remaining`]: String(remaining),
      [`anthropic-ratelimit-${kind}-reset`]: reset
    })
    assert.deepStrictEqual(
      quota({
        ...of("requests", 50, 49, "2026-08-01T10:00:01Z"),
        ...of("tokens", 90_000, 60_000, "2026-08-01T10:00:20Z"),
        ...of("input-tokens", 80_000, 58_000, "2026-08-01T10:00:20Z"),
        ...of("output-tokens", 10_000, 2000, "2026-08-01T10:00:48Z")
      }),
      {
        requests: { remaining: 49, limit: 50, resetMs: 1000 },
        tokens: { remaining: 2000, limit: 10_000, resetMs: 48_000 }
      }
    )
  })

  it("is read from headers that name no kind, as OpenRouter's and a gateway's: of requests, with a moment", () => {
    const plain = (reset: string) =>
      quota({ "x-ratelimit-limit": "20", "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset })
    const expected = { requests: { remaining: 0, limit: 20, resetMs: 4_000 } }
    assert.deepStrictEqual(plain(String(now + 4_000)), expected, "milliseconds since 1970")
    assert.deepStrictEqual(plain(String((now + 4_000) / 1_000)), expected, "seconds since 1970")
    assert.deepStrictEqual(plain("4"), expected)
  })

  it("is not known where the headers do not say it or make no sense", () => {
    assert.isUndefined(quota({}))
    assert.isUndefined(quota({ "x-ratelimit-remaining-requests": "many", "x-ratelimit-limit-tokens": "5" }))
    assert.deepStrictEqual(
      quota({
        "x-ratelimit-limit-requests": "5",
        "x-ratelimit-remaining-requests": "-1",
        "x-ratelimit-reset-requests": "soon"
      }),
      { requests: { remaining: 0, limit: 5 } }
    )
    const notCounted = { "x-ratelimit-limit-tokens": "-1", "x-ratelimit-remaining-tokens": "-1" }
    assert.isUndefined(quota({ ...notCounted, "x-ratelimit-reset-tokens": "0" }), "Azure's, of Responses")
  })

  it("a reset is a duration, seconds, or a moment, and never past", () => {
    const reset = (text: string) =>
      quota({ "x-ratelimit-remaining-requests": "1", "x-ratelimit-reset-requests": text })?.requests?.resetMs
    assert.strictEqual(reset("1.5"), 1500)
    assert.strictEqual(reset(String(now / 1000 + 30)), 30_000)
    assert.strictEqual(reset(String(now + 30)), 30)
    assert.strictEqual(reset("2026-08-01T09:59:00Z"), 0)
  })
})

describe("a time as vendors write it", () => {
  it("is read in all its units", () => {
    for (const [text, expected] of [
      ["20ms", 20],
      ["1s", 1000],
      ["2m59.56s", 179_560],
      ["6m0s", 360_000],
      ["1d2h", 93_600_000],
      ["0s", 0]
    ] as const) {
      assert.strictEqual(durationMs(text), expected, text)
    }
    for (const text of ["", "s", "5", "5 parsecs", "1.2.3s"]) assert.isUndefined(durationMs(text), text)
  })
})
