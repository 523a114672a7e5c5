import { assert, describe, it } from "@effect/vitest"

import type { Attempt, Output } from "../domain/Output.ts"
import { caseLoopOf, loopOf } from "./loop.ts"

const attempt = (round: number, pass: boolean | "broken", more: Partial<Attempt> = {}): Attempt => ({
  round,
  answer: "k",
  cached: false,
  cost: 10n,
  latencyMs: 100,
  checks: [pass === "broken" ? { use: "c", pass: false, message: "", broken: true } : { use: "c", pass, message: "" }],
  ...more
})
const some = { text: "x", toolCalls: [], finish: "end", usage: null } as const
const output = (attempts: ReadonlyArray<Attempt>, answer: Output["answer"] = some) => ({ answer, attempts })
const looped = (attempts: ReadonlyArray<Attempt>, answer: Output["answer"] = some) => ({
  loop: caseLoopOf(output(attempts, answer)),
  cost: attempts.reduce((sum, { cost }) => sum + (cost ?? 0n), 0n),
  answered: answer !== null
})

describe("a test loop", () => {
  it("counts rounds, what passed in each, and what a passed case costs when the rest is paid too", () => {
    const loop = loopOf([
      looped([attempt(0, true)]),
      looped([attempt(0, false), attempt(1, true, { latencyMs: 300 })]),
      looped([attempt(0, false), attempt(1, false)]),
      looped([attempt(0, "broken")]),
      looped([attempt(0, false)], null)
    ])
    assert.deepStrictEqual(loop, {
      cases: 5,
      passed: 2,
      costPerPassed: 35n,
      rounds: [
        { rung: 0, round: 0, cases: 5, passed: 1, cost: 50n, latencyMs: 100 },
        { rung: 0, round: 1, cases: 2, passed: 1, cost: 20n, latencyMs: 300 }
      ]
    })
  })

  it("puts samples of a round together, keeps the rungs of a cascade apart, and has their judges' cost in", () => {
    const loop = loopOf([
      looped([
        attempt(0, false),
        attempt(0, false, { sample: 1, judged: [{ score: 0, cost: 3n }] }),
        attempt(0, true, { rung: 1 })
      ])
    ])
    assert.deepStrictEqual(loop?.rounds, [
      { rung: 0, round: 0, cases: 1, passed: 0, cost: 23n, latencyMs: 200 },
      { rung: 1, round: 0, cases: 1, passed: 1, cost: 10n, latencyMs: 100 }
    ])
  })

  it("goes by the answer that counts, not by the last one", () => {
    const attempts = [attempt(0, true), attempt(0, false, { sample: 1, checks: [] })]
    assert.isTrue(caseLoopOf({ ...output(attempts), chosen: 0 }).passed)
    assert.isFalse(caseLoopOf(output(attempts)).passed)
  })

  it("has no price where one is not known, or nothing passed, and is not there without checks", () => {
    assert.isNull(loopOf([{ ...looped([attempt(0, true)]), cost: null }])?.costPerPassed)
    assert.isNull(loopOf([looped([attempt(0, false)])])?.costPerPassed)
    assert.isUndefined(loopOf([{ loop: undefined, cost: 5n, answered: true }]))
  })
})
