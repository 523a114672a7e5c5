import { type ClusterMean, clusterMean } from "./clusterMean.ts"
import { collapseStrata } from "./strata.ts"
import type { Origin } from "./verdict.ts"

/** A candidate's scores on all items, and the reference's on some of them. All columns are of one length. */
export interface PartlyReferenced extends Omit<Origin, "share"> {
  readonly candidate: Float64Array
  /** The reference's score of the same item; NaN: not run again. The items run again are a random part, by whole clusters at best. */
  readonly reference: Float64Array
  /** How much the candidate's scores stand in for the missing references, in [0, 1]; left out: what makes the variance least. */
  readonly beta?: number
}

/** Candidate minus reference, with what is needed to judge it. */
export interface TwoPhase {
  readonly beta: number
  /** Items and clusters in which the reference is known. */
  readonly items: number
  readonly clusters: number
  /** By item; their weighted mean is the difference. */
  readonly pseudo: Float64Array
  readonly mean: ClusterMean
}

interface Weighed {
  readonly share: Float64Array
  readonly squares: number
}

/** Weights that sum to one, 0 where left out. */
const weighed = (weight: (i: number) => number, length: number): Weighed => {
  const share = Float64Array.from({ length }, (_, i) => weight(i))
  const total = share.reduce((a, b) => a + b, 0)
  const shares = share.map((one) => one / total)
  return { share: shares, squares: shares.reduce((sum, one) => sum + one * one, 0) }
}
const meanOf = ({ share }: Weighed, values: Float64Array) =>
  share.reduce((sum, one, i) => (one === 0 ? sum : sum + one * values[i]!), 0)
/** Weighted covariance; with equal weights the unbiased one (n - 1). */
const covariance = (over: Weighed, a: Float64Array, b: Float64Array): number => {
  const [ma, mb] = [meanOf(over, a), meanOf(over, b)]
  const sum = over.share.reduce((s, one, i) => (one === 0 ? s : s + one * (a[i]! - ma) * (b[i]! - mb)), 0)
  return sum / (1 - over.squares)
}

/**
 * The mean difference of a candidate from a reference that was run again on a part of the items only: the two-phase difference estimator
 * (Cochran 1977, *Sampling techniques*, chapter 12), which is prediction-powered inference with the candidate as predictor (Angelopoulos,
 * Duchi and Zrnic 2023). Its pseudo-values go through {@link clusterMean}; the guard shrinks by the share of the items that were run again,
 * and the degrees of freedom are at most their clusters less one. It saves re-runs, not money: fewer items with all references decide more
 * for the same price. Throws a RangeError with fewer than two references, on columns of unequal length, and on scores that are no numbers.
 */
export const twoPhase = (input: PartlyReferenced): TwoPhase => {
  const { candidate, cluster, reference, stratum, weight } = input
  const n = candidate.length
  for (const column of [reference, cluster, stratum, weight]) {
    if (column !== undefined && column.length !== n)
      throw new RangeError(`a column of ${column.length} beside ${n} items`)
  }
  for (const one of candidate) if (!Number.isFinite(one)) throw new RangeError(`a candidate's score of ${one}`)
  for (const one of reference) if (Math.abs(one) === Infinity) throw new RangeError(`a reference's score of ${one}`)
  for (const one of weight ?? []) if (!(one > 0 && one < Infinity)) throw new RangeError(`a weight of ${one}`)
  if (input.beta !== undefined && !(input.beta >= 0 && input.beta <= 1)) throw new RangeError(`beta is ${input.beta}`)
  const known = (i: number) => !Number.isNaN(reference[i]!)
  const items = reference.reduce((count, one) => count + (Number.isNaN(one) ? 0 : 1), 0)
  if (items < 2) throw new RangeError(`${items} references: a floor is not known from fewer than two`)
  const all = weighed((i) => weight?.[i] ?? 1, n)
  const some = weighed((i) => (known(i) ? (weight?.[i] ?? 1) : 0), n)
  const spread = covariance(some, candidate, candidate)
  const fitted = spread > 0 ? covariance(some, reference, candidate) / spread : 0
  const beta = input.beta ?? Math.min(1, Math.max(0, fitted))
  const [ofAll, ofSome, floor] = [meanOf(all, candidate), meanOf(some, candidate), meanOf(some, reference)]
  const difference = (1 - beta) * (ofAll - ofSome) + (ofSome - floor)
  const pseudo = candidate.map((score, i) => {
    const right = known(i) ? (some.share[i]! / all.share[i]!) * (beta * (score - ofSome) - (reference[i]! - floor)) : 0
    return difference + (1 - beta) * (score - ofAll) + right
  })
  const mean = clusterMean({
    values: pseudo,
    cluster,
    ...(stratum === undefined ? {} : { stratum: collapseStrata(stratum, cluster) }),
    ...(weight === undefined ? {} : { weight })
  })
  const clusters = new Set(cluster.filter((_, i) => known(i))).size
  return {
    beta,
    items,
    clusters,
    pseudo,
    mean: {
      ...mean,
      guard: mean.guard * Math.min(1, all.squares / some.squares),
      df: Math.max(1, Math.min(mean.df, clusters - 1))
    }
  }
}
