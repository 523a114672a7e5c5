import { assert, describe, it } from "@effect/vitest"

import type { StandingDoc } from "../domain/RunResult.ts"
import { setupOf } from "../domain/Setup.ts"
import { loopSentence, roundName } from "./loop.ts"

const setup = { ...setupOf("fleet", "small", { repairs: 2 }), configuration: {} }
const round = (rung: number, at: number, cases: number, passed: number) => ({
  rung,
  round: at,
  cases,
  passed,
  usd: "0.010000000",
  latencyMs: 20
})
const loop = (rounds: NonNullable<StandingDoc["loop"]>["rounds"], usdPerPassed: string | null = "0.000125000") => ({
  cases: 100,
  passed: 95,
  usdPerPassed,
  rounds
})

describe("what a reader is told of a test loop", () => {
  it("is what passed in each round, and what a passed case costs", () => {
    assert.strictEqual(
      loopSentence({ setup, loop: loop([round(0, 0, 100, 60), round(0, 1, 40, 30), round(1, 0, 10, 5)]) }),
      "fleet/small repairs=2: 95 of 100 cases pass all checks in the end, at $0.000125 a passed case; passed by round: first answers 60 of 100, repair round 1 30 of 40, rung 2, first answers 5 of 10."
    )
  })

  it("leaves out a cost that is not known", () => {
    const words = loopSentence({ setup, loop: loop([round(0, 0, 100, 60), round(0, 1, 40, 35)], null) })
    assert.include(words, "in the end; passed by round")
  })

  it("is nothing where nothing went beyond the first answers", () => {
    assert.isUndefined(loopSentence({ setup, loop: loop([round(0, 0, 100, 95)]) }))
    assert.isUndefined(loopSentence({ setup }))
  })

  it("names rungs and rounds", () => {
    assert.deepStrictEqual(
      [roundName({ rung: 0, round: 0 }), roundName({ rung: 0, round: 2 }), roundName({ rung: 2, round: 1 })],
      ["first answers", "repair round 2", "rung 3, repair round 1"]
    )
  })
})
