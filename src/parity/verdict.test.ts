import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"

import { clusterMean } from "./clusterMean.ts"
import { betaCdf, normalCdf } from "./distributions.ts"
import { estimate, type JudgeInput, judge } from "./verdict.ts"
import { saddlepoint, wabbBound, wabbInterval, wabbP } from "./wabb.ts"

const Between = (minimum: number, maximum: number) => Schema.Finite.check(Schema.isBetween({ minimum, maximum }))
const Item = Schema.Struct({
  difference: Schema.Union([Between(-1, 1), Schema.Literals([-1, 0, 0, 1])]),
  cluster: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 14 })),
  stratum: Schema.Literals(["extract", "tools", "chat"]),
  weight: Between(0.2, 5)
})
const Items = Schema.Array(Item).check(Schema.isMinLength(1), Schema.isMaxLength(80))
type Items = typeof Items.Type

const inputOf = (items: Items, margin = 0.05): JudgeInput => ({
  difference: Float64Array.from(items, (item) => item.difference),
  cluster: items.map((item) => item.cluster),
  stratum: items.map((item) => item.stratum),
  weight: Float64Array.from(items, (item) => item.weight),
  margin,
  alpha: 0.05
})
const same = (a: number, b: number, what: string) => assert.isAtMost(Math.abs(a - b), 1e-7, what)
const alone = (values: ReadonlyArray<number>, margin = 0.05): JudgeInput => ({
  difference: Float64Array.from(values),
  cluster: values.map((_, i) => i),
  margin,
  alpha: 0.05
})
const fill = (count: number, value: number) => new Array<number>(count).fill(value)

describe("judge", () => {
  it("says parity, inferior or inconclusive, and why", () => {
    const parity = judge(alone(fill(80, 0)))
    assert.deepInclude(parity, { verdict: "parity", superior: false, reason: "within-margin", items: 80, clusters: 80 })
    assert.isAbove(parity.bound, -0.05)
    const better = judge(alone([...fill(80, 0.5), ...fill(20, 0)]))
    assert.deepInclude(better, { verdict: "parity", superior: true })
    const inferior = judge(alone([...fill(30, -1), ...fill(70, 0)]))
    assert.deepInclude(inferior, { verdict: "inferior", superior: false, reason: "beyond-margin" })
    assert.isBelow(inferior.bound, -0.05)
    assert.deepInclude(judge(alone(fill(20, 0))), { verdict: "inconclusive", reason: "undecided" })
  })

  it("finds scores that are equal throughout at parity once there are enough, and never before", () => {
    const verdicts = [1, 5, 20, 50, 59, 65, 200].map((n) => judge(alone(fill(n, 0))).verdict)
    assert.deepStrictEqual(verdicts, [...fill(5, 0).map(() => "inconclusive"), "parity", "parity"])
  })

  it("never decides on fewer than 5 clusters, however many items", () => {
    const few = { ...alone(fill(400, 1), 0.9), cluster: fill(400, 0).map((_, i) => i % 4) }
    assert.deepInclude(judge(few), {
      verdict: "inconclusive",
      superior: false,
      reason: "too-few-clusters",
      clusters: 4
    })
    const lost = { ...few, difference: Float64Array.from(fill(400, -1)) }
    assert.deepInclude(judge(lost), { verdict: "inconclusive", reason: "too-few-clusters" })
  })

  it("knows nothing where there is nothing", () => {
    const none = judge(alone([]))
    assert.deepInclude(none, {
      verdict: "inconclusive",
      reason: "no-items",
      bound: -1,
      pParity: 1,
      pInferior: 1,
      mean: null
    })
    assert.isNaN(none.difference.estimate)
    assert.deepInclude(judge(alone([0.3])), { verdict: "inconclusive", reason: "too-few-clusters" })
  })

  it("claims parity at its level, inferior at alpha", () => {
    const tied = alone(fill(80, 0))
    assert.strictEqual(judge({ ...tied, level: 0.05 / 24 }).verdict, "inconclusive")
    assert.isBelow(judge({ ...tied, level: 0.05 / 24 }).bound, -0.05)
    const lost = alone([...fill(18, -1), ...fill(82, 0)])
    assert.strictEqual(judge({ ...lost, level: 1e-6 }).verdict, "inferior")
    assert.strictEqual(judge({ ...lost, alpha: 1e-6 }).verdict, "inconclusive")
  })

  it("does not trust many items of few clusters where no loss was seen: losses may come together", () => {
    const clustered = { ...alone(fill(600, 0)), cluster: fill(600, 0).map((_, i) => i % 50) }
    assert.strictEqual(judge(clustered).verdict, "inconclusive")
    same(judge(clustered).pParity, 0.95 ** 50, "the chance that 50 clusters show no loss")
    same(judge(clustered).bound, -(1 - 0.05 ** (1 / 50)), "rule of three on clusters")
  })

  it("weighs slices by their shares of the traffic", () => {
    const base = alone([...fill(100, 0.1), ...fill(100, -0.1)])
    const stratum = base.cluster.map((_, i) => (i < 100 ? "easy" : "hard"))
    const share = new Map([
      ["easy", 0.2],
      ["hard", 0.8]
    ])
    same(judge({ ...base, stratum, share }).difference.estimate, -0.06, "estimate")
    // A slice of a single session joins the largest, with its share.
    const tiny = stratum.map((label, i) => (i === 0 ? "rare" : label))
    const shares = new Map([...share, ["rare", 0.1] as const])
    const merged = judge({ ...base, stratum: tiny, share: shares })
    same(merged.difference.estimate, (0.2 * 0.1 + 0.9 * (-9.9 / 101)) / 1.1, "merged estimate")
  })

  it("refuses what would make a verdict meaningless", () => {
    assert.throws(() => judge(alone([0, Number.NaN])), /a value of NaN lies outside \[-1, 1\]/)
    assert.throws(() => judge(alone([0, 1.2])), /outside/)
    assert.throws(() => judge({ ...alone([0, 0]), cluster: [1] }), /length of cluster is 1/)
    assert.throws(() => judge({ ...alone([0]), weight: Float64Array.of(0) }), /a weight is 0/)
    assert.throws(() => judge(alone([0], -0.1)), /the margin is -0.1/)
    assert.throws(() => judge({ ...alone([0]), alpha: 0.5 }), /alpha is 0.5/)
    assert.throws(() => judge({ ...alone([0]), level: -0.1 }), /the level is -0.1/)
    const half = { ...alone([0, 0]), stratum: ["a", "b"], share: new Map([["a", 1]]) }
    assert.throws(() => judge(half), /no positive share/)
  })

  it.prop("does not depend on the order of items or the names of clusters", [Items, Schema.Int], ([items, seed]) => {
    const shuffled = items
      .map((item, i) => ({ item, key: Math.sin(seed + 17.3 * i) }))
      .sort((a, b) => a.key - b.key)
      .map(({ item }) => item)
    const one = judge(inputOf(items))
    const other = judge({
      ...inputOf(shuffled),
      cluster: shuffled.map(({ cluster }) => `session ${(cluster * 7) % 15}`)
    })
    assert.strictEqual(one.verdict, other.verdict)
    same(one.pParity, other.pParity, "p of parity")
    same(one.pInferior, other.pInferior, "p of inferior")
    same(one.bound, other.bound, "bound")
    same(one.difference.lower, other.difference.lower, "lower")
    same(one.difference.upper, other.difference.upper, "upper")
  })

  it.prop("gives probabilities, and an interval in [-1, 1] that holds the estimate", [Items], ([items]) => {
    const { bound, difference, pInferior, pParity, pSuperior } = judge(inputOf(items))
    for (const p of [pParity, pInferior, pSuperior]) assert.isTrue(p >= 0 && p <= 1, `p is ${p}`)
    assert.isTrue(-1 <= difference.lower && difference.lower <= difference.estimate)
    assert.isTrue(difference.estimate <= difference.upper && difference.upper <= 1)
    assert.isTrue(-1 <= bound && bound <= 1)
  })

  it.prop(
    "never loses parity to a wider margin, nor inferiority to a narrower one",
    [Items, Between(0, 0.9), Between(0, 0.9)],
    ([items, a, b]) => {
      const narrow = judge(inputOf(items, Math.min(a, b)))
      const wide = judge(inputOf(items, Math.max(a, b)))
      if (narrow.verdict === "parity") assert.strictEqual(wide.verdict, "parity")
      if (wide.verdict === "inferior") assert.strictEqual(narrow.verdict, "inferior")
    }
  )

  it.prop("turns round with the sign: what is lower for one is upper for the other", [Items], ([items]) => {
    const one = judge(inputOf(items, 0))
    const other = judge(
      inputOf(
        items.map((item) => ({ ...item, difference: -item.difference })),
        0
      )
    )
    same(one.pSuperior, other.pInferior, "p")
    same(one.difference.lower, -other.difference.upper, "interval")
  })
})

describe("the verdict engine", () => {
  const range = { lo: -1, hi: 1 }
  const meanOf = (items: Items) => {
    const { cluster, difference } = inputOf(items)
    return clusterMean({ values: difference, cluster })
  }

  it.prop(
    "has bounds that widen with confidence",
    [Items, Between(0.001, 0.49), Between(0.001, 0.49)],
    ([items, a, b]) => {
      const mean = meanOf(items)
      const [strict, lax] = [Math.min(a, b), Math.max(a, b)]
      assert.isAtMost(wabbBound(mean, strict, "lower", range), wabbBound(mean, lax, "lower", range) + 1e-9)
      assert.isAtLeast(wabbBound(mean, strict, "upper", range), wabbBound(mean, lax, "upper", range) - 1e-9)
    }
  )

  it.prop("has bounds and p-values that say the same", [Items, Between(0.005, 0.2)], ([items, alpha]) => {
    const mean = meanOf(items)
    const lower = wabbBound(mean, alpha, "lower", range)
    if (lower - 1e-4 > -1) assert.isAtMost(wabbP(mean, lower - 1e-4, "lower", range), alpha)
    if (lower + 1e-4 < mean.mean) assert.isAtLeast(wabbP(mean, lower + 1e-4, "lower", range), alpha)
  })

  it("has the probability that is known where one term is negative: the product of 1/(1 + z/c)", () => {
    for (const [count, z, c] of [
      [50, 0.05, 0.95],
      [10, 0.3, 2],
      [200, 0.02, 1]
    ] as const) {
      const known = (1 + z / c) ** -count
      const saddle = normalCdf(saddlepoint(Float64Array.of(...fill(count, z), -c)))
      assert.isAtMost(Math.abs(saddle / known - 1), 0.03, `${saddle}, not ${known}`)
    }
  })

  it("is Clopper-Pearson on one-sample pass/fail, careful by the error of the saddlepoint", () => {
    for (const [passed, n, at, error] of [
      [5, 10, 0.3, 0.015],
      [17, 20, 0.6, 0.002],
      [48, 50, 0.85, 0.0005],
      [190, 200, 0.9, 0.0005],
      [500, 1000, 0.48, 0.0005]
    ] as const) {
      const values = Float64Array.from(fill(n, 0), (_, i) => (i < passed ? 1 : 0))
      const mean = { ...clusterMean({ values, cluster: [...values.keys()] }), df: Infinity }
      const excess = wabbP(mean, at, "lower", { lo: 0, hi: 1 }) - betaCdf(at, passed, n - passed + 1)
      assert.isTrue(excess >= 0 && excess <= error, `${passed} of ${n}: ${excess}`)
    }
  })

  it("is as wide as Student's interval where there is plenty of data", () => {
    const values = Float64Array.from(fill(20_000, 0), (_, i) => 0.3 * Math.sin(i * i))
    const mean = clusterMean({ values, cluster: fill(20_000, 0).map((_, i) => i) })
    const { lower, upper } = wabbInterval(mean, 0.95, range)
    assert.isAtMost(Math.abs((upper - lower) / (2 * 1.96 * mean.se) - 1), 0.02)
  })
})

describe("estimate", () => {
  it("is a mean score with an interval in [0, 1]", () => {
    const score = Float64Array.from(fill(200, 1), (_, i) => (i < 190 ? 1 : 0))
    const made = estimate({ score, cluster: fill(200, 0).map((_, i) => i) })
    assert.deepInclude(made, { items: 200, clusters: 200 })
    same(made.estimate, 0.95, "estimate")
    assert.isAtMost(Math.abs(made.lower - 0.91), 1e-3)
    assert.isAtMost(Math.abs(made.upper - 0.976), 1e-3)
    const perfect = estimate({ score: Float64Array.of(1, 1, 1), cluster: [1, 2, 3] })
    assert.deepInclude(perfect, { estimate: 1, upper: 1 })
    assert.isBelow(perfect.lower, 0.5)
  })

  it("is unknown without items, and refuses scores out of range", () => {
    const none = estimate({ score: new Float64Array(0), cluster: [] })
    assert.isNaN(none.estimate)
    assert.deepInclude(none, { lower: 0, upper: 1, items: 0, clusters: 0 })
    assert.throws(() => estimate({ score: Float64Array.of(-0.5), cluster: [1] }), /outside \[0, 1\]/)
  })
})
