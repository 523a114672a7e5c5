import { assert, describe, it } from "@effect/vitest"

import { fixtureSetups, standingDoc } from "../testing/runResult.ts"
import { outcomeSentence, unsendableReasons } from "./outcomes.ts"

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

  it("names the reasons why cases cannot be sent", () => {
    const outcomes = { endings: {}, unsendable: { vision: 7, mayReceive: 1 }, losses: {}, enlarged: 0 }
    assert.strictEqual(unsendableReasons(standing(outcomes)), " (vision 7, mayReceive 1)")
    assert.strictEqual(unsendableReasons(standing()), "")
  })
})
