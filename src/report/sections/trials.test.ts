import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import type { JudgeGate } from "../../domain/Trials.ts"
import { fixtureSetups, gateResult, runResult, standingDoc } from "../../testing/runResult.ts"
import { checkSentences, checkWords, judgeSentences } from "../trials.ts"
import { checks } from "./checks.ts"
import { judges } from "./judges.ts"

const tried = {
  use: "jsonSchema",
  originals: { tried: 100, passed: 97, failed: 2, broken: 1, notApplicable: 4 },
  quarantined: 2,
  mutants: [
    { kind: "blank", tried: 40, caught: 40 },
    { kind: "another", tried: 40, caught: 0 }
  ],
  answersFailed: 0,
  worthless: false
} as const
const idle = { ...tried, use: "always", mutants: [{ kind: "blank", tried: 40, caught: 0 }], worthless: true } as const

const word: JudgeGate = {
  models: ["fleet/judge"],
  labels: 12,
  status: "uncalibrated",
  kappa: null,
  inconsistency: 0.1,
  ungraded: 3,
  screened: 2
}
const judge = {
  grader: "pairwise",
  judge: "fleet/judge",
  judged: 97,
  ungraded: 3,
  orders: { pairs: 97, inconsistency: 0.1, firstWins: { estimate: 0.59, lower: 0.52, upper: 0.66 } },
  agreement: [
    {
      gate: "exact",
      pairs: 90,
      kappa: -0.25,
      classes: ["better", "tie", "worse"],
      counts: [
        [1, 2, 3],
        [4, 5, 6],
        [7, 8, 9]
      ]
    }
  ],
  labels: null,
  repeats: { cases: 20, same: 18 }
}
const gated = (judge: JudgeGate) => [
  standingDoc(Object.values(fixtureSetups)[0]!, 0, "0.001", { gates: [gateResult(0, { judge })] })
]

describe("the trials in a report", () => {
  it.effect("are left out where nothing was tried", () =>
    Effect.gen(function* () {
      const data = { result: runResult(), worst: [], worstOf: null }
      assert.deepStrictEqual([yield* checks.render(data), yield* judges.render(data)], [[], []])
    })
  )

  it.effect("show each check's mutation table, and name what is worthless, quarantined and broken", () =>
    Effect.gen(function* () {
      const pieces = yield* checks.render({ result: runResult({ checks: [tried, idle] }), worst: [], worstOf: null })
      const tables = pieces.flatMap((piece) => (piece._tag === "Table" ? [piece] : []))
      assert.deepStrictEqual(tables[1]?.rows, [
        ["jsonSchema", "40 of 40", "0 of 40"],
        ["always", "0 of 40", "–"]
      ])
      assert.match(checkSentences(idle)[0]!, /^always cannot fail: worthless\./)
      assert.match(checkSentences(tried).join(" "), /2 originals fail its own check.*failed to run on 1 original/)
      assert.strictEqual(checkWords(tried), "jsonSchema: 97 of 100 originals pass; 40 of 80 spoilt ones are caught")
    })
  )

  it.effect("say of a judge what is known: uncalibrated, order bias, inconsistent", () =>
    Effect.gen(function* () {
      const result = runResult({ judges: [judge], standings: gated(word) })
      const said = JSON.stringify(yield* judges.render({ result, worst: [], worstOf: null }))
      for (const words of [
        "Uncalibrated",
        "Order bias",
        "Inconsistent",
        "59 % (52 % to 66 %)",
        "18 of 20",
        "exact −0.25",
        "no labels"
      ])
        assert.include(said, words)
    })
  )

  it("say nothing against a judge that is calibrated and has no order bias; an unfit one is named", () => {
    const fair = { ...judge, orders: { ...judge.orders, firstWins: { estimate: 0.5, lower: 0.4, upper: 0.6 } } }
    const calibrated: JudgeGate = { ...word, status: "calibrated", labels: 80 }
    assert.deepStrictEqual(judgeSentences(runResult({ judges: [fair], standings: gated(calibrated) })), [])
    const unfit = judgeSentences(
      runResult({ judges: [fair], standings: gated({ ...calibrated, unfit: "the judge is unfit" }) })
    )
    assert.deepStrictEqual(unfit, ["the judge is unfit."])
  })
})
