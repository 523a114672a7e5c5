import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import { Calls } from "../calls/Calls.ts"
import type { ReplayCase } from "../domain/Case.ts"
import { setupOf } from "../domain/Setup.ts"
import type { Capabilities } from "./capability.ts"
import { type Asking, mannerOf, plainAsking } from "./manner.ts"
import { type ReadyCheck, replayCase, replayFloor } from "./replay.ts"
import { caseOf, finished, refused, type Script, served } from "./served.testing.ts"

const setup = setupOf("there", "m", {})
const asking = (more: Partial<Asking> = {}, can: Capabilities = {}): Asking => ({
  ...plainAsking,
  capabilities: () => can,
  ...more
})

/** A model that thinks, as OpenAI's do: it takes no temperature. */
const reasoner: Script = (body) =>
  body["temperature"] === undefined
    ? finished("right")
    : refused("Unsupported parameter: 'temperature' is not supported with this model.")

describe("a call of which several answers were asked for", () => {
  it.live("is asked for one, which is said on the output", () =>
    Effect.gen(function* () {
      const { bodies, layer } = yield* served(() => finished("right"))
      const manner = mannerOf(asking(), setup)
      yield* Effect.gen(function* () {
        const several = yield* replayCase(caseOf("a", { n: 3 }), setup, [], manner)
        assert.deepStrictEqual(several.losses, [{ what: "n", why: "3 answers were asked for; one is" }])
        const one = yield* replayCase(caseOf("b", { n: 1 }), setup, [], manner)
        assert.deepStrictEqual(one.losses, [])
        assert.isTrue(bodies.every((body) => !("n" in body)))
      }).pipe(Effect.provide(layer))
    }).pipe(Effect.scoped)
  )
})

describe("a parameter that the target refuses", () => {
  it.live("is left out, said on the output, and not sent again with further cases like it", () =>
    Effect.gen(function* () {
      const { bodies, layer } = yield* served(reasoner)
      const manner = mannerOf(asking(), setup)
      yield* Effect.gen(function* () {
        for (const id of ["a", "b", "c"]) {
          const output = yield* replayCase(caseOf(id, { temperature: 0 }), setup, [], manner)
          assert.strictEqual(output.answer?.text, "right")
          assert.deepStrictEqual(output.losses, [
            { what: "temperature", why: "the target refuses it, so it was asked without" }
          ])
          assert.strictEqual(output.attempts.length, 1, "a refusal is no attempt")
        }
        assert.deepStrictEqual(
          bodies.map((body) => "temperature" in body),
          [true, false, false, false]
        )
        const plain = yield* replayCase(caseOf("d", {}), setup, [], manner)
        assert.deepStrictEqual(plain.losses, [])
      }).pipe(Effect.provide(layer))
    }).pipe(Effect.scoped)
  )

  it.live("is refused once, however many cases are asked at once", () =>
    Effect.gen(function* () {
      const { bodies, layer } = yield* served(reasoner)
      const manner = mannerOf(asking(), setup)
      const ids = Array.from({ length: 30 }, (_, i) => `at-once-${i}`)
      const outputs = yield* Effect.forEach(
        ids,
        (id) => replayCase(caseOf(id, { temperature: 0 }), setup, [], manner),
        { concurrency: "unbounded" }
      ).pipe(Effect.provide(layer))
      assert.isTrue(outputs.every(({ answer, losses }) => answer?.text === "right" && losses.length === 1))
      assert.strictEqual(bodies.filter((body) => "temperature" in body).length, 1)
    }).pipe(Effect.scoped)
  )

  it.live("is no reason to send others that the target may take: what is left out does not depend on their order", () =>
    Effect.gen(function* () {
      const only1: Script = (body) =>
        body["temperature"] === undefined || body["temperature"] === 1
          ? finished("right")
          : refused(
              "Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is supported."
            )
      const { bodies, layer } = yield* served(only1)
      const manner = mannerOf(asking(), setup)
      yield* Effect.gen(function* () {
        yield* replayCase(caseOf("a", { temperature: 0 }), setup, [], manner)
        const one = yield* replayCase(caseOf("b", { temperature: 1 }), setup, [], manner)
        assert.deepStrictEqual(one.losses, [])
        assert.strictEqual(bodies.at(-1)?.["temperature"], 1)
      }).pipe(Effect.provide(layer))
    }).pipe(Effect.scoped)
  )

  it.live("makes the case one that cannot be sent, where the suite says refuse; the next is not tried", () =>
    Effect.gen(function* () {
      const { bodies, layer } = yield* served(reasoner)
      const manner = mannerOf(asking({ refusedParameters: "refuse" }), setup)
      yield* Effect.gen(function* () {
        for (const id of ["a", "b"]) {
          const { ending, failure } = yield* replayCase(caseOf(id, { temperature: 0 }), setup, [], manner)
          assert.deepInclude(failure, { kind: "unsendable", why: "parameter" })
          assert.strictEqual(ending, "unsendable")
        }
        assert.strictEqual(bodies.length, 1)
      }).pipe(Effect.provide(layer))
    }).pipe(Effect.scoped)
  )

  it.live("says so where it is an axis of the setup, and max_tokens only takes its other name", () =>
    Effect.gen(function* () {
      const { bodies, layer } = yield* served((body) =>
        body["max_tokens"] !== undefined
          ? refused(
              "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
            )
          : reasoner(body)
      )
      const hot = setupOf("there", "m", { temperature: 0.7 })
      yield* Effect.gen(function* () {
        const { losses } = yield* replayCase(caseOf("a", { maxOutputTokens: 50 }), hot, [], mannerOf(asking(), hot))
        assert.deepStrictEqual(
          losses.map(({ what }) => what),
          ["temperature"]
        )
        assert.include(losses[0]?.why, "this axis of the setup is not in force")
        assert.strictEqual(bodies.at(-1)?.["max_completion_tokens"], 50)
      }).pipe(Effect.provide(layer))
    }).pipe(Effect.scoped)
  )
})

describe("what a model cannot take", () => {
  it.live("is not sent", () =>
    Effect.gen(function* () {
      const { bodies, layer, rows } = yield* served(() => finished("right"))
      const picture = caseOf(
        "a",
        {},
        {
          messages: [
            { role: "user", blocks: [{ type: "image", source: { kind: "url", url: "https://example.org/a.png" } }] }
          ]
        }
      )
      yield* Effect.gen(function* () {
        const { cost, failure } = yield* replayCase(picture, setup, [], mannerOf(asking({}, { vision: false }), setup))
        assert.deepInclude(failure, { kind: "unsendable", why: "vision" })
        assert.strictEqual(cost, 0n)
        assert.deepStrictEqual([bodies.length, rows.size], [0, 0])
      }).pipe(Effect.provide(layer))
    }).pipe(Effect.scoped)
  )

  it.live("is learnt from its words where nobody knew, and not tried again", () =>
    Effect.gen(function* () {
      const { bodies, layer } = yield* served(() => refused('"m" does not support tools'))
      const manner = mannerOf(asking(), setup)
      const tools = [{ name: "t", inputSchema: { type: "object" }, kind: "function", basis: "recorded" }] as const
      yield* Effect.gen(function* () {
        for (const id of ["a", "b"]) {
          const { failure } = yield* replayCase(caseOf(id, {}, { tools }), setup, [], manner)
          assert.deepInclude(failure, { kind: "unsendable", why: "tools" })
        }
        assert.strictEqual(bodies.length, 1)
      }).pipe(Effect.provide(layer))
    }).pipe(Effect.scoped)
  )

  it.live("a limit of ours is lowered to what the model gives; an original's own is not", () =>
    Effect.gen(function* () {
      const { bodies, layer } = yield* served((body) =>
        Number(body["max_tokens"]) > 1000
          ? refused(
              "max_tokens is too large: 4096. This model supports at most 1000 completion tokens, whereas you provided 4096."
            )
          : finished("right")
      )
      const manner = mannerOf(asking(), setup)
      yield* Effect.gen(function* () {
        const ours = yield* replayCase(caseOf("a", {}), setup, [], manner)
        assert.strictEqual(ours.answer?.text, "right")
        assert.deepStrictEqual(
          ours.losses.map(({ what }) => what),
          ["output limit"]
        )
        yield* replayCase(caseOf("b", {}), setup, [], manner)
        const own = yield* replayCase(caseOf("c", { maxOutputTokens: 2000 }), setup, [], manner)
        assert.deepInclude(own.failure, { kind: "unsendable", why: "output limit" })
        assert.deepStrictEqual(
          bodies.map((body) => body["max_tokens"]),
          [4096, 1000, 1000]
        )
      }).pipe(Effect.provide(layer))
    }).pipe(Effect.scoped)
  )
})

describe("an answer that the budget ended", () => {
  const needs =
    (tokens: number, reasoning = 0): Script =>
    (body) =>
      Number(body["max_tokens"]) < tokens
        ? finished(reasoning > 0 ? "" : "rig", "length", { output: Number(body["max_tokens"]), reasoning })
        : finished("right", "stop", { output: tokens })

  it.live("is asked for once more with four times our own limit; both are paid", () =>
    Effect.gen(function* () {
      const { bodies, layer } = yield* served(needs(5000))
      yield* Effect.gen(function* () {
        const { answer, attempts, cost, ending } = yield* replayCase(caseOf("a", {}), setup, [])
        assert.strictEqual(answer?.text, "right")
        assert.strictEqual(ending, "complete")
        assert.deepStrictEqual(
          bodies.map((body) => body["max_tokens"]),
          [4096, 16384]
        )
        assert.deepStrictEqual(
          attempts.map(({ enlarged, round }) => [round, enlarged]),
          [
            [0, undefined],
            [0, 16384]
          ]
        )
        assert.strictEqual(cost, BigInt(10 + 4096 + 10 + 5000) * 1000n)
      }).pipe(Effect.provide(layer))
    }).pipe(Effect.scoped)
  )

  it.live("stays what it was where it was cut again, and by the original's own limit", () =>
    Effect.gen(function* () {
      const { bodies, layer } = yield* served(needs(1_000_000))
      yield* Effect.gen(function* () {
        const twice = yield* replayCase(caseOf("a", {}), setup, [])
        assert.strictEqual(twice.ending, "truncated")
        assert.strictEqual(twice.answer?.text, "rig")
        assert.strictEqual(bodies.length, 2)
        const own = yield* replayCase(caseOf("b", { maxOutputTokens: 100 }), setup, [])
        assert.strictEqual(own.ending, "truncated")
        assert.strictEqual(bodies.length, 3)
      }).pipe(Effect.provide(layer))
    }).pipe(Effect.scoped)
  )

  it.live("by reasoning gets a larger one even of the original's, but not of a budget that is compared", () =>
    Effect.gen(function* () {
      const { bodies, layer } = yield* served(needs(300, 100))
      yield* Effect.gen(function* () {
        const original = yield* replayCase(caseOf("a", { maxOutputTokens: 100 }), setup, [])
        assert.strictEqual(original.ending, "complete")
        assert.strictEqual(bodies.length, 2)
        const compared = yield* replayCase(caseOf("b", {}), setupOf("there", "m", { maxTokens: 100 }), [])
        assert.strictEqual(compared.ending, "reasoning")
        assert.strictEqual(bodies.length, 3)
      }).pipe(Effect.provide(layer))
    }).pipe(Effect.scoped)
  )

  it.live("is not bought twice where the model turns out to give no more", () =>
    Effect.gen(function* () {
      const { layer } = yield* served((body) =>
        Number(body["max_tokens"]) > 4096
          ? refused("max_tokens: 16384 > 4096, which is the maximum allowed number of output tokens for m")
          : finished("rig", "length", { output: 4096 })
      )
      yield* Effect.gen(function* () {
        const { attempts, ending } = yield* replayCase(caseOf("a", {}), setup, [])
        assert.strictEqual(ending, "truncated")
        assert.strictEqual(attempts.length, 1)
        const calls = yield* Calls
        assert.strictEqual((yield* calls.spend).calls, 1)
      }).pipe(Effect.provide(layer))
    }).pipe(Effect.scoped)
  )

  it.live("of the incumbent, asked again, is treated like a setup's", () =>
    Effect.gen(function* () {
      const { layer } = yield* served(needs(5000))
      const { attempts, ending } = yield* replayFloor(caseOf("a", {}), { provider: "there", model: "m" }, 0).pipe(
        Effect.provide(layer)
      )
      assert.deepStrictEqual([ending, attempts.length], ["complete", 2])
    }).pipe(Effect.scoped)
  )

  it.live("is checked only once it is whole, and repair rounds keep its budget", () =>
    Effect.gen(function* () {
      const { bodies, layer } = yield* served(needs(5000))
      let checks = 0
      const never: ReadyCheck = {
        use: "never",
        run: () =>
          Effect.sync(() => {
            checks++
            return { use: "never", pass: false, message: "no" }
          })
      }
      const repairing = setupOf("there", "m", { repairs: 1 })
      yield* Effect.gen(function* () {
        const { attempts } = yield* replayCase(caseOf("a", {}), repairing, [never])
        assert.deepStrictEqual(
          attempts.map(({ round }) => round),
          [0, 0, 1]
        )
        assert.strictEqual(checks, 2)
        assert.strictEqual(bodies.at(-1)?.["max_tokens"], 16384)
      }).pipe(Effect.provide(layer))
    }).pipe(Effect.scoped)
  )
})

describe("streaming", () => {
  it.live("follows the archived call, or the suite, and shares the cache with what was not streamed", () =>
    Effect.gen(function* () {
      const { bodies, layer } = yield* served(() => finished("right"))
      const streamed = caseOf("a", { stream: true })
      const ask = (archived: ReplayCase, how: Asking["stream"]) =>
        replayCase(archived, setup, [], mannerOf(asking({ stream: how }), setup))
      yield* Effect.gen(function* () {
        const first = yield* ask(streamed, "auto")
        assert.strictEqual(first.answer?.text, "right")
        assert.strictEqual(bodies[0]?.["stream"], true)
        const again = yield* ask(streamed, false)
        assert.deepInclude(again.attempts[0], { cached: true, answer: first.attempts[0]!.answer })
        yield* ask(caseOf("b", {}), "auto")
        yield* ask(caseOf("c", {}), true)
        yield* ask(caseOf("d", { stream: true }), false)
        assert.deepStrictEqual(
          bodies.map((body) => body["stream"] === true),
          [true, false, true, false]
        )
      }).pipe(Effect.provide(layer))
    }).pipe(Effect.scoped)
  )
})
