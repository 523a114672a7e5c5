import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"

import { type SessionCall, structureOf } from "./structure.ts"

/** A call that asks `path`, a history named by its letters: what begins with it and is longer goes on from it. */
const call = (id: string, path: string, given: Partial<SessionCall> = {}): SessionCall => ({
  id,
  startedAt: id.charCodeAt(0) * 1000,
  model: "m",
  hash: hashOf(path),
  bounds: Array.from({ length: path.length - 1 }, (_, at) => hashOf(path.slice(0, at + 1))),
  lastRun: 1,
  inputTokens: path.length * 100,
  textTokens: 10,
  usageReported: true,
  attempt: 0,
  attemptOf: null,
  told: { trajectoryId: null, stepIndex: null, parent: false },
  ...given
})
const hashOf = (path: string) => [...path].reduce((hash, letter) => (hash * 31 + letter.charCodeAt(0)) % 2 ** 45, 7)

const place = (calls: ReadonlyArray<SessionCall>) => Object.fromEntries(structureOf(calls))

describe("structureOf", () => {
  it("what goes on from one another is a trajectory, named after its first call", () => {
    assert.deepStrictEqual(place([call("a", "x"), call("b", "xy"), call("c", "xyz")]), {
      a: { trajectoryId: "t-a", stepIndex: 0 },
      b: { trajectoryId: "t-a", stepIndex: 1, parentCallId: "a", contextTokens: 110 },
      c: { trajectoryId: "t-a", stepIndex: 2, parentCallId: "b", contextTokens: 210 }
    })
  })

  it("a call that stands alone has no place, and neither have two that ask the same", () => {
    assert.deepStrictEqual(place([call("a", "x"), call("b", "q")]), { a: {}, b: {} })
    assert.deepStrictEqual(place([call("a", "x"), call("b", "x")]), { a: {}, b: {} })
  })

  it("the second call that goes on from the same one begins a branch", () => {
    const placed = place([
      call("a", "x"),
      call("b", "xy"),
      call("c", "xyz"),
      call("d", "xq"),
      call("e", "xqr"),
      call("f", "xqs")
    ])
    assert.deepStrictEqual(placed["d"], {
      trajectoryId: "t-d",
      stepIndex: 0,
      branch: "0.1",
      parentCallId: "a",
      parentTrajectoryId: "t-a",
      contextTokens: 110
    })
    assert.include(placed["e"], { trajectoryId: "t-d", stepIndex: 1, branch: "0.1", parentTrajectoryId: "t-a" })
    assert.include(placed["f"], { trajectoryId: "t-f", branch: "0.1/0.1", parentTrajectoryId: "t-d", stepIndex: 0 })
    assert.include(placed["c"], { trajectoryId: "t-a", stepIndex: 2 })
  })

  it("of several it goes on from the longest, then from the nearest before it in time, and from none after it", () => {
    const calls = [call("a", "x"), call("b", "x"), call("c", "xy"), call("d", "x")]
    assert.strictEqual(place(calls)["c"]?.parentCallId, "b")
    assert.strictEqual(place([call("a", "x"), call("b", "xy"), call("c", "xyz")])["c"]?.parentCallId, "b")
    assert.deepStrictEqual(place([call("b", "xy"), call("c", "x")]), { b: {}, c: {} })
    const untimed = { startedAt: null }
    assert.strictEqual(place([call("a", "x", untimed), call("b", "xy", untimed)])["b"]?.parentCallId, "a")
  })

  it("a retry stays with the call it repeats, and what goes on from either goes on from both", () => {
    const placed = place([
      call("a", "x"),
      call("b", "xy"),
      call("c", "xy", { attempt: 1 }),
      call("d", "xy", { attempt: 2, attemptOf: "b" }),
      call("e", "xyz")
    ])
    for (const id of ["b", "c", "d"])
      assert.include(placed[id], { trajectoryId: "t-a", stepIndex: 1, parentCallId: "a" })
    assert.include(placed["e"], { trajectoryId: "t-a", stepIndex: 2, parentCallId: "d" })
  })

  it("what the log told stays: its trajectory, and what goes on from it belongs to it", () => {
    const told = { told: { trajectoryId: "run", stepIndex: 4, parent: false } }
    const placed = place([
      call("a", "x", told),
      call("b", "xy"),
      call("c", "q", told),
      call("d", "xyz", { told: { ...told.told, trajectoryId: "other" } })
    ])
    assert.deepStrictEqual(placed["a"], {})
    assert.include(placed["b"], { trajectoryId: "run", stepIndex: 5, parentCallId: "a" })
    assert.deepStrictEqual(placed["c"], {})
    assert.notProperty(placed["d"], "trajectoryId")
  })

  it("context is what the call before took in and said, where both say, the model is the same, and nothing is missing between", () => {
    const context = (before: Partial<SessionCall>, after: Partial<SessionCall>) =>
      place([call("a", "x", before), call("b", "xy", after)])["b"]?.contextTokens
    assert.strictEqual(context({}, {}), 110)
    assert.strictEqual(context({}, { inputTokens: 90 }), 90, "never more than the input")
    for (const [before, after] of [
      [{ model: "other" }, {}],
      [{ usageReported: false }, {}],
      [{ textTokens: null }, {}],
      [{}, { inputTokens: null }],
      [{}, { lastRun: 0 }]
    ]) {
      assert.isUndefined(context(before!, after!))
    }
  })

  it("an answer that was written again as several messages is found", () => {
    // The request of b has three assistant messages after what a asked.
    const b = call("b", "xyzw", { bounds: [hashOf("x"), 1, 2], lastRun: 3 })
    assert.deepStrictEqual(place([call("a", "x"), b])["b"], {
      trajectoryId: "t-a",
      stepIndex: 1,
      parentCallId: "a",
      contextTokens: 110
    })
  })

  it.prop(
    "depends on the calls alone, not on their order; every call that goes on from one has a place one step after it or begins a branch",
    { paths: Schema.Array(Schema.String.check(Schema.isPattern(/^[xyz]{1,5}$/))), seed: Schema.Int },
    ({ paths, seed }) => {
      const calls = paths.slice(0, 20).map((path, at) => call(String.fromCharCode(97 + at), path))
      const placed = structureOf(calls)
      const turned = [...calls].sort((a, b) => hashOf(a.id + seed) - hashOf(b.id + seed))
      assert.deepStrictEqual(
        Object.fromEntries([...structureOf(turned)].sort()),
        Object.fromEntries([...placed].sort())
      )
      for (const { parentCallId, stepIndex, trajectoryId, ...at } of placed.values()) {
        if (parentCallId === undefined) continue
        const parent = placed.get(parentCallId)!
        if (at.branch === parent.branch) {
          assert.deepStrictEqual([trajectoryId, stepIndex], [parent.trajectoryId, parent.stepIndex! + 1])
        } else assert.deepStrictEqual([stepIndex, at.parentTrajectoryId], [0, parent.trajectoryId])
      }
    }
  )
})
