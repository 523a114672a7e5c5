import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import type { Grade } from "../domain/Grade.ts"
import { pair, settled } from "../testing/grading.ts"
import { all } from "./all.ts"
import { any } from "./any.ts"
import { bySlice } from "./bySlice.ts"
import { type Combiner, combinedKind, graderOfCombiner, type MadePart } from "./combine.ts"
import { exact } from "./exact.ts"
import { first } from "./first.ts"
import { runGrader } from "./grade.ts"
import { weighted } from "./weighted.ts"

const asked: Array<string> = []
const saying = (use: string, grade: Partial<Grade>): MadePart => ({
  use,
  grade: () =>
    Effect.sync(() => {
      asked.push(use)
      return { score: null, why: use, ...grade }
    })
})
const parts = (...scores: ReadonlyArray<number | null>) => scores.map((score, i) => saying(`p${i}`, { score }))
const written = (count: number, weights: ReadonlyArray<number> = []) => ({
  of: Array.from({ length: count }, (_, i) => ({ use: `p${i}`, options: {}, weight: weights[i] ?? 1 })) as never
})
const input = pair("x", "x")
const run = (grading: ReturnType<typeof all.make>) => settled(runGrader(grading, input))
const failure = { kind: "provider" } as unknown as NonNullable<Grade["failure"]>
const evidence = { judges: [{ judge: "j", scores: [1, 0] }] }

describe("graders made of others", () => {
  it.for([
    ["all: the lowest", all, [1, 0.5, 0.7], 0.5],
    ["all: not with one that cannot tell", all, [1, null], null],
    ["any: the highest", any, [0, 0.5], 0.5],
    ["any: 1, whatever another would say", any, [null, 1], 1],
    ["any: not where another might be higher", any, [null, 0.9], null],
    ["any: not where none can tell", any, [null, null], null],
    ["first: the first that can tell", first, [null, 0.3, 1], 0.3],
    ["first: not where none can tell", first, [null, null], null]
  ] as const)("%s", async ([, combiner, scores, score]) => {
    const grade = await run(combiner.make(written(scores.length), parts(...scores)))
    assert.strictEqual(grade.score, score)
    if (score === null) assert.match(grade.why, /^p\d cannot tell/)
  })

  it("weighs a mean, which is never above 1", async () => {
    const mean = (weights: ReadonlyArray<number>, ...scores: ReadonlyArray<number | null>) =>
      run(weighted.make(written(weights.length, weights), parts(...scores)))
    assert.strictEqual((await mean([3, 1], 1, 0)).score, 0.75)
    assert.strictEqual((await mean([3, 1], 1, null)).score, null)
    assert.isAtMost((await mean([0.1, 0.2, 0.3], 1, 1, 1)).score ?? 2, 1)
  })

  it("asks nothing after the first that can tell, and stops at a call that failed", async () => {
    asked.length = 0
    await run(first.make(written(2), parts(1, 1)))
    assert.deepStrictEqual(asked, ["p0"])
    const grade = await run(first.make(written(2), [saying("judge", { failure }), ...parts(1)]))
    assert.strictEqual(grade.score, null)
    assert.strictEqual(grade.failure, failure)
  })

  it("passes on a failed call, and the evidence of the one judge", async () => {
    const failed = await run(all.make(written(2), [saying("judge", { failure }), ...parts(1)]))
    assert.strictEqual(failed.failure, failure)
    const judge = saying("judge", { score: 1, evidence })
    assert.deepStrictEqual((await run(all.make(written(2), [judge, ...parts(1)]))).evidence, evidence)
    assert.isUndefined((await run(all.make(written(2), [judge, judge]))).evidence)
  })

  it("grades each slice by its own", async () => {
    const one = { use: "p0", options: {} }
    const named = (slices: object, rest: object, ...scores: ReadonlyArray<number>) =>
      run(bySlice.make({ slices, ...rest } as never, parts(...scores)))
    assert.strictEqual((await named({ all: one }, { otherwise: one }, 0.2, 0.9)).score, 0.2)
    assert.strictEqual((await named({ other: one }, { otherwise: one }, 0.2, 0.9)).score, 0.9)
    assert.deepStrictEqual(await named({ other: one }, {}, 0.2), {
      score: null,
      why: "no grader is named for the slice all"
    })
  })

  it("has the kind that its parts leave it", () => {
    const kind = (...kinds: ReadonlyArray<"outcome" | "agreement" | "preference" | "comparison">) =>
      combinedKind(kinds.map((one) => ({ use: one, kind: one })))
    assert.strictEqual(kind("outcome", "outcome"), "outcome")
    assert.strictEqual(kind("outcome", "comparison"), "comparison")
    assert.strictEqual(kind("comparison", "agreement", "outcome"), "agreement")
    assert.strictEqual(kind("preference", "preference"), "preference")
    assert.throws(() => kind("outcome", "preference"), /compares with one half and cannot be combined with outcome/)
  })

  describe("can be blind through parts that must not be the only gate", () => {
    const blind = { ...exact, neverAlone: () => "blind" }
    const why = (combiner: Combiner, options: unknown) =>
      graderOfCombiner(
        combiner,
        () => exact.options as never,
        (use) => (use === "blind" ? blind : exact) as never
      ).neverAlone?.(options)
    const part = (use: string, weight = 1) => ({ use, options: {}, weight })
    const [b, e] = [part("blind"), part("exact")]

    it.for([
      ["all of them", all, { of: [b, b] }, true],
      ["all with another", all, { of: [b, e] }, false],
      ["the first", first, { of: [b, e] }, true],
      ["what comes after one that cannot tell", first, { of: [e, b] }, true],
      ["no first", first, { of: [e, e] }, false],
      ["any", any, { of: [e, b] }, true],
      ["no any", any, { of: [e, e] }, false],
      ["a slice's", bySlice, { slices: { replies: b, triage: e } }, true],
      ["the other slices'", bySlice, { slices: { triage: e }, otherwise: b }, true],
      ["no slice's", bySlice, { slices: { triage: e }, otherwise: e }, false],
      ["most of the weight", weighted, { of: [part("blind", 1000), part("exact", 0.001)] }, true],
      ["half of the weight", weighted, { of: [part("blind", 1), part("blind", 1), part("exact", 2)] }, true],
      ["less than half of the weight", weighted, { of: [part("blind", 1), part("exact", 1.01)] }, false]
    ] as const)("%s", ([, combiner, options, is]) => {
      const said = why(combiner as unknown as Combiner, options)
      assert.strictEqual(said !== undefined, is, said)
      if (is) assert.match(said ?? "", /blind$/)
    })
  })

  it("asks the models of all its parts", () => {
    const model = (name: string) => ({ provider: "p", model: name, ownFamily: false })
    const asking = { ...exact, asks: (options: unknown) => [model(String(options))] }
    const grader = graderOfCombiner(
      all,
      () => exact.options as never,
      () => asking as never
    )
    const asks = grader.asks?.({ of: ["a", "b"].map((options) => ({ use: "exact", options })) })
    assert.deepStrictEqual(asks, [model("a"), model("b")])
  })
})
