import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"

import type { Quota } from "../providers/contract.ts"
import { type Allowance, afterHeaders, afterSent, afterUse, noAllowance, waitMs } from "./quota.ts"

const patience = 120_000
const sent = (allowance: Allowance, count: number, now: number) => {
  let after = allowance
  for (let i = 0; i < count; i++) after = afterSent(after, now)
  return after
}
/** One try went out at 0 and its headers came at once. */
const told = (quota: Quota, perTry = 0) =>
  afterHeaders(afterUse(afterSent(noAllowance, 0), perTry), quota, { nth: 1, sentAt: 0, now: 0 })
const wait = (allowance: Allowance, now: number, atOnce = 8) => waitMs(allowance, now, atOnce, patience)

describe("the quota of an account", () => {
  it("makes nobody wait while nothing is known, or while there is room for all that may be out at once", () => {
    assert.strictEqual(wait(noAllowance, 0), 0)
    const plenty = told({ requests: { remaining: 8, limit: 100, resetMs: 60_000 } })
    assert.strictEqual(wait(plenty, 0, 8), 0)
    assert.isAbove(wait(plenty, 0, 9), 0)
  })

  it("spreads what is left over the time to the reset, and holds all when nothing is left", () => {
    let allowance = told({ requests: { remaining: 3, limit: 100, resetMs: 60_000 } })
    const times: Array<number> = []
    for (let now = 0; times.length < 3; ) {
      const ms = wait(allowance, now)
      if (ms === 0) {
        times.push(now)
        allowance = afterSent(allowance, now)
      } else now += ms
    }
    assert.deepStrictEqual(times, [15_000, 30_000, 45_000])
    assert.strictEqual(wait(allowance, 45_000), 15_000)
    assert.strictEqual(wait(allowance, 60_000), 0, "the window is over")
  })

  it("counts a window that is over as whole again, for as long as the last one was", () => {
    const used = told({ requests: { remaining: 0, limit: 10, resetMs: 30_000 } })
    const next = sent(used, 10, 30_000)
    assert.strictEqual(wait(next, 30_001), 29_999)
    const unlimited = sent(told({ requests: { remaining: 0, resetMs: 30_000 } }), 10, 30_000)
    assert.strictEqual(wait(unlimited, 30_001), 0, "without a limit nothing is known of the next")
  })

  it("takes off what was let out after the try whose headers it reads, and ignores headers of earlier tries", () => {
    const many = sent(noAllowance, 20, 0)
    const late = afterHeaders(
      many,
      { requests: { remaining: 15, limit: 20, resetMs: 60_000 } },
      { nth: 5, sentAt: 0, now: 9 }
    )
    assert.strictEqual(wait(late, 9, 1), 59_991, "fifteen are on their way")
    const news = afterHeaders(
      late,
      { requests: { remaining: 12, limit: 20, resetMs: 60_000 } },
      { nth: 18, sentAt: 0, now: 10 }
    )
    assert.strictEqual(wait(news, 10, 10), 0)
    const old = afterHeaders(
      news,
      { requests: { remaining: 0, limit: 20, resetMs: 60_000 } },
      { nth: 17, sentAt: 0, now: 11 }
    )
    assert.strictEqual(old, news)
  })

  it("ignores headers that speak of a window which ended before the answer came", () => {
    const slow = afterHeaders(
      afterSent(noAllowance, 0),
      { requests: { remaining: 0, limit: 20, resetMs: 5_000 } },
      { nth: 1, sentAt: 0, now: 8_000 }
    )
    assert.strictEqual(wait(slow, 8_000), 0)
  })

  it("counts tokens by what tries used of late", () => {
    const quota = { tokens: { remaining: 10_000, limit: 100_000, resetMs: 60_000 } }
    assert.strictEqual(wait(told(quota, 1_000), 0, 10), 0, "room for ten")
    assert.isAbove(wait(told(quota, 1_001), 0, 10), 0)
    assert.strictEqual(wait(told({ tokens: { remaining: 900, resetMs: 60_000 } }, 1_000), 0), 60_000)
    assert.strictEqual(wait(told({ tokens: { remaining: 0, resetMs: 60_000 } }), 0), 0, "nothing is known of a try")
  })

  it("takes a minute for the window where no header says when it ends", () => {
    assert.strictEqual(wait(told({ requests: { remaining: 0 } }), 0), 60_000)
  })

  it("does not wait for the end of a day", () => {
    const day = { remaining: 0, limit: 14_400, resetMs: 6 * 3_600_000 }
    assert.strictEqual(wait(told({ requests: day }), 0), 0)
    assert.strictEqual(wait(told({ requests: day, tokens: { remaining: 0, resetMs: 9_000 } }, 10), 0), 9_000)
  })
})

describe("a provider that counts by quota", () => {
  /**
   * Plays tries against a provider for five minutes: a fixed window, or a bucket that refills all the time. Each try takes `ms`, `atOnce` may be out;
   * headers are made when a try comes in.
   */
  const play = (kind: "window" | "bucket", limit: number, ms: number, atOnce: number) => {
    const minute = 60_000
    let left = limit
    let allowance = noAllowance
    let [answered, rejected] = [0, 0]
    const out: Array<{ readonly at: number; readonly quota: Quota; readonly nth: number; readonly sentAt: number }> = []
    for (let now = 0; now < 5 * minute; now += 10) {
      if (kind === "bucket") left = Math.min(limit, left + (limit * 10) / minute)
      else if (now % minute === 0) left = limit
      while (out[0] !== undefined && out[0].at <= now) {
        const { nth, quota, sentAt } = out.shift()!
        allowance = afterHeaders(allowance, quota, { nth, sentAt, now })
      }
      while (out.length < atOnce && waitMs(allowance, now, atOnce, patience) === 0) {
        allowance = afterSent(allowance, now)
        if (left >= 1) {
          left--
          answered++
        } else rejected++
        const resetMs = kind === "bucket" ? ((limit - left) / limit) * minute : minute - (now % minute)
        const quota = { requests: { remaining: Math.floor(left), limit, resetMs } }
        out.push({ at: now + ms, nth: allowance.sent, quota, sentAt: now })
      }
    }
    return { answered, rejected }
  }
  const Kind = Schema.Literals(["window", "bucket"])
  const Limit = Schema.Int.check(Schema.isBetween({ minimum: 20, maximum: 2_000 }))
  const Ms = Schema.Int.check(Schema.isBetween({ minimum: 10, maximum: 2_000 }))
  const AtOnce = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 64 }))

  it.prop(
    "turns hardly anybody away, and gives most of what it has",
    { kind: Kind, limit: Limit, ms: Ms, atOnce: AtOnce },
    ({ atOnce, kind, limit, ms }) => {
      const { answered, rejected } = play(kind, limit, ms, atOnce)
      assert.isAtMost(rejected, Math.max(atOnce, 0.01 * answered))
      const could = Math.min(5 * limit, atOnce * (300_000 / Math.max(10, ms)))
      assert.isAtLeast(answered, 0.75 * could, `of ${could}`)
    },
    { arbitrary: { runs: 60 } }
  )
})
