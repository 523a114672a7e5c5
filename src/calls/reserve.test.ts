import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"

import type { Usage } from "../domain/Call.ts"
import { Answers } from "../store/Answers.ts"
import { Calls } from "./Calls.ts"
import { makeReserve } from "./reserve.ts"

const usageOf = (input: number, output: number): Usage => ({
  basis: "reported",
  input: { total: input, uncached: input, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, cacheWriteOther: 0 },
  output: { total: output, text: output, reasoning: 0 }
})

describe("what is put aside for a try", () => {
  it("is what its request tells, until a model used more; then as much more, a side and a model at a time", () => {
    const reserve = makeReserve()
    const asked = { input: 100, output: 50 }
    assert.isFalse(reserve.learn("m", asked, usageOf(100, 50)))
    assert.deepStrictEqual(reserve.of("m", asked), asked)
    assert.isTrue(reserve.learn("m", asked, usageOf(400, 10)))
    assert.deepStrictEqual(reserve.of("m", asked), { input: 400, output: 50 })
    assert.deepStrictEqual(reserve.of("m", { input: 1_000, output: 50 }), { input: 4_000, output: 50 }, "by ratio")
    assert.deepStrictEqual(reserve.of("m", { input: 10, output: 50 }), { input: 310, output: 50 }, "by excess")
    assert.deepStrictEqual(reserve.of("other", asked), asked)
    assert.isFalse(reserve.learn("m", asked, usageOf(400, 50)), "no more than is known by now")
    assert.isTrue(reserve.learn("m", asked, usageOf(100, 60)))
    assert.deepStrictEqual(reserve.of("m", asked), { input: 400, output: 60 })
    assert.isFalse(reserve.learn("m", asked, { ...usageOf(0, 0), input: null, output: null }))
  })
})

describe("a budget at a provider that bills more than it was asked for", () => {
  const prices = { input: "1", output: "4", source: "test", asOf: "2026-01-01" }
  const bill = 4_000n * 1_000n + 3_000n * 4_000n // of every answer, of which about a fifth is put aside at first
  const run = (cap: bigint, inFlight: number) =>
    Effect.gen(function* () {
      const warnings: Array<string> = []
      const go = Deferred.makeUnsafe<void>()
      let sent = 0
      const options = {
        accounts: [
          {
            name: "fleet",
            kind: "openai",
            host: "fleet",
            concurrency: inFlight,
            priceOf: () => prices,
            connection: {
              prepare: () => Result.succeed({ body: { max_tokens: 500, text: "x".repeat(400) }, losses: [] }),
              send: () =>
                Effect.as(
                  Effect.andThen(
                    Effect.sync(() => sent++),
                    Deferred.await(go)
                  ),
                  {
                    response: { blocks: [], stopReason: "end" as const, complete: true },
                    usage: usageOf(4_000, 3_000),
                    timing: { startedAt: null, latencyMs: 1, basis: "reported" as const }
                  }
                ),
              models: Effect.succeed([])
            }
          }
        ],
        budget: cap,
        journal: () => Effect.void,
        warn: (sentence: string) => void warnings.push(sentence)
      }
      const none = Layer.succeed(Answers, {
        get: () => Effect.succeed(undefined),
        has: () => false,
        wasAsked: () => false,
        put: () => Effect.void
      })
      return yield* Effect.gen(function* () {
        const calls = yield* Calls
        const all = yield* Effect.forEach(
          Array.from({ length: 200 }, (_, i) => i),
          (i) =>
            Effect.exit(
              calls.ask({
                provider: "fleet",
                request: { wire: "unknown", model: "m", messages: [], tools: null, params: { maxOutputTokens: 500 } },
                series: "candidate",
                repeat: i,
                stream: false,
                for: { case: `c${i}`, setup: "s" }
              })
            ),
          { concurrency: "unbounded" }
        ).pipe(Effect.forkChild({ startImmediately: true }))
        const first = sent
        yield* Deferred.succeed(go, undefined)
        yield* Fiber.join(all)
        return { first, warnings, spent: (yield* calls.spend).usd }
      }).pipe(Effect.provide(Layer.provide(Calls.layer(options), none)))
    })

  it.effect("is passed by no more than the answers that were in flight at the first discovery", () =>
    Effect.gen(function* () {
      const cap = 200_000_000n
      const { first, spent, warnings } = yield* run(cap, 8)
      assert.strictEqual(first, 8)
      assert.isTrue(
        spent <= cap,
        `the eight in flight cost more than was put aside, and those after them wait: ${spent}`
      )
      assert.isTrue(spent + bill > cap, "what is left is not enough for one more")
      assert.strictEqual(warnings.length, 1)
      assert.match(
        warnings[0]!,
        /^fleet\/m bills more than was asked for: 4,000 tokens for what is sent, where \d{3} at most were put aside, and 3,000 tokens of output, where 500 at most were put aside\. /
      )
      // All eight were out before the first came back; those that had money put aside and waited for room are not sent.
      assert.strictEqual((yield* run(100_000_000n, 8)).spent, 8n * bill)
    })
  )
})
