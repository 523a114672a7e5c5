import type { Setup } from "./Setup.ts"
import type { Interval } from "./Standing.ts"

/** Which setup serves a slice; `null`: stays with the incumbent. */
export interface PolicyLine {
  readonly slice: string
  readonly setup: Setup | null
}

/** What a climb ends in. `none`: every setup tried was inferior or lost for futility. `inconclusive`: at least one ran out of cases or money undecided. */
export interface Decision {
  readonly verdict: "parity" | "none" | "inconclusive"
  /** Set only when one setup serves all slices. */
  readonly setup: Setup | null
  readonly policy: ReadonlyArray<PolicyLine>
  /** The policy's cost over the incumbent's on the same cases; `null` where nothing is named or unpriced. */
  readonly costRatio: Interval | null
  /** Share of the incumbent's spend on the cases that the policy's priced answers cover; the rest saves nothing. */
  readonly covered: number
  readonly reason: string
}

/** A setup that was never tried, and why. */
export interface Untried {
  readonly setup: Setup
  readonly reason: string
}
