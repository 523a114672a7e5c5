import { assert, describe, it } from "@effect/vitest"

import { fixtureSetups, runResult, standingDoc } from "../testing/runResult.ts"
import { summaryOf } from "./summary.ts"

describe("what a finished run says", () => {
  it("says beside the verdict that it leaves cases out, how many and why", () => {
    const standings = [
      standingDoc(fixtureSetups.small, -0.01, "0.0005", {
        asked: 400,
        failed: { infrastructure: 4, unsendable: 0, budget: 0 },
        outcomes: { endings: {}, unsendable: {}, losses: {}, enlarged: 0, told: "there/m: Server: 500\u001b[2J" }
      })
    ]
    const [verdict, unanswered, gap] = summaryOf(runResult({ standings })).split("\n")
    assert.match(verdict ?? "", /^Parity/)
    assert.match(
      unanswered ?? "",
      /^fleet\/small: 4 of 400 cases got no answer .*: 4 for reasons of infrastructure; the first was told: there\/m: Server: 500/
    )
    assert.notInclude(unanswered, "\u001b")
    assert.strictEqual(gap, "")
  })

  it("says nothing of the kind where every case was answered", () => {
    assert.strictEqual(
      summaryOf(runResult({ standings: [standingDoc(fixtureSetups.small, 0, "0.1")] })).split("\n")[1],
      ""
    )
  })
})
