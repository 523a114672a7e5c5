import { assert, describe, it } from "@effect/vitest"

import { fixtureSetups, standingDoc } from "../testing/runResult.ts"
import { costOfCase, floorSentence, outcomeSentence, unansweredSentence, unsendableReasons } from "./outcomes.ts"

const standing = (outcomes?: NonNullable<Parameters<typeof outcomeSentence>[0]["outcomes"]>) =>
  standingDoc(fixtureSetups.small, 0, "0.001", outcomes === undefined ? {} : { outcomes })

describe("what a reader is told of how answers ended", () => {
  it("is all that was not whole, and what was lost", () => {
    const told = outcomeSentence(
      standing({
        endings: { complete: 590, truncated: 12, malformedToolCall: 3, unsendable: 7 },
        unsendable: { vision: 7 },
        losses: { thinking: 1200, temperature: 4 },
        enlarged: 15
      })
    )
    assert.strictEqual(
      told,
      "fleet/small: 12 cut short by the limit of output tokens; 3 with tool arguments that are not JSON; 15 cases asked again with a larger budget; lost in translation or left out for the target, by cases: thinking 1,200, temperature 4."
    )
  })

  it("is nothing where all were whole, and in results that did not count it", () => {
    assert.isUndefined(outcomeSentence(standing()))
    assert.isUndefined(outcomeSentence(standing({ endings: { complete: 5 }, unsendable: {}, losses: {}, enlarged: 0 })))
  })

  it("is told of the incumbent asked again too", () => {
    const floor = { mode: "measured", gates: [], selected: null, usd: "0", why: "" } as const
    assert.strictEqual(
      floorSentence({ ...floor, endings: { complete: 58, refusal: 2 } }, "openai/gpt-4o"),
      "openai/gpt-4o asked again: 2 refused by the model."
    )
    assert.isUndefined(floorSentence(floor, "openai/gpt-4o"))
  })

  it("names the reasons why cases cannot be sent", () => {
    const outcomes = { endings: {}, unsendable: { vision: 7, mayReceive: 1 }, losses: {}, enlarged: 0 }
    assert.strictEqual(unsendableReasons(standing(outcomes)), " (vision 7, mayReceive 1)")
    assert.strictEqual(unsendableReasons(standing()), "")
  })

  it("says how many cases a setup's figures leave out, and why", () => {
    const failed = (infrastructure: number, unsendable: number, more: object = {}) =>
      standingDoc(fixtureSetups.small, 0, "0.001", {
        asked: 400,
        failed: { infrastructure, unsendable, budget: 0 },
        outcomes: { endings: {}, unsendable: { vision: unsendable }, losses: {}, enlarged: 0, told: "boom." },
        ...more
      })
    assert.strictEqual(
      unansweredSentence(failed(3, 1)),
      "fleet/small: 4 of 400 cases got no answer and are left out of the comparison: 3 for reasons of infrastructure, 1 that cannot be sent to it (vision 1); the first was told: boom."
    )
    assert.strictEqual(
      unansweredSentence(failed(1, 0, { outcomes: undefined })),
      "fleet/small: 1 of 400 cases got no answer and is left out of the comparison: 1 for reasons of infrastructure."
    )
    assert.isUndefined(unansweredSentence(failed(0, 0)))
    assert.isUndefined(unansweredSentence(failed(90, 0, { blocked: { by: "infrastructure", why: "down" } })))
  })

  it("has no cost where nothing was answered, and is unpriced where there are answers without a price", () => {
    const cost = (infrastructure: number, usdPerCase: string | null) =>
      costOfCase(
        standingDoc(fixtureSetups.small, 0, usdPerCase, {
          asked: 400,
          failed: { infrastructure, unsendable: 0, budget: 0 }
        })
      )
    assert.deepStrictEqual([cost(400, null), cost(399, null), cost(0, "0.5")], ["no answer", "unpriced", "$0.500"])
  })
})
