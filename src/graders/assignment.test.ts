import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

import { bestOrderedPairing, bestPairing } from "./assignment.ts"

describe("the best pairing", () => {
  const Scores = Schema.Array(
    Schema.Array(Schema.Literals([0, 0.25, 0.5, 0.75, 1])).check(Schema.isMinLength(4), Schema.isMaxLength(4))
  ).check(Schema.isMinLength(1), Schema.isMaxLength(5))
  const total = (scores: ReadonlyArray<ReadonlyArray<number>>, pairing: ReadonlyArray<number>) =>
    pairing.reduce((sum, column, row) => sum + (scores[row]?.[column] ?? 0), 0)
  /** By trying every pairing. */
  const most = (
    scores: ReadonlyArray<ReadonlyArray<number>>,
    taken: ReadonlyArray<number>,
    ordered: boolean
  ): number => {
    const [row, ...rest] = scores
    if (row === undefined) return 0
    const free = row.flatMap((score, column) =>
      taken.includes(column) || (ordered && taken.some((other) => other > column))
        ? []
        : [score + most(rest, [...taken, column], ordered)]
    )
    return Math.max(most(rest, taken, ordered), ...free)
  }

  it.effect.prop("adds up to the most that any pairing gives, and pairs one to one", { scores: Scores }, ({ scores }) =>
    Effect.sync(() => {
      const pairing = bestPairing(scores)
      const used = pairing.filter((column) => column !== -1)
      assert.strictEqual(new Set(used).size, used.length)
      assert.strictEqual(total(scores, pairing), most(scores, [], false))
    })
  )

  it.effect.prop(
    "is never worse than taking the best pair that is left, again and again",
    { scores: Scores },
    ({ scores }) =>
      Effect.sync(() => {
        const left = scores
          .flatMap((line, row) => line.map((score, column) => ({ row, column, score })))
          .sort((one, other) => other.score - one.score)
        let greedy = 0
        const [rows, columns] = [new Set<number>(), new Set<number>()]
        for (const { column, row, score } of left) {
          if (rows.has(row) || columns.has(column)) continue
          rows.add(row)
          columns.add(column)
          greedy += score
        }
        assert.isAtLeast(total(scores, bestPairing(scores)), greedy)
      })
  )

  it.effect.prop(
    "in order never crosses, and adds up to the most that such a pairing gives",
    { scores: Scores },
    ({ scores }) =>
      Effect.sync(() => {
        const pairing = bestOrderedPairing(scores)
        const used = pairing.filter((column) => column !== -1)
        assert.deepStrictEqual(
          used,
          [...new Set(used)].sort((a, b) => a - b)
        )
        assert.strictEqual(total(scores, pairing), most(scores, [], true))
      })
  )
})
