import { assert, describe, it } from "@effect/vitest"

import type { CaseRow } from "../domain/Case.ts"
import type { Failure } from "../domain/Output.ts"
import { setupOf } from "../domain/Setup.ts"
import { blockedBy } from "./blocked.ts"
import { emptyReference } from "./floor.ts"
import type { Judging } from "./gate.ts"
import type { ReadyGrader } from "./gates.ts"
import { Ended, untried } from "./tried.ts"

const cases = 100
const row = (_: unknown, at: number): CaseRow => ({
  id: `case-${at}`,
  callId: `call-${at}`,
  slice: "all",
  cluster: `session-${at}`,
  weight: 1,
  requestDigest: `${at}`,
  repeat: 0,
  model: "premium",
  usage: { basis: "reported", input: null, output: null },
  outputTokens: 0,
  startedAt: null,
  labels: {}
})
const rows = Array.from({ length: cases }, row)
const ask = { provider: "court", model: "j", ownFamily: false }
const grader = (id: string, asks: ReadyGrader["asks"] = []): ReadyGrader => ({
  id,
  kind: "preference",
  report: false,
  asks,
  grade: () => {
    throw new Error("nothing is graded here")
  }
})

/** What is said where a setup answered all cases but `unpaid`, and `graders` gave no score to the first ten. */
const blocked = (
  graders: ReadonlyArray<ReadyGrader>,
  { failure, unpaid = 0 }: { readonly failure?: Failure; readonly unpaid?: number } = {}
) => {
  const tried = untried(setupOf("fleet", "small", {}), graders, cases)
  const reference = emptyReference(graders, cases)
  tried.ended.fill(Ended.answered)
  for (const { id } of graders) {
    tried.score[id]!.fill(1)
    reference.score[id]!.fill(0.5)
    for (let at = 0; at < 10; at++) {
      tried.score[id]![at] = Number.NaN
      tried.told.ungraded(id, at, { why: "not readable", ...(failure === undefined ? {} : { failure }) })
    }
  }
  for (let at = cases - unpaid; at < cases; at++) {
    tried.ended[at] = Ended.budget
    tried.told.capped(at, "setup")
  }
  const on = { rows, graders, reference } as unknown as Judging // what else is in it says nothing of what is missing
  return blockedBy(tried, [...Array(cases).keys()], on)
}

describe("answers without a score", () => {
  it("of a judge got no verdict of it", () => {
    const said = blocked([grader("pairwise", [ask])])
    assert.strictEqual(said?.by, "cases")
    assert.match(
      said?.why ?? "",
      /^10 of 100 cases were answered, and got no verdict of the judge: more than 2 %; pairwise says of the first: not readable$/
    )
  })

  it("of other graders could be graded on one side only, a judge beside them or not", () => {
    for (const graders of [
      [grader("exact")],
      [grader("embedding", [{ ...ask, embeds: true }])],
      [grader("exact"), grader("pairwise", [ask])]
    ])
      assert.match(blocked(graders)?.why ?? "", /^10 of 100 cases could be graded on one side only: more than 2 %/)
  })
})

describe("a judge without money", () => {
  const broke: Failure = { kind: "budget", message: "spent", cap: "judges" }

  it("ends the search, since the next setup would be left ungraded too", () => {
    const said = blocked([grader("pairwise", [ask])], { failure: broke })
    assert.deepStrictEqual(said, {
      by: "budget",
      why: "the judges' own budget stopped the judging after 90 of 100 cases"
    })
    assert.isUndefined(blocked([grader("pairwise", [ask])], { failure: { ...broke, cap: "provider" } })?.own)
  })

  it("says that calls whose cost is not known hold money back, where they do", () =>
    assert.strictEqual(
      blocked([grader("pairwise", [ask])], { failure: { ...broke, unbilled: true } })?.why,
      "the judges' own budget stopped the judging after 90 of 100 cases; calls whose cost is not known keep their worst case held back"
    ))

  it("ends it where the setup's own budget is spent as well", () => {
    const graders = [grader("pairwise", [ask])]
    assert.isUndefined(blocked(graders, { failure: broke, unpaid: 5 })?.own)
    assert.isTrue(blocked(graders, { unpaid: 5 })?.own)
  })

  it("ends nothing where its grader decides nothing", () => {
    const told = { ...grader("pairwise", [ask]), report: true }
    assert.notStrictEqual(blocked([told], { failure: broke })?.by, "budget")
  })
})
