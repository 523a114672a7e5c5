import * as BigDecimal from "effect/BigDecimal"

/** More digits than any price has; keeps a hostile `1e999999` from filling the memory. */
const widest = 60

/** A number or text as exact plain decimal text: `1e-7` gives `"0.0000001"`, `2.50` gives `"2.5"`. `undefined`: it is no decimal. */
export const decimalText = (amount: number | string): string | undefined => {
  const text = String(amount).trim()
  if (text === "") return undefined
  const parsed = BigDecimal.fromString(text)
  if (parsed._tag === "None") return undefined
  const { scale, value } = BigDecimal.normalize(parsed.value)
  if (Math.abs(scale) > widest) return undefined
  const sign = value < 0n ? "-" : ""
  const digits = (value < 0n ? -value : value).toString()
  if (scale <= 0) return `${sign}${digits}${"0".repeat(-scale)}`
  const padded = digits.padStart(scale + 1, "0")
  return `${sign}${padded.slice(0, -scale)}.${padded.slice(-scale)}`
}
