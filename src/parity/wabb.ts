import type { Interval } from "../domain/Standing.ts"
import type { ClusterMean } from "./clusterMean.ts"
import { tCdf, tQuantile } from "./distributions.ts"
import { root } from "./root.ts"

/** The least and greatest value that an item can have. */
export interface Range {
  readonly lo: number
  readonly hi: number
}

/** `lower`: evidence that the mean is above a value. `upper`: evidence that it is below. */
export type Side = "lower" | "upper"

/**
 * r* with P(sum of E_g z_g <= 0) = Phi(r*) to saddlepoint accuracy, E_g independent standard exponentials
 * (Lugannani and Rice 1980; Barndorff-Nielsen 1991). -Infinity where no z is negative, Infinity where none is positive.
 */
export const saddlepoint = (z: Float64Array): number => {
  let min = 0
  let max = 0
  for (const v of z) {
    min = Math.min(min, v)
    max = Math.max(max, v)
  }
  if (min === 0) return max === 0 ? 0 : -Infinity
  if (max === 0) return Infinity
  // The derivative of the cumulant function, sum of z/(1 - s z), increases from -Infinity to Infinity between its poles.
  let low = 1 / min
  let high = 1 / max
  let s = 0
  for (let round = 0; round < 200; round++) {
    let slope = 0
    let curvature = 0
    for (const v of z) {
      const q = v / (1 - s * v)
      slope += q
      curvature += q * q
    }
    if (slope > 0) high = s
    else low = s
    const newton = s - slope / curvature
    const next = newton > low && newton < high ? newton : (low + high) / 2
    const moved = Math.abs(next - s)
    s = next
    if (moved <= 1e-13 * Math.abs(next)) break
  }
  let logs = 0
  let curvature = 0
  for (const v of z) {
    logs += Math.log1p(-s * v)
    curvature += (v / (1 - s * v)) ** 2
  }
  const r = Math.sign(s) * Math.sqrt(Math.max(2 * logs, 0))
  if (Math.abs(r) >= 1e-4) return r + Math.log((s * Math.sqrt(curvature)) / r) / r
  let squares = 0
  let cubes = 0
  for (const v of z) {
    squares += v * v
    cubes += v * v * v
  }
  return r + cubes / (3 * squares ** 1.5)
}

/** The mean seen from one side, so that the question is always whether it is above `at`. */
const facing = (mean: ClusterMean, side: Side, range: Range) => {
  const sign = side === "lower" ? 1 : -1
  const centre = sign * mean.mean
  const worst = sign * (side === "lower" ? range.lo : range.hi)
  const best = sign * (side === "lower" ? range.hi : range.lo)
  const seen = side === "lower" ? mean.min : -mean.max
  const { share, score, clusters } = mean
  const z = new Float64Array(clusters + 1)
  const rStar = (at: number): number => {
    for (let g = 0; g < clusters; g++) z[g] = sign * score[g]! + share[g]! * (centre - at)
    z[clusters] = (worst - at) / mean.guard
    return saddlepoint(z)
  }
  /** No item past half-way to the worst: nothing is known of how such losses cluster. */
  const unseen = clusters < mean.items && centre > worst && seen > (centre + worst) / 2
  return { sign, centre, worst, best, rStar, unseen }
}

/**
 * p-value of "the mean is at most `at`" (side `lower`) or "at least `at`" (side `upper`), for values within `range`.
 *
 * The worst-case-augmented Bayesian bootstrap: the Gaffke bound (Gaffke 2005; Learned-Miller and Thomas 2019) over clusters
 * with one pseudo-item at the worst value, its tail by saddlepoint and Student's t. On one-sample pass/fail data it is
 * Clopper-Pearson up to the error of the saddlepoint, which is on the careful side (5e-4 at 50 items). Where clusters hold several items and not one serious loss was seen it is never below the chance that so
 * many clusters show none (the rule of three, on clusters).
 */
export const wabbP = (mean: ClusterMean, at: number, side: Side, range: Range): number => {
  if (side === "lower" ? at <= range.lo : at >= range.hi) return 0
  const { sign, centre, worst, rStar, unseen } = facing(mean, side, range)
  const p = tCdf(rStar(sign * at), mean.df)
  const below = centre - sign * at
  return unseen && below > 0 ? Math.max(p, (1 - below / (centre - worst)) ** mean.clusters) : p
}

/**
 * The one-sided confidence bound that goes with {@link wabbP}: the mean is above it (side `lower`) or below it (`upper`)
 * with confidence 1 - alpha. `alpha` in [0, 0.5), at 0 nothing is excluded; the bound lies within `range`.
 */
export const wabbBound = (mean: ClusterMean, alpha: number, side: Side, range: Range): number => {
  const { sign, centre, worst, best, rStar, unseen } = facing(mean, side, range)
  if (alpha <= 0) return sign * worst
  const target = tQuantile(alpha, mean.df)
  // Held to a finite band about the target, so that the search can interpolate where r* is infinite.
  const excess = (at: number) => Math.max(-10, Math.min(10, rStar(at) - target))
  const from = worst + 1e-9
  const to = best - 1e-9
  const bound = excess(to) < 0 ? best : excess(from) > 0 ? worst : root(excess, from, to, 1e-12)
  const floor = unseen ? centre - (1 - alpha ** (1 / mean.clusters)) * (centre - worst) : best
  return sign * Math.min(bound, floor)
}

/** The mean with its two-sided interval at confidence `level`, half of the error on each side. */
export const wabbInterval = (mean: ClusterMean, level: number, range: Range): Interval => {
  const alpha = (1 - level) / 2
  return {
    estimate: mean.mean,
    lower: wabbBound(mean, alpha, "lower", range),
    upper: wabbBound(mean, alpha, "upper", range)
  }
}
