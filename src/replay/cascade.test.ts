import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import { Calls } from "../calls/Calls.ts"
import { replayable } from "../domain/Case.ts"
import { type EscalationRule, type Setup, setupOf } from "../domain/Setup.ts"
import { type Deciding, escalatesFreely } from "./escalate.ts"
import { mannerOf, plainAsking } from "./manner.ts"
import { type Beyond, floorDraw, type ReadyCheck, replayCase, replayFloor } from "./replay.ts"
import { repeatOf } from "./rung.ts"
import { type Body, caseOf, finished, type Script, served, wholeCase } from "./served.testing.ts"

/** Passes an answer that is one of these texts. */
const oneOf = (use: string, ...right: ReadonlyArray<string>): ReadyCheck => ({
  use,
  run: ({ output }) =>
    Effect.succeed({ use, pass: right.includes(output.text), message: `${output.text} is not ${right.join(" or ")}` })
})
const broken: ReadyCheck = {
  use: "broken",
  run: () => Effect.succeed({ use: "broken", pass: false, message: "no such command", broken: true })
}

const plain: Deciding = {
  likeness: (one, other) => (one.text === other.text ? 1 : 0),
  judge: () => Effect.die("no rule here asks a judge")
}
const incumbent = { provider: "there", model: "premium", repeats: 2 }
const beyond = (more: Partial<Beyond> = {}): Beyond => ({
  ...plain,
  mannerOf: (target) => mannerOf(plainAsking, target),
  incumbent,
  ...more
})

const cascade = (
  to: Setup | "incumbent",
  when: ReadonlyArray<EscalationRule> = ["checkFailed"],
  axes: Setup["axes"] = {}
) => setupOf("there", "small", axes, { when, to })
const large = setupOf("there", "large", {})

/** Answers of a model in the order in which it is asked, then its last again. */
const inTurn = (answers: Readonly<Record<string, ReadonlyArray<string>>>): Script => {
  const counts = new Map<string, number>()
  return ({ model }: Body) => {
    const [name, said] = [String(model), answers[String(model)] ?? []]
    const at = counts.get(name) ?? 0
    counts.set(name, at + 1)
    return finished(said[Math.min(at, said.length - 1)] ?? "nothing")
  }
}
const models = (bodies: ReadonlyArray<Body>) => bodies.map(({ model }) => model)

describe("what replay is handed", () => {
  it("has nothing of the original, for the compiler and at run time", () => {
    const whole = { ...wholeCase("a", {}), expected: "gold", latencyMs: 5, ttftMs: 1 }
    // @ts-expect-error a whole case holds the original
    const refused: Parameters<typeof replayCase>[0] = whole
    // @ts-expect-error and a row may hold the right answer
    const gold: Parameters<typeof replayFloor>[0] = { ...replayable(whole), expected: "gold" }
    assert.isDefined(refused)
    assert.isDefined(gold)
    assert.notInclude(JSON.stringify(replayable(whole)), "right")
    assert.notInclude(JSON.stringify(replayable(whole)), "gold")
    for (const key of ["original", "expected", "latencyMs", "ttftMs"]) assert.notProperty(replayable(whole), key)
  })

  it.live("nor do its checks see more", () =>
    Effect.gen(function* () {
      const { layer } = yield* served(() => finished("x"))
      let seen: object = {}
      const spy: ReadyCheck = {
        use: "spy",
        run: (input) => {
          seen = input.case
          return Effect.succeed({ use: "spy", pass: true, message: "" })
        }
      }
      yield* replayCase(caseOf("a", {}), large, [spy]).pipe(Effect.provide(layer))
      assert.notProperty(seen, "original")
    }).pipe(Effect.scoped)
  )
})

describe("samples", () => {
  it("have draws of their own: the first is the case's, the rest collide with no other case's", () => {
    assert.strictEqual(repeatOf(3, 0), 3)
    const draws = [0, 1, 999_999_999].flatMap((repeat) => [0, 1, 2, 15].map((sample) => repeatOf(repeat, sample)))
    assert.strictEqual(new Set(draws).size, draws.length)
    assert.isTrue(draws.every(Number.isSafeInteger))
  })

  it.live(
    "are drawn until one passes all checks, each paid for; the first is the answer of a setup that draws one",
    () =>
      Effect.gen(function* () {
        const { bodies, layer } = yield* served(inTurn({ small: ["bad", "worse", "good", "never"] }))
        const check = oneOf("check", "good")
        yield* Effect.gen(function* () {
          const one = yield* replayCase(caseOf("a", {}), setupOf("there", "small", {}), [check])
          const best = yield* replayCase(caseOf("a", {}), setupOf("there", "small", { samples: 8 }), [check])
          assert.strictEqual(best.answer?.text, "good")
          assert.strictEqual(bodies.length, 3)
          assert.deepStrictEqual(
            best.attempts.map(({ cached, round, sample }) => [round, sample, cached]),
            [
              [0, undefined, true],
              [0, 1, false],
              [0, 2, false]
            ]
          )
          assert.strictEqual(best.attempts[0]?.answer, one.attempts[0]?.answer)
          assert.strictEqual(best.cost, 3n * (one.cost ?? 0n))
          assert.notProperty(best, "chosen")
        }).pipe(Effect.provide(layer))
      }).pipe(Effect.scoped)
  )

  it.live("where none passes, that with most checks passed goes on, the first of equals, into the repair rounds", () =>
    Effect.gen(function* () {
      const { bodies, layer } = yield* served(inTurn({ small: ["none", "half", "half too", "mended"] }))
      const checks = [oneOf("first", "half", "half too", "mended"), oneOf("second", "mended")]
      yield* Effect.gen(function* () {
        const plain = yield* replayCase(caseOf("a", {}), setupOf("there", "small", { samples: 3 }), checks)
        assert.deepStrictEqual([plain.answer?.text, plain.chosen, plain.attempts.length], ["half", 1, 3])
        const mended = yield* replayCase(caseOf("a", {}), setupOf("there", "small", { samples: 3, repairs: 2 }), checks)
        assert.strictEqual(mended.answer?.text, "mended")
        assert.deepInclude(mended.attempts.at(-1), { round: 1, sample: 1 })
        const told = JSON.stringify(bodies.at(-1))
        assert.include(told, "second: half is not mended")
        assert.notInclude(told, "half too")
      }).pipe(Effect.provide(layer))
    }).pipe(Effect.scoped)
  )
})

describe("a cascade", () => {
  it.live("asks the next setup where a check fails after the last round, and both are paid for", () =>
    Effect.gen(function* () {
      const { bodies, layer } = yield* served(inTurn({ small: ["bad"], large: ["good"] }))
      const setup = cascade(large, ["checkFailed"], { repairs: 1 })
      const check = oneOf("check", "good")
      const output = yield* replayCase(caseOf("a", {}), setup, [check], undefined, beyond()).pipe(Effect.provide(layer))
      assert.deepStrictEqual(models(bodies), ["small", "small", "large"])
      assert.strictEqual(output.answer?.text, "good")
      assert.strictEqual(output.setupId, setup.id)
      assert.deepStrictEqual(
        output.attempts.map(({ round, rung }) => [rung, round]),
        [
          [undefined, 0],
          [undefined, 1],
          [1, 0]
        ]
      )
      assert.strictEqual(output.cost, 45_000n, "three answers of 15 tokens")
      assert.notInclude(JSON.stringify(bodies[2]), "bad", "the next setup is asked the case's own request")
    }).pipe(Effect.scoped)
  )

  it.live("does not where its answer passes, nor for a check that is broken", () =>
    Effect.gen(function* () {
      const { bodies, layer } = yield* served(inTurn({ small: ["good"], large: ["never"] }))
      for (const checks of [[oneOf("check", "good")], [broken]]) {
        const setup = cascade(large, ["checkFailed", "refusal", "truncated"], { repairs: 2, samples: 3 })
        const { answer } = yield* replayCase(caseOf("a", {}), setup, checks, undefined, beyond()).pipe(
          Effect.provide(layer)
        )
        assert.strictEqual(answer?.text, "good")
      }
      assert.deepStrictEqual(models(bodies), ["small"])
    }).pipe(Effect.scoped)
  )

  it.live("costs nothing where its setups were replayed alone, and the incumbent asked again", () =>
    Effect.gen(function* () {
      const { layer } = yield* served(inTurn({ small: ["bad"], large: ["bad too"], premium: ["good", "other"] }))
      const twin = { ...caseOf("a", {}), repeat: 1 }
      const check = oneOf("check", "good")
      const small = setupOf("there", "small", { repairs: 1 })
      const floor = yield* Effect.gen(function* () {
        yield* replayCase(twin, small, [check])
        yield* replayCase(twin, large, [check])
        return yield* replayFloor(twin, incumbent, floorDraw(twin, incumbent.repeats, 0))
      }).pipe(Effect.provide(layer))
      const whole = setupOf(
        "there",
        "small",
        { repairs: 1 },
        {
          when: ["checkFailed"],
          to: setupOf("there", "large", {}, { when: ["checkFailed"], to: "incumbent" })
        }
      )
      yield* Effect.gen(function* () {
        const output = yield* replayCase(twin, whole, [check], undefined, beyond())
        assert.strictEqual((yield* (yield* Calls).spend).calls, 0)
        assert.strictEqual(output.attempts.at(-1)?.answer, floor.attempts[0]?.answer, "the very answer of the floor")
        assert.deepStrictEqual(output.answer, floor.answer)
        assert.strictEqual(output.cost, 60_000n, "what it cost when it was bought")
        assert.strictEqual(output.attempts.at(-1)?.rung, 2)
      }).pipe(Effect.provide(layer))
    }).pipe(Effect.scoped)
  )

  it.live("escalates on two samples that are not alike; the second is paid for", () =>
    Effect.gen(function* () {
      const { bodies, layer } = yield* served(inTurn({ small: ["yes", "no"], large: ["maybe"] }))
      const setup = cascade(large, [{ agreementBelow: 0.8 }])
      const split = yield* replayCase(caseOf("a", {}), setup, [], undefined, beyond()).pipe(Effect.provide(layer))
      assert.deepStrictEqual([split.answer?.text, split.cost], ["maybe", 45_000n])
      assert.deepStrictEqual(models(bodies), ["small", "small", "large"])
      const alike = yield* served(inTurn({ small: ["yes"], large: ["maybe"] }))
      const kept = yield* replayCase(caseOf("a", {}), setup, [], undefined, beyond()).pipe(Effect.provide(alike.layer))
      assert.deepStrictEqual([kept.answer?.text, kept.cost, kept.chosen], ["yes", 30_000n, 0])
    }).pipe(Effect.scoped)
  )

  it.live("escalates on a judge's low score or unreadable verdict; the setup pays it", () =>
    Effect.gen(function* () {
      const rule = { judgeBelow: 0.6, provider: "there", model: "judge", criteria: [] }
      for (const [score, text] of [
        [0.9, "small's"],
        [0.5, "large's"],
        [null, "large's"]
      ] as const) {
        const { layer } = yield* served(inTurn({ small: ["small's"], large: ["large's"] }))
        const asked: Array<string> = []
        const judge: NonNullable<Deciding["judge"]> = (_rule, { output }, { setup }) => {
          asked.push(`${setup} ${output.text}`)
          return Effect.succeed({ score, cost: 7n })
        }
        const setup = cascade(large, [rule])
        const output = yield* replayCase(caseOf("a", {}), setup, [], undefined, beyond({ judge })).pipe(
          Effect.provide(layer)
        )
        assert.strictEqual(output.answer?.text, text)
        assert.deepStrictEqual(asked, [`${setup.id} small's`])
        assert.strictEqual(output.cost, (text === "small's" ? 15_000n : 30_000n) + 7n)
        assert.deepStrictEqual(output.attempts[0]?.judged, [{ score, cost: 7n }])
      }
    }).pipe(Effect.scoped)
  )

  it.live("ends with the failure of a judge that could not be paid or reached: it is no verdict", () =>
    Effect.gen(function* () {
      const { layer } = yield* served(inTurn({ small: ["small's"], large: ["never"] }))
      for (const kind of ["budget", "infrastructure"] as const) {
        const judge: NonNullable<Deciding["judge"]> = () =>
          Effect.succeed({ score: null, cost: null, failure: { kind, message: "the judge is out" } })
        const setup = cascade(large, [{ judgeBelow: 0.6, provider: "there", model: "judge", criteria: [] }])
        const { answer, ending, failure } = yield* replayCase(
          caseOf("a", {}),
          setup,
          [],
          undefined,
          beyond({ judge })
        ).pipe(Effect.provide(layer))
        assert.deepStrictEqual([answer, ending, failure?.message], [null, kind, "the judge is out"])
      }
    }).pipe(Effect.scoped)
  )

  it.live("keeps its answer where the next setup cannot be sent the case", () =>
    Effect.gen(function* () {
      const { layer } = yield* served(inTurn({ small: ["bad"] }))
      const asking = {
        ...plainAsking,
        capabilities: (_: string, model: string) => (model === "large" ? { context: 1 } : {})
      }
      const { answer, failure } = yield* replayCase(
        caseOf("a", { maxOutputTokens: 5 }),
        cascade(large),
        [oneOf("check", "good")],
        undefined,
        beyond({ mannerOf: (target) => mannerOf(asking, target) })
      ).pipe(Effect.provide(layer))
      assert.deepStrictEqual([answer?.text, failure], ["bad", undefined])
    }).pipe(Effect.scoped)
  )
})

describe("rules that cost nothing", () => {
  const fails = { use: "c", pass: false, message: "" }
  for (const [rule, ending, failed, goesOn] of [
    ["checkFailed", "complete", [fails], true],
    ["checkFailed", "refusal", [], false],
    ["refusal", "refusal", [], true],
    ["refusal", "contentFilter", [], true],
    ["refusal", "truncated", [], false],
    ["truncated", "truncated", [], true],
    ["truncated", "reasoning", [], true],
    ["truncated", "complete", [fails], false]
  ] as const) {
    it(`${rule}, an answer that ends ${ending} and fails ${failed.length} checks: ${goesOn ? "goes on" : "stays"}`, () => {
      assert.strictEqual(escalatesFreely([rule], { ending, failed }), goesOn)
    })
  }
})
