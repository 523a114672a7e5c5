import { assert, describe, it } from "@effect/vitest"

import { type Ended, type Pace, paceAfter, paceOf, range } from "./pace.ts"

const seen = (pace: Pace, ends: ReadonlyArray<Ended>) => ends.reduce((p, end) => paceAfter(p, end, p.epoch), pace)
const many = (n: number, end: Ended) => new Array<Ended>(n).fill(end)

describe("the pace of an account", () => {
  it("starts slowly and doubles from round to round while every permit is used", () => {
    const first = paceOf("adaptive")
    assert.strictEqual(first.limit, range.start)
    assert.strictEqual(seen(first, many(range.start, "answered full")).limit, 2 * range.start)
    assert.strictEqual(seen(first, many(1_000, "answered")).limit, range.start, "not used, not grown")
    assert.strictEqual(seen(first, many(1_000, "answered full")).limit, range.most)
  })

  it("is halved once for all tries of one rush, and then grows by one a round", () => {
    const fast = seen(paceOf("adaptive"), many(56, "answered full"))
    assert.strictEqual(fast.limit, 64)
    const cut = many(64, "limited").reduce((pace, end) => paceAfter(pace, end, fast.epoch), fast)
    assert.strictEqual(cut.limit, 32)
    assert.strictEqual(
      paceAfter(cut, "answered full", fast.epoch),
      cut,
      "an answer to a try from before the cut says nothing"
    )
    const round = seen(cut, many(32, "answered full")).limit
    assert.isTrue(round > 32.9 && round <= 33, `${round}`)
    assert.strictEqual(seen(cut, many(20, "limited")).limit, 1)
  })

  it("does not grow for a round after a failure of the provider", () => {
    const shaken = seen(paceOf("adaptive"), ["failed"])
    assert.strictEqual(seen(shaken, many(range.start, "answered full")).limit, range.start)
    assert.isAbove(seen(shaken, many(range.start + 1, "answered full")).limit, range.start)
  })

  it("that falls further while nothing is answered comes back by doubling to half of where it fell from, and then by one a round", () => {
    const fast = seen(paceOf("adaptive"), many(56, "answered full"))
    const down = seen(fast, many(6, "limited"))
    assert.deepStrictEqual([down.limit, down.known], [1, 32])
    const back = seen(down, many(31, "answered full"))
    assert.strictEqual(back.limit, 32)
    assert.isBelow(seen(back, many(31, "answered full")).limit, 33)
    const again = seen(back, ["limited", "answered", "limited"])
    assert.deepStrictEqual([again.limit, again.known], [8, 8], "an answer between two cuts makes the second a new one")
  })

  it("goes on doubling after a failure of the provider is over: a failure tells nothing about the rate", () => {
    const shaken = seen(paceOf("adaptive"), ["failed", ...many(range.start, "answered full")])
    assert.strictEqual(shaken.limit, range.start)
    assert.strictEqual(seen(shaken, many(range.start, "answered full")).limit, 2 * range.start)
  })
})
