import type { Interval } from "../domain/Standing.ts"
import type { ClusterMean } from "./clusterMean.ts"
import { tCdf, tQuantile, tSf } from "./distributions.ts"
import { type Range, wabbP } from "./wabb.ts"

/** A noise floor measured earlier on other items: its mean, the standard error of that, and its degrees of freedom. */
export interface StoredFloor {
  readonly mean: number
  readonly se: number
  readonly df: number
}

/** A candidate against a stored floor. */
export interface Unpaired {
  /** Candidate minus floor, 2.5 % a side, held to the values that it can have. */
  readonly difference: Interval
  readonly se: number
  readonly df: number
  /** p of "worse by the margin or more", of "worse by the margin at most", and of "no better". */
  readonly pParity: number
  readonly pInferior: number
  readonly pSuperior: number
}

/**
 * The difference of a candidate's mean score from a floor on other items: the variances add up, with Satterthwaite's degrees of freedom
 * (Satterthwaite 1946; Welch 1947). The stored value is an estimate too: taken as exact it claims parity several times too often. No p is below
 * that of `wabbP` with the floor as exact, so that rare losses which the candidate's sample may have missed are reckoned with; where
 * neither mean shows any spread nothing is claimed. Throws a RangeError on a floor outside the range, a negative standard error, degrees of
 * freedom that are not above zero, or a margin outside [0, 1).
 */
export const againstStoredFloor = (
  candidate: ClusterMean,
  floor: StoredFloor,
  margin: number,
  range: Range = { lo: 0, hi: 1 }
): Unpaired => {
  const width = range.hi - range.lo
  if (!(floor.mean >= range.lo && floor.mean <= range.hi)) {
    throw new RangeError(`a floor of ${floor.mean} lies outside [${range.lo}, ${range.hi}]`)
  }
  if (!(floor.se >= 0 && floor.se < Infinity)) throw new RangeError(`the floor's standard error is ${floor.se}`)
  if (!(floor.df > 0)) throw new RangeError(`the floor's degrees of freedom are ${floor.df}`)
  if (!(margin >= 0 && margin < 1)) throw new RangeError(`the margin is ${margin}`)
  const estimate = candidate.mean - floor.mean
  const [own, stored] = [candidate.variance, floor.se ** 2]
  const variance = own + stored
  const se = Math.sqrt(variance)
  // Equal scores leave a rounding error of a variance.
  if (!(se > 1e-9 * width)) {
    return {
      difference: { estimate, lower: -width, upper: width },
      se,
      df: Math.min(candidate.df, floor.df),
      pParity: 1,
      pInferior: 1,
      pSuperior: 1
    }
  }
  const df = 1 / ((own / variance) ** 2 / candidate.df + (stored / variance) ** 2 / floor.df)
  const above = (at: number) =>
    Math.max(tSf((estimate - at) / se, df), wabbP(candidate, floor.mean + at, "lower", range))
  const below = (at: number) =>
    Math.max(tCdf((estimate - at) / se, df), wabbP(candidate, floor.mean + at, "upper", range))
  const t = tQuantile(0.975, df)
  return {
    difference: {
      estimate,
      lower: Math.max(-width, estimate - t * se),
      upper: Math.min(width, estimate + t * se)
    },
    se,
    df,
    pParity: above(-margin),
    pInferior: below(-margin),
    pSuperior: above(0)
  }
}
