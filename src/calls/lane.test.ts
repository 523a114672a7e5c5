import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import { ProviderError } from "../providers/contract.ts"
import { breakerPolicy } from "./breaker.ts"
import { CallFailed, taking } from "./CallFailed.ts"
import { makeLane } from "./lane.ts"

const blocked = new ProviderError({
  provider: "p",
  model: "m",
  reason: "Blocked",
  detail: "a page",
  status: 403,
  retryAfterMs: 7_000,
  mayBeBilled: false
})

describe("an account that answered before", () => {
  it("takes an error of a wrong configuration for one that may mend, with all that the provider said", () => {
    const connection = { prepare: () => assert.fail(), send: () => assert.fail(), models: Effect.succeed([]) }
    const account = { name: "p", kind: "openai", host: "h", connection, concurrency: 1, priceOf: () => undefined }
    const lane = makeLane(account, breakerPolicy, 60_000)
    assert.strictEqual(lane.meant(blocked), blocked)
    lane.answered("m", { basis: "unreliable", input: null, output: null }, 0)
    const { detail, message, reason, retryAfterMs, retryable, status } = lane.meant(blocked)
    assert.deepStrictEqual(
      { detail, reason, retryAfterMs, retryable, status },
      { detail: "a page", reason: "Server", retryAfterMs: 7_000, retryable: true, status: 403 }
    )
    assert.include(message, "Server (403)")
  })
})

describe("a failure with what its tries took of a machine", () => {
  it("is the same failure", () => {
    const failed = new CallFailed({ kind: "infrastructure", message: "down", neverSent: true, error: blocked })
    const took = { shareMs: 1, heldMs: 2, cost: 3n }
    const { error, kind, message, neverSent, took: kept } = taking(failed, took)
    assert.deepStrictEqual(
      { kind, message, neverSent, kept },
      { kind: "infrastructure", message: "down", neverSent: true, kept: took }
    )
    assert.strictEqual(error, blocked)
  })
})
