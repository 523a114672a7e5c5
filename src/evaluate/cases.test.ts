import { assert, describe, it } from "@effect/vitest"

import type { CallRow } from "../store/Archives.ts"
import { type Selection, selectCases } from "./cases.ts"
import { sessionEnds } from "./evaluate.ts"

const call = (i: number, more: Partial<CallRow> = {}): CallRow => ({
  id: `call-${i}`,
  model: "premium",
  provider: "openai",
  sessionId: `session-${Math.floor(i / 3)}`,
  trajectoryId: null,
  startedAt: `2026-05-01T00:00:${String(i % 60).padStart(2, "0")}Z`,
  fidelity: "A",
  requestDigest: `request-${i}`,
  questionDigest: `question-${i}`,
  contentDigest: `${i}-`.padEnd(64, "0"),
  nativeId: null,
  complete: true,
  usage: { basis: "reported", input: null, output: null },
  billedNanoUsd: null,
  labels: { taskType: i % 2 === 0 ? "refund" : "ticket" },
  ...more
})
const selection: Selection = {
  fidelity: ["A", "B"],
  incumbent: "premium",
  sliceOf: (row) => row.labels["taskType"] ?? "",
  cluster: "session",
  seed: 7
}
const many = Array.from({ length: 90 }, (_, i) => call(i))

describe("the cases of an archive", () => {
  it("are its replayable calls; the rest is counted by reason", () => {
    const { left, rows } = selectCases(
      [
        call(0),
        call(1, { fidelity: "D" }),
        call(2, { complete: false }),
        call(3, { model: "other" }),
        call(4, { fidelity: "B" })
      ],
      selection
    )
    assert.strictEqual(rows.length, 2)
    assert.deepStrictEqual(left, {
      "fidelity D": 1,
      "no complete answer was recorded": 1,
      "not the incumbent's (other)": 1
    })
  })

  it("come session by session, in one random order that the seed alone decides", () => {
    const { rows } = selectCases(many, selection)
    assert.strictEqual(sessionEnds(rows).length, 30)
    assert.deepStrictEqual(
      selectCases([...many].reverse(), selection).rows.map((row) => row.cluster),
      rows.map((row) => row.cluster)
    )
    assert.notDeepEqual(
      selectCases(many, { ...selection, seed: 8 }).rows.map((row) => row.cluster),
      rows.map((row) => row.cluster)
    )
  })

  it("share a cluster where they ask the same, and are draws of their own", () => {
    const { rows } = selectCases(
      [
        call(0),
        call(9, { questionDigest: "question-0", requestDigest: "request-0" }),
        call(10),
        call(20, { questionDigest: "question-0", requestDigest: "request-0" })
      ],
      selection
    )
    assert.strictEqual(new Set(rows.map((row) => row.cluster)).size, 1, "call 10 is in the session of call 9")
    assert.deepStrictEqual(
      new Map(rows.map((row) => [row.callId, row.repeat])),
      new Map([
        ["call-0", 0],
        ["call-9", 1],
        ["call-10", 0],
        ["call-20", 2]
      ])
    )
  })

  it("share a cluster where only parameters differ: a setup may set those to one value", () => {
    const { rows } = selectCases(
      [
        call(0, { requestDigest: "warm", questionDigest: "same" }),
        call(9, { requestDigest: "cold", questionDigest: "same" })
      ],
      selection
    )
    assert.strictEqual(new Set(rows.map((row) => row.cluster)).size, 1)
    assert.deepStrictEqual(
      rows.map((row) => row.requestDigest),
      ["warm", "cold"],
      "and their answers are draws of their own"
    )
  })

  it("keep their ids and draws whatever else is selected", () => {
    const twice = [call(0), call(9, { requestDigest: "request-0", contentDigest: "0-".padEnd(64, "0") })]
    const [late] = selectCases(twice, { ...selection, since: "2026-05-01T00:00:05Z" }).rows
    assert.deepStrictEqual([late?.callId, late?.repeat, late?.id.endsWith("-1")], ["call-9", 1, true])
  })

  it("have ids of their content; the very same content gets a number of its own", () => {
    const digest = "a".repeat(64)
    const { rows } = selectCases([call(0, { contentDigest: digest }), call(1, { contentDigest: digest })], selection)
    assert.deepStrictEqual(rows.map((row) => row.id).sort(), ["a".repeat(32), `${"a".repeat(32)}-1`])
  })

  it("carry the reference answer of their key", () => {
    const { rows } = selectCases([call(0), call(1)], {
      ...selection,
      references: { answers: new Map([["call-0", 42]]), keyOf: (row) => row.id }
    })
    assert.deepStrictEqual(
      new Map(rows.map((row) => [row.callId, row.expected])),
      new Map<string, unknown>([
        ["call-0", 42],
        ["call-1", undefined]
      ])
    )
  })

  it("are sampled by whole sessions, weighted back to the archive", () => {
    const { left, rows } = selectCases(many, { ...selection, sample: { size: 30, by: "slice", seed: 1 } })
    assert.isAtLeast(rows.length, 30)
    assert.isBelow(rows.length, 60)
    assert.strictEqual(left["not in the sample"], 90 - rows.length)
    assert.closeTo(
      rows.reduce((sum, row) => sum + row.weight, 0),
      90,
      1e-9
    )
  })

  it("take twelve of a long session at most", () => {
    const { rows } = selectCases(
      Array.from({ length: 200 }, (_, i) => call(i, { sessionId: `session-${i % 8}` })),
      { ...selection, sample: { size: 200, seed: 1 } }
    )
    assert.strictEqual(rows.length, 96)
    assert.closeTo(
      rows.reduce((sum, row) => sum + row.weight, 0),
      200,
      1e-9
    )
  })
})
