import type { Standing } from "../domain/Standing.ts"
import type { Evaluate, Look, Move, Stop } from "./contract.ts"

/** A search written down in its order: it yields what to evaluate, is handed the standing, and returns how it ends. */
export type Search = Generator<Evaluate, Stop, Standing>

/**
 * The pure function of what was seen that a strategy is, from a search written down in its order: the search is walked again from its start with the
 * standings seen so far, and the answer is what it asks for next. The search must be deterministic.
 */
export const stepwise =
  (search: () => Search) =>
  (seen: ReadonlyArray<Look>): Move => {
    const walk = search()
    let step = walk.next()
    for (const { standing } of seen) {
      if (step.done === true) break
      step = walk.next(standing)
    }
    return step.value
  }
