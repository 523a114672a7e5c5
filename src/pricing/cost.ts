import * as BigDecimal from "effect/BigDecimal"

import type { Usage } from "../domain/Call.ts"
import { costOfTokens, type NanoUsd } from "../domain/Money.ts"
import type { Price } from "../domain/Price.ts"

/** What a call cost, by token kind, in integer nano-dollars; `total` is the sum of the others. */
export interface CostParts {
  readonly uncached: NanoUsd
  readonly cacheRead: NanoUsd
  readonly cacheWrite5m: NanoUsd
  readonly cacheWrite1h: NanoUsd
  readonly cacheWriteOther: NanoUsd
  /** All output tokens but the reasoning that is billed apart. */
  readonly output: NanoUsd
  /** Reasoning billed apart; zero where it is billed as output. */
  readonly reasoning: NanoUsd
  readonly total: NanoUsd
}

/** A price row read once: exact dollars per million tokens, every fallback taken. */
interface Rates {
  readonly input: BigDecimal.BigDecimal
  readonly cacheRead: BigDecimal.BigDecimal
  readonly cacheWrite5m: BigDecimal.BigDecimal
  readonly cacheWrite1h: BigDecimal.BigDecimal
  readonly output: BigDecimal.BigDecimal
  /** `undefined`: as output. */
  readonly reasoning: BigDecimal.BigDecimal | undefined
  /** The most that a token of input, and of output, can cost. */
  readonly dearestInput: BigDecimal.BigDecimal
  readonly dearestOutput: BigDecimal.BigDecimal
}

const parsed = new WeakMap<Price, Rates>()

/** The rates of a price row: cache reads at the input price, cache writes at the five-minute price, else at the input price. */
export const ratesOf = (price: Price): Rates => {
  const known = parsed.get(price)
  if (known !== undefined) return known
  const rate = (text: string | undefined, otherwise: BigDecimal.BigDecimal) =>
    text === undefined ? otherwise : BigDecimal.fromStringUnsafe(text)
  const input = BigDecimal.fromStringUnsafe(price.input)
  const output = BigDecimal.fromStringUnsafe(price.output)
  const cacheWrite5m = rate(price.cacheWrite5m, input)
  const reasoning = rate(price.reasoning, output)
  const cacheRead = rate(price.cacheRead, input)
  const cacheWrite1h = rate(price.cacheWrite1h, cacheWrite5m)
  const rates = {
    input,
    cacheRead,
    cacheWrite5m,
    cacheWrite1h,
    output,
    reasoning: BigDecimal.equals(reasoning, output) ? undefined : reasoning,
    dearestInput: [cacheRead, cacheWrite5m, cacheWrite1h].reduce((a, b) => BigDecimal.max(a, b), input),
    dearestOutput: BigDecimal.max(output, reasoning)
  }
  parsed.set(price, rates)
  return rates
}

const isCount = (tokens: number) => Number.isSafeInteger(tokens) && tokens >= 0

/**
 * The cost of a call at a price: each token kind rounded half-even to a nano-dollar once, `total` the sum of the rounded parts.
 * Cached tokens are billed at `cacheRead` (lacking that, at the input price); cache writes by their lifetime (lacking a price, at the
 * five-minute price, else at the input price); reasoning at its own price where the row has one, else inside the output.
 * `null`: unpriced. That is so when input or output is not known, when the usage contradicts itself or counts no input at all (no call
 * has none), when a count is negative, and when reasoning has a price of its own
 * and the usage does not say how much of the output it was.
 */
export const costOf = (usage: Usage, price: Price): CostParts | null => {
  const { input, output } = usage
  if (usage.basis === "unreliable" || input === null || output === null || input.total === 0) return null
  const rates = ratesOf(price)
  const apart = rates.reasoning === undefined || output.total === 0 ? 0 : output.reasoning
  if (apart === null) return null
  const { cacheRead, cacheWrite1h, cacheWrite5m, cacheWriteOther, uncached } = input
  const counts = [uncached, cacheRead, cacheWrite5m, cacheWrite1h, cacheWriteOther, apart, output.total - apart]
  if (!counts.every(isCount)) return null
  const parts = {
    uncached: at(uncached, rates.input),
    cacheRead: at(cacheRead, rates.cacheRead),
    cacheWrite5m: at(cacheWrite5m, rates.cacheWrite5m),
    cacheWrite1h: at(cacheWrite1h, rates.cacheWrite1h),
    cacheWriteOther: at(cacheWriteOther, rates.cacheWrite5m),
    output: at(output.total - apart, rates.output),
    reasoning: rates.reasoning === undefined ? 0n : at(apart, rates.reasoning)
  }
  return { ...parts, total: Object.values(parts).reduce((sum, part) => sum + part, 0n) }
}

const at = (tokens: number, rate: BigDecimal.BigDecimal): NanoUsd => (tokens === 0 ? 0n : costOfTokens(tokens, rate))
