import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"

import { makeBudget as makeBudgets, type NoRoom, type Purse, purseOf, type Reservation } from "./budget.ts"

/** One cap, and the tries that it holds for. */
const makeBudget = (cap: bigint | null) => {
  const budget = makeBudgets()
  const purses: ReadonlyArray<Purse> = cap === null ? [] : [purseOf("The budget", cap)]
  return {
    within: <A, E, B, E2>(
      worst: bigint,
      use: (reservation: Reservation) => Effect.Effect<A, E>,
      no: (why: NoRoom) => Effect.Effect<B, E2>
    ) => budget.within(purses, worst, use, no)
  }
}

const name = "The budget"
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
      assert.deepStrictEqual(yield* Fiber.join(late), { name, cap: 100n, spent: 70n, worst: 60n })
    })
  )

  it.effect("refuses at once what never fits", () =>
    Effect.gen(function* () {
      const budget = makeBudget(100n)
      assert.deepStrictEqual(yield* budget.within(101n, pay(1n), refused), { name, cap: 100n, spent: 0n, worst: 101n })
      assert.strictEqual(yield* budget.within(100n, pay(100n), refused), "paid")
      assert.deepStrictEqual(yield* budget.within(1n, pay(1n), refused), { name, cap: 100n, spent: 100n, worst: 1n })
    })
  )

  it.effect("holds the worst case back where the bill is not known", () =>
    Effect.gen(function* () {
      const budget = makeBudget(100n)
      yield* budget.within(60n, pay(null), refused)
      const held = { name, cap: 100n, unbilled: 60n }
      assert.deepStrictEqual(yield* budget.within(41n, pay(1n), refused), { ...held, spent: 60n, worst: 41n })
      assert.strictEqual(yield* budget.within(40n, pay(1n), refused), "paid")
      assert.deepStrictEqual(yield* budget.within(40n, pay(1n), refused), { ...held, spent: 61n, worst: 40n })
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

describe("several caps", () => {
  const Amount = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 400 }))
  const Caps = Schema.Tuple([Amount, Amount, Amount, Amount])
  const Mixed = Schema.Struct({
    ...Try.fields,
    holds: Schema.Tuple([Schema.Boolean, Schema.Boolean, Schema.Boolean, Schema.Boolean])
  })

  it.effect.prop(
    "are none of them ever exceeded, to the nano-dollar, nobody waits for ever, and who is refused is told the cap without room",
    { caps: Caps, tries: Schema.Array(Mixed).check(Schema.isMaxLength(48)) },
    ({ caps, tries }) =>
      Effect.gen(function* () {
        const budget = makeBudgets()
        const purses = caps.map((cap, i) => purseOf(`cap ${i}`, BigInt(cap)))
        const out = [0, 0, 0, 0]
        const paid = [0, 0, 0, 0]
        const one = ({ end, holds, share, worst, yields }: typeof Mixed.Type) => {
          const mine = [0, 1, 2, 3].filter((i) => holds[i] === true)
          return budget.within(
            mine.map((i) => purses[i]!),
            BigInt(worst),
            (reservation) =>
              Effect.gen(function* () {
                for (const i of mine) out[i]! += worst
                for (const i of mine) assert.isAtMost(out[i]! + paid[i]!, caps[i]!)
                for (let i = 0; i < yields; i++) yield* Effect.yieldNow
                const cost = Math.floor(worst * share)
                if (end === "interrupted") return yield* Effect.interrupt
                if (end === "paid") reservation.paid(BigInt(cost))
                if (end === "unknown") reservation.paid(null)
                if (end === "lost") reservation.lost()
                for (const i of mine) paid[i]! += end === "paid" ? cost : end === "dropped" ? 0 : worst
                return "done" as const
              }).pipe(
                Effect.ensuring(
                  Effect.sync(() => {
                    for (const i of mine) out[i]! -= worst
                  })
                )
              ),
            (why) =>
              Effect.sync(() => {
                assert.isTrue(why.spent + why.worst > why.cap)
                assert.include(
                  mine.map((i) => `cap ${i}`),
                  why.name
                )
                return "refused" as const
              })
          )
        }
        const fibers = yield* Effect.forEach(tries, (t) =>
          Effect.forkChild(Effect.exit(one(t)), { startImmediately: true })
        )
        // Some who wait, or are out, are interrupted from outside.
        yield* Effect.forEach(
          fibers.filter((_, i) => i % 7 === 3),
          Fiber.interrupt
        )
        yield* Effect.forEach(fibers, Fiber.await)
        for (const [i, purse] of purses.entries()) {
          assert.strictEqual(purse.reserved, 0n)
          assert.isTrue(purse.spent <= purse.cap, `cap ${i}`)
          assert.isAtMost(paid[i]!, Number(purse.spent))
        }
      }),
    60_000
  )

  it.effect("let those pass who need nothing of what the first in line waits for", () =>
    Effect.gen(function* () {
      const budget = makeBudgets()
      const [run, small, large] = [purseOf("run", 1_000n), purseOf("small", 100n), purseOf("large", 900n)]
      const end = yield* Deferred.make<void>()
      yield* Effect.forkChild(
        budget.within([run, small], 80n, () => Deferred.await(end), refused),
        { startImmediately: true }
      )
      const short = yield* Effect.forkChild(budget.within([run, small], 50n, pay(50n), refused), {
        startImmediately: true
      })
      const behind = yield* Effect.forkChild(budget.within([run, small], 10n, pay(10n), refused), {
        startImmediately: true
      })
      assert.strictEqual(yield* budget.within([run, large], 500n, pay(500n), refused), "paid")
      assert.isUndefined(short.pollUnsafe())
      assert.isUndefined(behind.pollUnsafe(), "nobody takes what an earlier one waits for")
      yield* Deferred.succeed(end, undefined)
      assert.deepStrictEqual([yield* Fiber.join(short), yield* Fiber.join(behind)], ["paid", "paid"])
      assert.deepStrictEqual([run.spent, small.spent, large.spent], [560n, 60n, 500n])
    })
  )
})
