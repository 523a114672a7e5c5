import type { Interval, Verdict } from "../domain/Standing.ts"
import { type ClusterMean, clusterMean } from "./clusterMean.ts"
import { collapseStrata } from "./strata.ts"
import { type Range, wabbBound, wabbInterval, wabbP } from "./wabb.ts"

/** Fewer clusters than this never decide. */
export const minClusters = 5

/** Confidence of the two-sided intervals that stand beside a verdict. */
const intervalLevel = 0.95

const differences: Range = { lo: -1, hi: 1 }

/** Where the items of a mean come from; all columns are of one length. */
export interface Origin {
  /** What was drawn together, by item. */
  readonly cluster: ReadonlyArray<string | number>
  /** The stratum of each item; strata of fewer than 5 clusters are merged. Left out: one stratum. */
  readonly stratum?: ReadonlyArray<string>
  /** One over each item's probability of being drawn, > 0. Left out: equal. */
  readonly weight?: Float64Array
  /** Each stratum's share of the population, up to a factor. Left out: the weighted share of the items. */
  readonly share?: ReadonlyMap<string, number>
}

/** What is to be judged. */
export interface JudgeInput extends Origin {
  /** Candidate minus reference by item, in [-1, 1]. */
  readonly difference: Float64Array
  /** How much worse the candidate may be, in score points; in [0, 1). */
  readonly margin: number
  /** Level of the one-sided test that finds the candidate inferior, in [0, 0.5); 0 finds nothing. */
  readonly alpha: number
  /** Level of the one-sided tests that claim parity and superiority, in [0, 0.5): a search's share of alpha; 0 claims nothing. Left out: alpha. */
  readonly level?: number
}

/**
 * Why a verdict is what it is. `within-margin`: parity was shown. `beyond-margin`: inferior. `undecided`: the interval
 * holds the margin. `too-few-clusters`, `no-items`: nothing can be decided.
 */
export type Reason = "within-margin" | "beyond-margin" | "undecided" | "too-few-clusters" | "no-items"

/** A candidate judged against its reference on the same items. */
export interface Judgement {
  readonly verdict: Verdict
  /** At parity, and shown to be better than the reference at the same level. */
  readonly superior: boolean
  readonly reason: Reason
  /** The mean difference with its 95 % interval, 2.5 % a side, by the engine that decides. Without items: NaN in [-1, 1]. */
  readonly difference: Interval
  /** One-sided bound at the level that decided: inferior: the greatest difference that is left at alpha; else the least at `level`. */
  readonly bound: number
  /** p of "worse by the margin or more", of "worse by the margin at most", and of "no better". */
  readonly pParity: number
  readonly pInferior: number
  readonly pSuperior: number
  readonly items: number
  readonly clusters: number
  /** The mean behind it, for planning and for display; `null` without items. */
  readonly mean: ClusterMean | null
}

/** A mean score with its interval. */
export interface Estimate extends Interval {
  readonly items: number
  readonly clusters: number
}

const within = (range: Range, values: Float64Array) => {
  for (const value of values) {
    if (!(value >= range.lo - 1e-9 && value <= range.hi + 1e-9)) {
      throw new RangeError(`a value of ${value} lies outside [${range.lo}, ${range.hi}]`)
    }
  }
}

const proper = (name: string, value: number, ok: boolean) => {
  if (!ok) throw new RangeError(`${name} is ${value}`)
}

/** The mean over collapsed strata, after the columns are checked. */
const meanOf = (values: Float64Array, origin: Origin, range: Range): ClusterMean => {
  const { cluster, stratum, weight, share } = origin
  for (const [name, column] of [
    ["cluster", cluster],
    ["stratum", stratum],
    ["weight", weight]
  ] as const) {
    if (column !== undefined) proper(`length of ${name}`, column.length, column.length === values.length)
  }
  within(range, values)
  for (const w of weight ?? []) proper("a weight", w, w > 0 && w < Infinity)
  const weights = weight === undefined ? {} : { weight }
  if (stratum === undefined) return clusterMean({ values, cluster, ...weights })
  const collapsed = collapseStrata(stratum, cluster)
  if (share === undefined) return clusterMean({ values, cluster, stratum: collapsed, ...weights })
  const into = new Map(stratum.map((label, i) => [label, collapsed[i]!]))
  const shares = new Map<string, number>()
  for (const [from, to] of into) shares.set(to, (shares.get(to) ?? 0) + (share.get(from) ?? NaN))
  return clusterMean({ values, cluster, stratum: collapsed, share: shares, ...weights })
}

/**
 * Judges a candidate: non-inferiority of the mean paired difference by the given margin, then superiority (which needs no
 * further error: Morikawa and Yoshida 1995), else inferiority. Parity is claimed at `level`, inferior at `alpha`; whatever
 * neither shows is inconclusive, and so is everything from fewer than 5 clusters. Deterministic. Throws a RangeError on
 * columns of unequal length, differences outside [-1, 1] or not numbers, weights that are not positive, or senseless levels.
 */
export const judge = (input: JudgeInput): Judgement => {
  const { difference, margin, alpha, level = alpha } = input
  proper("the margin", margin, margin >= 0 && margin < 1)
  proper("alpha", alpha, alpha >= 0 && alpha < 0.5)
  proper("the level", level, level >= 0 && level < 0.5)
  if (difference.length === 0) {
    return {
      verdict: "inconclusive",
      superior: false,
      reason: "no-items",
      difference: { estimate: NaN, lower: differences.lo, upper: differences.hi },
      bound: differences.lo,
      pParity: 1,
      pInferior: 1,
      pSuperior: 1,
      items: 0,
      clusters: 0,
      mean: null
    }
  }
  return judgeMean(meanOf(difference, input, differences), { margin, alpha, level })
}

/** Judges a mean difference in [-1, 1] that is known already, as {@link judge} does. */
export const judgeMean = (
  mean: ClusterMean,
  { alpha, level = alpha, margin }: Pick<JudgeInput, "margin" | "alpha" | "level">
): Judgement => {
  const pParity = wabbP(mean, -margin, "lower", differences)
  const pInferior = wabbP(mean, -margin, "upper", differences)
  const pSuperior = wabbP(mean, 0, "lower", differences)
  const enough = mean.clusters >= minClusters
  const verdict = !enough
    ? "inconclusive"
    : pParity <= level
      ? "parity"
      : pInferior <= alpha
        ? "inferior"
        : "inconclusive"
  const reasons = { parity: "within-margin", inferior: "beyond-margin", inconclusive: "undecided" } as const
  return {
    verdict,
    superior: verdict === "parity" && pSuperior <= level,
    reason: enough ? reasons[verdict] : "too-few-clusters",
    difference: wabbInterval(mean, intervalLevel, differences),
    bound:
      verdict === "inferior"
        ? wabbBound(mean, alpha, "upper", differences)
        : wabbBound(mean, level, "lower", differences),
    pParity,
    pInferior,
    pSuperior,
    items: mean.items,
    clusters: mean.clusters,
    mean
  }
}

/**
 * The mean of scores in [lo, hi] ([0, 1] if left out) with its 95 % interval, 2.5 % a side, as {@link judge} makes it:
 * for noise floors and mean scores. Without items: NaN in [lo, hi]. Throws a RangeError as `judge` does.
 */
export const estimate = (
  input: Origin & { readonly score: Float64Array; readonly lo?: number; readonly hi?: number }
): Estimate => {
  const { score, lo = 0, hi = 1 } = input
  if (score.length === 0) return { estimate: NaN, lower: lo, upper: hi, items: 0, clusters: 0 }
  const mean = meanOf(score, input, { lo, hi })
  return { ...wabbInterval(mean, intervalLevel, { lo, hi }), items: mean.items, clusters: mean.clusters }
}
