import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"

import type { CallRequest } from "../domain/Call.ts"
import { mannerOf, plainAsking } from "./manner.ts"

const request = (params: CallRequest["params"], more: Partial<CallRequest> = {}): CallRequest => ({
  wire: "openai.chat",
  model: "m",
  messages: [],
  tools: [],
  params,
  ...more
})
const fresh = () => mannerOf(plainAsking, { provider: "p", model: "m" })

describe("what a target refused", () => {
  it("is remembered for requests with the same parameters, whatever is each one's own", () => {
    const manner = fresh()
    manner.remember(request({ temperature: 0, seed: 1, maxOutputTokens: 10, extra: { user: "a" } }), "temperature")
    const like = request({ temperature: 0, seed: 2, maxOutputTokens: 99, extra: { user: "b" } })
    assert.deepStrictEqual(manner.refused(like), ["temperature"])
    assert.deepStrictEqual(manner.refused(request({ temperature: 1, seed: 1, extra: { user: "a" } })), [])
    assert.deepStrictEqual(manner.refused(request({ temperature: 0 })), [])
    assert.deepStrictEqual(fresh().refused(like), [], "another setup knows nothing of it")
  })

  it("adds up, and the lowest limit holds", () => {
    const manner = fresh()
    manner.tell({ maxOutput: 100 })
    manner.tell({ tools: false })
    manner.tell({ maxOutput: 200 })
    assert.deepStrictEqual(manner.told, { maxOutput: 100, tools: false })
  })
})

describe("the first request of its kind", () => {
  it.effect("goes ahead; those like it wait for what comes of it, others do not", () =>
    Effect.gen(function* () {
      const manner = fresh()
      const back = yield* Deferred.make<void>()
      const went: Array<string> = []
      const go = (name: string, params: CallRequest["params"], wait: Effect.Effect<void> = Effect.void) =>
        Effect.forkChild(
          manner.scouted(
            request(params),
            Effect.andThen(
              Effect.sync(() => void went.push(name)),
              wait
            )
          ),
          { startImmediately: true }
        )
      const fibers = [
        yield* go("first", { temperature: 0 }, Deferred.await(back)),
        yield* go("like it", { temperature: 0 }),
        yield* go("another", {})
      ]
      assert.deepStrictEqual(went, ["first", "another"])
      yield* Deferred.succeed(back, undefined)
      yield* Effect.forEach(fibers, Fiber.join)
      assert.deepStrictEqual(went, ["first", "another", "like it"])
    })
  )

  it.effect("is not waited for longer than a refusal takes", () =>
    Effect.gen(function* () {
      const manner = fresh()
      const scout = yield* Effect.forkChild(manner.scouted(request({}), Effect.never), { startImmediately: true })
      const second = yield* Effect.forkChild(manner.scouted(request({}), Effect.succeed("went")), {
        startImmediately: true
      })
      yield* TestClock.adjust(2_000)
      assert.strictEqual(yield* Fiber.join(second), "went")
      yield* Fiber.interrupt(scout)
      assert.strictEqual(yield* manner.scouted(request({}), Effect.succeed("free")), "free")
    })
  )
})
