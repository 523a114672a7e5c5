import { type ClusterMean, clusterMean } from "./clusterMean.ts"
import { collapseStrata } from "./strata.ts"
import type { Origin } from "./verdict.ts"

/** What a judge said of all items, and people of some of them. All columns are of one length. */
export interface Labelled extends Omit<Origin, "share"> {
  /** The judge's value of every item. */
  readonly judged: Float64Array
  /** People's value of the same; NaN: not labelled. */
  readonly label: Float64Array
  /** One over the probability that an item was labelled, > 0 where it was; equal if left out. */
  readonly labelWeight?: Float64Array
  /** How much the judge is leaned on, in [0, 1]; left out: what makes the variance least. */
  readonly lambda?: number
}

/** A mean in people's terms, with what is needed to judge it. */
export interface PredictionPowered {
  readonly lambda: number
  readonly labels: number
  /** By item; their weighted mean is the estimate. */
  readonly pseudo: Float64Array
  readonly mean: ClusterMean
}

const shares = (weight: (i: number) => number, length: number): Float64Array => {
  const all = Float64Array.from({ length }, (_, i) => weight(i))
  const total = all.reduce((a, b) => a + b, 0)
  return all.map((one) => one / total)
}
const meanOf = (share: Float64Array, values: Float64Array) =>
  share.reduce((sum, one, i) => (one === 0 ? sum : sum + one * values[i]!), 0)
const squares = (share: Float64Array) => share.reduce((sum, one) => sum + one * one, 0)

/** Weighted covariance; with equal weights the unbiased one (n - 1). */
const covariance = (share: Float64Array, a: Float64Array, b: Float64Array): number => {
  const [ma, mb] = [meanOf(share, a), meanOf(share, b)]
  return (
    share.reduce((sum, one, i) => (one === 0 ? sum : sum + one * (a[i]! - ma) * (b[i]! - mb)), 0) / (1 - squares(share))
  )
}

/**
 * The mean of what people would say of all items, from a judge's values of all and labels of some: PPI++ (Angelopoulos,
 * Duchi and Zrnic 2023) with weights, its pseudo-values taken through {@link clusterMean}, so that the spread between
 * clusters counts. The evidence is never counted as more than the labels give: the guard is at most their effective number, the
 * degrees of freedom at most the labelled clusters less two. Unbiased whatever the judge's error, if the labelled items are a random
 * sample with the weights given. Throws a RangeError with fewer than two labels.
 */
export const predictionPowered = (input: Labelled): PredictionPowered => {
  const { cluster, judged, label, labelWeight, stratum, weight } = input
  const n = judged.length
  const known = (i: number) => !Number.isNaN(label[i]!)
  const labels = label.reduce((count, one) => count + (Number.isNaN(one) ? 0 : 1), 0)
  if (labels < 2) throw new RangeError(`${labels} labels: a judge's error is not known from fewer than two`)
  const all = shares((i) => weight?.[i] ?? 1, n)
  const some = shares((i) => (known(i) ? (weight?.[i] ?? 1) * (labelWeight?.[i] ?? 1) : 0), n)
  const spread = covariance(all, judged, judged)
  const lambda = input.lambda ?? (spread > 0 ? Math.min(1, Math.max(0, covariance(some, label, judged) / spread)) : 0)
  const judgedMean = meanOf(all, judged)
  const judgedOfSome = meanOf(some, judged)
  const labelMean = meanOf(some, label)
  const estimate = labelMean + lambda * (judgedMean - judgedOfSome)
  const pseudo = judged.map((value, i) => {
    const right = known(i) ? (some[i]! / all[i]!) * (label[i]! - labelMean - lambda * (value - judgedOfSome)) : 0
    return estimate + lambda * (value - judgedMean) + right
  })
  const mean = clusterMean({
    values: pseudo,
    cluster,
    ...(stratum === undefined ? {} : { stratum: collapseStrata(stratum, cluster) }),
    ...(weight === undefined ? {} : { weight })
  })
  const labelledClusters = new Set(cluster.filter((_, i) => known(i))).size
  return {
    lambda,
    labels,
    pseudo,
    mean: {
      ...mean,
      guard: Math.min(mean.guard, 1 / squares(some)),
      df: Math.max(1, Math.min(mean.df, labelledClusters - 2))
    }
  }
}
