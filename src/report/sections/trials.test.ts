import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import type { JudgeGate } from "../../domain/Trials.ts"
import { fixtureSetups, gateResult, runResult, standingDoc } from "../../testing/runResult.ts"
import { checkSentences, checkWords, correctedShare, foilWords, judgeSentences, peopleKappa } from "../trials.ts"
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
      assert.match(checkSentences(tried).join(" "), /2 originals fail their own check.*failed to run on 1 original/)
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

  it.effect("show foils caught of tried, and say where a judge was not tried on them", () =>
    Effect.gen(function* () {
      const shown = (foils: { readonly tried: number; readonly caught: number; readonly why?: string }) =>
        Effect.gen(function* () {
          const result = runResult({ judges: [{ ...judge, foils }], standings: gated(word) })
          const pieces = yield* judges.render({ result, worst: [], worstOf: null })
          const table = pieces.flatMap((piece) => (piece._tag === "Table" ? [piece] : []))[0]!
          return [table.rows[0]![table.head.indexOf("Foils caught")], judgeSentences(result).join(" ")] as const
        })
      const tried = yield* shown({ tried: 10, caught: 3 })
      assert.strictEqual(tried[0], "3 of 10")
      assert.notInclude(tried[1], "not tried")
      const few = yield* shown({ tried: 4, caught: 0, why: "the budget left no room for more" })
      assert.include(
        few[1],
        "was not tried on foils, answers that belong to other requests: only 4 got a verdict; the budget"
      )
      const none = yield* shown({ tried: 0, caught: 0, why: "the suite asks for no trial" })
      assert.deepStrictEqual([none[0], foilWords(undefined)], ["not tried", "–"])
      assert.include(
        none[1],
        "was not tried on foils, answers that belong to other requests; the suite asks for no trial."
      )
    })
  )

  const labelled = (counts: ReadonlyArray<ReadonlyArray<number>>) => ({
    pairs: counts.flat().reduce((a, b) => a + b, 0),
    kappa: 0.5,
    classes: ["better", "tie", "worse"],
    counts
  })
  it("show kappa with people from 10 labels on", () => {
    const rows: ReadonlyArray<readonly [number, string]> = [
      [1, "1 label, too few for kappa"],
      [9, "9 labels, too few for kappa"],
      [10, "0.50 (10 labels)"]
    ]
    for (const [n, words] of rows) assert.strictEqual(peopleKappa({ ...labelled([]), pairs: n }), words)
    assert.strictEqual(peopleKappa(null), "no labels")
  })

  it("show the share of accepted answers put right by labels, for display", () => {
    const at = (said: ReadonlyArray<number>, ...counts: ReadonlyArray<ReadonlyArray<number>>) =>
      correctedShare({ ...judge, said, labels: labelled(counts) })
    // Of 80 accepted people accept three quarters, of 20 refused one quarter: 60 and 5 of 100.
    const words = at([0, 80, 20], [0, 0, 0], [0, 15, 5], [0, 5, 15])
    assert.match(
      words!,
      /^fleet\/judge finds 80 % of 100 answers at least as good as the original; corrected by 40 labels: 65 %/
    )
    assert.match(words!, /for display, not in the verdict\.$/)
    assert.include(at([0, 80, 20], [0, 0, 0], [0, 10, 10], [0, 10, 10])!, "no better than chance")
    assert.isUndefined(at([0, 80, 20], [0, 0, 0], [0, 4, 1], [0, 1, 3]), "nine labels")
    assert.isUndefined(at([0, 80, 20], [0, 0, 0], [0, 20, 0], [0, 5, 0]), "people say one thing")
    assert.isUndefined(at([10, 70, 20], [0, 0, 0], [0, 15, 5], [0, 5, 15]), "nothing labelled of one verdict")
  })

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
