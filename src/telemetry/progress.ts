import { type NanoUsd, usd } from "../domain/Money.ts"
import type { Works } from "./works.ts"

/** Tells people without a terminal how a run goes on: counts, rate, spend and an estimate of the time left, a line at most every `everyMs`. */
export const progressLines = (how: {
  readonly works: Works
  readonly write: (line: string) => void
  readonly now: () => number
  readonly everyMs: number
  readonly spent: () => NanoUsd
  /** The money is not real: the bundled fleet's. */
  readonly simulated: boolean
}) => {
  let last = how.now()
  return {
    /** One case of `what` was counted just now. */
    ticked(what: string) {
      const work = how.works.of(what)
      if (work === undefined) return
      const { done, failed, leftMs, perSecond, total } = work
      if (done !== total && how.now() - last < how.everyMs) return
      last = how.now()
      const parts = [
        `${what}: ${done}/${total} cases`,
        ...(failed === 0 ? [] : [`${failed} without an answer`]),
        `${perSecond.toFixed(0)}/s`,
        `$${usd(how.spent()).slice(0, -5)} ${how.simulated ? "of simulated money" : "spent"}`,
        ...(leftMs === null ? [] : [`about ${Math.ceil(leftMs / 1000)} s left`])
      ]
      how.write(parts.join(", "))
    }
  }
}
