import { assert, describe, it } from "@effect/vitest"

import { fixtureSetups, standingDoc } from "../testing/runResult.ts"
import { firstTokenSentence } from "./firstToken.ts"

const times = (p50: number, p95: number, cases: number) => ({ p50, p95, cases })

describe("what a reader is told of time to first token", () => {
  it("is the setup's with its cases, and the incumbent's on the same ones", () => {
    const timeToFirstToken = {
      setup: times(120, 300, 1200),
      archived: { setup: times(118, 290, 900), incumbent: times(410, 1900, 900) },
      again: { setup: times(119, 280, 60), incumbent: times(380, 800, 60) }
    }
    assert.strictEqual(
      firstTokenSentence(standingDoc(fixtureSetups.small, 0, "0.001", { timeToFirstToken })),
      "fleet/small: 120 ms / 300 ms in 1,200 cases; in 900 of them 118 ms / 290 ms beside 410 ms / 1.9 s of the originals; in 60 of them 119 ms / 280 ms beside 380 ms / 800 ms of the incumbent asked again."
    )
  })

  it("is nothing where no answer was streamed", () => {
    assert.isUndefined(firstTokenSentence(standingDoc(fixtureSetups.small, 0, "0.001")))
  })
})
