import { logSpaced } from "./eProcess.ts"
import type { Range } from "./wabb.ts"

/** The shares of the stake that the nightly watch bets, each on its own. */
const nightlyBets = logSpaced(0.02, 0.8, 8)

/** The watch calls out where its mean statistic reaches this: at most one false alarm in so many nights on average. */
export const alarmAt = 365

const differences: Range = { lo: -1, hi: 1 }

/** What a night's evidence is measured by. */
export interface NightBet {
  /** The share of the stake, in (0, 1). */
  readonly bet: number
  /** How far the mean may fall without being drift, in score points. */
  readonly tolerance: number
  /** Most items that a cluster can have, fixed in advance. */
  readonly cap?: number
  /** The least and greatest difference of an item; [-1, 1] if left out. */
  readonly range?: Range
}

/**
 * One night's e-value against "the mean has not fallen by more than the tolerance": the product over clusters of 1 - bet x sum / greatest
 * sum (Shin, Ramdas and Rinaldo 2024). `sums`: by cluster, the sum over its items of tonight - baseline + tolerance. 1 for a night without
 * items. Throws a RangeError on a sum that no cluster can have and on a senseless bet or tolerance.
 */
export const nightEValue = (sums: Float64Array, { bet, cap = 1, range = differences, tolerance }: NightBet): number => {
  if (!(bet > 0 && bet < 1)) throw new RangeError(`the bet is ${bet}`)
  if (!(tolerance >= 0 && tolerance < range.hi - range.lo)) throw new RangeError(`the tolerance is ${tolerance}`)
  if (!(cap > 0 && cap < Infinity)) throw new RangeError(`the cap is ${cap}`)
  const [least, most] = [cap * (range.lo + tolerance), cap * (range.hi + tolerance)]
  if (!(most > 0)) throw new RangeError(`no bet on differences in [${range.lo}, ${range.hi}]`)
  let log = 0
  for (const sum of sums) {
    if (!(sum >= least - 1e-9 * cap && sum <= most + 1e-9 * cap)) {
      throw new RangeError(`a cluster's sum of ${sum} lies outside [${least}, ${most}]`)
    }
    log += Math.log1p((-bet * sum) / most)
  }
  return Math.exp(log)
}

/** `sr`: Shiryaev-Roberts, every night a possible start of the drift; `cusum`: the likeliest night only. */
export type Detector = "sr" | "cusum"

const step = (before: number, evalue: number, kind: Detector) =>
  (kind === "sr" ? before + 1 : Math.max(before, 1)) * evalue

/**
 * The e-detector's statistic after each night (Shin, Ramdas and Rinaldo 2024; Page 1954 for the cusum). An alarm where it reaches A comes
 * falsely no more often than once in A nights on average, whatever the scores' distribution. Throws a RangeError on a negative e-value or NaN.
 */
export const eDetector = (evalues: ArrayLike<number>, kind: Detector): Float64Array => {
  const path = new Float64Array(evalues.length)
  let statistic = 0
  for (let night = 0; night < path.length; night++) {
    const evalue = evalues[night]!
    if (!(evalue >= 0)) throw new RangeError(`an e-value of ${evalue}`)
    statistic = step(statistic, evalue, kind)
    path[night] = statistic
  }
  return path
}

/** What the watch keeps from night to night: the Shiryaev-Roberts statistic of each bet. */
export type Watch = ReadonlyArray<number>

/** A watch that has seen no night; also what it goes back to after an alarm. */
export const freshWatch: Watch = nightlyBets.map(() => 0)

/**
 * Takes a night into a watch: `level` is the mean statistic, and an alarm starts the watch anew. A night without items changes nothing.
 * `sums` as in {@link nightEValue}; the panel must be drawn anew each night, as one panel's luck would be counted every night. An alarm
 * is a reason for a full run, not yet a finding. Throws a RangeError on a watch of another length, and as {@link nightEValue} does.
 */
export const watchNight = (
  watch: Watch,
  sums: Float64Array,
  night: Omit<NightBet, "bet">
): { readonly watch: Watch; readonly level: number; readonly alarm: boolean } => {
  if (watch.length !== nightlyBets.length || !watch.every((one) => one >= 0)) {
    throw new RangeError(
      `a watch of ${watch.length} bets [${watch.join(", ")}]: ${nightlyBets.length} numbers, none negative`
    )
  }
  const next =
    sums.length === 0 ? watch : nightlyBets.map((bet, k) => step(watch[k]!, nightEValue(sums, { ...night, bet }), "sr"))
  const level = next.reduce((sum, one) => sum + one / next.length, 0)
  const alarm = level >= alarmAt
  return { watch: alarm ? freshWatch : next, level, alarm }
}
