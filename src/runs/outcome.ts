import type { Decision, Untried } from "../domain/Decision.ts"
import type { PathStep } from "../domain/RunResult.ts"
import type { Standing } from "../domain/Standing.ts"

/** What a search or a plain replay comes back with. */
export interface Outcome {
  readonly standings: ReadonlyArray<Standing>
  readonly untried: ReadonlyArray<Untried>
  readonly decision?: Decision
  /** How a search was walked; left out: nothing was searched. */
  readonly path?: ReadonlyArray<PathStep>
  /** Level at which parity was claimed, and the strategy, where there was one. */
  readonly level: number
  readonly strategy: string | null
  readonly setupsPriced: number
}
