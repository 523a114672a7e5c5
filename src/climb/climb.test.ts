import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import { type Axes, type Setup, setupOf } from "../domain/Setup.ts"
import type { Standing, Verdict } from "../domain/Standing.ts"
import type { Stretch } from "../domain/Stretch.ts"
import { chainsOf } from "./chains.ts"
import { climb } from "./climb.ts"
import { decide, untriedOf } from "./decide.ts"
import { cheapestFirst } from "./strategies/cheapestFirst.ts"

/** A world as a table: what each setup is expected to cost, what it turns out to cost (nano-dollars a case), and its verdict. */
type World = ReadonlyArray<{
  readonly model: string
  readonly axes?: Axes
  readonly expected: number
  readonly paid?: bigint
  readonly verdict: Verdict
  readonly budget?: number
  /** Its own budget stopped it, not the run's. */
  readonly own?: true
}>

const standing = (setup: Setup, verdict: Verdict, paid: bigint, budget: number, own?: true): Standing => ({
  setup,
  verdict,
  reason: verdict,
  ...(budget > 0 ? { blocked: { by: "budget" as const, why: "the budget stopped it", ...(own ? { own } : {}) } } : {}),
  gates: [],
  reported: [],
  slices: [],
  asked: 100,
  paired: 100,
  priced: 100,
  failed: { infrastructure: 0, unsendable: 0, budget },
  cost: paid * 100n,
  costPerCase: paid,
  incumbentCostPerCase: 1_000n,
  incumbentCost: 100_000n,
  costRatio: { estimate: Number(paid) / 1_000, lower: 0, upper: 1 },
  latencyMs: null,
  repaired: 0,
  checksBroken: 0,
  columns: {
    caseId: [],
    cluster: [],
    slice: [],
    weight: new Float64Array(),
    cost: new Float64Array(),
    incumbentCost: new Float64Array(),
    score: {},
    reference: {}
  }
})

const run = (world: World) => {
  const setups = world.map((row) => setupOf("fleet", row.model, row.axes ?? {}))
  const input = {
    setups: chainsOf(setups.map((setup, i) => ({ setup, usdPerCase: world[i]!.expected / 1e9 }))),
    sizes: Array.from({ length: 60 }, () => 2),
    alpha: 0.05,
    margin: 0.05,
    incumbentUsdPerCase: 1e-6,
    slice: Array.from({ length: 120 }, () => "all"),
    shares: new Map([["all", 1]])
  }
  const levels: Array<number> = []
  const evaluate = (setup: Setup, { level }: Stretch) =>
    Effect.sync(() => {
      levels.push(level)
      const row = world[setups.findIndex(({ id }) => id === setup.id)]!
      return standing(setup, row.verdict, row.paid ?? BigInt(row.expected), row.budget ?? 0, row.own)
    })
  return Effect.map(climb(cheapestFirst.make({}, input), input, evaluate), (climbed) => ({
    climbed,
    levels,
    tried: climbed.standings.map(({ setup }) => setup.label),
    decision: decide(climbed, ["refunds", "tickets"], []),
    untried: untriedOf(setups, [], climbed)
  }))
}

describe("cheapest first", () => {
  it.effect("names the cheapest setup at parity and tries none that is expected to cost more", () =>
    Effect.gen(function* () {
      const { decision, levels, tried, untried } = yield* run([
        { model: "large", expected: 500, verdict: "parity" },
        { model: "tiny", expected: 10, verdict: "inferior" },
        { model: "small", expected: 100, verdict: "parity" }
      ])
      assert.deepStrictEqual(tried, ["fleet/tiny", "fleet/small"])
      assert.strictEqual(decision.verdict, "parity")
      assert.strictEqual(decision.setup?.label, "fleet/small")
      assert.deepStrictEqual(
        decision.policy.map(({ setup, slice }) => [slice, setup?.label]),
        [
          ["refunds", "fleet/small"],
          ["tickets", "fleet/small"]
        ]
      )
      assert.deepStrictEqual(
        untried.map(({ reason, setup }) => [setup.label, reason]),
        [["fleet/large", "not expected to cost less than the winner"]]
      )
      assert.deepStrictEqual(
        new Set(levels),
        new Set([0.05 / 3]),
        "parity is claimed at alpha over the number of setups"
      )
    })
  )

  it.effect("goes on where the winner turned out dearer than an untried setup: cheap by the token, but wordy", () =>
    Effect.gen(function* () {
      const { decision } = yield* run([
        { model: "wordy", expected: 50, paid: 300n, verdict: "parity" },
        { model: "middle", expected: 100, verdict: "parity" }
      ])
      assert.strictEqual(decision.setup?.label, "fleet/middle")
    })
  )

  it.effect("does not try a stronger configuration of a model that is at parity without it", () =>
    Effect.gen(function* () {
      const { tried } = yield* run([
        { model: "small", axes: { repairs: 2 }, expected: 50, verdict: "parity" },
        { model: "small", axes: { repairs: 0 }, expected: 50, paid: 60n, verdict: "parity" }
      ])
      assert.deepStrictEqual(tried, ["fleet/small"])
    })
  )

  it.effect("decides none where every setup is inferior, and inconclusive where one is undecided", () =>
    Effect.gen(function* () {
      const none = yield* run([{ model: "tiny", expected: 10, verdict: "inferior" }])
      assert.strictEqual(none.decision.verdict, "none")
      const open = yield* run([
        { model: "tiny", expected: 10, verdict: "inferior" },
        { model: "small", expected: 20, verdict: "inconclusive" }
      ])
      assert.strictEqual(open.decision.verdict, "inconclusive")
      assert.isNull(open.decision.setup)
      assert.deepStrictEqual(
        open.decision.policy.map(({ setup }) => setup),
        [null, null]
      )
    })
  )

  it.effect("is inconclusive where a setup is at parity at a cost that is not known", () =>
    Effect.gen(function* () {
      const { climbed } = yield* run([{ model: "small", expected: 100, verdict: "parity" }])
      const unknown = climbed.standings.map((one) => ({ ...one, cost: null, costPerCase: null, costRatio: null }))
      const { reason, verdict } = decide({ ...climbed, standings: unknown }, ["tickets"], [])
      assert.strictEqual(verdict, "inconclusive")
      assert.include(reason, "at parity, but what it costs against the incumbent is not known")
    })
  )

  it.effect("names no setup that turned out to be no saving", () =>
    Effect.gen(function* () {
      const { decision } = yield* run([{ model: "wordy", expected: 50, paid: 1_000n, verdict: "parity" }])
      assert.strictEqual(decision.verdict, "none")
    })
  )

  it.effect("still decides on what was bought when the budget ends it, and lists the rest as untried", () =>
    Effect.gen(function* () {
      const { climbed, decision, untried } = yield* run([
        { model: "tiny", expected: 10, verdict: "inconclusive", budget: 40 },
        { model: "small", expected: 20, verdict: "parity" }
      ])
      assert.isTrue(climbed.cut)
      assert.strictEqual(decision.verdict, "inconclusive")
      assert.deepStrictEqual(
        untried.map(({ reason }) => reason),
        ["the budget was spent before its turn"]
      )
    })
  )

  it.effect("goes on past a setup that only a budget of its own has stopped", () =>
    Effect.gen(function* () {
      const { climbed, decision, untried } = yield* run([
        { model: "tiny", expected: 10, verdict: "inconclusive", budget: 40, own: true },
        { model: "small", expected: 20, verdict: "parity" }
      ])
      assert.isFalse(climbed.cut)
      assert.deepStrictEqual([decision.verdict, decision.setup?.model, untried], ["parity", "small", []])
    })
  )
})

describe("a decision", () => {
  it.effect("says which slices are too small to be judged by themselves and are taken along", () =>
    Effect.gen(function* () {
      const { climbed } = yield* run([{ model: "small", expected: 100, verdict: "parity" }])
      const sessions = ["a", "b", "c", "d", "e", "f"]
      const slice = sessions.map((session) => (session === "f" ? "refunds" : "tickets"))
      const standings = climbed.standings.map((one) => ({
        ...one,
        columns: { ...one.columns, cluster: sessions, slice }
      }))
      const { reason, setup } = decide({ ...climbed, standings }, ["refunds", "tickets"], [])
      assert.strictEqual(setup?.label, "fleet/small")
      assert.match(reason, /too small to be judged by themselves, and taken along: refunds$/)
    })
  )
})

describe("chains", () => {
  it("hold one model with its ordered axes, strongest first; other axes make chains of their own", () => {
    const setups = [
      setupOf("fleet", "small", { repairs: 0 }),
      setupOf("fleet", "small", { repairs: 2 }),
      setupOf("fleet", "small", { repairs: 2, reasoningEffort: "low" }),
      setupOf("fleet", "small", { repairs: 0, temperature: 0 }),
      setupOf("fleet", "small", { repairs: 2, samples: 3 }),
      setupOf("fleet", "small", { repairs: 2 }, { when: ["checkFailed"], to: "incumbent" })
    ]
    const chains = chainsOf(setups.map((setup) => ({ setup, usdPerCase: 1 })))
    assert.deepStrictEqual(
      chains.map(({ rank, setup }) => [setup.label, rank]),
      [
        ["fleet/small repairs=2 samples=3", 0],
        ["fleet/small repairs=2", 1],
        ["fleet/small repairs=2 reasoningEffort=low", 2],
        ["fleet/small", 3],
        ["fleet/small temperature=0", 0],
        ["fleet/small repairs=2, on checkFailed: incumbent", 0]
      ]
    )
    assert.strictEqual(new Set(chains.map(({ chain }) => chain)).size, 3)
  })
})
