import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import type { Evidence } from "../domain/Grade.ts"
import { setupOf } from "../domain/Setup.ts"
import type { Standing } from "../domain/Standing.ts"
import type { Said } from "../domain/Trials.ts"
import type { FoilsHeard } from "../evaluate/foils.ts"
import type { ReadyGrader } from "../evaluate/gates.ts"
import { Hearing } from "../evaluate/hearing.ts"
import { pair, settled } from "../testing/grading.ts"
import { judgeTrial } from "./judgeTrial.ts"

const count = 40
const small = setupOf("fleet", "small", {})
const places = Array.from({ length: count }, (_, i) => i)

/** A judge that scores by a case's number and the draw. */
const judgeOf = (orders: (n: number, draw: number) => readonly [number | null, number | null]) => {
  const draws: Array<number> = []
  const grader: ReadyGrader = {
    id: "pairwise",
    kind: "preference",
    report: false,
    asks: [{ provider: "fleet", model: "judge", ownFamily: false }],
    grade: ({ case: { id }, draw = 0 }) => {
      draws.push(draw)
      const scores = orders(Number(id), draw)
      const [a, b] = scores
      const evidence: Evidence = { judges: [{ judge: "fleet/judge", scores }] }
      return Effect.succeed({ score: a === null || b === null ? null : (a + b) / 2, why: "", evidence })
    }
  }
  return { draws, grader }
}
const exact: ReadyGrader = {
  id: "exact",
  kind: "outcome",
  report: false,
  asks: [],
  grade: () => Effect.succeed({ score: 1, why: "" })
}

/** A standing with the columns that a trial reads; `exact` says better at even cases and worse at odd ones. */
const standing = (scores: ReadonlyArray<number>) =>
  ({
    setup: small,
    columns: {
      caseId: places.map(String),
      cluster: places.map((i) => `session-${i}`),
      score: { pairwise: Float64Array.from(scores), exact: Float64Array.from(places, (i) => (i % 2 === 0 ? 1 : 0)) },
      reference: {
        pairwise: new Float64Array(count).fill(0.5),
        exact: Float64Array.from(places, (i) => (i % 2 === 0 ? 0 : 1))
      }
    }
  }) as unknown as Standing

const trial = async (
  orders: Parameters<typeof judgeOf>[0],
  {
    foils,
    labelOf,
    repeats = 0
  }: {
    readonly repeats?: number
    readonly labelOf?: (id: string) => Said | undefined
    readonly foils?: FoilsHeard
  } = {}
) => {
  const { draws, grader } = judgeOf(orders)
  const graders = [grader, exact]
  const hearing = new Hearing(graders, count, repeats, labelOf)
  if (foils !== undefined) hearing.noteFoils(new Map([["pairwise", foils]]))
  for (const at of places) {
    const input = pair("mine", "theirs")
    const [listening] = hearing.graders(small.id, at)
    await settled(listening!.grade({ ...input, case: { ...input.case, id: String(at) } }))
  }
  const [doc] = await settled(judgeTrial(graders, hearing, [standing(places.map(() => 0.5))]))
  return { doc: doc!, draws }
}

describe("a judge on trial", () => {
  it("that always prefers the first answer is inconsistent everywhere, and order bias shows", async () => {
    const { doc } = await trial(() => [1, 0])
    assert.deepInclude(doc, { judge: "fleet/judge", grader: "pairwise", judged: count, ungraded: 0 })
    assert.strictEqual(doc.orders?.inconsistency, 1)
    assert.strictEqual(doc.orders?.firstWins.estimate, 1)
    assert.isAbove(doc.orders?.firstWins.lower ?? 0, 0.5)
  })

  it("that looks at the answers has no order bias, and agrees with the graders that ask no model", async () => {
    const { doc } = await trial((n) => (n % 2 === 0 ? [1, 1] : [0, 0]))
    assert.deepStrictEqual([doc.orders?.inconsistency, doc.orders?.firstWins.estimate], [0, 0.5])
    assert.deepStrictEqual(doc.agreement, [
      {
        gate: "exact",
        pairs: count,
        kappa: 1,
        classes: ["better", "tie", "worse"],
        counts: [
          [20, 0, 0],
          [0, 0, 0],
          [0, 0, 20]
        ]
      }
    ])
    assert.isNull(doc.labels)
    assert.isNull(doc.repeats)
  })

  it("is held against people's labels", async () => {
    const { doc } = await trial((n) => (n % 2 === 0 ? [1, 1] : [0, 0]), {
      labelOf: (id) => (Number(id) < 20 ? (Number(id) % 4 === 0 ? "output" : "original") : undefined)
    })
    assert.deepInclude(doc.labels, {
      pairs: 20,
      counts: [
        [5, 0, 5],
        [0, 0, 0],
        [0, 0, 10]
      ]
    })
    assert.closeTo(doc.labels?.kappa ?? 0, 0.5, 1e-9)
  })

  it("is told what it said, and its own word on foils, whatever a panel says together", async () => {
    const foil = (mine: number, other: number) => ({
      score: (mine + other) / 2,
      against: 0.5,
      evidence: {
        judges: [
          { judge: "fleet/judge", scores: [mine, mine] },
          { judge: "fleet/other", scores: [other, other] }
        ]
      }
    })
    const heard = [foil(0, 0.5), foil(0.5, 0), foil(0.5, 0)]
    const { doc } = await trial((n) => (n < 30 ? [0.5, 0.5] : [0, 0]), { foils: { heard, why: "spent" } })
    assert.deepStrictEqual(doc.foils, { tried: 3, caught: 1, why: "spent" })
    assert.deepStrictEqual(doc.said, [0, 30, 10])
    assert.isUndefined((await trial(() => [1, 1])).doc.foils)
  })

  it("is asked again with another draw about so many answers as the suite says", async () => {
    const { doc, draws } = await trial((n, draw) => (draw === 1 && n < 3 ? [0, 0] : [1, 1]), { repeats: 20 })
    assert.deepStrictEqual(doc.repeats, { cases: 20, same: 17 })
    assert.strictEqual(draws.filter((draw) => draw === 1).length, 20)
  })

  it("is not said to differ from itself where it gave no verdict the second time", async () => {
    const { doc } = await trial((n, draw) => (draw === 1 && n < 3 ? [null, 1] : [1, 1]), { repeats: 10 })
    assert.deepStrictEqual(doc.repeats, { cases: 7, same: 7 })
  })
})
