import { assert, describe, it } from "@effect/vitest"

import type { CaseRow } from "../domain/Case.ts"
import { policyOf, setupOf } from "../domain/Setup.ts"
import { composedTried, servedBy } from "./composed.ts"
import { emptyReference } from "./floor.ts"
import type { ReadyGrader } from "./gates.ts"
import { standingOf } from "./standing.ts"
import { Ended, untried } from "./tried.ts"

const rows = Array.from(
  { length: 60 },
  (_, at): CaseRow => ({
    id: `case-${at}`,
    callId: `call-${at}`,
    slice: at % 3 === 0 ? "refunds" : "tickets",
    cluster: `session-${at}`,
    weight: 1,
    requestDigest: `request-${at}`,
    repeat: 0,
    model: "premium",
    usage: { basis: "reported", input: null, output: null },
    outputTokens: 1,
    startedAt: null,
    labels: {}
  })
)
const graders: ReadonlyArray<ReadyGrader> = [
  {
    id: "same",
    kind: "agreement",
    report: false,
    asks: [],
    grade: () => {
      throw new Error("everything is graded")
    }
  }
]
const small = setupOf("fleet", "small", {})
const policy = policyOf([
  { slice: "tickets", to: small },
  { slice: "refunds", to: "incumbent" }
])

/** Tickets were answered by the small model with a score of 1, one of them not at all; refunds were not sent to it. */
const standing = (places: ReadonlyArray<number>) => {
  const reference = emptyReference(graders, rows.length)
  reference.score["same"]!.forEach((_, at, all) => {
    all[at] = at % 2 === 0 ? 1 : 0
  })
  const tried = untried(small, graders, rows.length)
  rows.forEach(({ slice }, at) => {
    if (slice === "refunds") return
    tried.ended[at] = at === 1 ? Ended.infrastructure : Ended.answered
    tried.score["same"]![at] = at === 1 ? Number.NaN : 1
    tried.cost[at] = at === 1 ? null : 10n
  })
  const incumbentCost = rows.map(({ slice }) => (slice === "refunds" ? 400n : 100n))
  const shares = new Map([
    ["refunds", 1 / 3],
    ["tickets", 2 / 3]
  ])
  const composed = composedTried(policy, places, { rows, graders, reference, incumbentCost, triedOf: () => tried })
  return standingOf(composed, places, {
    rows,
    shares,
    graders,
    reference,
    incumbentCost,
    floor: true,
    selected: false,
    margin: 0.05,
    alpha: 0.05,
    level: 0.05
  })
}
const all = [...rows.keys()]

describe("a policy as one setup", () => {
  it("is served by the setup of the slice, and by the incumbent where it names none", () => {
    assert.strictEqual(servedBy(policy, { slice: "tickets" }), small)
    assert.strictEqual(servedBy(policy, { slice: "refunds" }), "incumbent")
    assert.strictEqual(servedBy(policy, { slice: "new" }), "incumbent")
    assert.strictEqual(servedBy(small, { slice: "new" }), small)
  })

  it("takes scores and costs from who serves; what stays differs by nothing and costs what it cost", () => {
    const { columns, costRatio, failed, slices } = standing(all)
    const refunds = slices.find(({ slice }) => slice === "refunds")!
    assert.deepStrictEqual([refunds.difference.estimate, refunds.score], [0, refunds.reference])
    assert.isAbove(slices.find(({ slice }) => slice === "tickets")!.difference.estimate, 0.4)
    assert.deepStrictEqual([columns.cost[0], columns.cost[2]], [400, 10])
    assert.strictEqual(failed.infrastructure, 1)
    assert.closeTo(costRatio!.estimate, (20 * 400 + 39 * 10) / (20 * 400 + 39 * 100), 1e-9)
  })

  it("costs, on a part of the cases, as on the mix of all: by what the incumbent cost in each slice", () => {
    const part = all.filter((at) => at > 1 && (at % 3 !== 0 || at < 15))
    assert.closeTo(standing(part).costRatio!.estimate, (20 * 400 + 40 * 10) / (20 * 400 + 40 * 100), 1e-9)
  })

  it("has an id of its routes and a label that says them", () => {
    assert.strictEqual(policy.label, "policy: refunds -> incumbent; tickets -> fleet/small")
    const other = policyOf([
      { slice: "refunds", to: "incumbent" },
      { slice: "tickets", to: small }
    ])
    assert.strictEqual(other.id, policy.id)
    assert.notStrictEqual(policyOf([{ slice: "tickets", to: small }]).id, policy.id)
  })
})
