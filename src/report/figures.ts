import { nanoOf } from "../domain/Money.ts"
import type { Interval } from "../domain/Standing.ts"

/** Numbers as people read them. What is not known comes out as words or a dash, never as zero. */

const nano = 1_000_000_000n
const minus = "−"

const grouped = (value: bigint) => value.toString().replace(/\B(?=(\d{3})+(?!\d))/g, ",")

/** `amount` nano-dollars rounded half-up to `places` decimals, as digits. */
const rounded = (amount: bigint, places: number) => {
  const unit = 10n ** BigInt(9 - places)
  const units = (amount + unit / 2n) / unit
  const scale = 10n ** BigInt(places)
  const fraction = places === 0 ? "" : `.${(units % scale).toString().padStart(places, "0")}`
  return `${grouped(units / scale)}${fraction}`
}

/**
 * Dollars from an exact decimal text: whole dollars from 1,000 up, cents from 1 up, three significant digits below, none beyond a nano-dollar.
 * `null`: "unpriced". A text that is no number comes back as it is.
 */
export const money = (text: string | null): string => {
  if (text === null) return "unpriced"
  const exact = nanoOf(text)
  if (exact === undefined) return text
  const amount = exact < 0n ? -exact : exact
  const sign = exact < 0n ? minus : ""
  if (amount === 0n) return "$0"
  if (amount >= 1_000n * nano) return `${sign}$${rounded(amount, 0)}`
  if (amount >= nano) return `${sign}$${rounded(amount, 2)}`
  const leadingZeros = 9 - amount.toString().length
  return `${sign}$${rounded(amount, Math.min(9, leadingZeros + 3))}`
}

/** A difference in [-1,1] as signed points of 100: `−1.2`, `+0.4`, `0.0`; a dash where there is none. */
export const points = (difference: number, places = 1): string => {
  if (!Number.isFinite(difference)) return "–"
  const text = Math.abs(100 * difference).toFixed(places)
  return Number(text) === 0 ? text : `${difference < 0 ? minus : "+"}${text}`
}

/** A size in [0,1] as points of 100 without needless zeros: 0.05 is `5`, 0.025 is `2.5`. */
export const pointsOf = (size: number): string =>
  Number.isFinite(size) ? String(Number((100 * size).toFixed(2))) : "–"

/** An estimate with its interval, in points: `−1.2 (−3.0 to +0.6)`. */
export const pointsInterval = ({ estimate, lower, upper }: Interval): string =>
  Number.isFinite(estimate) ? `${points(estimate)} (${points(lower)} to ${points(upper)})` : "–"

/** A share in [0,1] as per cent, one decimal below ten: `4.2 %`, `95 %`. */
export const percent = (share: number): string => {
  if (!Number.isFinite(share)) return "–"
  const value = 100 * share
  return `${Number(value.toFixed(Math.abs(value) < 1 ? 2 : Math.abs(value) < 10 ? 1 : 0))} %`
}

/** A level near one, such as 0.99167, with the digits that tell it from one: `99.17 %`. */
export const levelOf = (level: number): string => `${Number((100 * level).toFixed(2))} %`

/** A cost ratio: `12 %` up to the whole, `1.4 times` above it. */
export const ratio = (value: number): string =>
  !Number.isFinite(value) ? "–" : value <= 1 ? percent(value) : `${Number(value.toPrecision(3))} times`

/** A cost ratio with its interval: `12 % (11 to 13)`, `1.4 times (1.3 to 1.5)`. */
export const ratioInterval = ({ estimate, lower, upper }: Interval): string => {
  if (!Number.isFinite(estimate)) return "–"
  const bare = (value: number) =>
    estimate <= 1
      ? percent(value).replace(" %", "")
      : Number.isFinite(value)
        ? String(Number(value.toPrecision(3)))
        : "–"
  return `${ratio(estimate)} (${bare(lower)} to ${bare(upper)})`
}

/** Milliseconds: `850 ms`, `1.9 s`. */
export const duration = (ms: number): string =>
  !Number.isFinite(ms) ? "–" : ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`

/** A whole number with its thousands marked. */
export const count = (value: number): string => (Number.isFinite(value) ? grouped(BigInt(Math.round(value))) : "–")

/** `1 case`, `2 cases`. */
export const counted = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`
