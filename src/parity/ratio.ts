import type { Interval } from "../domain/Standing.ts"
import { tQuantile } from "./distributions.ts"
import { groupsOf, sumsBy } from "./groups.ts"

/** Two columns over the same items, none of them negative. */
export interface Totals {
  readonly numerator: Float64Array
  readonly denominator: Float64Array
}

/** A ratio of totals with its interval. */
export interface Ratio extends Interval {
  /** Jackknife standard error of the log of the ratio; Infinity where the log is not known. */
  readonly seLog: number
  readonly df: number
  readonly clusters: number
  /** Clusters' worth of evidence in the denominator: squared total over sum of squares. */
  readonly effectiveClusters: number
  /** Fieller's 1954 interval, for display; `null` where the denominator is not clearly above zero. */
  readonly fieller: readonly [lower: number, upper: number] | null
}

const total = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0)
const effectiveOf = (sums: Float64Array): number => {
  const squares = sums.reduce((sum, one) => sum + one * one, 0)
  return squares === 0 ? 0 : total(sums) ** 2 / squares
}

/** Totals by cluster, and the jackknife standard error of the log of their ratio. */
const jackknife = ({ denominator, numerator }: Totals, cluster: ReadonlyArray<string | number>) => {
  const groups = groupsOf(cluster)
  const above = sumsBy(numerator, groups)
  const below = sumsBy(denominator, groups)
  const sums = { above: total(above), below: total(below) }
  const logs = above.map((one, g) => Math.log((sums.above - one) / (sums.below - below[g]!)))
  const mean = total(logs) / groups.count
  const squares = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0)
  const known = groups.count > 1 && Number.isFinite(squares)
  return {
    above,
    below,
    clusters: groups.count,
    estimate: sums.below > 0 ? sums.above / sums.below : NaN,
    seLog: known ? Math.sqrt(((groups.count - 1) / groups.count) * squares) : Infinity
  }
}

const intervalOf = (estimate: number, seLog: number, t: number): Interval => ({
  estimate,
  lower: seLog < Infinity ? estimate * Math.exp(-t * seLog) : 0,
  upper: seLog < Infinity ? estimate * Math.exp(t * seLog) : Infinity
})

const fiellerOf = (above: Float64Array, below: Float64Array, t: number): readonly [number, number] | null => {
  const count = above.length
  const sums = { above: total(above), below: total(below) }
  let vn = 0
  let vd = 0
  let covariance = 0
  for (let g = 0; g < count; g++) {
    const n = above[g]! - sums.above / count
    const d = below[g]! - sums.below / count
    vn += (n * n * count) / (count - 1)
    vd += (d * d * count) / (count - 1)
    covariance += (n * d * count) / (count - 1)
  }
  const a = sums.below ** 2 - t * t * vd
  const b = sums.above * sums.below - t * t * covariance
  const discriminant = b * b - a * (sums.above ** 2 - t * t * vn)
  if (!(a > 0 && discriminant >= 0)) return null
  return [(b - Math.sqrt(discriminant)) / a, (b + Math.sqrt(discriminant)) / a]
}

/**
 * The ratio of two totals (accepted tasks per dollar, dollars per task …), robust to clusters: delete-one-cluster jackknife
 * on the log scale, Student's t with effective clusters - 1 degrees of freedom, as a few dear clusters may carry the
 * denominator. `cluster`: what was drawn together, by item; `level`: confidence of the two-sided interval. NaN where the
 * denominator's total is zero; [0, Infinity] where one cluster carries a whole total.
 */
export const ratioOfTotals = (totals: Totals, cluster: ReadonlyArray<string | number>, level = 0.95): Ratio => {
  const { above, below, clusters, estimate, seLog } = jackknife(totals, cluster)
  const effectiveClusters = effectiveOf(below)
  const df = Math.max(1, effectiveClusters - 1)
  const t = tQuantile(0.5 + level / 2, df)
  const fieller = clusters > 1 ? fiellerOf(above, below, t) : null
  return { ...intervalOf(estimate, seLog, t), seLog, df, clusters, effectiveClusters, fieller }
}

/**
 * How many times the total of one setup (numerator) is that of another (denominator) on the same items, cost above all: the
 * paired jackknife of {@link ratioOfTotals}, with the degrees of freedom of the more concentrated of the two, since dear
 * clusters weigh on both sides. [0, 0] where every numerator is zero: a price of zero is no estimate.
 */
export const pairedRatio = (totals: Totals, cluster: ReadonlyArray<string | number>, level = 0.95): Interval => {
  const { above, below, estimate, seLog } = jackknife(totals, cluster)
  if (estimate === 0) return { estimate, lower: 0, upper: 0 }
  const df = Math.max(1, Math.min(effectiveOf(above), effectiveOf(below)) - 1)
  return intervalOf(estimate, seLog, tQuantile(0.5 + level / 2, df))
}
