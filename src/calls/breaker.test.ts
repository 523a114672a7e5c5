import { assert, describe, it } from "@effect/vitest"

import { ProviderError } from "../providers/contract.ts"
import { afterAnswer, afterFailure, type BreakerPolicy, type Health, healthy, restUntil, tryAt } from "./breaker.ts"

const policy: BreakerPolicy = { failures: 5, downMs: 1_000, limitedMs: 60_000, coolMs: 10_000 }
const error = (reason: ProviderError["reason"]) =>
  new ProviderError({ provider: "p", model: "m", reason, detail: "refused", mayBeBilled: false })
const fail = (health: Health, reason: ProviderError["reason"], times: ReadonlyArray<number>) =>
  times.reduce((seen, now) => afterFailure(seen, error(reason), now, policy), health)
const allowed = (health: Health, now: number) => tryAt(health, now, policy).allowed

describe("the breaker of an account", () => {
  it("opens after enough failures in a row that lasted long enough", () => {
    assert.isTrue(allowed(fail(healthy, "Network", [0, 0, 0, 0, 0, 0, 0, 999]), 999), "too short: a restart")
    assert.isTrue(allowed(fail(healthy, "Network", [0, 500, 900, 1_000]), 1_000), "too few")
    const open = fail(healthy, "Network", [0, 500, 600, 900, 1_000])
    assert.isFalse(allowed(open, 1_001))
    assert.include(open.why, "refused")
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
