import { assert, describe, it } from "@effect/vitest"

import { confusionOf, kappa } from "./kappa.ts"

const pairsOf = (counts: ReadonlyArray<ReadonlyArray<number>>) =>
  counts.flatMap((row, a) =>
    row.flatMap((count, b) => Array.from({ length: count }, () => [String(a), String(b)] as const))
  )
const table = (counts: ReadonlyArray<ReadonlyArray<number>>) =>
  confusionOf(
    counts.map((_, i) => String(i)),
    pairsOf(counts)
  )

describe("agreement beyond chance", () => {
  it("meets published tables", () => {
    // Cohen's kappa as worked out in the usual textbook tables of 50 and 100 items.
    for (const [counts, expected] of [
      [
        [
          [20, 5],
          [10, 15]
        ],
        0.4
      ],
      [
        [
          [45, 15],
          [25, 15]
        ],
        0.1304
      ],
      [
        [
          [25, 35],
          [5, 35]
        ],
        0.2593
      ]
    ] as const) {
      assert.closeTo(kappa(table(counts)) ?? Number.NaN, expected, 5e-5)
      assert.closeTo(kappa(table(counts), "linear") ?? Number.NaN, expected, 5e-5) // of two classes the weights are the same
    }
  })

  it("weighs how far apart ordered classes lie", () => {
    const near = [
      [10, 5, 0],
      [5, 10, 5],
      [0, 5, 10]
    ]
    const far = [
      [10, 0, 5],
      [0, 20, 0],
      [5, 0, 10]
    ]
    assert.isAbove(kappa(table(near), "linear")!, kappa(table(near))!)
    assert.isBelow(kappa(table(far), "linear")!, kappa(table(far))!)
    // By hand: seen 20/50 of one step; chance (2·15·20·1·2 + 2·15·15·2)/50 = 42.
    assert.closeTo(kappa(table(near), "linear")!, 1 - 20 / 42, 1e-12)
  })

  it("is one of full agreement, and not defined where nothing can disagree", () => {
    assert.strictEqual(
      kappa(
        table([
          [5, 0],
          [0, 7]
        ])
      ),
      1
    )
    assert.isNull(
      kappa(
        table([
          [5, 0],
          [0, 0]
        ])
      )
    )
    assert.isNull(
      kappa(
        table([
          [0, 0],
          [0, 0]
        ])
      )
    )
    assert.throws(() => confusionOf(["a"], [["a", "b"] as unknown as ["a", "a"]]), RangeError)
  })
})
