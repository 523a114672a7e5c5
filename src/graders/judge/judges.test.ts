import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

import { type Ask, CallFailed, Calls } from "../../calls/Calls.ts"
import { pair, seenCase } from "../../testing/grading.ts"
import type { GradeInput, Grading } from "../contract.ts"
import { runGrader } from "../grade.ts"
import { factual } from "./factual.ts"
import { judge } from "./pairwise.ts"
import { rubric, rubricOn } from "./rubric.ts"

type Reply = object | string | CallFailed

/** Calls whose models say what `reply` gives for their name and their asking, from 0. */
const callsOf = (reply: (model: string, time: number) => Reply) => {
  const asked: Array<Ask> = []
  const times = new Map<string, number>()
  const service: Calls["Service"] = {
    ask: (ask: Ask) =>
      Effect.suspend(() => {
        asked.push(ask)
        const { provider, repeat, request, series } = ask
        const time = times.get(request.model) ?? 0
        times.set(request.model, time + 1)
        const said = reply(request.model, time)
        if (said instanceof CallFailed) return Effect.fail(said)
        const text = typeof said === "string" ? said : JSON.stringify(said)
        const usage = { basis: "reported", input: null, output: null } as const
        const response = { blocks: [{ type: "text", text }], stopReason: "end", complete: true } as const
        const timing = { startedAt: null, basis: "reported" } as const
        const row = { v: 1, key: "", provider, model: request.model, series, repeat, response, usage, timing } as const
        return Effect.succeed({ row, cached: false, cost: 7n, losses: [] })
      }),
    spend: Effect.succeed({ usd: 0n, judgeUsd: 0n, floorUsd: 0n, calls: 0, cached: 0, unpriced: 0, lost: 0 }),
    lanes: Effect.succeed([]),
    retune: () => Effect.void,
    worstCase: () => null
  }
  return { asked, service }
}
const graded = (made: Grading, input: GradeInput, reply: (model: string, time: number) => Reply) => {
  const { asked, service } = callsOf(reply)
  return Effect.map(runGrader(made, input).pipe(Effect.provideService(Calls, service)), (grade) => ({ asked, grade }))
}
const textOf = ({ request }: Ask) => JSON.stringify(request.messages)

const criteria = [
  { name: "right", description: "what it says is right", weight: 3 },
  { name: "kind", description: "it is kind" }
] as const
const scored = (right: number, kind: number) => ({
  right: { reasons: "r", score: right },
  kind: { reasons: "k", score: kind }
})
const one = { provider: "fleet", model: "j" }

describe("the rubric judge", () => {
  const made = rubric.make(Schema.decodeSync(rubric.options)({ ...one, criteria: [...criteria] }))

  it.effect("scores each criterion, with reasons first, and weighs them", () =>
    Effect.gen(function* () {
      const { asked, grade } = yield* graded(made, pair("mine", "the original"), () => scored(4, 2))
      assert.strictEqual(grade.score, (3 * 4 + 2) / 16)
      assert.strictEqual(grade.why, "right 4 of 4: r; kind 2 of 4: k")
      const format = asked[0]!.request.responseFormat
      assert.strictEqual(format?.type, "json_schema")
      const schema = JSON.stringify(format?.type === "json_schema" ? format.schema : null)
      assert.isBelow(schema.indexOf("reasons"), schema.indexOf("score"))
      assert.strictEqual(schema.match(/"additionalProperties":false/g)?.length, 3, "nested objects are closed too")
    })
  )

  it.effect("sees no original, and a reference where there is one", () =>
    Effect.gen(function* () {
      const alone = yield* graded(made, pair("mine", "the original"), () => scored(4, 4))
      assert.notInclude(textOf(alone.asked[0]!), "the original")
      const told = yield* graded(made, pair("mine", "the original", "known"), () => scored(4, 4))
      assert.include(textOf(told.asked[0]!), "known")
    })
  )

  it.effect("gives no score for a verdict that lacks a criterion or names a score that is none", () =>
    Effect.gen(function* () {
      for (const said of [{ right: { reasons: "r", score: 4 } }, scored(5, 2), scored(2.5, 2), "4"]) {
        const { asked, grade } = yield* graded(made, pair("mine", "x"), () => said)
        assert.deepStrictEqual([grade.score, asked.length], [null, 2])
      }
    })
  )

  it("wants one judge or a panel, and each name once", () => {
    const wrong = (options: object) => Schema.decodeUnknownResult(rubric.options)({ criteria, ...options })._tag
    assert.strictEqual(wrong(one), "Success")
    for (const options of [{}, { provider: "fleet" }, { ...one, panel: [one] }, { panel: [] }, { panel: [one, one] }])
      assert.strictEqual(wrong(options), "Failure", JSON.stringify(options))
    assert.strictEqual(wrong({ ...one, criteria: [criteria[0], criteria[0]] }), "Failure")
  })

  it.effect("is paid as a setup's call where a setup's rule asks it, and tells its cost, retries in", () => {
    const { asked, service } = callsOf((_model, time) => (time === 0 ? "no" : scored(4, 4)))
    const input = { output: pair("mine", "x").output, case: seenCase() }
    return Effect.map(
      rubricOn(one, criteria, input, { errand: { case: "c", draw: 0, setup: "s" } }).pipe(
        Effect.provideService(Calls, service)
      ),
      ({ cost, score }) => {
        assert.deepStrictEqual([score, cost], [1, 14n])
        assert.deepStrictEqual(
          asked.map(({ for: { setup }, series }) => [setup, series]),
          [
            ["s", "candidate"],
            ["s", "candidate"]
          ]
        )
      }
    )
  })
})

describe("the factual judge", () => {
  const made = factual.make(Schema.decodeSync(factual.options)(one))
  const found = (level: string, contradicted: ReadonlyArray<string> = []) => ({
    contradicted,
    omitted: [],
    added: [],
    level
  })
  const levels: ReadonlyArray<readonly [object, number | null]> = [
    [found("consistent"), 1],
    [found("omits"), 0.5],
    [found("adds"), 0.5],
    [found("contradicts", ["the sum"]), 0],
    [found("consistent", ["the sum"]), 0],
    [found("fine"), null]
  ]
  for (const [said, score] of levels)
    it.effect(`scores ${JSON.stringify(said)} as ${score}`, () =>
      Effect.map(
        graded(made, pair("mine", "theirs"), () => said),
        ({ grade }) => assert.strictEqual(grade.score, score)
      )
    )

  it.effect("holds the answer against the reference where there is one, and asks nothing about the same text", () =>
    Effect.gen(function* () {
      const { asked } = yield* graded(made, pair("mine", "the original", "known"), () => found("consistent"))
      assert.include(textOf(asked[0]!), "known")
      assert.notInclude(textOf(asked[0]!), "the original")
      const same = yield* graded(made, pair(" same", "same"), () => found("omits"))
      assert.deepStrictEqual([same.grade.score, same.asked.length], [1, 0])
      assert.strictEqual((yield* graded(made, pair("mine", ""), () => found("omits"))).grade.score, null)
    })
  )
})

describe("a panel", () => {
  const member = (model: string) => ({ provider: "fleet", model })
  const panel = [member("a"), member("b"), member("c")] as const
  const made = judge.make(Schema.decodeSync(judge.options)({ panel }))
  /** A model that always finds the output better, worse, or both alike; `null`: it cannot be read. */
  const votes =
    (wanted: Readonly<Record<string, "better" | "worse" | "tie" | null>>) => (model: string, time: number) => {
      const vote = wanted[model]
      if (vote === null || vote === undefined) return "hm"
      const verdict = vote === "tie" ? "tie" : (vote === "better") === (time === 0) ? "A" : "B"
      return { reasons: "", verdict }
    }
  const cases: ReadonlyArray<readonly [Parameters<typeof votes>[0], number | null]> = [
    [{ a: "better", b: "better", c: "worse" }, 1],
    [{ a: "worse", b: "better", c: "worse" }, 0],
    [{ a: "better", b: "tie", c: "worse" }, 0.5],
    [{ a: "better", b: "tie", c: "tie" }, 0.5],
    [{ a: "better", b: "better", c: null }, 1],
    [{ a: "better", b: "worse", c: null }, 0.5],
    [{ a: "better", b: null, c: null }, null]
  ]
  for (const [wanted, score] of cases)
    it.effect(`of ${JSON.stringify(wanted)} says ${score}`, () =>
      Effect.map(graded(made, pair("x", "y"), votes(wanted)), ({ grade }) => {
        assert.strictEqual(grade.score, score)
        assert.deepStrictEqual(
          grade.evidence?.judges.map((said) => said.judge),
          ["fleet/a", "fleet/b", "fleet/c"]
        )
      })
    )

  it.effect("leaves an answer ungraded, and says why, where the money for one of it is not there", () => {
    const broke = new CallFailed({ kind: "budget", message: "spent", cap: "judges" })
    const reply = (model: string, time: number) =>
      model === "c" ? broke : votes({ a: "better", b: "better" })(model, time)
    return Effect.map(graded(made, pair("x", "y"), reply), ({ grade }) => {
      assert.strictEqual(grade.score, null)
      assert.deepInclude(grade.failure, { kind: "budget", cap: "judges" })
    })
  })

  it.effect("goes on without one that is down, as long as more than half of it is there", () => {
    const down = new CallFailed({ kind: "infrastructure", message: "down" })
    const reply = (model: string, time: number) =>
      model === "c" ? down : votes({ a: "better", b: "better" })(model, time)
    return Effect.map(graded(made, pair("x", "y"), reply), ({ grade }) => assert.strictEqual(grade.score, 1))
  })
})
