import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"

import { ProviderError } from "../providers/contract.ts"
import { type Ended, makeGate, type Pace, paceAfter, paceOf, range } from "./gate.ts"

const seen = (pace: Pace, ends: ReadonlyArray<Ended>) => ends.reduce((p, end) => paceAfter(p, end, p.epoch), pace)
const many = (n: number, end: Ended) => new Array<Ended>(n).fill(end)
const error = (reason: ProviderError["reason"]) =>
  new ProviderError({ provider: "p", model: "m", reason, detail: "", mayBeBilled: false })

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
})

describe("a gate", () => {
  const crowd = (concurrency: "adaptive" | number, size: number) =>
    Effect.gen(function* () {
      const gate = makeGate(concurrency)
      let [out, most] = [0, 0]
      const send = Effect.suspend(() => {
        most = Math.max(most, ++out)
        return Effect.ensuring(
          Effect.yieldNow,
          Effect.sync(() => out--)
        )
      })
      yield* Effect.forEach(new Array(size).fill(0), () => gate.through(send), { concurrency: "unbounded" })
      return { most, limit: gate.limit }
    })

  it.effect("lets so many out and no more", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* crowd(3, 50), { most: 3, limit: 3 })
      const { limit, most } = yield* crowd("adaptive", 500)
      assert.isAbove(most, range.start)
      assert.isAtMost(most, limit)
    })
  )

  it.effect("keeps a fixed number whatever happens", () =>
    Effect.gen(function* () {
      const gate = makeGate(5)
      yield* Effect.exit(gate.through(Effect.fail(error("RateLimited"))))
      assert.strictEqual(gate.limit, 5)
    })
  )

  it.effect("makes all wait while it is paused", () =>
    Effect.gen(function* () {
      const gate = makeGate(10)
      let sent = 0
      const send = Effect.sync(() => sent++)
      gate.pauseUntil(5_000)
      const fibers = yield* Effect.forEach([1, 2, 3], () =>
        Effect.forkChild(gate.through(send), { startImmediately: true })
      )
      yield* TestClock.adjust(3_000)
      gate.pauseUntil(8_000)
      yield* TestClock.adjust(4_999)
      assert.strictEqual(sent, 0)
      yield* TestClock.adjust(1)
      yield* Effect.forEach(fibers, Fiber.join)
      assert.strictEqual(sent, 3)
    })
  )

  it.effect("gets its permits back from those who are interrupted, out, waiting or paused", () =>
    Effect.gen(function* () {
      const gate = makeGate(1)
      const started = yield* Deferred.make<void>()
      const out = yield* Effect.forkChild(
        gate.through(Effect.andThen(Deferred.succeed(started, undefined), Effect.never)),
        { startImmediately: true }
      )
      const waiting = yield* Effect.forkChild(gate.through(Effect.never), { startImmediately: true })
      yield* Deferred.await(started)
      yield* Fiber.interrupt(waiting)
      yield* Fiber.interrupt(out)
      gate.pauseUntil(1_000)
      const paused = yield* Effect.forkChild(gate.through(Effect.never), { startImmediately: true })
      yield* Fiber.interrupt(paused)
      yield* TestClock.adjust(1_000)
      assert.strictEqual(yield* gate.through(Effect.succeed("through")), "through")
    })
  )
})
