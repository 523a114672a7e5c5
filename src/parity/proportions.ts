import type { Interval } from "../domain/Standing.ts"
import { betaQuantile, normalCdf, normalQuantile, normalSf, tQuantile } from "./distributions.ts"
import { root } from "./root.ts"
import type { Side } from "./wabb.ts"

const proper = (name: string, value: number, ok: boolean) => {
  if (!ok) throw new RangeError(`${name} is ${value}`)
}
const counts = (passed: number, items: number, level: number) => {
  proper("the number of items", items, items >= 0 && items < Infinity)
  proper("the number passed", passed, passed >= 0 && passed <= items)
  proper("the level", level, level > 0 && level < 1)
}
const nothing: Interval = { estimate: NaN, lower: 0, upper: 1 }

/**
 * A pass rate with Wilson's score interval (Wilson 1927) at confidence `level`. Without items: NaN in [0, 1]. All of these throw a
 * RangeError on counts that cannot be and on a senseless level.
 */
export const wilson = (passed: number, items: number, level = 0.95): Interval => {
  counts(passed, items, level)
  if (items === 0) return nothing
  const z = normalQuantile(0.5 + level / 2)
  const rate = passed / items
  const shrink = 1 + (z * z) / items
  const centre = (rate + (z * z) / (2 * items)) / shrink
  const half = (z / shrink) * Math.sqrt((rate * (1 - rate)) / items + (z * z) / (4 * items * items))
  return {
    estimate: rate,
    lower: passed === 0 ? 0 : Math.max(0, centre - half),
    upper: passed === items ? 1 : Math.min(1, centre + half)
  }
}

/** Clopper and Pearson's limits; neither count need be whole. */
const exact = (passed: number, items: number, level: number) => {
  const alpha = (1 - level) / 2
  return {
    lower: passed <= 0 ? 0 : betaQuantile(alpha, passed, items - passed + 1),
    upper: passed >= items ? 1 : betaQuantile(1 - alpha, passed + 1, items - passed)
  }
}

/** A pass rate with the exact interval (Clopper and Pearson 1934): its coverage is never below `level`. Without items: NaN in [0, 1]. */
export const clopperPearson = (passed: number, items: number, level = 0.95): Interval => {
  counts(passed, items, level)
  return items === 0 ? nothing : { estimate: passed / items, ...exact(passed, items, level) }
}

/** A pass rate from weighted or clustered items. */
export interface SurveyRate {
  readonly rate: number
  /** Items, their worth of independent evidence, and the degrees of freedom of the rate's variance. */
  readonly items: number
  readonly effective: number
  readonly df: number
}

/**
 * A pass rate from clustered or weighted items: {@link clopperPearson} on the effective number of items, made smaller where the degrees of
 * freedom are few (Korn and Graubard 1998). Never more evidence than there are items. Fewer than two items: [0, 1].
 */
export const kornGraubard = ({ df, effective, items, rate }: SurveyRate, level = 0.95): Interval => {
  counts(rate, 1, level)
  proper("the number of items", items, items >= 0 && items < Infinity)
  proper("the effective number of items", effective, effective >= 0)
  proper("the degrees of freedom", df, df > 0)
  if (items < 2 || effective === 0) return items === 0 ? nothing : { estimate: rate, lower: 0, upper: 1 }
  const alpha = (1 - level) / 2
  const fewer = df < 1e6 ? (tQuantile(alpha, items - 1) / tQuantile(alpha, df)) ** 2 : 1
  const worth = Math.min(items, effective * fewer)
  return { estimate: rate, ...exact(rate * worth, worth, level) }
}

/** Pass and fail of two setups on the same items, by how many items went which way. */
export interface PairedCounts {
  readonly both: number
  readonly candidateOnly: number
  readonly referenceOnly: number
  readonly neither: number
}

const itemsOf = ({ both, candidateOnly, neither, referenceOnly }: PairedCounts): number => {
  for (const count of [both, candidateOnly, referenceOnly, neither]) {
    proper("a number of items", count, count >= 0 && count < Infinity)
  }
  return both + candidateOnly + referenceOnly + neither
}

/**
 * Tango's score statistic (Tango 1998) of "candidate's rate minus reference's is `difference`", approximately standard normal where it is.
 * For independent items; sessions of several make it only approximate.
 */
export const tangoZ = (paired: PairedCounts, difference: number): number => {
  const n = itemsOf(paired)
  proper("the difference", difference, difference >= -1 && difference <= 1)
  const { candidateOnly: b, referenceOnly: c } = paired
  const spread = difference * (1 - difference)
  // The share of items only the reference passes that is most likely at this difference: the greater root of 2n q^2 + linear q + constant.
  const linear = -b - c + (2 * n - b + c) * difference
  const constant = -c * spread
  const discriminant = Math.sqrt(Math.max(0, linear * linear - 8 * n * constant))
  const share = linear > 0 ? (-2 * constant) / (discriminant + linear) : n > 0 ? (discriminant - linear) / (4 * n) : 0
  const variance = n * (2 * share + spread)
  const excess = b - c - n * difference
  if (variance > 0) return excess / Math.sqrt(variance)
  return excess === 0 ? 0 : excess * Infinity
}

/** p of "the difference is at most `at`" (side `lower`) or "at least `at`" (`upper`) by {@link tangoZ}; 1 without items. */
export const tangoP = (paired: PairedCounts, at: number, side: Side): number => {
  if (itemsOf(paired) === 0) return 1
  const z = tangoZ(paired, at)
  return side === "lower" ? normalSf(z) : normalCdf(z)
}

/** The difference of two paired rates with Tango's score interval, from {@link tangoZ}. Without items: NaN in [-1, 1]. */
export const tangoInterval = (paired: PairedCounts, level = 0.95): Interval => {
  const n = itemsOf(paired)
  proper("the level", level, level > 0 && level < 1)
  if (n === 0) return { estimate: NaN, lower: -1, upper: 1 }
  const z = normalQuantile(0.5 + level / 2)
  const estimate = (paired.candidateOnly - paired.referenceOnly) / n
  const [from, to] = [-1 + 1e-12, 1 - 1e-12]
  const at = (difference: number) => tangoZ(paired, difference)
  return {
    estimate,
    lower: at(from) <= z ? -1 : root((x) => at(x) - z, from, Math.max(from, estimate - 1e-14)),
    upper: at(to) >= -z ? 1 : root((x) => at(x) + z, Math.min(to, estimate + 1e-14), to)
  }
}

/**
 * The difference of two paired rates with Newcombe's interval (Newcombe 1998, paired differences, method 10: Wilson's limits squared and
 * added, with the correlation of the pairs). For display. Without items: NaN in [-1, 1].
 */
export const newcombePaired = (paired: PairedCounts, level = 0.95): Interval => {
  const n = itemsOf(paired)
  if (n === 0) return { estimate: NaN, lower: -1, upper: 1 }
  const { both, candidateOnly, neither, referenceOnly } = paired
  const mine = wilson(both + candidateOnly, n, level)
  const other = wilson(both + referenceOnly, n, level)
  const margins = Math.sqrt(
    (both + candidateOnly) * (referenceOnly + neither) * (both + referenceOnly) * (candidateOnly + neither)
  )
  const cross = both * neither - candidateOnly * referenceOnly
  const phi = margins === 0 ? 0 : (cross > 0 ? Math.max(cross - n / 2, 0) : cross) / margins
  const reach = (one: number, two: number) => Math.sqrt(Math.max(0, one * one - 2 * phi * one * two + two * two))
  const estimate = mine.estimate - other.estimate
  return {
    estimate,
    lower: estimate - reach(mine.estimate - mine.lower, other.upper - other.estimate),
    upper: estimate + reach(mine.upper - mine.estimate, other.estimate - other.lower)
  }
}
