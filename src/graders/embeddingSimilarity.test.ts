import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

import { type Account, Calls, type CallsOptions } from "../calls/Calls.ts"
import type { AnswerRow } from "../domain/Output.ts"
import { anthropic } from "../providers/anthropic.ts"
import type { Provider } from "../providers/contract.ts"
import { ollama } from "../providers/ollama.ts"
import { openai } from "../providers/openai.ts"
import { vectorOf } from "../standin/embed.ts"
import { type Fleet, serve } from "../standin/Fleet.ts"
import { Answers } from "../store/Answers.ts"
import { pair } from "../testing/grading.ts"
import type { GradeInput } from "./contract.ts"
import { cosineOf, embeddingSimilarity } from "./embeddingSimilarity.ts"
import { runGrader } from "./grade.ts"

const perMillion = 20 // US dollars: a token is 20,000 nano-dollars

const kinds: Readonly<Record<string, readonly [Provider, (fleet: Fleet) => string]>> = {
  openai: [openai, ({ openaiURL }) => openaiURL],
  ollama: [ollama, ({ url }) => url],
  anthropic: [anthropic, ({ url }) => url]
}

/** A run that can embed at a fleet by the SDK of this kind. */
const running = Effect.fnUntraced(function* (kind: string, options: Partial<CallsOptions> = {}) {
  const fleet = yield* serve({ apiKey: Redacted.make("sk-fleet-0123456789") })
  const [provider, addressOf] = kinds[kind]!
  const apiKey = Redacted.make("sk-fleet-0123456789")
  const account: Account = {
    name: "there",
    kind,
    host: fleet.url,
    connection: yield* provider.open({ name: "there", baseURL: addressOf(fleet), apiKey, timeoutMs: 20_000 }),
    concurrency: "adaptive",
    priceOf: () => ({ input: String(perMillion), output: "0", source: "test", asOf: "2026-01-01" })
  }
  const rows = new Map<string, AnswerRow>()
  const lines: Array<Readonly<Record<string, unknown>>> = []
  const answers = Layer.succeed(Answers, {
    get: (key) => Effect.sync(() => rows.get(key)),
    has: (key) => rows.has(key),
    wasAsked: () => false,
    put: (row) => Effect.sync(() => void rows.set(row.key, row))
  })
  const layer = Calls.layer({
    accounts: [account],
    budget: null,
    journal: (line) => Effect.sync(() => void lines.push({ ...line })),
    ...options
  }).pipe(Layer.provide(answers))
  const context = yield* Layer.build(layer)
  const grade = (input: GradeInput, more: object = {}, model = "sim-embed") =>
    runGrader(made({ provider: "there", model, ...more }), input).pipe(Effect.provide(context))
  const spend = Effect.flatMap(Calls, (calls) => calls.spend).pipe(Effect.provide(context))
  return { fleet, grade, lines, rows, spend }
})
const decode = Schema.decodeUnknownResult(embeddingSimilarity.options)
const made = (options: object) => embeddingSimilarity.make(Result.getOrThrow(decode(options)))

const one = "Your refund of 42 EUR was issued today."
const other = "A refund of 42 EUR has been issued."
const far = "Bananas ripen quickly in warm kitchens."

describe("the cosine of two vectors", () => {
  it.each<readonly [ReadonlyArray<number>, ReadonlyArray<number>, number | undefined]>([
    [[1, 0], [0, 2], 0],
    [[1, 2], [2, 4], 1],
    [[1, 2], [-2, -4], -1],
    // numpy 2.4.6: a @ b / norm(a) / norm(b)
    [[0.1, -0.4, 0.25], [0.3, 0.2, -0.7], -0.592_618_486_157_220_6],
    [[1, 0], [1, 0, 0], undefined],
    [[0, 0], [1, 0], undefined]
  ])("of %j and %j is %d", (a, b, cosine) => {
    const got = cosineOf(a, b)
    if (cosine === undefined || got === undefined) assert.strictEqual(got, cosine)
    else assert.closeTo(got, cosine, 1e-9)
  })
})

describe("likeness by embeddings", () => {
  for (const kind of ["openai", "ollama"]) {
    it.live(`is the cosine of what ${kind}'s SDK brings, each text bought once as a judge's call`, () =>
      Effect.gen(function* () {
        const { fleet, grade, lines, rows, spend } = yield* running(kind)
        const first = yield* grade(pair(other, one))
        assert.closeTo(first.score ?? Number.NaN, cosineOf(vectorOf(one), vectorOf(other))!, 1e-12)
        const second = yield* grade({ ...pair(far, one), case: { ...pair("", "").case, id: "case-2" }, draw: 1 })
        assert.isBelow(second.score ?? Number.NaN, (first.score ?? 0) / 2)
        assert.deepStrictEqual(
          [...rows.values()].map(({ model, series }) => [model, series]),
          [1, 2, 3].map(() => ["sim-embed", "judge"])
        )
        const tokens = [one, other, far].reduce((sum, text) => sum + Math.ceil(text.length / 4), 0)
        const spent = yield* spend
        const usd = BigInt(tokens * perMillion * 1000)
        assert.deepInclude(spent, { usd, judgeUsd: usd, calls: 3, cached: 1, unpriced: 0 })
        assert.strictEqual((yield* fleet.stats).models["sim-embed"]?.answered, 3)
        const journal = JSON.stringify(lines, (_, value) => (typeof value === "bigint" ? String(value) : value))
        assert.deepStrictEqual(
          lines.map(({ series }) => series),
          lines.map(() => "judge")
        )
        assert.isAtLeast(lines.length, 3)
        assert.notInclude(journal + JSON.stringify([...rows.values()]), "sk-fleet")
      })
    )
  }

  it.live("goes from 0 at the floor to 1 at the ceiling", () =>
    Effect.gen(function* () {
      const { grade } = yield* running("openai")
      const cosine = cosineOf(vectorOf(one), vectorOf(other))!
      const scores = [
        yield* grade(pair(other, one), { floor: cosine - 0.2, ceiling: cosine + 0.2 }),
        yield* grade(pair(other, one), { floor: cosine + 0.01 }),
        yield* grade(pair(other, one), { ceiling: cosine - 0.01 })
      ].map(({ score }) => Math.round((score ?? Number.NaN) * 1e9) / 1e9)
      assert.deepStrictEqual(scores, [0.5, 0, 1])
    })
  )

  it.live("asks nothing where there is nothing to ask", () =>
    Effect.gen(function* () {
      const { fleet, grade } = yield* running("openai")
      const scores = [
        yield* grade(pair(` ${one}\n`, one)),
        yield* grade(pair(" ", one)),
        yield* grade(pair(one, " ")),
        yield* grade(pair(one, "x", one)),
        yield* grade(pair(one, "x", { json: true }))
      ].map(({ score }) => score)
      assert.deepStrictEqual(scores, [1, 0, null, 1, null])
      assert.strictEqual((yield* fleet.stats).requests, 0)
    })
  )

  it.live("has no score, and says what failed, where the judges' cap has no room", () =>
    Effect.gen(function* () {
      const { fleet, grade } = yield* running("openai", { caps: { judge: 1n } })
      const { failure, score } = yield* grade(pair(other, one))
      assert.strictEqual(score, null)
      assert.deepInclude(failure, { kind: "budget", cap: "judges" })
      assert.strictEqual((yield* fleet.stats).requests, 0)
    })
  )

  it.live("stops the run where the model is not there, or the provider has no embeddings", () =>
    Effect.gen(function* () {
      const absent = yield* Effect.flip((yield* running("ollama")).grade(pair(other, one), {}, "no-such-model"))
      assert.include(absent.sentence, "no-such-model")
      const none = yield* Effect.flip((yield* running("anthropic")).grade(pair(other, one)))
      assert.strictEqual(none.sentence, "Provider there is of the kind anthropic, which has no embeddings.")
    })
  )

  it("takes a floor below its ceiling alone", () => {
    const model = { provider: "there", model: "m" }
    assert.isTrue(Result.isSuccess(decode({ ...model, floor: 0.2, ceiling: 0.9 })))
    for (const wrong of [{ floor: 0.9, ceiling: 0.2 }, { floor: 1 }, { floor: -0.1 }, { ceiling: 1.1 }])
      assert.isTrue(Result.isFailure(decode({ ...model, ...wrong })), JSON.stringify(wrong))
  })
})
