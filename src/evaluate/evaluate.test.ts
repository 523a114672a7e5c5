import { createHash } from "node:crypto"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

import { type Answered, type Ask, CallFailed, Calls } from "../calls/Calls.ts"
import type { Usage } from "../domain/Call.ts"
import type { Case, CaseRow } from "../domain/Case.ts"
import { setupOf } from "../domain/Setup.ts"
import type { ReadyCheck } from "../replay/replay.ts"
import type { GradeRow, RunWriter } from "../store/Runs.ts"
import { type EvaluateInput, makeEvaluator } from "./evaluate.ts"
import type { ReadyGrader } from "./gates.ts"

/** A number in [0,1) that depends on the names alone. */
const draw = (...names: ReadonlyArray<string | number>) =>
  createHash("sha256").update(names.join("|")).digest().readUInt32BE(0) / 2 ** 32

const usage: Usage = {
  basis: "reported",
  input: { total: 100, uncached: 100, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, cacheWriteOther: 0 },
  output: { total: 10, text: 10, reasoning: 0 }
}
const rowsOf = (sessions: number, perSession: number): ReadonlyArray<CaseRow> =>
  Array.from({ length: sessions * perSession }, (_, i) => ({
    id: `case-${i}`,
    callId: `call-${i}`,
    slice: i % 3 === 0 ? "refunds" : "tickets",
    cluster: `session-${Math.floor(i / perSession)}`,
    weight: 1,
    requestDigest: `request-${i}`,
    repeat: 0,
    model: "premium",
    usage,
    outputTokens: 10,
    startedAt: null,
    labels: {}
  }))
const load = (row: CaseRow) =>
  Effect.succeed<Case>({
    ...row,
    request: { wire: "openai.chat", model: "premium", messages: [], tools: [], params: {} },
    original: { text: "right", toolCalls: [], finish: "end", usage }
  })

/** Answers "right" with the probability that `quality` gives, else fails or is wrong. */
const world = (quality: (ask: Ask) => number | "down", took?: CallFailed["took"]) => {
  const asked: Array<Ask> = []
  const layer = Layer.succeed(Calls, {
    ask: (ask: Ask) =>
      Effect.suspend(() => {
        asked.push(ask)
        const right = quality(ask)
        if (right === "down")
          return Effect.fail(
            new CallFailed({ kind: "infrastructure", message: "down", ...(took === undefined ? {} : { took }) })
          )
        const text = draw(ask.for.case, ask.request.model, ask.series, ask.repeat) < right ? "right" : "wrong"
        return Effect.succeed<Answered>({
          row: {
            v: 1,
            key: `${ask.for.case} ${ask.request.model} ${ask.series} ${ask.repeat}`,
            provider: ask.provider,
            model: ask.request.model,
            series: ask.series,
            repeat: ask.repeat,
            response: { blocks: [{ type: "text", text }], stopReason: "end", complete: true },
            usage,
            timing: { startedAt: null, latencyMs: 5, basis: "reported" }
          },
          cached: false,
          cost: 100n,
          losses: []
        })
      }),
    spend: Effect.succeed({ usd: 0n, judgeUsd: 0n, floorUsd: 0n, calls: 0, cached: 0, unpriced: 0, lost: 0 }),
    lanes: Effect.succeed([]),
    retune: () => Effect.void,
    worstCase: () => null
  })
  return { asked, layer }
}

const same: ReadyGrader = {
  id: "same",
  kind: "comparison",
  report: false,
  asks: [],
  grade: ({ expected, original, output }) =>
    Effect.succeed({
      score: output.text === (typeof expected === "string" ? expected : original.text) ? 1 : 0,
      why: ""
    })
}
const inputOf = (rows: ReadonlyArray<CaseRow>, more: Partial<EvaluateInput> = {}) => {
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
    load,
    graders: [same],
    checks: [],
    incumbent: { provider: "fleet", model: "premium" },
    noiseFloor: { repeats: 1 },
    incumbentCost: rows.map(() => 1_000n),
    margin: 0.05,
    alpha: 0.05,
    writer,
    atOnce: 16,
    mayReceive: () => true,
    onCase: () => {},
    ...more
  }
  return { input, graded }
}
const small = setupOf("fleet", "small", {})

describe("a setup's standing", () => {
  it.effect("is no parity where the incumbent scores nothing: then nothing can be lost", () => {
    const { layer } = world(() => 0.9)
    const nobody: ReadyGrader = {
      ...same,
      id: "nobody",
      kind: "outcome",
      grade: () => Effect.succeed({ score: 0, why: "" })
    }
    return Effect.gen(function* () {
      const evaluator = yield* makeEvaluator(inputOf(rowsOf(200, 3), { graders: [nobody] }).input)
      const { reason, verdict } = yield* evaluator.evaluate(small, { from: 0, to: evaluator.sizes.length, level: 0.05 })
      assert.strictEqual(verdict, "inconclusive")
      assert.include(reason, "by nobody the incumbent and the setup score 0 in all of 600 cases")
    }).pipe(Effect.provide(layer))
  })

  it.effect("costs what a machine did for cases that it did not answer, by those that it did", () => {
    // Five of 300 are hung: each took as much as 80 answers.
    const took = { shareMs: 4, heldMs: 8, cost: 8_000n }
    const hung = new Set(["case-10", "case-20", "case-30", "case-40", "case-50"])
    const { layer } = world(({ for: { case: id, setup } }) => (setup !== "floor" && hung.has(id) ? "down" : 0.9), took)
    const rate = { usdPerHour: "3.6", utilisation: "0.5", source: "suite", asOf: "2026-01-01" }
    const { input } = inputOf(rowsOf(100, 3), { machineOf: () => rate })
    return Effect.gen(function* () {
      const evaluator = yield* makeEvaluator(input)
      const standing = yield* evaluator.evaluate(small, { from: 0, to: evaluator.sizes.length, level: 0.05 })
      assert.deepInclude(standing.failed, { infrastructure: 5 })
      // 295 answers at 100, and the five: 69,500.
      assert.deepInclude(standing, { priced: 295, cost: 69_500n, costPerCase: 236n, incumbentCost: 295_000n })
      assert.strictEqual(standing.costRatio?.estimate, 69_500 / 295_000)
      assert.deepInclude(standing.selfHosted, { unanswered: { cases: 5, machineMs: 20, usd: "0.000040000" } })
      assert.deepInclude(standing.slices[0], { slice: "refunds", cases: 99, usdPerCase: 181n })
      assert.isTrue(Number.isNaN(standing.columns.cost[10]!), "an answer that is not there saves nothing")
    }).pipe(Effect.provide(layer))
  })

  it.effect("is parity where the setup differs from the original no more than the incumbent asked again", () => {
    const { asked, layer } = world(() => 0.9)
    const { graded, input } = inputOf(rowsOf(300, 3))
    return Effect.gen(function* () {
      const evaluator = yield* makeEvaluator(input)
      const standing = yield* evaluator.evaluate(small, { from: 0, to: evaluator.sizes.length, level: 0.05 })
      assert.strictEqual(standing.verdict, "parity", standing.reason)
      assert.strictEqual(standing.costRatio?.estimate, 0.1)
      assert.strictEqual(standing.cost, 90_000n)
      const floor = yield* evaluator.floor
      assert.strictEqual(floor.mode, "measured")
      assert.closeTo(floor.gates[0]!.floor.estimate, 0.9, 0.03)

      yield* evaluator.evaluate(setupOf("fleet", "tiny", {}), { from: 0, to: evaluator.sizes.length, level: 0.05 })
      assert.strictEqual(asked.filter(({ series }) => series === "floor").length, 900, "the floor is bought once")
      assert.strictEqual(graded.filter(({ setup }) => setup === "floor").length, 900)
    }).pipe(Effect.provide(layer))
  })

  it.effect("is inferior where it is shown to be worse by more than the margin", () => {
    const { layer } = world(({ series }) => (series === "floor" ? 0.95 : 0.7))
    return Effect.gen(function* () {
      const evaluator = yield* makeEvaluator(inputOf(rowsOf(200, 2)).input)
      const { gates, verdict } = yield* evaluator.evaluate(small, { from: 0, to: evaluator.sizes.length, level: 0.05 })
      assert.strictEqual(verdict, "inferior")
      assert.isBelow(gates[0]!.bound, -0.05)
    }).pipe(Effect.provide(layer))
  })

  it.effect("says inconclusive, and how many cases more it would take, on a handful of cases", () => {
    const { layer } = world(() => 0.95)
    return Effect.gen(function* () {
      const evaluator = yield* makeEvaluator(inputOf(rowsOf(12, 1)).input)
      const { reason, verdict } = yield* evaluator.evaluate(small, { from: 0, to: evaluator.sizes.length, level: 0.05 })
      assert.strictEqual(verdict, "inconclusive")
      assert.match(reason, /about \d+ more cases|more cases would not/)
    }).pipe(Effect.provide(layer))
  })

  it.effect("does not let a pooled figure hide a ruined slice", () => {
    const ruined = new Set(
      rowsOf(400, 6)
        .filter((row) => row.slice === "refunds")
        .map((row) => row.id)
        .filter((id) => draw("rare", id) < 0.12)
    )
    const rows = rowsOf(400, 6).map((row) =>
      ruined.has(row.id) ? { ...row, slice: "ruined" } : { ...row, slice: "fine" }
    )
    const { layer } = world(({ for: { case: id }, series }) => (series === "candidate" && ruined.has(id) ? 0.5 : 1))
    return Effect.gen(function* () {
      const evaluator = yield* makeEvaluator(inputOf(rows).input)
      const { gates, reason, verdict } = yield* evaluator.evaluate(small, {
        from: 0,
        to: evaluator.sizes.length,
        level: 0.05
      })
      assert.strictEqual(gates[0]!.verdict, "parity", "pooled, it is within the margin")
      assert.strictEqual(verdict, "inferior")
      assert.include(reason, "ruined")
    }).pipe(Effect.provide(layer))
  })

  it.effect("never counts an answer that infrastructure withheld as wrong, and does not decide above 2 %", () => {
    const { layer } = world(({ for: { case: id }, series }) =>
      series === "candidate" && draw("down", id) < 0.05 ? "down" : 0.95
    )
    return Effect.gen(function* () {
      const evaluator = yield* makeEvaluator(inputOf(rowsOf(300, 3)).input)
      const { failed, gates, reason, verdict } = yield* evaluator.evaluate(small, {
        from: 0,
        to: evaluator.sizes.length,
        level: 0.05
      })
      assert.strictEqual(verdict, "inconclusive")
      assert.include(reason, "infrastructure")
      assert.strictEqual(gates[0]!.cases, 900 - failed.infrastructure)
    }).pipe(Effect.provide(layer))
  })

  it.effect("does not decide on cases that no gate could measure: a slice without pairs is not at parity", () => {
    const { layer } = world(() => 1)
    const blind: ReadyGrader = {
      ...same,
      grade: (input) =>
        input.case.slice === "refunds" ? Effect.succeed({ score: null, why: "cannot tell" }) : same.grade(input)
    }
    return Effect.gen(function* () {
      const evaluator = yield* makeEvaluator(inputOf(rowsOf(200, 3), { graders: [blind] }).input)
      const { reason, verdict } = yield* evaluator.evaluate(small, { from: 0, to: evaluator.sizes.length, level: 0.05 })
      assert.strictEqual(verdict, "inconclusive")
      assert.include(reason, "200 of 600 cases could be graded by no gate")
    }).pipe(Effect.provide(layer))
  })

  it.effect("does not let one gate excuse another that measures a slice only in part", () => {
    const { layer } = world(() => 1)
    const half: ReadyGrader = {
      ...same,
      id: "half",
      grade: (input) =>
        draw("half", input.case.id) < 0.5 ? Effect.succeed({ score: null, why: "no JSON" }) : same.grade(input)
    }
    return Effect.gen(function* () {
      const evaluator = yield* makeEvaluator(inputOf(rowsOf(200, 3), { graders: [same, half] }).input)
      const { reason, verdict } = yield* evaluator.evaluate(small, { from: 0, to: evaluator.sizes.length, level: 0.05 })
      assert.strictEqual(verdict, "inconclusive")
      assert.match(reason, /^half could measure \d+ of \d+ cases of slice/)
    }).pipe(Effect.provide(layer))
  })

  it.effect("lets a gate have no say in a slice that another measures whole", () => {
    const { layer } = world(() => 1)
    const only = (id: string, slice: string): ReadyGrader => ({
      ...same,
      id,
      grade: (input) =>
        input.case.slice === slice ? same.grade(input) : Effect.succeed({ score: null, why: "not mine" })
    })
    return Effect.gen(function* () {
      const graders = [only("a", "refunds"), only("b", "tickets")]
      const evaluator = yield* makeEvaluator(inputOf(rowsOf(300, 3), { graders }).input)
      const { verdict } = yield* evaluator.evaluate(small, { from: 0, to: evaluator.sizes.length, level: 0.05 })
      assert.strictEqual(verdict, "parity")
    }).pipe(Effect.provide(layer))
  })

  it.effect("adds up what is missing for different reasons: together they may be 2 % at most", () => {
    const share = (id: string) => draw("missing", id)
    const { layer } = world(({ for: { case: id }, series }) =>
      series === "candidate" && share(id) < 0.015 ? "down" : 1
    )
    const halting: ReadyGrader = {
      ...same,
      grade: (input) => {
        const lost = share(input.case.id)
        return lost > 0.015 && lost < 0.03 && input.output !== input.original
          ? Effect.succeed({ score: null, why: "halted" })
          : same.grade(input)
      }
    }
    return Effect.gen(function* () {
      const evaluator = yield* makeEvaluator(
        inputOf(
          rowsOf(400, 3).map((row) => ({ ...row, expected: "right" })),
          { graders: [halting], incumbent: null }
        ).input
      )
      const { failed, reason, verdict } = yield* evaluator.evaluate(small, {
        from: 0,
        to: evaluator.sizes.length,
        level: 0.05
      })
      assert.isBelow(failed.infrastructure, 0.02 * 1_200)
      assert.strictEqual(verdict, "inconclusive")
      assert.match(reason, /infrastructure.*graded on one side only.*more than 2 %/)
    }).pipe(Effect.provide(layer))
  })

  it.effect("prices the ratio on the very cases whose cost is known on both sides", () => {
    const { layer } = world(() => 1)
    return Effect.gen(function* () {
      const rows = rowsOf(200, 3)
      const { input } = inputOf(rows, { incumbentCost: rows.map((_, at) => (at % 100 === 0 ? null : 1_000n)) })
      const evaluator = yield* makeEvaluator(input)
      const standing = yield* evaluator.evaluate(small, { from: 0, to: evaluator.sizes.length, level: 0.05 })
      assert.strictEqual(standing.priced, 594)
      assert.strictEqual(standing.costRatio?.estimate, 0.1)
      assert.deepStrictEqual([standing.costPerCase, standing.incumbentCostPerCase], [100n, 1_000n])
    }).pipe(Effect.provide(layer))
  })

  it.effect("prices each side by itself where the other's cost is not known, and states no ratio", () => {
    const { layer } = world(() => 1)
    return Effect.gen(function* () {
      const rows = rowsOf(100, 3)
      const evaluator = yield* makeEvaluator(inputOf(rows, { incumbentCost: rows.map(() => null) }).input)
      const standing = yield* evaluator.evaluate(small, { from: 0, to: evaluator.sizes.length, level: 0.05 })
      assert.deepStrictEqual(
        [standing.costPerCase, standing.incumbentCostPerCase, standing.costRatio],
        [100n, null, null]
      )
    }).pipe(Effect.provide(layer))
  })

  it.effect("gives the words of a grader that could grade nothing", () => {
    const { layer } = world(() => 1)
    const lost: ReadyGrader = { ...same, grade: () => Effect.succeed({ score: null, why: "it threw: no such table" }) }
    return Effect.gen(function* () {
      const evaluator = yield* makeEvaluator(inputOf(rowsOf(100, 3), { graders: [lost] }).input)
      const { reason, verdict } = yield* evaluator.evaluate(small, { from: 0, to: evaluator.sizes.length, level: 0.05 })
      assert.strictEqual(verdict, "inconclusive")
      assert.include(reason, "same says of the first: it threw: no such table")
    }).pipe(Effect.provide(layer))
  })

  it.effect("says that nothing was tested where the incumbent, asked on 60 sessions, gives no answer", () => {
    const { layer } = world(({ series }) => (series === "floor" ? "down" : 1))
    const rows = rowsOf(400, 3).map((row) => ({ ...row, expected: "right" }))
    return Effect.gen(function* () {
      const evaluator = yield* makeEvaluator(inputOf(rows).input)
      const { verdict } = yield* evaluator.evaluate(small, { from: 0, to: evaluator.sizes.length, level: 0.05 })
      const floor = yield* evaluator.floor
      assert.strictEqual(verdict, "parity", "the reference answers decide")
      assert.isNull(floor.selected)
      assert.include(floor.why, "nothing was tested")
    }).pipe(Effect.provide(layer))
  })

  it.effect("begins with the cases of which no answer is there, the incumbent's too; the standing is the same", () => {
    const rows = rowsOf(40, 2)
    const isMissing = ({ id }: { readonly id: string }) => Number(id.slice("case-".length)) >= 60
    const standing = (wasAsked: EvaluateInput["wasAsked"]) => {
      const { asked, layer } = world(() => 0.9)
      return Effect.gen(function* () {
        const { input } = inputOf(rows, { ...(wasAsked === undefined ? {} : { wasAsked }), atOnce: 1 })
        const evaluator = yield* makeEvaluator(input)
        return {
          asked,
          standing: yield* evaluator.evaluate(small, { from: 0, to: evaluator.sizes.length, level: 0.05 })
        }
      }).pipe(Effect.provide(layer))
    }
    return Effect.gen(function* () {
      const resumed = yield* standing((_setup, id) => !isMissing({ id }))
      for (const series of ["floor", "candidate"]) {
        const order = resumed.asked.filter((ask) => ask.series === series).map((ask) => isMissing({ id: ask.for.case }))
        assert.deepStrictEqual(
          order,
          [...order].sort((a, b) => Number(b) - Number(a))
        )
        assert.strictEqual(order.filter((missing) => missing).length, 20)
      }
      assert.deepStrictEqual(resumed.standing, (yield* standing(undefined)).standing)
    })
  })

  it.effect("reads no content for references of which nothing is to be scored or bought", () => {
    const { layer } = world(() => 1)
    let loaded = 0
    const counting = (row: CaseRow) => {
      loaded++
      return load(row)
    }
    return Effect.gen(function* () {
      const { input } = inputOf(rowsOf(20, 2), { load: counting, noiseFloor: "skip" })
      const evaluator = yield* makeEvaluator(input)
      const { paired } = yield* evaluator.evaluate(small, { from: 0, to: evaluator.sizes.length, level: 0.05 })
      assert.deepStrictEqual([paired, loaded], [40, 40])
    }).pipe(Effect.provide(layer))
  })

  it.effect("of a cascade is exactly equal to the incumbent asked again on every case that it passes on to it", () => {
    const { asked, layer } = world(({ series }) => (series === "floor" ? 0.75 : 0))
    const right: ReadyCheck = {
      use: "right",
      run: ({ output: { text } }) => Effect.succeed({ use: "right", pass: text === "right", message: "no" })
    }
    const deciding = { likeness: () => 1, judge: () => Effect.die("no rule asks a judge") }
    return Effect.gen(function* () {
      const { input } = inputOf(rowsOf(100, 2), { checks: [right], deciding })
      const evaluator = yield* makeEvaluator(input)
      const cascade = setupOf("fleet", "small", {}, { when: ["checkFailed"], to: "incumbent" })
      const standing = yield* evaluator.evaluate(cascade, { from: 0, to: evaluator.sizes.length, level: 0.05 })
      assert.strictEqual(standing.verdict, "parity", standing.reason)
      assert.strictEqual(standing.gates[0]?.difference.estimate, 0)
      assert.deepStrictEqual(standing.columns.score["same"], standing.columns.reference["same"])
      assert.strictEqual(standing.costPerCase, 200n, "both answers are paid for")
      const passed = standing.columns.reference["same"]!.filter((score) => score === 1).length
      assert.deepInclude(standing.loop, { cases: 200, passed, costPerPassed: BigInt(Math.round(40_000 / passed)) })
      assert.deepStrictEqual(
        standing.loop?.rounds.map(({ cases, rung }) => [rung, cases]),
        [
          [0, 200],
          [1, 200]
        ]
      )
      assert.strictEqual(new Set(asked.flatMap(({ repeat, series }) => (series === "floor" ? repeat : []))).size, 1)
    }).pipe(Effect.provide(layer))
  })

  it.effect("keeps a case back that may not go to a model further on in the cascade", () => {
    const { asked, layer } = world(() => 1)
    return Effect.gen(function* () {
      const { input } = inputOf(rowsOf(100, 2), { mayReceive: (provider) => provider !== "abroad" })
      const evaluator = yield* makeEvaluator(input)
      const further = setupOf("abroad", "large", {})
      const cascade = setupOf("fleet", "small", {}, { when: ["refusal"], to: further })
      const { outcomes } = yield* evaluator.evaluate(cascade, { from: 0, to: evaluator.sizes.length, level: 0.05 })
      assert.deepStrictEqual(outcomes?.unsendable, { mayReceive: 200 })
      assert.strictEqual(asked.filter(({ series }) => series === "candidate").length, 0)
    }).pipe(Effect.provide(layer))
  })

  it.effect("sends no case where it may not go, and does not decide when that is more than 2 %", () => {
    const { asked, layer } = world(() => 1)
    return Effect.gen(function* () {
      const { input } = inputOf(rowsOf(200, 2), {
        mayReceive: (provider, row) => provider === "fleet" || row.slice !== "refunds"
      })
      const evaluator = yield* makeEvaluator(input)
      const { failed, reason, verdict } = yield* evaluator.evaluate(setupOf("abroad", "small", {}), {
        from: 0,
        to: evaluator.sizes.length,
        level: 0.05
      })
      assert.strictEqual(verdict, "inconclusive")
      assert.include(reason, "cannot be sent")
      assert.strictEqual(asked.filter(({ provider }) => provider === "abroad").length, 400 - failed.unsendable)
    }).pipe(Effect.provide(layer))
  })

  it.effect("counts by reason what a model cannot take, sends none of it, and says so where it decides nothing", () => {
    const { asked, layer } = world(() => 1)
    return Effect.gen(function* () {
      const tools = [{ name: "t", inputSchema: {}, kind: "function", basis: "recorded" }] as const
      const { input } = inputOf(rowsOf(200, 2), {
        load: (row) =>
          Effect.map(load(row), (loaded) =>
            row.slice === "refunds" ? { ...loaded, request: { ...loaded.request, tools } } : loaded
          ),
        mayReceive: (provider, row) => provider === "fleet" || row.id !== "case-1",
        asking: {
          stream: "auto",
          refusedParameters: "drop",
          capabilities: (provider) => (provider === "abroad" ? { tools: false } : {})
        }
      })
      const evaluator = yield* makeEvaluator(input)
      const abroad = setupOf("abroad", "small", {})
      const { failed, outcomes, reason, verdict } = yield* evaluator.evaluate(abroad, {
        from: 0,
        to: evaluator.sizes.length,
        level: 0.05
      })
      assert.strictEqual(verdict, "inconclusive")
      assert.include(reason, "135 of 400 cases cannot be sent to it (tools 134, mayReceive 1)")
      assert.deepStrictEqual(outcomes?.unsendable, { tools: 134, mayReceive: 1 })
      assert.deepStrictEqual(outcomes?.endings, { complete: 265, unsendable: 135 })
      assert.strictEqual(failed.unsendable, 135)
      assert.strictEqual(asked.filter(({ provider }) => provider === "abroad").length, 265)
    }).pipe(Effect.provide(layer))
  })

  it.effect("counts what was lost in translation and how answers ended", () => {
    const { layer } = world(() => 1)
    const cut = Layer.effect(
      Calls,
      Effect.map(Calls, (calls) => ({
        ...calls,
        ask: (ask: Ask) =>
          Effect.map(calls.ask(ask), (answered): Answered => {
            const long = ask.for.case === "case-7" && ask.request.params.maxOutputTokens === 4096
            const { response } = answered.row
            return {
              ...answered,
              losses: ask.for.case === "case-3" ? [{ what: "thinking", why: "another model's" }] : [],
              row: long ? { ...answered.row, response: { ...response, stopReason: "length" } } : answered.row
            }
          })
      }))
    ).pipe(Layer.provide(layer))
    return Effect.gen(function* () {
      const evaluator = yield* makeEvaluator(inputOf(rowsOf(10, 2)).input)
      const { outcomes, repaired } = yield* evaluator.evaluate(small, {
        from: 0,
        to: evaluator.sizes.length,
        level: 0.05
      })
      assert.deepStrictEqual(outcomes, {
        endings: { complete: 20 },
        unsendable: {},
        losses: { thinking: 1 },
        enlarged: 1
      })
      assert.strictEqual(repaired, 0, "a larger budget is no repair")
    }).pipe(Effect.provide(cut))
  })

  it.effect("meets a target, but is no parity, where no floor was bought", () => {
    const { asked, layer } = world(() => 1)
    return Effect.gen(function* () {
      const evaluator = yield* makeEvaluator(inputOf(rowsOf(200, 2), { noiseFloor: "skip" }).input)
      const { reason, verdict } = yield* evaluator.evaluate(small, { from: 0, to: evaluator.sizes.length, level: 0.05 })
      assert.strictEqual(verdict, "inconclusive")
      assert.match(reason, /^meets target/)
      assert.strictEqual(asked.filter(({ series }) => series === "floor").length, 0)
    }).pipe(Effect.provide(layer))
  })

  it.effect(
    "with reference answers compares with the original's own score, and asks the incumbent on 60 sessions only",
    () => {
      const { asked, layer } = world(() => 0.95)
      const rows = rowsOf(200, 2).map((row) => ({ ...row, expected: "right" }))
      return Effect.gen(function* () {
        const evaluator = yield* makeEvaluator(inputOf(rows).input)
        const { gates } = yield* evaluator.evaluate(small, { from: 0, to: evaluator.sizes.length, level: 0.05 })
        assert.strictEqual(gates[0]!.kind, "outcome")
        assert.strictEqual(asked.filter(({ series }) => series === "floor").length, 120)
      }).pipe(Effect.provide(layer))
    }
  )

  it.effect("takes the re-run as the reference where the archive kept only accepted answers", () => {
    const { layer } = world(() => 0.7)
    const rows = rowsOf(200, 2).map((row) => ({ ...row, expected: "right" })) // every archived answer is right; asked again, 0.7 are
    return Effect.gen(function* () {
      const evaluator = yield* makeEvaluator(inputOf(rows, { margin: 0.15 }).input)
      const { gates, verdict } = yield* evaluator.evaluate(small, { from: 0, to: evaluator.sizes.length, level: 0.05 })
      assert.isTrue((yield* evaluator.floor).selected)
      assert.closeTo(gates[0]!.reference, 0.7, 0.06)
      assert.strictEqual(verdict, "parity")
    }).pipe(Effect.provide(layer))
  })
})
