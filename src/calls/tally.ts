import type { NanoUsd } from "../domain/Money.ts"
import type { Series } from "../domain/Output.ts"
import type { Spend } from "./Calls.ts"

/** Counts what a run pays. */
export interface Tally {
  /** An answer was paid for; `null`: unpriced. */
  paid(series: Series, cost: NanoUsd | null): void
  /** A try without an answer took machine time that costs this much. */
  took(series: Series, cost: NanoUsd): void
  /** A try at a machine that is paid by the hour ended without an answer; what it cost is among what {@link Tally.took} was told. */
  unanswered(cost: NanoUsd): void
  /** An answer was there already, or somebody else is paying for it. */
  cached(): void
  /** A try without an answer may have been billed. */
  lost(): void
  /** The totals so far. */
  readonly spend: Spend
}

/** Nothing paid yet. Sums are integers of nano-dollars, so they are exact. */
export const makeTally = (): Tally => {
  const usd: Record<Series, NanoUsd> = { candidate: 0n, floor: 0n, judge: 0n }
  let [calls, cached, unpriced, lost] = [0, 0, 0, 0]
  let unanswered = { tries: 0, usd: 0n }
  return {
    paid: (series, cost) => {
      calls++
      if (cost === null) unpriced++
      else usd[series] += cost
    },
    took: (series, cost) => {
      usd[series] += cost
    },
    unanswered: (cost) => {
      unanswered = { tries: unanswered.tries + 1, usd: unanswered.usd + cost }
    },
    cached: () => {
      cached++
    },
    lost: () => {
      lost++
    },
    get spend() {
      return {
        usd: usd.candidate + usd.floor + usd.judge,
        judgeUsd: usd.judge,
        floorUsd: usd.floor,
        calls,
        cached,
        unpriced,
        lost,
        ...(unanswered.tries === 0 ? {} : { unanswered })
      }
    }
  }
}
