import { assert, describe, it } from "@effect/vitest"

import { groupsOf } from "./groups.ts"
import { anovaIcc } from "./icc.ts"
import { collapseStrata } from "./strata.ts"

const repeat = (label: string, count: number) => new Array<string>(count).fill(label)
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i)

describe("strata", () => {
  it("with 5 clusters stay; small ones are merged where together they have 5", () => {
    const stratum = [...repeat("a", 6), ...repeat("b", 3), ...repeat("c", 3)]
    assert.deepStrictEqual(collapseStrata(stratum, upTo(12)), [...repeat("a", 6), ...repeat("__other__", 6)])
  })

  it("too small even together join the largest, of equals the first by name", () => {
    const stratum = [...repeat("b", 5), ...repeat("a", 5), "c"]
    assert.deepStrictEqual(collapseStrata(stratum, upTo(11)), [...repeat("b", 5), ...repeat("a", 6)])
  })

  it("that are all too small become one", () => {
    assert.deepStrictEqual(collapseStrata(["a", "b"], [1, 2]), ["__other__", "__other__"])
    assert.deepStrictEqual(collapseStrata([], []), [])
  })

  it("count clusters, not items", () => {
    assert.deepStrictEqual(
      collapseStrata([...repeat("a", 9), ...repeat("b", 9)], [...upTo(9), ...upTo(9).map(() => 99)]),
      repeat("a", 18)
    )
  })
})

describe("the correlation within clusters", () => {
  const of = (values: ReadonlyArray<number>, cluster: ReadonlyArray<number>) =>
    anovaIcc(Float64Array.from(values), groupsOf(cluster))
  it("is 1 where clusters are of one mind, 0 where they are no more alike than others", () => {
    assert.strictEqual(of([1, 1, 0, 0, -1, -1], [0, 0, 1, 1, 2, 2]), 1)
    assert.strictEqual(of([1, -1, 1, -1], [0, 0, 1, 1]), 0)
  })

  it("is not a number where it is not identified", () => {
    assert.isNaN(of([1, 2, 3], [0, 1, 2]))
    assert.isNaN(of([1, 2], [0, 0]))
    assert.isNaN(of([2, 2, 2, 2], [0, 0, 1, 1]))
  })
})
