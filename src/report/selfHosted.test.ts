import { assert, describe, it } from "@effect/vitest"

import { runResult, setupDoc, standingDoc } from "../testing/runResult.ts"
import { incumbentByTime, selfHostedSentence } from "./selfHosted.ts"

const machine = {
  usdPerHour: "4",
  utilisation: "0.5",
  cases: 300,
  unknown: 0,
  machineMsPerCase: 90,
  casesPerHour: 40_000,
  inFlight: 12.34,
  tokensPerSecond: 950.4,
  usdPerCaseAt: { "25": "0.000400000", "50": "0.000200000", "100": "0.000100000" }
}
const standing = standingDoc(setupDoc("vllm", "qwen"), 0, "0.000200000", { selfHosted: machine })

describe("the words on a machine of one's own", () => {
  it("say the assumed utilisation, the cost at others, and what was measured", () => {
    assert.strictEqual(
      selfHostedSentence(standing),
      "vllm/qwen: $4 an hour at 50 % utilisation, assumed, is $0.000200 a case; $0.000400 at 25 %, $0.000200 at 50 %, $0.000100 at 100 %; measured in 300 cases: 90 ms of the machine's time a case, which is 40,000 cases an hour without a pause and 950 output tokens a second, with 12.3 tries in flight on average."
    )
  })

  it("say what the machine did without an answer, and who bears it", () => {
    const one = { ...machine, unanswered: { cases: 8, machineMs: 14_400, usd: "0.032000000" } }
    assert.include(
      selfHostedSentence({ ...standing, selfHosted: one }),
      "on average; 8 cases brought no answer and took 14.4 s of it, $0.0320, which the answered ones bear; what earlier runs spent without an answer is not in it."
    )
  })

  it("say what was not measured, and nothing of setups that are priced otherwise", () => {
    const one = { ...machine, unknown: 1 }
    assert.include(
      selfHostedSentence({ ...standing, selfHosted: one }),
      "1 case answered before machine time was measured is in no cost."
    )
    assert.isUndefined(selfHostedSentence(standingDoc(setupDoc("openai", "small"), 0, "0.1")))
  })

  it("know an incumbent whose archived cost is not known for that", () => {
    const result = runResult()
    const { model, provider } = result.incumbent
    const row = { provider, model, usdPerHour: "4", utilisation: "0.5", source: "suite", asOf: "2026-01-01" }
    assert.isTrue(incumbentByTime({ ...result, machines: [row] }))
    assert.isFalse(incumbentByTime({ ...result, machines: [{ ...row, model: "another" }] }))
    assert.isFalse(incumbentByTime(result))
  })
})
