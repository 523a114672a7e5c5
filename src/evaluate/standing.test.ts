import { assert, describe, it } from "@effect/vitest"

import type { CaseRow } from "../domain/Case.ts"
import { setupOf } from "../domain/Setup.ts"
import { plainAsking } from "../replay/manner.ts"
import { emptyReference } from "./floor.ts"
import type { ReadyGrader } from "./gates.ts"
import { standingOf } from "./standing.ts"
import { Ended, untried } from "./tried.ts"

const count = 200

/** A setup that does as well as what it is compared with in every case; `expected`: of every, no or every other case. */
const reasonBy = (
  kinds: ReadonlyArray<ReadyGrader["kind"]>,
  {
    expected,
    floor,
    selected
  }: { readonly expected?: "all" | "some"; readonly floor: boolean; readonly selected: boolean | null }
) => {
  const rows = Array.from(
    { length: count },
    (_, at): CaseRow => ({
      id: `case-${at}`,
      callId: `call-${at}`,
      slice: "all",
      cluster: `session-${at}`,
      weight: 1,
      requestDigest: `request-${at}`,
      repeat: 0,
      model: "premium",
      usage: { basis: "reported", input: null, output: null },
      outputTokens: 1,
      startedAt: null,
      labels: {},
      ...(expected === "all" || (expected === "some" && at % 2 === 0) ? { expected: "right" } : {})
    })
  )
  const graders = kinds.map(
    (kind): ReadyGrader => ({
      id: kind,
      kind,
      report: false,
      asks: [],
      grade: () => {
        throw new Error("everything is graded")
      }
    })
  )
  const reference = emptyReference(graders, count)
  const tried = untried(setupOf("fleet", "small", {}), graders, count, plainAsking, undefined)
  tried.ended.fill(Ended.answered)
  for (const { id } of graders) {
    reference.score[id]!.fill(0.5)
    tried.score[id]!.fill(0.5)
  }
  const { reason, verdict } = standingOf(tried, [...Array(count).keys()], {
    rows,
    shares: new Map([["all", 1]]),
    graders,
    reference,
    incumbentCost: rows.map(() => null),
    floor,
    selected,
    margin: 0.05,
    alpha: 0.05,
    level: 0.05
  })
  return `${verdict}: ${reason}`
}

const untested =
  "the archive was not tested for selection, so whether its answers are typical of the incumbent is not known"

describe("what a verdict says of the test for a selected archive and of the noise floor", () => {
  it("where the incumbent was not asked again: by kind of gate what is missing, and nothing else", () => {
    const skip = { floor: false, selected: null }
    assert.strictEqual(
      reasonBy(["comparison"], skip),
      "inconclusive: meets target: full agreement within the margin, but no noise floor was bought"
    )
    assert.strictEqual(
      reasonBy(["comparison", "preference"], skip),
      `inconclusive: meets target: full agreement within the margin, but no noise floor was bought, and ${untested}`
    )
    assert.match(
      reasonBy(["comparison"], { ...skip, expected: "some" }),
      /^inconclusive: meets target: full agreement, and the archived answers' score where a reference is known, within the margin, but no noise floor was bought, and the archive was not tested/
    )
    // Where an archive kept only accepted answers both are harder on a setup than they should be: what is claimed holds.
    for (const found of [
      reasonBy(["outcome"], skip),
      reasonBy(["preference"], skip),
      reasonBy(["comparison"], { ...skip, expected: "all" })
    ]) {
      assert.match(found, /^parity: /)
      assert.isTrue(found.endsWith(`; ${untested}`), found)
    }
  })

  it("where it could have been, and was not tested: parity says so, but for agreement, which needs no such test", () => {
    const asked = { floor: true, selected: null }
    for (const kind of ["outcome", "preference"] as const)
      assert.match(reasonBy([kind], asked), /^parity: .*not tested for selection/)
    assert.match(reasonBy(["comparison"], { ...asked, expected: "some" }), /^parity: .*not tested for selection/)
    assert.notMatch(reasonBy(["comparison"], asked), /selection|noise floor/)
  })

  it("where it was tested: nothing, whatever came out", () => {
    for (const selected of [true, false])
      for (const kind of ["outcome", "preference"] as const)
        assert.match(reasonBy([kind], { floor: true, selected }), /^parity: (?!.*selection)/)
  })
})
