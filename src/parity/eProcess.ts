import type { Verdict } from "../domain/Standing.ts"
import { groupsOf, sizesOf, sumsBy } from "./groups.ts"
import { minClusters } from "./verdict.ts"
import type { Range, Side } from "./wabb.ts"

/** `count` numbers from `from` to `to`, each the same multiple of the one before. */
export const logSpaced = (from: number, to: number, count: number): ReadonlyArray<number> =>
  Array.from({ length: count }, (_, i) => (i === count - 1 ? to : from * (to / from) ** (i / (count - 1))))

/** The shares of the stake that the mixture bets. */
const mixture = logSpaced(0.01, 0.9, 24)

const differences: Range = { lo: -1, hi: 1 }

/** A bet against "worse by the margin or more" (side `lower`) or "worse by the margin at most" (`upper`). */
export interface Bet {
  readonly margin: number
  readonly side: Side
  /** Most items that a cluster can have, fixed in advance; 1 for cluster means. */
  readonly cap?: number
  /** The least and greatest value of an item; [-1, 1] if left out. */
  readonly range?: Range
  /** Shares of the stake, each in (0, 1), mixed in equal parts; 24 from 0.01 to 0.9 if left out. */
  readonly bets?: ReadonlyArray<number>
}

/**
 * The mixture e-process, one step per cluster: E_t = mean over bets of the product over clusters of 1 + bet x outcome / worst outcome
 * (Waudby-Smith and Ramdas 2024; Ramdas, Grünwald, Vovk and Shafer 2023). `sums`: by cluster, the sum over its items of difference +
 * margin, or their mean with a cap of 1. E_t at or above 1/alpha at any time rejects at alpha, however often one looks; its value does
 * not depend on the order of the clusters before it. Betting item by item within clusters would not be valid.
 *
 * Throws a RangeError on a sum that no cluster can have, a bet outside (0, 1), or a margin that leaves nothing to lose.
 */
export const eProcess = (
  sums: Float64Array,
  { bets = mixture, cap = 1, margin, range = differences, side }: Bet
): Float64Array => {
  const [least, most] = [cap * (range.lo + margin), cap * (range.hi + margin)]
  if (!(cap > 0 && least < 0 && most > 0)) {
    throw new RangeError(
      `a margin of ${margin} with a cap of ${cap} leaves no bet on values in [${range.lo}, ${range.hi}]`
    )
  }
  if (bets.length === 0 || !bets.every((bet) => bet > 0 && bet < 1)) throw new RangeError(`bets of ${bets.join(", ")}`)
  const [sign, worst] = side === "lower" ? [1, -least] : [-1, most]
  const logs = new Float64Array(bets.length)
  const path = new Float64Array(sums.length)
  for (let t = 0; t < sums.length; t++) {
    const outcome = sums[t]!
    if (!(outcome >= least - 1e-9 * cap && outcome <= most + 1e-9 * cap)) {
      throw new RangeError(`a cluster's sum of ${outcome} lies outside [${least}, ${most}]`)
    }
    let top = -Infinity
    for (let k = 0; k < logs.length; k++) {
      logs[k]! += Math.log1p((bets[k]! * sign * outcome) / worst)
      top = Math.max(top, logs[k]!)
    }
    let mean = 0
    for (const log of logs) mean += Math.exp(log - top) / logs.length
    path[t] = Math.exp(top) * mean
  }
  return path
}

/** The p-value that holds at any time: one over the greatest e-value so far (Ville's inequality), at most 1. */
export const anytimeP = (path: Float64Array): number => {
  let top = 1
  for (const e of path) if (e > top) top = e
  return 1 / top
}

/** A candidate judged at any time. */
export interface Anytime {
  readonly verdict: Verdict
  /** At parity, and shown to be better than the reference at the same level. */
  readonly superior: boolean
  readonly pParity: number
  readonly pInferior: number
  readonly pSuperior: number
  /** The e-process for parity after each cluster, and the one for inferiority. */
  readonly parity: Float64Array
  readonly inferior: Float64Array
}

/** What {@link anytime} judges: paired differences in the order in which their clusters were drawn, complete clusters only. */
export interface AnytimeInput {
  readonly difference: Float64Array
  readonly cluster: ReadonlyArray<string | number>
  readonly margin: number
  readonly alpha: number
  /** The level for parity where several candidates share alpha; alpha if left out. */
  readonly level?: number
}

/**
 * Judges a candidate so that one may look after every cluster and stop at will: {@link eProcess} on cluster means, every cluster counting
 * once. Fewer than 5 clusters never decide, and neither does a record that once spoke for parity and once against it. Throws a RangeError
 * on differences outside [-1, 1] or senseless levels.
 */
export const anytime = ({ alpha, cluster, difference, level = alpha, margin }: AnytimeInput): Anytime => {
  if (!(alpha > 0 && alpha < 0.5 && level > 0 && level < 0.5)) throw new RangeError(`alpha ${alpha}, level ${level}`)
  if (!(margin >= 0 && margin < 1)) throw new RangeError(`the margin is ${margin}`)
  if (cluster.length !== difference.length) {
    throw new RangeError(`${difference.length} differences, but ${cluster.length} clusters`)
  }
  for (const one of difference) {
    if (!(one >= -1 - 1e-9 && one <= 1 + 1e-9)) throw new RangeError(`a difference of ${one} lies outside [-1, 1]`)
  }
  const groups = groupsOf(cluster)
  const sizes = sizesOf(groups)
  const means = sumsBy(difference, groups).map((sum, g) => sum / sizes[g]!)
  const against = (at: number, side: Side) =>
    eProcess(
      means.map((mean) => mean + at),
      { margin: at, side }
    )
  const parity = against(margin, "lower")
  const inferior = against(margin, "upper")
  const [pParity, pInferior] = [anytimeP(parity), anytimeP(inferior)]
  const pSuperior = anytimeP(against(0, "lower"))
  const [within, beyond] = [pParity <= level, pInferior <= alpha]
  const decided = groups.count >= minClusters && within !== beyond
  const verdict = !decided ? "inconclusive" : within ? "parity" : "inferior"
  return {
    verdict,
    superior: verdict === "parity" && pSuperior <= level,
    pParity,
    pInferior,
    pSuperior,
    parity,
    inferior
  }
}

/**
 * The approximate Kelly bettor for one-sided tests of "the mean is at most `at`" on independent values in [0, 1] (aGRAPA: Waudby-Smith and
 * Ramdas 2024): each bet from the values before it, at most `truncation` of the stake. For comparison; a verdict takes {@link eProcess}.
 */
export const agrapa = (values: Float64Array, at: number, truncation = 0.75): Float64Array => {
  if (!(at > 0 && at < 1 && truncation > 0 && truncation < 1))
    throw new RangeError(`at ${at}, truncation ${truncation}`)
  const path = new Float64Array(values.length)
  let sum = 0
  let squares = 0
  let wealth = 1
  for (let t = 0; t < values.length; t++) {
    const value = values[t]!
    if (!(value >= 0 && value <= 1)) throw new RangeError(`a value of ${value} lies outside [0, 1]`)
    const gain = (0.5 + sum) / (t + 1) - at
    const variance = (0.25 + squares) / (t + 1)
    const bet = Math.min(truncation / at, Math.max(0, gain / (variance + gain * gain)))
    wealth *= 1 + bet * (value - at)
    path[t] = wealth
    sum += value
    squares += (value - (0.5 + sum) / (t + 2)) ** 2
  }
  return path
}

/**
 * Which of many hypotheses to reject so that at most a share `alpha` of the rejections is expected to be false, whatever the dependence
 * of the e-values (e-BH: Wang and Ramdas 2022). Throws a RangeError on an e-value that is negative or not a number.
 */
export const eBenjaminiHochberg = (evalues: ReadonlyArray<number>, alpha: number): ReadonlyArray<boolean> => {
  if (!(alpha > 0 && alpha < 1)) throw new RangeError(`alpha is ${alpha}`)
  for (const e of evalues) if (!(e >= 0)) throw new RangeError(`an e-value of ${e}`)
  const count = evalues.length
  const sorted = [...evalues].sort((a, b) => b - a)
  const last = sorted.findLastIndex((e, k) => e >= count / (alpha * (k + 1)))
  const threshold = last === -1 ? Infinity : count / (alpha * (last + 1))
  return evalues.map((e) => last !== -1 && e >= threshold)
}
