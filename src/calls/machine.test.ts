import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as TestClock from "effect/testing/TestClock"

import type { AnswerRow } from "../domain/Output.ts"
import { type Connection, ProviderError, type Reply } from "../providers/contract.ts"
import { Answers } from "../store/Answers.ts"
import { type Ask, Calls } from "./Calls.ts"
import { ledgerOf } from "./ledger.ts"
import type { Line } from "./lines.ts"

const answer: Reply = {
  response: { blocks: [{ type: "text", text: "a" }], stopReason: "end", complete: true },
  usage: { basis: "unreliable", input: null, output: null },
  timing: { startedAt: null, basis: "reported" }
}
const cut = new ProviderError({ provider: "box", model: "m", reason: "Cut", detail: "cut", mayBeBilled: true })

/** Two million nano-dollars a second. */
const rate = { usdPerHour: "3.6", utilisation: "0.5", source: "suite", asOf: "2026-01-01" }
const askOf = (text: string): Ask => ({
  provider: "box",
  request: {
    wire: "openai.chat",
    model: "m",
    messages: [{ role: "user", blocks: [{ type: "text", text }] }],
    tools: null,
    params: {}
  },
  series: "candidate",
  repeat: 0,
  stream: false,
  for: { case: "c", setup: "s" }
})

/** A machine at which every try takes a second and then ends as `ends` says, at last with an answer; a try may take two. */
const box = (options: {
  readonly ends?: ReadonlyArray<ProviderError>
  readonly budget?: bigint
  readonly concurrency?: number
}) => {
  const rows = new Map<string, AnswerRow>()
  const journal: Array<Line> = []
  const ends = [...(options.ends ?? [])]
  const connection: Connection = {
    prepare: (request) => Result.succeed({ body: { messages: request.messages }, losses: [] }),
    send: () =>
      Effect.flatMap(Effect.sleep("1 second"), () => {
        const error = ends.shift()
        return error === undefined ? Effect.succeed(answer) : Effect.fail(error)
      }),
    models: Effect.succeed(["m"])
  }
  const { budget = 100_000_000n, concurrency = 2 } = options
  const layer = Calls.layer({
    accounts: [
      { name: "box", kind: "openai", host: "h", connection, concurrency, timeoutMs: 2_000, priceOf: () => rate }
    ],
    budget,
    retry: { tries: 3 },
    journal: (line) => Effect.sync(() => void journal.push(line))
  }).pipe(
    Layer.provide(
      Layer.succeed(Answers, {
        get: (key) => Effect.sync(() => rows.get(key)),
        has: (key) => rows.has(key),
        wasAsked: () => false,
        put: (row) => Effect.sync(() => void rows.set(row.key, row))
      })
    )
  )
  return { rows, journal, layer }
}

const going = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.forkChild(effect, { startImmediately: true })

describe("an answer of a machine that is paid by the hour", () => {
  it.effect("costs its share of the time, and the same out of the cache", () => {
    const { layer, rows } = box({})
    return Effect.gen(function* () {
      const { ask, spend } = yield* Calls
      const both = yield* going(Effect.forEach(["x", "y"], (text) => ask(askOf(text)), { concurrency: 2 }))
      yield* TestClock.adjust("1 second")
      const answers = yield* Fiber.join(both)
      assert.deepStrictEqual(
        answers.map(({ cost }) => cost),
        [1_000_000n, 1_000_000n]
      )
      assert.strictEqual((yield* spend).usd, 2_000_000n)
      assert.strictEqual((yield* ask(askOf("x"))).cost, 1_000_000n)
      assert.strictEqual((yield* spend).usd, 2_000_000n)
      assert.deepStrictEqual(
        [...rows.values()].map(({ timing: { heldMs, shareMs } }) => [shareMs, heldMs]),
        [
          [500, 1_000],
          [500, 1_000]
        ]
      )
    }).pipe(Effect.provide(layer))
  })

  it.effect("has the time of the tries before it in, which is no money that is lost sight of", () => {
    const { journal, layer } = box({ ends: [cut] })
    return Effect.gen(function* () {
      const { ask, spend } = yield* Calls
      const asked = yield* going(ask(askOf("x")))
      yield* TestClock.adjust("10 minutes")
      const { cost, row } = yield* Fiber.join(asked)
      assert.strictEqual(cost, 4_000_000n)
      assert.deepInclude(row.timing, { shareMs: 2_000, heldMs: 2_000, failed: { tries: 1, shareMs: 1_000 } })
      const unanswered = { tries: 1, usd: 2_000_000n }
      assert.deepInclude(yield* spend, { usd: 4_000_000n, calls: 1, lost: 0, unanswered })
      assert.deepInclude(
        journal.find(({ event }) => event === "retry"),
        { usdSoFar: "0.002000000" }
      )
      assert.deepInclude(ledgerOf(journal), { usd: 4_000_000n, paid: 1, lost: 0 })
    }).pipe(Effect.provide(layer))
  })

  it.effect("is paid for where it never came: the journal says how much", () => {
    const { journal, layer } = box({ ends: [cut, cut, cut] })
    return Effect.gen(function* () {
      const { ask, spend } = yield* Calls
      const asked = yield* going(Effect.result(ask(askOf("x"))))
      yield* TestClock.adjust("60 minutes")
      const end = yield* Fiber.join(asked)
      const { calls, lost, unanswered, usd } = yield* spend
      const tries = journal.filter(({ event }) => event === "retry" || event === "failed").length
      assert.deepStrictEqual([calls, lost, usd], [0, 0, 2_000_000n * BigInt(tries)])
      assert.deepStrictEqual(unanswered, { tries, usd })
      const failure = Result.isFailure(end) ? end.failure : undefined
      const took = failure?._tag === "CallFailed" ? failure.took : undefined
      assert.deepStrictEqual(took, { shareMs: 1_000 * tries, heldMs: 1_000 * tries, cost: usd }, "the failure too")
      assert.deepInclude(ledgerOf(journal), { usd, paid: 0, failed: 1, lost: 0 })
    }).pipe(Effect.provide(layer))
  })

  it.effect("is paid for as far as it came where it was interrupted", () => {
    const { layer } = box({})
    return Effect.gen(function* () {
      const { ask, spend } = yield* Calls
      const asked = yield* going(ask(askOf("x")))
      yield* TestClock.adjust("250 millis")
      yield* Fiber.interrupt(asked)
      assert.strictEqual((yield* spend).usd, 500_000n)
    }).pipe(Effect.provide(layer))
  })

  it.effect("goes out only where the cap has room for all the time it may take", () => {
    // Room for three tries of two seconds; what three took leaves room for two, and so on until none.
    const { layer } = box({ budget: 12_100_000n, concurrency: 10 })
    return Effect.gen(function* () {
      const { ask, spend } = yield* Calls
      const texts = Array.from({ length: 12 }, (_, i) => `question ${i}`)
      const all = yield* going(
        Effect.forEach(texts, (text) => Effect.result(ask(askOf(text))), { concurrency: "unbounded" })
      )
      yield* TestClock.adjust("1 minute")
      const answers = yield* Fiber.join(all)
      // Three, two, two, one, one: each second costs two million, however many share it; thirds are rounded.
      assert.deepInclude(yield* spend, { usd: 10_000_001n, calls: 9 })
      const refused = answers.flatMap((one) => (Result.isFailure(one) ? [one.failure] : []))
      assert.strictEqual(refused.length, 3)
      assert.isTrue(refused.every((one) => one._tag === "CallFailed" && one.kind === "budget"))
    }).pipe(Effect.provide(layer))
  })
})
