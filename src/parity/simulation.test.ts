import { assert, describe, it } from "@effect/vitest"

import { clusterMean } from "./clusterMean.ts"
import { betaQuantile, normalCdf, normalQuantile, normalSf } from "./distributions.ts"
import { lanDeMets, predictivePower } from "./groupSequential.ts"
import { required } from "./planning.ts"
import { pairedRatio, ratioOfTotals } from "./ratio.ts"
import { minClusters } from "./verdict.ts"
import { wabbP } from "./wabb.ts"

// Error rates, power and coverage on simulated archives with known truth. Every run is seeded: the figures are the same each time.

/** Uniform numbers in (0, 1): Doty-Humphrey's sfc32, warmed up from one seed. */
const uniforms = (seed: number): (() => number) => {
  let [a, b, c, d] = [seed | 0, 0x9e3779b9 | 0, 0x243f6a88, 1]
  const next = () => {
    const t = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + t) | 0
    return ((t >>> 0) + 0.5) / 2 ** 32
  }
  for (let i = 0; i < 15; i++) next()
  return next
}

const points = 20_000
const range = { lo: -1, hi: 1 }
const margin = 0.05
const alpha = 0.05

type Scores = "rare" | "rare2" | "mod" | "smooth" | "skew"
type Sessions = "iid" | "geo5" | "heavy"

/**
 * Quantiles of the paired difference: `rare`: losses only; `rare2`: a few wins and losses; `mod`: many; `smooth`: bounded
 * scores; `skew`: ties, small noise, and one in ten a heavy loss.
 */
const tableOf = (scores: Scores, mean: number): Float64Array => {
  const at = (quantile: (u: number) => number, count = points) =>
    Float64Array.from({ length: count }, (_, i) => quantile((i + 0.5) / count))
  switch (scores) {
    case "rare":
      return at((u) => (u < -mean ? -1 : 0))
    case "rare2":
      return at((u) => (u < 0.01 - mean ? -1 : u >= 0.99 ? 1 : 0))
    case "mod":
      return at((u) => (u < 0.15 - mean / 2 ? -1 : u >= 0.85 - mean / 2 ? 1 : 0))
    case "smooth": {
      const mu = (1 + mean) / 2
      const k = (mu * (1 - mu)) / 0.125 ** 2 - 1
      return at((u) => 2 * betaQuantile(u, mu * k, (1 - mu) * k) - 1)
    }
    case "skew": {
      const heavy = Math.min(0.9, Math.max(0.02, -10 * mean))
      const losses = at((u) => -betaQuantile(u, 2 * heavy, 2 * (1 - heavy)), points / 10)
      const noise = at((u) => 0.2 * u - 0.1, points / 5)
      return Float64Array.from([...losses, ...noise, ...new Float64Array(points - losses.length - noise.length)]).sort()
    }
  }
}
const averageOf = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length

/** Correlation within sessions of the normal scores behind the differences. */
const correlation = { iid: 0, geo5: 0.2, heavy: 0.4 } as const

const sessionSize = (sessions: Sessions, uniform: () => number): number =>
  sessions === "iid"
    ? 1
    : sessions === "geo5"
      ? Math.ceil(Math.log(uniform()) / Math.log(0.8))
      : Math.ceil(Math.exp(1 + normalQuantile(uniform())))

const sampleOf = (table: Float64Array, sessions: Sessions, n: number, uniform: () => number) => {
  const values = new Float64Array(n)
  const cluster = new Array<number>(n)
  const rho = correlation[sessions]
  for (let i = 0, g = 0; i < n; g++) {
    const end = Math.min(n, i + Math.min(60, sessionSize(sessions, uniform)))
    const shared = rho === 0 ? 0 : Math.sqrt(rho) * normalQuantile(uniform())
    for (; i < end; i++) {
      const u = uniform()
      const rank = rho === 0 ? u : normalCdf(shared + Math.sqrt(1 - rho) * normalQuantile(u))
      values[i] = table[Math.min(points - 1, Math.floor(rank * points))]!
      cluster[i] = g
    }
  }
  return { values, cluster }
}

/** Share of `runs` in which `claims` holds. */
const shareOf = (runs: number, seed: number, claims: (uniform: () => number) => boolean): number => {
  const uniform = uniforms(seed)
  let claimed = 0
  for (let run = 0; run < runs; run++) if (claims(uniform)) claimed++
  return claimed / runs
}

/** Parity at `at`, below zero, by the rule of `judge`. */
const parity = (
  { cluster, values }: { readonly values: Float64Array; readonly cluster: ReadonlyArray<number> },
  at: number
) => {
  const mean = clusterMean({ values, cluster })
  return mean.clusters >= minClusters && wabbP(mean, at, "lower", range) <= alpha
}

const kinds: ReadonlyArray<Scores> = ["rare", "rare2", "mod", "smooth", "skew"]
const structures: ReadonlyArray<Sessions> = ["iid", "geo5", "heavy"]

describe("error control, simulated", () => {
  it("claims parity at the true margin in at most 6.2 % of runs, whatever scores and sessions", {
    timeout: 120_000
  }, () => {
    let seed = 1000
    for (const scores of kinds) {
      const table = tableOf(scores, -margin)
      const truth = averageOf(table)
      for (const sessions of structures) {
        for (const n of [100, 600]) {
          const share = shareOf(2000, seed++, (uniform) => parity(sampleOf(table, sessions, n, uniform), truth))
          assert.isAtMost(share, 0.062, `${scores}, ${sessions}, ${n} items`)
        }
      }
    }
  })

  it("finds true parity with 600 items as often as it should", { timeout: 180_000 }, () => {
    const least: Readonly<Record<Scores, readonly [iid: number, geo5: number, heavy: number]>> = {
      rare: [0.96, 0.96, 0.92],
      rare2: [0.96, 0.96, 0.95],
      mod: [0.65, 0.41, 0.23],
      smooth: [0.96, 0.8, 0.49],
      skew: [0.96, 0.96, 0.95]
    }
    let seed = 2000
    for (const scores of kinds) {
      const table = tableOf(scores, scores === "rare" ? -0.01 : scores === "skew" ? -0.002 : 0)
      structures.forEach((sessions, i) => {
        const share = shareOf(400, seed++, (uniform) => parity(sampleOf(table, sessions, 600, uniform), -margin))
        assert.isAtLeast(share, least[scores][i]!, `${scores}, ${sessions}`)
      })
    }
  })

  it.each([0, 0.05])(
    "is not fooled by losses that come as whole sessions (noise %d)",
    { timeout: 180_000 },
    (noise) => {
      const share = shareOf(2000, 940, (uniform) => {
        const values: Array<number> = []
        const cluster: Array<number> = []
        for (let g = 0; g < 40; g++) {
          const lost = uniform() < margin
          const size = Math.min(25, Math.ceil(Math.log(uniform()) / Math.log(0.75)))
          for (let i = 0; i < size; i++) {
            values.push(lost ? -1 : noise * (2 * uniform() - 1))
            cluster.push(g)
          }
        }
        return parity({ values: Float64Array.from(values), cluster }, -margin)
      })
      assert.isAtMost(share, 0.06)
    }
  )

  it("keeps the error over five looks, and stops early where the answer is plain", { timeout: 180_000 }, () => {
    const times = [0.2, 0.4, 0.6, 0.8, 1]
    const boundaries = lanDeMets(times, alpha)
    const n = 600
    const race = (mean: number, seed: number) => {
      const table = tableOf("mod", mean)
      let items = 0
      const share = shareOf(1000, seed, (uniform) => {
        const { cluster, values } = sampleOf(table, "geo5", n, uniform)
        for (let j = 0; j < times.length; j++) {
          let end = Math.ceil(times[j]! * n)
          while (end < n && cluster[end] === cluster[end - 1]) end++
          const p = wabbP(
            clusterMean({ values: values.subarray(0, end), cluster: cluster.slice(0, end) }),
            -margin,
            "lower",
            range
          )
          const passed = p <= normalSf(boundaries[j]!)
          if (passed || predictivePower(-normalQuantile(p), end / n, boundaries[4]!) < 0.05 || end === n) {
            items += end
            return passed
          }
        }
        return false
      })
      return { share, items: items / 1000 }
    }
    assert.isAtMost(race(-margin, 31).share, 0.055)
    assert.isAtMost(race(-0.2, 32).items, 160)
    const good = race(0, 33)
    assert.isAtMost(good.items, 480)
    assert.isAtLeast(good.share, 0.35)
  })

  it("plans samples that have the power that was asked for", { timeout: 180_000 }, () => {
    const shares = (
      [
        ["smooth", 0, 0.05],
        ["smooth", 0, 0.1],
        ["mod", 0, 0.1],
        ["rare", -0.01, 0.05]
      ] as const
    ).map(([scores, mean, wanted], i) => {
      const table = tableOf(scores, mean)
      const truth = averageOf(table)
      const sd = Math.sqrt(averageOf(table.map((value) => (value - truth) ** 2)))
      const { items } = required({ margin: wanted, sd, difference: truth })
      return shareOf(500, 300 + i, (uniform) => parity(sampleOf(table, "iid", items, uniform), -wanted))
    })
    for (const share of shares) assert.isAtLeast(share, 0.62)
    assert.isAtLeast(averageOf(Float64Array.from(shares)), 0.78)
  })

  it("covers the true ratio of totals in 92.5 % of samples of 60 sessions or more", { timeout: 180_000 }, () => {
    const [accepted, coupling, sd] = [0.7, 0.4, 0.7]
    const truth = normalCdf(normalQuantile(accepted) / Math.sqrt(1 + coupling ** 2))
    for (const [sessions, seed] of [
      [60, 607],
      [150, 1507]
    ] as const) {
      const covered = { accepted: 0, cost: 0 }
      shareOf(1000, seed, (uniform) => {
        const accept: Array<number> = []
        const cost: Array<number> = []
        const other: Array<number> = []
        const cluster: Array<number> = []
        for (let g = 0; g < sessions; g++) {
          const shared = Math.sqrt(0.4) * normalQuantile(uniform())
          const size = Math.min(30, Math.ceil(Math.log(uniform()) / Math.log(0.75)))
          for (let i = 0; i < size; i++) {
            const z = shared + Math.sqrt(0.6) * normalQuantile(uniform())
            cost.push(Math.exp(sd * z - sd ** 2 / 2))
            other.push(4 * Math.exp(sd * (0.8 * z + 0.6 * normalQuantile(uniform())) - sd ** 2 / 2))
            accept.push(uniform() < normalCdf(normalQuantile(accepted) - coupling * z) ? 1 : 0)
            cluster.push(g)
          }
        }
        const numerator = Float64Array.from(accept)
        const denominator = Float64Array.from(cost)
        const perCost = ratioOfTotals({ numerator, denominator }, cluster)
        if (perCost.lower <= truth && truth <= perCost.upper) covered.accepted += 1 / 1000
        const relative = pairedRatio({ numerator: denominator, denominator: Float64Array.from(other) }, cluster)
        if (relative.lower <= 0.25 && 0.25 <= relative.upper) covered.cost += 1 / 1000
        return true
      })
      assert.isAtLeast(covered.accepted, 0.925, `accepted per dollar, ${sessions} sessions`)
      assert.isAtLeast(covered.cost, 0.925, `cost over cost, ${sessions} sessions`)
    }
  })
})
