import { assert, describe, it } from "@effect/vitest"

import { ProviderError } from "../providers/contract.ts"
import { count, next, noTries, retryPolicy, type Tries } from "./retry.ts"

const error = (reason: ProviderError["reason"], retryAfterMs?: number) =>
  new ProviderError({
    provider: "p",
    model: "m",
    reason,
    detail: "words",
    mayBeBilled: false,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs })
  })

const tried = (failed: number, limited = 0): Tries => ({ failed, limited })

describe("retries", () => {
  it("wait exponentially longer, between half and all of the step, up to the cap", () => {
    const waits = [0, 0.999999].map((random) =>
      [1, 2, 3, 4, 5].map((failed) => next(retryPolicy, tried(failed), error("Server"), random))
    )
    assert.deepStrictEqual(waits, [
      [250, 500, 1000, 2000, 4000].map((waitMs) => ({ waitMs })),
      [500, 1000, 2000, 4000, 8000].map((waitMs) => ({ waitMs }))
    ])
    assert.deepStrictEqual(next(retryPolicy, tried(0, 15), error("RateLimited"), 0.999999), { waitMs: 30_000 })
  })

  it("never come before Retry-After", () => {
    for (const random of [0, 0.5, 0.99]) {
      const then = next(retryPolicy, tried(0, 1), error("RateLimited", 7_000), random)
      assert.isTrue("waitMs" in then && then.waitMs >= 7_000 && then.waitMs <= 7_700)
    }
  })

  it("end after six failures, later for rate limits, at once where Retry-After is out of reach", () => {
    assert.deepStrictEqual(next(retryPolicy, tried(6), error("Network"), 0), { giveUp: "6 tries" })
    assert.property(next(retryPolicy, tried(0, 19), error("RateLimited"), 0), "waitMs")
    assert.deepStrictEqual(next(retryPolicy, tried(2, 20), error("RateLimited"), 0), { giveUp: "22 tries" })
    assert.deepStrictEqual(next(retryPolicy, tried(0, 1), error("RateLimited", 3_600_000), 0), {
      giveUp: "it asks to wait 3600 s"
    })
  })

  it("are not made for what would fail the same way again", () => {
    for (const reason of [
      "Auth",
      "Spent",
      "Blocked",
      "Untrusted",
      "Proxy",
      "ModelNotFound",
      "BadRequest",
      "ContextTooLong"
    ] as const)
      assert.property(next(retryPolicy, tried(1), error(reason), 0), "giveUp", reason)
  })

  it("count rate limits, and models that are being loaded, apart from failures", () => {
    const after = [error("RateLimited"), error("Timeout"), error("Starting")].reduce(count, noTries)
    assert.deepStrictEqual(after, { failed: 1, limited: 2 })
  })
})
