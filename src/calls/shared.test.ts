import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"

import { makeShared } from "./shared.ts"

const marked = (result: string) => `${result}, shared`

describe("shared work", () => {
  it.effect("is done once for all who ask at once", () =>
    Effect.gen(function* () {
      const shared = makeShared<string, string>()
      const gate = yield* Deferred.make<string>()
      let done = 0
      const work = Effect.andThen(
        Effect.sync(() => done++),
        Deferred.await(gate)
      )
      const fibers = yield* Effect.forEach([1, 2, 3], () =>
        Effect.forkChild(shared.once("k", work, marked), { startImmediately: true })
      )
      const other = yield* shared.once("other", Effect.succeed("else"), marked)
      yield* Deferred.succeed(gate, "answer")
      const results = yield* Effect.forEach(fibers, Fiber.join)
      assert.deepStrictEqual(results, ["answer", "answer, shared", "answer, shared"])
      assert.strictEqual(other, "else")
      assert.strictEqual(done, 1)
      assert.strictEqual(shared.size, 0)
    })
  )

  it.effect("fails for all who ask at once, and is done anew afterwards", () =>
    Effect.gen(function* () {
      const shared = makeShared<string, string>()
      const gate = yield* Deferred.make<string, string>()
      const fibers = yield* Effect.forEach([1, 2], () =>
        Effect.forkChild(Effect.exit(shared.once("k", Deferred.await(gate), marked)), { startImmediately: true })
      )
      yield* Deferred.fail(gate, "broken")
      assert.deepStrictEqual(yield* Effect.forEach(fibers, Fiber.join), [Exit.fail("broken"), Exit.fail("broken")])
      assert.strictEqual(yield* shared.once("k", Effect.succeed("answer"), marked), "answer")
    })
  )

  it.effect("goes on with another asker when the first is interrupted", () =>
    Effect.gen(function* () {
      const shared = makeShared<string, string>()
      const gates = [yield* Deferred.make<string>(), yield* Deferred.make<string>()]
      let turn = 0
      const work = Effect.suspend(() => Deferred.await(gates[turn++]!))
      const first = yield* Effect.forkChild(shared.once("k", work, marked), { startImmediately: true })
      const second = yield* Effect.forkChild(shared.once("k", work, marked), { startImmediately: true })
      const third = yield* Effect.forkChild(shared.once("k", work, marked), { startImmediately: true })
      yield* Fiber.interrupt(first)
      yield* Deferred.succeed(gates[1]!, "answer")
      assert.deepStrictEqual(yield* Effect.all([Fiber.join(second), Fiber.join(third)]), ["answer", "answer, shared"])
      assert.strictEqual(turn, 2)
    })
  )

  it.effect("lets one who waits leave", () =>
    Effect.gen(function* () {
      const shared = makeShared<string, string>()
      const gate = yield* Deferred.make<string>()
      const first = yield* Effect.forkChild(shared.once("k", Deferred.await(gate), marked), { startImmediately: true })
      const second = yield* Effect.forkChild(shared.once("k", Deferred.await(gate), marked), { startImmediately: true })
      yield* Fiber.interrupt(second)
      yield* Deferred.succeed(gate, "answer")
      assert.strictEqual(yield* Fiber.join(first), "answer")
    })
  )

  it.effect("that fails for a reason of the asker's own is done by another who waits, with an end of its own", () =>
    Effect.gen(function* () {
      const shared = makeShared<string, string>((error) => error === "no money")
      const gate = yield* Deferred.make<string, string>()
      const poor = yield* Effect.forkChild(Effect.flip(shared.once("k", Deferred.await(gate), marked)), {
        startImmediately: true
      })
      const rich = yield* Effect.forkChild(shared.once("k", Effect.succeed("answer"), marked), {
        startImmediately: true
      })
      yield* Deferred.fail(gate, "no money")
      assert.strictEqual(yield* Fiber.join(poor), "no money")
      assert.strictEqual(yield* Fiber.join(rich), "answer")
      assert.strictEqual(shared.size, 0)
    })
  )
})
