import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { type Answered, type Ask, Calls } from "../calls/Calls.ts"
import { check } from "../checks/contract.ts"
import type { Case, CaseRow } from "../domain/Case.ts"
import type { Evidence } from "../domain/Grade.ts"
import { setupOf } from "../domain/Setup.ts"
import type { Said } from "../domain/Trials.ts"
import { runGrader } from "../graders/grade.ts"
import { graderOfCheck } from "../graders/ofCheck.ts"
import type { ReadyCheck } from "../replay/replay.ts"
import type { GradeRow, RunWriter } from "../store/Runs.ts"
import { inSuite } from "../testing/grading.ts"
import { type EvaluateInput, makeEvaluator } from "./evaluate.ts"
import type { ReadyGrader } from "./gates.ts"
import { labelWeights } from "./judgeGate.ts"

const usage = { basis: "reported", input: null, output: null } as const
const count = 400
const rows: ReadonlyArray<CaseRow> = Array.from({ length: count }, (_, i) => ({
  id: `case-${i}`,
  callId: `call-${i}`,
  slice: "all",
  cluster: `session-${i}`,
  weight: 1,
  requestDigest: `request-${i}`,
  repeat: 0,
  model: "premium",
  usage,
  outputTokens: 10,
  startedAt: null,
  labels: {}
}))
const numberOf = (id: string) => Number(id.slice("case-".length))

/** Says "mine" to everything, and notes what it was asked. */
const world = () => {
  const asked: Array<Ask> = []
  const layer = Layer.succeed(Calls, {
    ask: (ask: Ask) =>
      Effect.sync((): Answered => {
        asked.push(ask)
        return {
          row: {
            v: 1,
            key: `${ask.for.case} ${asked.length}`,
            provider: ask.provider,
            model: ask.request.model,
            series: ask.series,
            repeat: ask.repeat,
            response: { blocks: [{ type: "text", text: "mine" }], stopReason: "end", complete: true },
            usage,
            timing: { startedAt: null, latencyMs: 5, basis: "reported" }
          },
          cached: false,
          cost: 100n,
          losses: []
        }
      }),
    spend: Effect.succeed({ usd: 0n, judgeUsd: 0n, floorUsd: 0n, calls: 0, cached: 0, unpriced: 0, lost: 0 }),
    lanes: Effect.succeed([]),
    retune: () => Effect.void,
    worstCase: () => null
  })
  return { asked, layer }
}

const inputOf = (more: Partial<EvaluateInput>) => {
  const graded: Array<GradeRow> = []
  const writer: RunWriter = {
    id: "run",
    folder: "",
    journal: () => Effect.void,
    output: () => Effect.void,
    graded: (_row, lines) => Effect.sync(() => void graded.push(...lines)),
    grades: (lines) => Effect.sync(() => void graded.push(...lines)),
    finish: () => Effect.void
  }
  const input: EvaluateInput = {
    rows,
    load: (row) =>
      Effect.succeed<Case>({
        ...row,
        request: { wire: "openai.chat", model: "premium", messages: [], tools: [], params: {} },
        original: { text: "theirs", toolCalls: [], finish: "end", usage }
      }),
    graders: [],
    checks: [],
    incumbent: null,
    noiseFloor: "skip",
    incumbentCost: rows.map(() => 1_000n),
    margin: 0.1,
    alpha: 0.05,
    writer,
    atOnce: 16,
    mayReceive: () => true,
    onCase: () => {},
    ...more
  }
  return { input, graded }
}

/** A judge of pairs that scores by the case's number, each order: from the output's side. */
const judgeOf = (ordersOf: (n: number) => readonly [number, number]): ReadyGrader => ({
  id: "pairwise",
  kind: "preference",
  report: false,
  asks: [{ provider: "fleet", model: "judge", ownFamily: false }],
  grade: ({ case: { id } }) => {
    const scores = ordersOf(numberOf(id))
    const evidence: Evidence = { judges: [{ judge: "fleet/judge", scores }] }
    return Effect.succeed({ score: (scores[0] + scores[1]) / 2, why: "", evidence })
  }
})
/** Wins as often as it loses. */
const even = judgeOf((n) => (n % 2 === 0 ? [1, 1] : [0, 0]))
const small = setupOf("fleet", "small", {})

const standing = (more: Partial<EvaluateInput>) => {
  const { asked, layer } = world()
  const { graded, input } = inputOf(more)
  return Effect.gen(function* () {
    const evaluator = yield* makeEvaluator(input)
    const found = yield* evaluator.evaluate(
      more.checks === undefined ? small : setupOf("fleet", "small", { repairs: 1 }),
      { from: 0, to: evaluator.sizes.length, level: 0.05 }
    )
    return { found, gate: found.gates[0]!, graded, asked, evaluator }
  }).pipe(Effect.provide(layer))
}

describe("a gate that judges decide", () => {
  it.effect("is according to the judge where nobody labelled: uncalibrated", () =>
    Effect.gen(function* () {
      const { found, gate, graded } = yield* standing({ graders: [even] })
      assert.strictEqual(gate.verdict, "parity")
      assert.deepStrictEqual(gate.judge, {
        models: ["fleet/judge"],
        labels: 0,
        status: "uncalibrated",
        kappa: null,
        inconsistency: 0,
        ungraded: 0,
        screened: 0
      })
      assert.match(found.reason, /according to judge fleet\/judge, uncalibrated \(no labels\)$/)
      assert.deepStrictEqual(graded[0]?.evidence?.judges[0]?.judge, "fleet/judge") // kept on disk
    })
  )

  it.effect("carries the judge's error in, from 50 labels of the setup's pairs on", () =>
    Effect.gen(function* () {
      // People see what the judge does not: half of what it calls better is worse.
      const labelOf =
        (labels: number) =>
        (id: string): Said | undefined => {
          const n = numberOf(id)
          return n >= labels ? undefined : n % 4 === 2 ? "output" : "original"
        }
      const few = yield* standing({ graders: [even], labelOf: labelOf(49) })
      assert.deepInclude(few.gate.judge, { labels: 49, status: "uncalibrated" })
      assert.strictEqual(few.gate.verdict, "parity")
      assert.match(few.found.reason, /49 of the 50 labels it takes/)
      const { found, gate } = yield* standing({ graders: [even], labelOf: labelOf(200) })
      assert.deepInclude(gate.judge, { labels: 200, status: "calibrated" })
      assert.closeTo(gate.difference.estimate, -0.25, 0.01)
      assert.strictEqual(found.verdict, "inferior")
      assert.notMatch(found.reason, /uncalibrated/)
      assert.closeTo(gate.judge?.kappa ?? 0, 0.5, 0.01)
    })
  )

  it.effect("says that its judge agrees with people little better than chance, from 50 labels on", () =>
    Effect.gen(function* () {
      // Of what the judge calls better and of what it calls worse people find the same share better: `right` in 50 more where it is right.
      const labelOf =
        (labels: number, right: number) =>
        (id: string): Said | undefined => {
          const n = numberOf(id)
          if (n >= labels) return undefined
          const [own, other] = n % 2 === 0 ? (["output", "original"] as const) : (["original", "output"] as const)
          return (n >> 1) % 50 < 25 + right ? own : other
        }
      const said = (labels: number, right: number) =>
        standing({ graders: [even], labelOf: labelOf(labels, right), margin: 0.3 })
      const words = (kappa: string) =>
        `; pairwise: the judge agrees with people little better than chance (kappa ${kappa})`
      const chance = yield* said(400, 0)
      assert.deepInclude(chance.gate.judge, { labels: 400, status: "calibrated", kappa: 0 })
      assert.strictEqual(chance.gate.verdict, "parity", "the verdict stays")
      assert.isTrue(chance.found.reason.endsWith(words("0.00")), chance.found.reason)
      assert.include((yield* said(400, -10)).found.reason, words("-0.40"))
      assert.include((yield* said(400, 4)).found.reason, words("0.16"))
      assert.notInclude((yield* said(400, 5)).found.reason, "chance", "kappa 0.2")
      assert.notInclude((yield* said(49, -10)).found.reason, "chance", "too few labels to tell")
    })
  )

  it.effect("decides nothing where more than a fifth of the pairs turn with the order", () =>
    Effect.gen(function* () {
      const turning = (every: number) => judgeOf((n) => (n % every === 0 ? [1, 0] : n % 2 === 0 ? [1, 1] : [0, 0]))
      const unfit = yield* standing({ graders: [turning(4)] })
      assert.deepStrictEqual([unfit.found.verdict, unfit.gate.verdict], ["inconclusive", "inconclusive"])
      assert.match(unfit.found.reason, /^pairwise: the judge is unfit: it names another winner in 25 % of 400 pairs/)
      const fit = yield* standing({ graders: [turning(5)] })
      assert.strictEqual(fit.gate.judge?.inconsistency, 0.2)
      assert.isUndefined(fit.gate.judge?.unfit)
    })
  )

  const original = (i: number) => `theirs ${i}`
  const load = (row: CaseRow) =>
    Effect.succeed<Case>({
      ...row,
      request: { wire: "openai.chat", model: "premium", messages: [], tools: [], params: {} },
      original: { text: original(numberOf(row.id)), toolCalls: [], finish: "end", usage }
    })
  /** Says `foil` of answers that are another's original, and of the setup's own by the case's number. */
  const judgeOfFoils = (foil: number, own: (n: number) => number): ReadyGrader => ({
    ...even,
    grade: ({ case: { id }, output }) => {
      const score = output.text === "mine" ? own(numberOf(id)) : foil
      return Effect.succeed({
        score,
        why: "",
        evidence: { judges: [{ judge: "fleet/judge", scores: [score, score] }] }
      })
    }
  })

  it.effect("decides nothing where the judge takes foils for as good as the originals", () =>
    Effect.gen(function* () {
      const more = { load, foils: 10 }
      for (const says of [0.5, 1]) {
        const { found, gate } = yield* standing({ ...more, graders: [judgeOfFoils(says, () => says)] })
        assert.deepStrictEqual([found.verdict, gate.verdict], ["inconclusive", "inconclusive"])
        assert.deepStrictEqual(gate.judge?.foils, { tried: 10, caught: 0 })
        assert.match(found.reason, /^pairwise: the judge is unfit: it finds only 0 of 10 answers that belong to other/)
        assert.isTrue(found.slices.every(({ verdict }) => verdict === "inconclusive"))
      }
      const fit = yield* standing({ ...more, graders: [judgeOfFoils(0, () => 0.5)] })
      assert.deepStrictEqual(fit.gate.judge?.foils, { tried: 10, caught: 10 })
      assert.strictEqual(fit.gate.verdict, "parity", "foils decide, whatever it says of the answers")
      assert.deepStrictEqual(new Set(fit.graded.map(({ setup }) => setup)), new Set(["foil", small.id]))
    })
  )

  it.effect("asks nothing more of a judge that gave no readable verdict on any foil", () =>
    Effect.gen(function* () {
      const silent = (from: number): ReadyGrader & { readonly asked: () => number } => {
        let asked = 0
        return {
          ...even,
          asked: () => asked,
          grade: () =>
            Effect.sync(() => {
              const score = asked++ < from ? 1 : null
              return { score, why: "no", evidence: { judges: [{ judge: "fleet/judge", scores: [score, score] }] } }
            })
        }
      }
      const mute = silent(0)
      const { found, gate, graded } = yield* standing({ graders: [mute], load, foils: 10 })
      const told = "no readable verdict on any of 10 answers to other requests"
      assert.strictEqual(mute.asked(), 10, "the foils and no more")
      assert.deepStrictEqual([found.verdict, gate.verdict, gate.cases], ["inconclusive", "inconclusive", 0])
      assert.strictEqual(found.blocked?.by, "cases")
      assert.match(
        found.reason,
        new RegExp(
          `^400 of 400 cases were answered, .*; pairwise says of the first: the judge gave ${told}: it is not asked$`
        )
      )
      assert.deepInclude(gate.judge, { ungraded: 400, foils: { tried: 0, caught: 0, why: `it gave ${told}` } })
      const own = graded.filter(({ setup }) => setup === small.id)
      assert.deepStrictEqual(
        [own.length, own[0]?.score, own[0]?.why],
        [400, null, `the judge gave ${told}: it is not asked`]
      )
      const once = silent(1)
      yield* standing({ graders: [once], load, foils: 10 })
      assert.strictEqual(once.asked(), 410)
    })
  )

  it.effect("decides nothing where a judge without foils says one thing of all answers, 20 or more", () =>
    Effect.gen(function* () {
      const said = (grader: ReadyGrader, n = count) => standing({ graders: [grader], rows: rows.slice(0, n), load })
      const always = judgeOfFoils(0, () => 0.5)
      const tie = yield* said(always)
      assert.strictEqual(tie.found.verdict, "inconclusive")
      assert.match(tie.found.reason, /^pairwise: the judge is unfit: it says tie of all 400 answers/)
      assert.include((yield* said(judgeOfFoils(0, () => 1))).found.reason, "it says better of all 400 answers")
      assert.isUndefined((yield* said(judgeOfFoils(0, (n) => (n === 7 ? 0 : 0.5)))).gate.judge?.unfit)
      assert.isUndefined((yield* said(always, 19)).gate.judge?.unfit)
      assert.isDefined((yield* said(always, 20)).gate.judge?.unfit)
      const same = yield* standing({
        graders: [always],
        load: (row) => Effect.map(load(row), (one) => ({ ...one, original: { ...one.original, text: "mine" } }))
      })
      assert.isUndefined(same.gate.judge?.unfit, "the same answers are ties")
      const own = yield* said({ ...always, asks: [] })
      assert.isUndefined(own.gate.judge?.unfit, "no model judges")
    })
  )

  it.effect("shows no difference of preferences beyond half a point of 1; what is tested stays", () =>
    Effect.gen(function* () {
      const all = (n: number) =>
        standing({ graders: [judgeOfFoils(0, () => 0)], rows: rows.slice(0, n), load, foils: 10 })
      const { found, gate } = yield* all(6)
      assert.deepStrictEqual([gate.difference.estimate, gate.difference.lower], [-0.5, -0.5])
      assert.isAtLeast(gate.bound, -0.5)
      assert.isTrue(found.slices.every(({ difference }) => difference.lower >= -0.5 && difference.upper <= 0.5))
      const { gate: many } = yield* all(count)
      assert.strictEqual(many.verdict, "inferior")
    })
  )

  it("weighs labels by the verdict they were drawn for", () => {
    const score = [1, 1, 1, 1, 0.5, 0, 0, 0, 0, 0]
    const label = [1, 0, Number.NaN, Number.NaN, Number.NaN, 0, Number.NaN, Number.NaN, Number.NaN, Number.NaN]
    // Four better, two of them labelled; the tie has none and counts with the worse: six, one of them labelled.
    assert.deepStrictEqual([...labelWeights(score, label)], [2, 2, 2, 2, 6, 6, 6, 6, 6, 6])
  })

  it.effect("keeps the first answers of the first setup for its repeat, whatever finishes first", () =>
    Effect.gen(function* () {
      const { evaluator } = yield* standing({ graders: [even], judgeRepeats: 3 })
      assert.deepStrictEqual(
        evaluator.hearing.again.map(({ input, score }) => [input.case.id, score]),
        [
          ["case-0", 1],
          ["case-1", 0],
          ["case-2", 1]
        ]
      )
    })
  )
})

describe("a check that the original fails", () => {
  const fails = (of: (text: string, n: number) => boolean): ReadyCheck => ({
    use: "word",
    run: ({ case: { id }, output }) =>
      Effect.succeed({ use: "word", pass: of(output.text, numberOf(id)), message: "say theirs" })
  })

  it.effect("drives no repairs at that case, and is counted", () =>
    Effect.gen(function* () {
      // No answer of the setup's passes; the originals of the even cases do not either.
      const { asked, evaluator } = yield* standing({
        graders: [even],
        checks: [fails((text, n) => text === "theirs" && n % 2 === 1)]
      })
      const rounds = asked.filter(({ for: { setup } }) => setup !== "floor").length
      assert.strictEqual(rounds, count + count / 2)
      const [doc] = yield* evaluator.checks
      assert.deepInclude(doc, { use: "word", quarantined: count / 2 })
    })
  )

  it.effect("counts against the original where the check is a grader too", () =>
    Effect.gen(function* () {
      const says = check({
        id: "says",
        about: "",
        options: Schema.Struct({}),
        make: () => (seen) => ({ pass: seen.output.text === "mine", message: "" })
      })
      const made = graderOfCheck(says, inSuite, { learning: () => {}, needing: () => {} }).make({})
      const grader: ReadyGrader = {
        id: "says",
        kind: "outcome",
        report: false,
        asks: [],
        grade: (seen) => runGrader(made, seen)
      }
      const { gate } = yield* standing({ graders: [grader] })
      assert.deepInclude(gate, { score: 1, reference: 0, cases: count })
    })
  )

  it.effect("buys nothing where too many originals fail it", () =>
    Effect.gen(function* () {
      const { asked, layer } = world()
      const { input } = inputOf({ graders: [even], checks: [fails(() => false)] })
      const fault = yield* Effect.flip(
        Effect.gen(function* () {
          const evaluator = yield* makeEvaluator(input)
          return yield* evaluator.evaluate(small, { from: 0, to: evaluator.sizes.length, level: 0.05 })
        })
      ).pipe(Effect.provide(layer))
      assert.include(fault.sentence, "400 of 400 archived answers fail the check word")
      assert.strictEqual(asked.length, 0)
    })
  )
})
