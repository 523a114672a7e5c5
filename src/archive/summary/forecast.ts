import * as BigDecimal from "effect/BigDecimal"

import { type NanoUsd, roundHalfEven, usd } from "../../domain/Money.ts"

/** What a year costs at today's rate. */
export interface Forecast {
  /** Dollars, an exact decimal text; `null`: it cannot be said, and `reason` tells why. */
  readonly usdPerYear: string | null
  readonly reason: string | null
  /** What the rate is taken from; `null` where there is none. */
  readonly basis: {
    readonly from: string
    readonly to: string
    readonly days: number
    readonly usd: string
    /** Calls in that time whose cost is known, and those whose cost is not: the forecast leaves them out. */
    readonly calls: number
    readonly callsWithout: number
  } | null
}

const dayMs = 86_400_000
/** Days at the end of an archive that say what today's rate is. */
export const recentDays = 30
const leastDays = 2
const yearDays = 365

/** From when on calls count for today's rate: the last 30 days of the archive's period, all of it where it is shorter. `null`: it has no period. */
export const recentSince = (from: string | null, to: string | null): string | null => {
  const [start, end] = [Date.parse(from ?? ""), Date.parse(to ?? "")]
  if (Number.isNaN(start) || Number.isNaN(end)) return null
  return new Date(Math.max(start, end - recentDays * dayMs)).toISOString()
}

/**
 * A year at today's rate: the spend of the last 30 days of the archive's period (of all of it where it is shorter), days without calls
 * included, divided by its length in days and multiplied by 365; rounded half-even to a nano-dollar. Nothing is said of less than two days.
 */
export const forecastOf = (
  period: { readonly from: string | null; readonly to: string | null },
  recent: { readonly nano: NanoUsd | null; readonly calls: number; readonly callsWithout: number },
  words: { readonly unknown: string }
): Forecast => {
  const nothing = (reason: string): Forecast => ({ usdPerYear: null, reason, basis: null })
  const from = recentSince(period.from, period.to)
  if (from === null || period.to === null) return nothing("no call carries a time")
  const ms = Date.parse(period.to) - Date.parse(from)
  if (ms < leastDays * dayMs) return nothing(`the archive spans less than ${leastDays} days`)
  if (recent.nano === null || recent.calls === 0) return nothing(words.unknown)
  const year = BigDecimal.divideUnsafe(
    BigDecimal.fromBigInt(recent.nano * BigInt(yearDays * dayMs)),
    BigDecimal.fromBigInt(BigInt(ms))
  )
  return {
    usdPerYear: usd(roundHalfEven(year)),
    reason: null,
    basis: {
      from,
      to: period.to,
      days: Number((ms / dayMs).toFixed(3)),
      usd: usd(recent.nano),
      calls: recent.calls,
      callsWithout: recent.callsWithout
    }
  }
}
