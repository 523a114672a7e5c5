import type { Decision, Untried } from "../domain/Decision.ts"
import type { Setup } from "../domain/Setup.ts"
import type { Climbed } from "./climb.ts"

const dearer = (cost: bigint | null, incumbent: bigint | null) =>
  cost !== null && incumbent !== null && cost >= incumbent

/**
 * What a climb ends in. `parity`: a setup that costs less than the incumbent is named. `none`: every setup tried was inferior (or is no
 * saving, by its price already), and none was left out for want of money or of a price. `inconclusive`: at least one is undecided.
 */
export const decide = (
  { cut, named, reason, standings }: Climbed,
  slices: ReadonlyArray<string>,
  unpriced: ReadonlyArray<Setup>
): Decision => {
  const winner = standings.find((standing) => standing.setup.id === named?.id)
  const policy = (setup: Setup | null) => slices.map((slice) => ({ slice, setup }))
  if (winner !== undefined && winner.cost !== null && !dearer(winner.cost, winner.incumbentCost)) {
    return {
      verdict: "parity",
      setup: winner.setup,
      policy: policy(winner.setup),
      costRatio: winner.costRatio,
      reason: `${winner.setup.label}: ${winner.reason}; ${reason}`
    }
  }
  const undecided = standings.filter((standing) => standing.verdict === "inconclusive")
  const open = [
    ...undecided.map(({ reason: why, setup }) => `${setup.label} (${why})`),
    ...unpriced.map(({ label }) => `${label} (no price is known)`),
    ...(cut ? [reason] : [])
  ]
  const verdict = open.length > 0 ? "inconclusive" : "none"
  return {
    verdict,
    setup: null,
    policy: policy(null),
    costRatio: null,
    reason:
      verdict === "none"
        ? "no setup that costs less than the incumbent is at parity; stay with the incumbent"
        : `undecided: ${open.join("; ")}`
  }
}

/** The setups that were never tried, each with its reason. */
export const untriedOf = (
  setups: ReadonlyArray<Setup>,
  left: ReadonlyArray<Untried>,
  { cut, standings }: Climbed
): ReadonlyArray<Untried> => {
  const dropped = new Map(left.map((one) => [one.setup.id, one]))
  const tried = new Set(standings.map(({ setup }) => setup.id))
  return setups.flatMap((setup) =>
    tried.has(setup.id)
      ? []
      : [
          dropped.get(setup.id) ?? {
            setup,
            reason: cut ? "the budget was spent before its turn" : "not expected to cost less than the winner"
          }
        ]
  )
}
