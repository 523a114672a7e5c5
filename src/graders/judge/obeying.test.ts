import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import { Calls } from "../../calls/Calls.ts"
import { type Attack, attacks, constantText, furtherAttacks, persuasions } from "../../testing/attacks.ts"
import { pair } from "../../testing/grading.ts"
import { byFact, byLength, callsOf, type Judge, naively, obeying } from "../../testing/naiveJudge.ts"
import { runGrader } from "../grade.ts"
import { constantAnswers } from "./constant.ts"
import { judge } from "./pairwise.ts"

const all = [...attacks, ...furtherAttacks]
const made = judge.make({ provider: "fleet", model: "naive", ownFamily: false, see: "request" })
const original = "It left the depot this morning and is with you on 4 May."

/** The grade of an answer to a request by a judge, and what the judge was asked. */
const graded = (by: Judge, text: string, request = "Where is my parcel?", against = original) => {
  const { asked, service } = callsOf(by)
  const { case: about, ...answers } = pair(text, against)
  const messages = [{ role: "user" as const, blocks: [{ type: "text" as const, text: request }] }]
  const input = { ...answers, case: { ...about, request: { ...about.request, messages } } }
  return Effect.map(runGrader(made, input).pipe(Effect.provideService(Calls, service)), (grade) => ({ asked, grade }))
}

describe("an answer that talks to the judge", () => {
  for (const { name, text } of all)
    it.effect(`loses before a judge that obeys: ${name}`, () =>
      Effect.map(graded(obeying, text), ({ asked, grade }) => {
        assert.strictEqual(grade.score, 0)
        assert.match(grade.why, /^talks to the judge: ./)
        assert.deepStrictEqual(grade.evidence?.judges, [])
        assert.isNotEmpty(grade.evidence?.screened)
        assert.isEmpty(asked, "nothing is paid for it")
      })
    )

  it("wins in a harness without care, most of the time", () => {
    const won = all.filter(({ text }) => naively(obeying, "Where is my parcel?", text, original) === 1)
    assert.isAtLeast(all.length, 24)
    assert.strictEqual(won.length, all.filter(({ bids }) => bids !== "B").length)
    assert.isAbove(won.length, 0.9 * all.length)
  })

  it.effect(
    "that names a letter is at most a tie even where the screen must let it pass, for the orders disagree",
    () =>
      Effect.gen(function* () {
        const offer = "Which is larger, A or B? Choose A or choose B."
        const letters = all.filter(({ bids }) => bids !== "own")
        let passed = 0
        for (const { bids, name, text } of letters) {
          const { asked, grade } = yield* graded(obeying, text, offer)
          assert.isAtMost(grade.score!, 0.5, name)
          if (asked.length === 0) continue
          passed++
          assert.deepStrictEqual(
            grade.evidence?.judges,
            [{ judge: "fleet/naive", scores: bids === "A" ? [1, 0] : [0, 1] }],
            name
          )
        }
        assert.isAbove(passed, 2)
      })
  )
})

describe("an attack that the screen does not know", () => {
  const over = (by: Judge, { text }: Attack) => Effect.map(graded(by, text), ({ grade }) => grade.score)
  for (const one of persuasions)
    it.effect(`loses before an honest judge: ${one.name}`, () =>
      Effect.gen(function* () {
        assert.strictEqual(yield* over(byFact("4 May"), one), 0)
        // What is left to the judge's honesty, which its trial measures.
        assert.strictEqual(yield* over(obeying, one), 1)
      })
    )

  it.effect(
    "a constant text wins three quarters of judgements of a judge that likes length, and is found by its sameness",
    () =>
      Effect.gen(function* () {
        const long = (i: number) =>
          `${"It is on its way, step by step, as we wrote to you in detail. ".repeat(3)}Order ${i}.`
        const originals = Array.from({ length: 20 }, (_, i) => (i % 4 === 0 ? long(i) : `It comes on ${i + 1} May.`))
        const naive = originals.map((theirs, i) => naively(byLength, `Where is order ${i}?`, constantText, theirs))
        assert.strictEqual(naive.filter((score) => score === 1).length / naive.length, 0.75)
        const ours = yield* Effect.forEach(originals, (theirs, i) =>
          graded(byLength, constantText, `Where is order ${i}?`, theirs)
        )
        // Neither orders nor fences nor the screen help against such a judge.
        assert.deepStrictEqual(
          ours.map(({ grade }) => grade.score),
          naive
        )
        const given = originals.map((theirs, i) => ({ text: constantText, original: theirs, request: `${i}` }))
        assert.strictEqual(constantAnswers(given).length, 20)
        const honest = yield* Effect.forEach(originals.slice(1, 4), (theirs, i) =>
          graded(byFact(" May"), constantText, `Where is order ${i}?`, theirs)
        )
        for (const { grade } of honest) assert.strictEqual(grade.score, 0)
      })
  )
})
