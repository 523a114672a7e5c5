import { assert, describe, it } from "@effect/vitest"

import type { CaseRow } from "../domain/Case.ts"
import type { CallRow } from "../store/Archives.ts"
import { type Selection, selectCases } from "./cases.ts"
import { type Sampling, type Stratum, sampled } from "./sampling.ts"

/** Chance that is the same on every machine. */
const chance = (seed: number) => {
  let state = seed
  return () => {
    state = (state * 48271) % 2147483647
    return state / 2147483647
  }
}

/** An archive of sessions of unequal length and cost, over four months, some in small slices. */
const archive = (sessions: number): ReadonlyArray<CallRow> => {
  const next = chance(11)
  return Array.from({ length: sessions }, (_, session): ReadonlyArray<CallRow> => {
    const length = next() < 0.1 ? 20 : 1 + Math.floor(next() * 6)
    const dear = next() < 0.05 ? 40 : 1
    const slice = session % 50 === 0 ? "rare" : session % 3 === 0 ? "reply" : "triage"
    return Array.from({ length }, (_, step) => {
      const output = Math.ceil(next() * 300 * dear)
      const at = new Date(Date.UTC(2026, 0, 1) + session * 3.6e6 * 6 + step * 6e4).toISOString()
      const uncached = Math.ceil(next() * 1000 * dear)
      return {
        id: `call-${session}-${step}`,
        model: "premium",
        provider: "openai",
        sessionId: `session-${session}`,
        trajectoryId: null,
        startedAt: session % 17 === 0 ? null : at,
        fidelity: "A",
        requestDigest: `request-${session}-${step}`,
        questionDigest: `question-${session}-${step}`,
        contentDigest: `${session}-${step}-`.padEnd(64, "0"),
        nativeId: null,
        complete: true,
        usage: {
          basis: "reported",
          input: { total: uncached, uncached, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, cacheWriteOther: 0 },
          output: { total: output, text: output, reasoning: 0 }
        },
        billedNanoUsd: null,
        labels: { taskType: slice }
      }
    })
  }).flat()
}
const calls = archive(200)

const selection: Selection = {
  fidelity: ["A"],
  incumbent: "premium",
  sliceOf: ({ labels }) => labels["taskType"] ?? "",
  cluster: "session",
  seed: 7
}
const taken = (sample: Sampling, rows = calls, more: Partial<Selection> = {}) =>
  selectCases(rows, { ...selection, ...more, seed: sample.seed, sample }).rows
/** Every case there is; a sample of them is drawn as `selectCases` draws it. */
const cases = selectCases(calls, selection).rows

const costOf = ({ usage }: Pick<CaseRow, "usage">) => (usage.input?.total ?? 0) + 5 * (usage.output?.total ?? 0)
const total = (rows: ReadonlyArray<CaseRow>, of: (row: CaseRow) => number) =>
  rows.reduce((sum, row) => sum + row.weight * of(row), 0)

/** Mean and standard error over the seeds. */
const over = (seeds: number, of: (seed: number) => number) => {
  const values = Array.from({ length: seeds }, (_, seed) => of(seed + 1))
  const mean = values.reduce((a, b) => a + b, 0) / seeds
  const spread = values.reduce((a, b) => a + (b - mean) ** 2, 0) / (seeds - 1)
  return { mean, se: Math.sqrt(spread / seeds), sd: Math.sqrt(spread) }
}

const ways: ReadonlyArray<ReadonlyArray<Stratum>> = [
  [],
  ["slice"],
  ["time"],
  ["cost"],
  ["slice", "time"],
  ["slice", "time", "cost"]
]

describe("a sample of an archive", () => {
  for (const by of ways) {
    const name = by.length === 0 ? "nothing" : by.join(" and ")

    it(`by ${name}: its weighted calls, cost and every slice are, in the mean of many seeds, the archive's`, () => {
      const truths: ReadonlyArray<readonly [string, (row: CaseRow) => number]> = [
        ["calls", () => 1],
        ["cost", costOf],
        ["calls of rare", ({ slice }) => (slice === "rare" ? 1 : 0)],
        ["cost of reply", (row) => (row.slice === "reply" ? costOf(row) : 0)]
      ]
      const samples = Array.from({ length: 150 }, (_, seed) => sampled(cases, { size: 90, by, seed: seed + 1 }))
      for (const [what, of] of truths) {
        const truth = total(cases, of)
        const { mean, se } = over(samples.length, (seed) => total(samples[seed - 1]!, of))
        assert.isBelow(Math.abs(mean - truth), 4 * se + 1e-6 * truth, `${what}: ${mean} of ${truth}`)
      }
    })

    it(`by ${name}: about as many cases as were wanted`, () => {
      const { mean } = over(40, (seed) => sampled(cases, { size: 90, by, seed }).length)
      assert.isAtLeast(mean, 85)
      assert.isAtMost(mean, 120)
    })

    it(`by ${name}: the same of a seed, in whatever order the calls come, and others of another`, () => {
      const weights = (rows: ReadonlyArray<CaseRow>) => Object.fromEntries(rows.map((row) => [row.id, row.weight]))
      const sample = { size: 90, by, seed: 3 }
      const next = chance(2)
      const mixed = calls.map((row) => [next(), row] as const).sort(([a], [b]) => a - b)
      assert.deepStrictEqual(
        weights(
          taken(
            sample,
            mixed.map(([, row]) => row)
          )
        ),
        weights(taken(sample))
      )
      assert.notDeepEqual(weights(taken({ ...sample, seed: 4 })), weights(taken(sample)))
    })
  }

  it("takes whole sessions, up to twelve calls of each", () => {
    const lengths = Map.groupBy(calls, ({ sessionId }) => sessionId)
    for (const [cluster, cases] of Map.groupBy(
      taken({ size: 90, by: ["time", "cost"], seed: 1 }),
      (row) => row.cluster
    )) {
      assert.strictEqual(cases.length, Math.min(12, lengths.get(cluster)?.length ?? 0))
    }
  })

  it("by cost estimates the archive's cost better than one of the same size by nothing", () => {
    const spread = (by: ReadonlyArray<Stratum>) =>
      over(60, (seed) => total(sampled(cases, { size: 90, by, seed }), costOf)).sd
    assert.isBelow(spread(["cost"]), 0.7 * spread([]))
  })

  it("by time has calls of every quarter of the archive's sessions", () => {
    for (let seed = 1; seed <= 30; seed++) {
      const quarters = new Set(
        sampled(cases, { size: 120, by: "time", seed }).flatMap(({ cluster, startedAt }) =>
          startedAt === null ? [] : [Math.floor(Number(cluster.slice("session-".length)) / 53)]
        )
      )
      assert.strictEqual(quarters.size, 4)
    }
  })

  it("has five sessions of each stratum, and all of a slice with fewer", () => {
    const few = [
      ...calls.slice(0, 400),
      ...archive(3).map((row) => ({
        ...row,
        id: `x${row.id}`,
        sessionId: `x${row.sessionId}`,
        questionDigest: `x${row.questionDigest}`,
        contentDigest: `x${row.contentDigest}`,
        labels: { taskType: "tiny" }
      }))
    ]
    const tiny = taken({ size: 60, by: ["slice", "time", "cost"], seed: 1 }, few).filter(
      ({ slice }) => slice === "tiny"
    )
    assert.deepStrictEqual(
      [
        new Set(tiny.map(({ cluster }) => cluster)).size,
        tiny.every(
          ({ weight, cluster }) => weight === 1 || few.filter(({ sessionId }) => sessionId === cluster).length > 12
        )
      ],
      [3, true]
    )
  })

  it("gives no call more than twice the weight that it had without cost", () => {
    const plain = Math.max(...taken({ size: 90, seed: 1 }).map(({ weight }) => weight))
    const byCost = Math.max(...taken({ size: 90, by: ["cost"], seed: 1 }).map(({ weight }) => weight))
    assert.isAtMost(byCost, 2.2 * plain)
  })
})

describe("near-duplicates", () => {
  // Calls 0 and 1 of a session ask what the same calls of nine other sessions ask.
  const sketches = new Map(
    calls.map(({ id }) => {
      const [, session = "", step = ""] = id.split("-")
      return [id, Number(step) < 2 ? `asked ${Number(session) % 20} ${step}` : id] as const
    })
  )
  const distinct = () => selectCases(calls, { ...selection, sketches })

  it("are taken once, with the weight of all, and counted", () => {
    const { left, rows } = distinct()
    const groups = new Set(rows.map((row) => `${row.slice} ${sketches.get(row.callId)}`))
    assert.strictEqual(groups.size, rows.length)
    assert.strictEqual(left["near-duplicate of another"], calls.length - rows.length)
    assert.strictEqual(
      total(rows, () => 1),
      calls.length
    )
    const rare = rows.filter(({ slice }) => slice === "rare")
    assert.strictEqual(
      total(rare, () => 1),
      calls.filter(({ labels }) => labels["taskType"] === "rare").length,
      "each slice keeps its weight"
    )
  })

  it("stay in the cluster of the one that is taken", () => {
    for (const { callId, cluster } of distinct().rows) {
      assert.strictEqual(cluster, calls.find(({ id }) => id === callId)?.sessionId)
    }
  })

  it("leave totals unbiased, sampled further or not", () => {
    const truth = total(cases, costOf)
    for (const size of [90, 1e6]) {
      const { mean, se } = over(100, (seed) => total(taken({ size, by: "slice", seed }, calls, { sketches }), costOf))
      assert.isBelow(Math.abs(mean - truth), 4 * se)
    }
  })

  it("are none where no sketches are given", () => {
    assert.isUndefined(selectCases(calls, selection).left["near-duplicate of another"])
  })
})
