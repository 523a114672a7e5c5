import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"

import { makeBudget, type NoRoom, type Reservation } from "./budget.ts"

const refused = (why: NoRoom) => Effect.succeed(why)
const pay = (cost: bigint | null) => (reservation: Reservation) =>
  Effect.sync(() => {
    reservation.paid(cost)
    return "paid" as const
  })

const Try = Schema.Struct({
  worst: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 100 })),
  share: Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 })),
  end: Schema.Literals(["paid", "unknown", "lost", "dropped", "interrupted"]),
  yields: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 3 }))
})
const Cap = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 500 }))

describe("a budget", () => {
  it.effect.prop(
    "is never exceeded, whatever runs at once and however it ends",
    { cap: Cap, tries: Schema.Array(Try).check(Schema.isMaxLength(64)) },
    ({ cap, tries }) =>
      Effect.gen(function* () {
        const budget = makeBudget(BigInt(cap))
        let out = 0
        let paid = 0
        const one = ({ end, share, worst, yields }: typeof Try.Type) =>
          budget.within(
            BigInt(worst),
            (reservation) =>
              Effect.gen(function* () {
                out += worst
                assert.isAtMost(out + paid, cap)
                for (let i = 0; i < yields; i++) yield* Effect.yieldNow
                const cost = Math.floor(worst * share)
                if (end === "interrupted") return yield* Effect.interrupt
                if (end === "paid") reservation.paid(BigInt(cost))
                if (end === "unknown") reservation.paid(null)
                if (end === "lost") reservation.lost()
                paid += end === "paid" ? cost : end === "dropped" ? 0 : worst
                return "done" as const
              }).pipe(Effect.ensuring(Effect.sync(() => (out -= worst)))),
            (why) =>
              Effect.sync(() => {
                assert.isTrue(why.spent + why.worst > why.cap)
                return "refused" as const
              })
          )
        const ends = yield* Effect.forEach(tries, (t) => Effect.exit(one(t)), { concurrency: "unbounded" })
        assert.strictEqual(ends.length, tries.length)
        assert.isAtMost(paid, cap)
        assert.strictEqual(out, 0)
        const rest = yield* budget.within(BigInt(cap - paid), () => Effect.succeed("room"), refused)
        assert.strictEqual(rest, "room", "nothing is left reserved")
      }),
    60_000
  )

  it.effect("lets a try wait for money that another holds, and refuses it once it is spent", () =>
    Effect.gen(function* () {
      const budget = makeBudget(100n)
      const gates = [yield* Deferred.make<bigint>(), yield* Deferred.make<bigint>()]
      const held = (i: number) => (reservation: Reservation) =>
        Effect.map(Deferred.await(gates[i]!), (cost) => reservation.paid(cost))
      yield* Effect.forkChild(budget.within(60n, held(0), refused), { startImmediately: true })
      const waiting = yield* Effect.forkChild(budget.within(60n, held(1), refused), { startImmediately: true })
      assert.isUndefined(waiting.pollUnsafe())
      yield* Deferred.succeed(gates[0]!, 10n)
      const late = yield* Effect.forkChild(budget.within(60n, pay(60n), refused), { startImmediately: true })
      yield* Deferred.succeed(gates[1]!, 60n)
      yield* Fiber.join(waiting)
      assert.deepStrictEqual(yield* Fiber.join(late), { cap: 100n, spent: 70n, worst: 60n })
    })
  )

  it.effect("refuses at once what never fits", () =>
    Effect.gen(function* () {
      const budget = makeBudget(100n)
      assert.deepStrictEqual(yield* budget.within(101n, pay(1n), refused), { cap: 100n, spent: 0n, worst: 101n })
      assert.strictEqual(yield* budget.within(100n, pay(100n), refused), "paid")
      assert.deepStrictEqual(yield* budget.within(1n, pay(1n), refused), { cap: 100n, spent: 100n, worst: 1n })
    })
  )

  it.effect("holds the worst case back where the bill is not known", () =>
    Effect.gen(function* () {
      const budget = makeBudget(100n)
      yield* budget.within(60n, pay(null), refused)
      assert.deepStrictEqual(yield* budget.within(41n, pay(1n), refused), { cap: 100n, spent: 60n, worst: 41n })
      assert.strictEqual(yield* budget.within(40n, pay(1n), refused), "paid")
    })
  )

  it.effect("is free again after an interruption, also of one who waits", () =>
    Effect.gen(function* () {
      const budget = makeBudget(100n)
      const holding = yield* Effect.forkChild(
        budget.within(100n, () => Effect.never, refused),
        { startImmediately: true }
      )
      const waiting = yield* Effect.forkChild(
        budget.within(90n, () => Effect.never, refused),
        { startImmediately: true }
      )
      const next = yield* Effect.forkChild(budget.within(100n, pay(1n), refused), { startImmediately: true })
      yield* Fiber.interrupt(waiting)
      yield* Fiber.interrupt(holding)
      assert.strictEqual(yield* Fiber.join(next), "paid")
    })
  )

  it.effect("without a cap reserves nothing", () =>
    Effect.gen(function* () {
      const budget = makeBudget(null)
      assert.strictEqual(yield* budget.within(10n ** 30n, pay(null), refused), "paid")
    })
  )
})
