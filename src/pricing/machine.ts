import * as BigDecimal from "effect/BigDecimal"

import type { Usage } from "../domain/Call.ts"
import type { NanoUsd } from "../domain/Money.ts"
import { isMachineRate, type MachineRate, type Rate } from "../domain/Price.ts"
import { costOf } from "./cost.ts"

/** An integer divided by a positive one, a tie going to the even neighbour: exact, where a decimal quotient has no end. */
const quotient = (dividend: bigint, divisor: bigint): bigint => {
  const floor = dividend / divisor
  const twice = (dividend - floor * divisor) * 2n
  return twice > divisor || (twice === divisor && floor % 2n !== 0n) ? floor + 1n : floor
}

const nanosecondsAnHour = 3_600_000_000_000n

/**
 * Nano-dollars of a share of a machine's time in milliseconds (counted to the nanosecond), rounded half-even once:
 * dollars an hour × hours / utilisation. `null`: the share is not known.
 */
export const costOfMachineTime = (shareMs: number | undefined, rate: MachineRate): NanoUsd | null => {
  const nanoseconds = shareMs === undefined ? Number.NaN : Math.round(shareMs * 1e6)
  if (!Number.isSafeInteger(nanoseconds) || nanoseconds < 0) return null
  const hourly = BigDecimal.fromStringUnsafe(rate.usdPerHour)
  const used = BigDecimal.fromStringUnsafe(rate.utilisation)
  // hourly.value / 10^hourly.scale × 10^9 × nanoseconds / hour / (used.value / 10^used.scale)
  const up = hourly.value * 1_000_000_000n * BigInt(nanoseconds) * 10n ** BigInt(Math.max(0, used.scale - hourly.scale))
  const down = nanosecondsAnHour * used.value * 10n ** BigInt(Math.max(0, hourly.scale - used.scale))
  return quotient(up, down)
}

/** What is priced of an answer: its tokens, and its share of the time of the machine that it came from. */
export interface Priced {
  readonly usage: Usage
  readonly timing: { readonly shareMs?: number }
}

/** Nano-dollars of an answer at a rate of either kind; `null`: unpriced, since what the rate asks for is not known of it. */
export const costOfAnswer = ({ timing, usage }: Priced, rate: Rate): NanoUsd | null =>
  isMachineRate(rate) ? costOfMachineTime(timing.shareMs, rate) : (costOf(usage, rate)?.total ?? null)

/** A try is settled as the difference of two rounded sums: nano-dollars that it can be above its exact cost. */
const roundings = 2n

/** Nano-dollars that one try can cost at most on a machine: all of its time until the limit, in milliseconds. */
export const worstOfMachineTime = (limitMs: number, rate: MachineRate): NanoUsd => {
  const worst = costOfMachineTime(limitMs, rate) ?? 0n
  return worst === 0n && /^0(\.0*)?$/.test(rate.usdPerHour) ? 0n : worst + roundings
}
