import * as BigDecimal from "effect/BigDecimal"

/** Money is an integer count of nano-dollars. `null` stands for unpriced, which is not zero. */
export type NanoUsd = bigint

/** Nano-dollars of `tokens` at `usdPerMillion` (an exact decimal), rounded half-even once. */
export const costOfTokens = (tokens: number, usdPerMillion: BigDecimal.BigDecimal): NanoUsd =>
  roundHalfEven(BigDecimal.make(BigInt(tokens) * usdPerMillion.value * 1_000n, usdPerMillion.scale))

/** The nearest integer, a tie going to the even one. */
export const roundHalfEven = ({ scale, value: digits }: BigDecimal.BigDecimal): bigint => {
  if (scale <= 0) return digits * 10n ** BigInt(-scale)
  const unit = 10n ** BigInt(scale)
  const floor = digits / unit - (digits % unit < 0n ? 1n : 0n)
  const twice = (digits - floor * unit) * 2n
  return twice > unit || (twice === unit && floor % 2n !== 0n) ? floor + 1n : floor
}

/** Dollars as an exact decimal text with nine places: `"1.234567890"`; `null` stays `null`. */
export function usd(nano: NanoUsd): string
export function usd(nano: NanoUsd | null): string | null
export function usd(nano: NanoUsd | null): string | null {
  if (nano === null) return null
  const digits = (nano < 0n ? -nano : nano).toString().padStart(10, "0")
  return `${nano < 0n ? "-" : ""}${digits.slice(0, -9)}.${digits.slice(-9)}`
}

/** Nano-dollars of a decimal text or number of dollars, rounded half-even. Fails (`undefined`) when it is no number. */
export const nanoOf = (dollars: string | number): NanoUsd | undefined => {
  const text = String(dollars).trim()
  const parsed = BigDecimal.fromString(text)
  return text === "" || parsed._tag === "None"
    ? undefined
    : roundHalfEven(BigDecimal.multiply(parsed.value, BigDecimal.fromBigInt(1_000_000_000n)))
}

/** The sum; `null` as soon as one part is unpriced. */
export const sumOf = (parts: Iterable<NanoUsd | null>): NanoUsd | null => {
  let total = 0n
  for (const part of parts) {
    if (part === null) return null
    total += part
  }
  return total
}

/** An equal share of a total, rounded half-even to a nano-dollar. */
export const share = (total: NanoUsd, parts: number): NanoUsd =>
  roundHalfEven(BigDecimal.divideUnsafe(BigDecimal.fromBigInt(total), BigDecimal.fromBigInt(BigInt(parts))))
