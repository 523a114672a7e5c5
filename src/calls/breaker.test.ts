import { assert, describe, it } from "@effect/vitest"

import { ProviderError } from "../providers/contract.ts"
import {
  afterAnswer,
  afterFailure,
  type BreakerPolicy,
  type Health,
  healthy,
  restUntil,
  startPauseMs,
  tryAt
} from "./breaker.ts"

const policy: BreakerPolicy = { failures: 5, downMs: 1_000, quietMs: 20_000, limitedMs: 60_000, coolMs: 10_000 }
const error = (reason: ProviderError["reason"]) =>
  new ProviderError({ provider: "p", model: "m", reason, detail: "refused", mayBeBilled: false })
const fail = (health: Health, reason: ProviderError["reason"], times: ReadonlyArray<number>) =>
  times.reduce<Health>((seen, now) => afterFailure(seen, error(reason), now, policy), health)
/** An account that has answered. */
const well = afterAnswer(healthy)
const allowed = (health: Health, now: number) => tryAt(health, now, policy).allowed

describe("the breaker of an account", () => {
  it("opens after enough failures in a row that lasted long enough", () => {
    assert.isTrue(allowed(fail(well, "Network", [0, 0, 0, 0, 0, 0, 0, 999]), 999), "too short: a restart")
    assert.isTrue(allowed(fail(well, "Network", [0, 500, 900, 1_000]), 1_000), "too few")
    const open = fail(well, "Network", [0, 500, 600, 900, 1_000])
    assert.isFalse(allowed(open, 1_001))
    assert.include(open.why, "refused")
  })

  it("opens at once where nobody was ever reached, and closes with the first answer", () => {
    assert.isTrue(allowed(fail(healthy, "Network", [0, 0, 0, 0]), 0), "too few")
    const open = fail(healthy, "Network", [0, 0, 0, 0, 1])
    assert.isFalse(allowed(open, 1))
    assert.isTrue(allowed(open, 10_001), "one may find out")
    const back = afterAnswer(open)
    assert.isTrue(allowed(fail(back, "Network", [2, 2, 2, 2, 2, 2]), 2), "it was there")
    assert.isTrue(allowed(fail(healthy, "RateLimited", [0, 0, 0, 0, 0, 0]), 0), "a rate limit is no such sign")
  })

  it("is more patient where somebody answers, if only to fail: it may be starting, or these cases be what it fails with", () => {
    for (const health of [healthy, well]) {
      const many = fail(health, "Server", [0, 0, 0, 0, 0, 0, 0, 5_000, 10_000, 19_999])
      assert.isTrue(allowed(many, 19_999))
      assert.isFalse(allowed(fail(many, "Server", [20_000]), 20_001))
    }
    const loading = fail(healthy, "Starting", [0, 0, 0, 0, 0, 0, 20_000, 59_999])
    assert.isTrue(allowed(loading, 59_999))
    assert.isFalse(allowed(fail(loading, "Starting", [60_000]), 60_001))
  })

  it("leaves a host that has answered nothing yet alone between tries, longer and longer, and no other", () => {
    const pause = (health: Health, reason: ProviderError["reason"]) => startPauseMs(health, error(reason))
    const row = (count: number) => fail(healthy, "Server", new Array(count).fill(0))
    assert.deepStrictEqual(
      [1, 2, 8, 12, 50].map((count) => pause(row(count), "Server")),
      [250, 500, 2_000, 3_000, 3_000]
    )
    assert.strictEqual(pause(row(2), "Starting"), 500)
    assert.strictEqual(pause(row(2), "Network"), 0)
    assert.strictEqual(pause(fail(well, "Server", [0, 0]), "Server"), 0)
  })

  it("stays closed while answers come, and while the provider reads requests and refuses them", () => {
    const answered = fail(afterAnswer(fail(healthy, "Server", [0, 1, 2, 3])), "Server", [5_000, 5_001, 5_002, 5_003])
    assert.isTrue(allowed(answered, 5_003))
    const read = fail(fail(fail(healthy, "Server", [0, 1, 2, 3]), "BadRequest", [4]), "Server", [5_000])
    assert.isTrue(allowed(read, 5_000))
  })

  it("is more patient with rate limits", () => {
    const limits = [0, 10_000, 20_000, 30_000, 40_000, 50_000, 59_999]
    assert.isTrue(allowed(fail(healthy, "RateLimited", limits), 59_999))
    assert.isFalse(allowed(fail(healthy, "RateLimited", [...limits, 60_000]), 60_001))
  })

  it("lets one try find out whether the provider is back, and closes with its answer", () => {
    const open = fail(healthy, "Network", [0, 500, 600, 900, 1_000])
    const first = tryAt(open, 11_000, policy)
    assert.isTrue(first.allowed)
    assert.isFalse(allowed(first.health, 11_000))
    assert.isFalse(allowed(fail(first.health, "Network", [11_500]), 21_499))
    assert.isTrue(allowed(afterAnswer(first.health), 11_000))
  })

  it("rests as long as the provider says", () => {
    const resting = restUntil(healthy, 3_600_000, "come back in an hour")
    assert.isFalse(allowed(resting, 3_599_999))
    assert.isTrue(allowed(resting, 3_600_000))
  })
})
