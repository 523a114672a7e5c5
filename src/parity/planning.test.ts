import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"

import { inflation, lanDeMets, predictivePower, spend } from "./groupSequential.ts"
import { meanClusterSize, minimumMargin, moreItems, required } from "./planning.ts"
import { judge } from "./verdict.ts"

const Between = (minimum: number, maximum: number) => Schema.Finite.check(Schema.isBetween({ minimum, maximum }))

describe("planning", () => {
  it.prop(
    "the smallest margin undoes the sample size",
    [Between(0.02, 0.2), Between(0.05, 0.5), Between(0, 0.5)],
    ([margin, sd, icc]) => {
      const { items } = required({ margin, sd, icc, clusterSize: 4 })
      const shown = minimumMargin(items, { sd, icc, clusterSize: 4 })
      const fewer = minimumMargin(items - 2, { sd, icc, clusterSize: 4 })
      assert.isAtMost(shown ?? 1, margin + 1e-9)
      assert.isAbove(fewer ?? 1, margin)
    }
  )

  it("needs more for a narrower margin, wider spread, clusters, more claims and more looks", () => {
    const base = { margin: 0.05, sd: 0.3 }
    const { clusters, items } = required(base)
    for (const harder of [
      { margin: 0.04 },
      { sd: 0.35 },
      { icc: 0.2, clusterSize: 5 },
      { splits: 4 },
      { looks: 5 },
      { power: 0.9 },
      { difference: -0.01 }
    ]) {
      assert.isAbove(required({ ...base, ...harder }).items, items, JSON.stringify(harder))
    }
    assert.strictEqual(clusters, 59, "0.95^59 is the first power below 5 %")
  })

  it("says Infinity where no sample would do, null where none can show a margin", () => {
    assert.strictEqual(required({ margin: 0.05, sd: 0.3, difference: -0.05 }).items, Infinity)
    assert.strictEqual(required({ margin: 0.05, sd: 0.3, difference: -0.05 + 1e-12 }).items, Infinity)
    assert.isNull(minimumMargin(20, { sd: 0.3 }))
  })

  it("sees cluster sizes as an item does", () => {
    assert.strictEqual(meanClusterSize([1, 1, 1]), 1)
    assert.strictEqual(meanClusterSize([1, 3]), 2.5)
  })

  it("tells how many more items an inconclusive judgement needs, and that many do", () => {
    const judged = (n: number, margin = 0.05) => {
      const difference = Float64Array.from({ length: n }, (_, i) => (i % 25 === 0 ? -1 : i % 25 === 1 ? 1 : 0))
      return judge({ difference, cluster: [...difference.keys()], margin, alpha: 0.05 })
    }
    const few = judged(50)
    assert.strictEqual(few.verdict, "inconclusive")
    const more = moreItems(few, 0.05, 0.05)
    assert.isTrue(more > 50 && more < 500, `${more}`)
    assert.strictEqual(judged(50 + more).verdict, "parity")
    assert.isAbove(moreItems(few, 0.05, 0.05 / 24), more)
    assert.isAtLeast(moreItems(judged(3), 0.05, 0.05), 100)
  })

  it("does not promise what was seen to be out of reach", () => {
    const difference = Float64Array.from({ length: 30 }, (_, i) => (i % 10 === 0 ? -1 : 0))
    const judged = judge({ difference, cluster: [...difference.keys()], margin: 0.05, alpha: 0.05 })
    assert.strictEqual(judged.verdict, "inconclusive")
    assert.strictEqual(moreItems(judged, 0.05, 0.05), Infinity)
    const none = judge({ difference: new Float64Array(0), cluster: [], margin: 0.05, alpha: 0.05 })
    assert.isTrue(Number.isFinite(moreItems(none, 0.05, 0.05)))
  })
})

describe("looks", () => {
  it("at the end alone are the fixed test", () => {
    assert.closeTo(lanDeMets([1], 0.05)[0]!, 1.6448536, 1e-6)
    assert.closeTo(inflation(1, 0.05, 0.8), 1, 1e-5)
  })

  it("of O'Brien-Fleming type are the published boundaries", () => {
    // Jennison and Turnbull 2000, table 7.1: five looks, one-sided 0.025.
    const published = [4.877, 3.357, 2.68, 2.29, 2.031]
    lanDeMets([0.2, 0.4, 0.6, 0.8, 1], 0.025).forEach((z, j) => void assert.closeTo(z, published[j]!, 5e-4))
  })

  it.prop(
    "spend all of the error by the end, and never take any back",
    [Between(0, 1), Between(0, 1), Between(0.001, 0.1)],
    ([a, b, alpha]) => {
      for (const spending of ["obf", "pocock", "hsd"] as const) {
        assert.isAtMost(spend(Math.min(a, b), alpha, spending), spend(Math.max(a, b), alpha, spending) + 1e-15)
        assert.closeTo(spend(1, alpha, spending), alpha, 1e-12)
        assert.strictEqual(spend(0, alpha, spending), 0)
      }
    }
  )

  it("have no test where there is nothing worth spending, and refuse times that go back", () => {
    assert.strictEqual(lanDeMets([0.05, 1], 0.05)[0], Infinity)
    assert.throws(() => lanDeMets([0.5, 0.5], 0.05), /information time 0.5 after 0.5/)
    assert.throws(() => lanDeMets([0.5, 1.1], 0.05), RangeError)
  })

  it("predict the end from where they are", () => {
    assert.isAbove(predictivePower(2.5, 0.5, 1.7), 0.95)
    assert.isBelow(predictivePower(-1, 0.5, 1.7), 0.01)
    assert.deepStrictEqual([predictivePower(1.8, 1, 1.7), predictivePower(1.6, 1, 1.7)], [1, 0])
  })
})
