import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"

import { ProviderError, type Quota } from "../providers/contract.ts"
import { makeGate, type Passage } from "./gate.ts"
import { range } from "./pace.ts"

const error = (reason: ProviderError["reason"]) =>
  new ProviderError({ provider: "p", model: "m", reason, detail: "", mayBeBilled: false })

/** A try of a model whose provider tells nothing of quotas. */
const plain = <A, E>(send: Effect.Effect<A, E>): Passage<A, E> => ({ model: "m", send, told: () => ({}) })

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
      yield* Effect.forEach(new Array(size).fill(0), () => gate.through(plain(send)), { concurrency: "unbounded" })
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
      yield* Effect.exit(gate.through(plain(Effect.fail(error("RateLimited")))))
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
        Effect.forkChild(gate.through(plain(send)), { startImmediately: true })
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
        gate.through(plain(Effect.andThen(Deferred.succeed(started, undefined), Effect.never))),
        { startImmediately: true }
      )
      const waiting = yield* Effect.forkChild(gate.through(plain(Effect.never)), { startImmediately: true })
      yield* Deferred.await(started)
      yield* Fiber.interrupt(waiting)
      yield* Fiber.interrupt(out)
      gate.pauseUntil(1_000)
      const paused = yield* Effect.forkChild(gate.through(plain(Effect.never)), { startImmediately: true })
      yield* Fiber.interrupt(paused)
      yield* TestClock.adjust(1_000)
      assert.strictEqual(yield* gate.through(plain(Effect.succeed("through"))), "through")
    })
  )

  it.effect("when it is retuned lets those who wait go at once, and leaves alone what is out", () =>
    Effect.gen(function* () {
      const gate = makeGate(1)
      yield* Effect.forEach([1, 2, 3, 4, 5], () =>
        Effect.forkChild(gate.through(plain(Effect.never)), { startImmediately: true })
      )
      assert.deepStrictEqual([gate.out, gate.waiting], [1, 4])
      yield* gate.retune(4)
      yield* TestClock.adjust(0)
      assert.deepStrictEqual([gate.out, gate.waiting, gate.limit], [4, 1, 4])
      yield* gate.retune(2)
      assert.deepStrictEqual([gate.out, gate.waiting, gate.limit], [4, 1, 2])
    })
  )

  it.effect("holds new tries until it is told to go on, and says so", () =>
    Effect.gen(function* () {
      const gate = makeGate(2)
      yield* gate.hold
      const waiting = yield* Effect.forkChild(gate.through(plain(Effect.succeed("through"))), {
        startImmediately: true
      })
      yield* TestClock.adjust("1 hour")
      assert.isUndefined(waiting.pollUnsafe())
      assert.deepStrictEqual(gate.pausedAt(0), { why: "held", ms: null })
      yield* gate.resume
      assert.strictEqual(yield* Fiber.join(waiting), "through")
      assert.deepStrictEqual([gate.out, gate.waiting, gate.pausedAt(0)], [0, 0, undefined])
    })
  )
})

describe("a gate that hears of quotas", () => {
  const answered = (quota: Quota): Passage<Quota, never> => ({
    model: "m",
    send: Effect.succeed(quota),
    told: (quota) => ({ quota })
  })
  const spent: Quota = { requests: { remaining: 0, limit: 100, resetMs: 30_000 } }
  const plenty: Quota = { requests: { remaining: 99, limit: 100, resetMs: 30_000 } }

  it.effect("holds new tries of that model until the reset, and no other's", () =>
    Effect.gen(function* () {
      const gate = makeGate(2)
      yield* gate.through(answered(spent))
      let sent = 0
      const send = Effect.sync(() => sent++)
      const fibers = yield* Effect.forEach([1, 2, 3], () =>
        Effect.forkChild(gate.through(plain(send)), { startImmediately: true })
      )
      yield* TestClock.adjust(10_000)
      assert.deepStrictEqual(gate.pausedAt(10_000), { why: "quota", ms: 20_000 })
      assert.deepStrictEqual([sent, gate.out, gate.waiting], [0, 0, 3])
      assert.strictEqual(yield* gate.through({ ...plain(Effect.succeed("other")), model: "other" }), "other")
      yield* TestClock.adjust(19_999)
      assert.strictEqual(sent, 0)
      yield* TestClock.adjust(1)
      yield* Effect.forEach(fibers, Fiber.join)
      assert.strictEqual(sent, 3)
    })
  )

  it.effect(
    "hears it from a try that was turned away, too, and goes on as soon as a later answer says that there is more",
    () =>
      Effect.gen(function* () {
        const gate = makeGate(4)
        const later = yield* Deferred.make<Quota>()
        const slow = yield* Effect.forkChild(gate.through({ ...answered(plenty), send: Deferred.await(later) }), {
          startImmediately: true
        })
        const limited = new ProviderError({
          provider: "p",
          model: "m",
          reason: "RateLimited",
          detail: "",
          mayBeBilled: false,
          quota: spent
        })
        const early = yield* Deferred.make<never, ProviderError>()
        const away = yield* Effect.forkChild(Effect.exit(gate.through(plain(Deferred.await(early)))), {
          startImmediately: true
        })
        const last = yield* Deferred.make<Quota>()
        const news = yield* Effect.forkChild(gate.through({ ...answered(plenty), send: Deferred.await(last) }), {
          startImmediately: true
        })
        yield* Deferred.fail(early, limited)
        yield* Fiber.join(away)
        const waiting = yield* Effect.forEach([1, 2], () =>
          Effect.forkChild(gate.through(plain(Effect.succeed("through"))), { startImmediately: true })
        )
        yield* Deferred.succeed(later, plenty)
        yield* Fiber.join(slow)
        assert.deepStrictEqual([gate.waiting, gate.limited], [2, 1], "an answer to a try from before says nothing new")
        yield* Deferred.succeed(last, plenty)
        yield* Fiber.join(news)
        for (const fiber of waiting) assert.strictEqual(yield* Fiber.join(fiber), "through")
      })
  )

  it.effect("lets the next in line go when the first is interrupted", () =>
    Effect.gen(function* () {
      const gate = makeGate(2)
      yield* gate.through(answered(spent))
      const [first, second] = yield* Effect.forEach([1, 2], () =>
        Effect.forkChild(gate.through(plain(Effect.succeed("through"))), { startImmediately: true })
      )
      yield* TestClock.adjust(1_000)
      yield* Fiber.interrupt(first!)
      assert.strictEqual(gate.waiting, 1)
      yield* TestClock.adjust(29_000)
      assert.strictEqual(yield* Fiber.join(second!), "through")
      assert.deepStrictEqual([gate.out, gate.waiting], [0, 0])
    })
  )

  it.effect("keeps a provider of a hundred requests a minute from turning anybody away, and uses what there is", () =>
    Effect.gen(function* () {
      const gate = makeGate("adaptive")
      let [answers, rejected, left] = [0, 0, 100]
      const send = Effect.flatMap(Clock.currentTimeMillis, (now) => {
        const quota = () => ({ requests: { remaining: left, limit: 100, resetMs: 60_000 - (now % 60_000) } })
        if (left < 1) {
          rejected++
          return Effect.succeed(quota())
        }
        left--
        answers++
        return Effect.as(Effect.sleep(200), quota())
      })
      const all = yield* Effect.forkChild(
        Effect.forEach(
          new Array(400).fill(0),
          () => gate.through<Quota, never>({ model: "m", send, told: (quota) => ({ quota }) }),
          { concurrency: 128, discard: true }
        ),
        { startImmediately: true }
      )
      for (let minute = 0; minute < 3; minute++) {
        yield* TestClock.adjust(59_999)
        assert.isAtLeast(answers, 95 * (minute + 1))
        left = 100
        yield* TestClock.adjust(1)
      }
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(all)
      assert.deepStrictEqual([answers, rejected], [400, 0])
    })
  )
})
