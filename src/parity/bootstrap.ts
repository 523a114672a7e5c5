import { normalCdf, normalQuantile } from "./distributions.ts"
import { groupsOf, sumsBy } from "./groups.ts"
import { sfc32 } from "./random.ts"

/** What is resampled: items with their clusters. All columns have the length of `values`. */
export interface Resampled {
  readonly values: Float64Array
  /** What was drawn together, by item: clusters are resampled whole. */
  readonly cluster: ReadonlyArray<string | number>
  /** One over each item's probability of being drawn, > 0; equal if left out. */
  readonly weight?: Float64Array
}

/** The mean in each of many resamples of the clusters. */
export interface Bootstrap {
  readonly mean: number
  readonly clusters: number
  /** The resampled means, in the order of the draws. */
  readonly means: Float64Array
  /** The mean without each cluster in turn. */
  readonly jackknife: Float64Array
}

const sum = (values: Float64Array): number => {
  let total = 0
  for (let i = 0; i < values.length; i++) total += values[i]!
  return total
}

/**
 * Resamples clusters with replacement, each time as many as there are, and takes the weighted mean (Cameron, Gelbach and Miller 2008;
 * Rao and Scott 1992 for the ratio of cluster totals). For cross-checks only: where losses are rare it claims far too often.
 * Deterministic in the seed. Throws a RangeError without items or resamples, or on columns of unequal length.
 */
export const clusterBootstrap = (
  { cluster, values, weight }: Resampled,
  { resamples = 10_000, seed = 1 }: { readonly resamples?: number; readonly seed?: number } = {}
): Bootstrap => {
  if (values.length === 0) throw new RangeError("a bootstrap needs at least one item")
  if (cluster.length !== values.length || (weight !== undefined && weight.length !== values.length)) {
    throw new RangeError(`${values.length} values, but ${cluster.length} clusters and ${weight?.length ?? 0} weights`)
  }
  if (!Number.isInteger(resamples) || resamples < 1) throw new RangeError(`${resamples} resamples`)
  const groups = groupsOf(cluster)
  const { count } = groups
  const above = sumsBy(weight === undefined ? values : values.map((value, i) => value * weight[i]!), groups)
  const below = sumsBy(weight ?? new Float64Array(values.length).fill(1), groups)
  const fill = sfc32(seed)
  const draws = new Uint32Array(count)
  const scale = count / 2 ** 32
  const means = new Float64Array(resamples)
  // Clusters of one weight leave one sum to take, in half the time.
  const even = below.every((one) => one === below[0]) ? count * below[0]! : undefined
  for (let r = 0; r < resamples; r++) {
    fill(draws)
    let numerator = 0
    if (even !== undefined) {
      for (let k = 0; k < count; k++) numerator += above[(draws[k]! * scale) | 0]!
      means[r] = numerator / even
      continue
    }
    let denominator = 0
    for (let k = 0; k < count; k++) {
      const g = (draws[k]! * scale) | 0
      numerator += above[g]!
      denominator += below[g]!
    }
    means[r] = numerator / denominator
  }
  const totals = { above: sum(above), below: sum(below) }
  return {
    mean: totals.above / totals.below,
    clusters: count,
    means,
    jackknife: above.map((one, g) => (totals.above - one) / (totals.below - below[g]!))
  }
}

/** p of "the mean is at most `at`": the share of resampled means that are (Efron's percentile method). At least 1 / (resamples + 1). */
export const percentileP = ({ clusters, means }: Bootstrap, at: number): number => {
  if (clusters < 2) return 1
  let below = 0
  for (const mean of means) if (!(mean > at)) below++
  return (below + 1) / (means.length + 1)
}

const inside = (share: number) => Math.min(1 - 1e-6, Math.max(1e-6, share))

/**
 * p of "the mean is at most `at`" by the bias-corrected and accelerated bootstrap (Efron 1987), its interval turned into a test; the
 * acceleration is the jackknife's. 1 where nothing can be said: of one cluster, or beyond the formula's reach.
 */
export const bcaP = ({ clusters, jackknife, mean, means }: Bootstrap, at: number): number => {
  if (clusters < 2) return 1
  const rounding = 1e-12 * Math.max(1, Math.abs(mean))
  let left = 0
  let below = 0
  for (const one of means) {
    left += Math.abs(one - mean) <= rounding ? 0.5 : one < mean ? 1 : 0
    below += one > at ? 0 : 1
  }
  const bias = normalQuantile(inside(left / means.length))
  const centre = sum(jackknife) / clusters
  let squares = 0
  let cubes = 0
  for (const one of jackknife) {
    squares += (centre - one) ** 2
    cubes += (centre - one) ** 3
  }
  const acceleration = squares > rounding * rounding ? cubes / (6 * squares ** 1.5) : 0
  const moved = normalQuantile(inside((below + 0.5) / (means.length + 1))) - bias
  const reach = 1 + acceleration * moved
  return reach > 0 ? normalCdf(moved / reach - bias) : 1
}
