import type { Decision, Untried } from "../domain/Decision.ts"
import type { Setup } from "../domain/Setup.ts"
import type { Interval, Standing } from "../domain/Standing.ts"
import { pairedRatio } from "../parity/ratio.ts"
import type { Climbed } from "./climb.ts"

/** The cost of a policy over the incumbent's: the setup's where it serves the slice, the incumbent's own elsewhere. */
const policyRatio = ({ columns }: Standing, stays: ReadonlySet<string>): Interval => {
  const priced = columns.caseId.flatMap((_, at) =>
    Number.isNaN(columns.cost[at]!) || Number.isNaN(columns.incumbentCost[at]!) ? [] : [at]
  )
  const served = (at: number) => (stays.has(columns.slice[at]!) ? columns.incumbentCost[at]! : columns.cost[at]!)
  const { estimate, lower, upper } = pairedRatio(
    {
      numerator: Float64Array.from(priced, (at) => served(at) * columns.weight[at]!),
      denominator: Float64Array.from(priced, (at) => columns.incumbentCost[at]! * columns.weight[at]!)
    },
    priced.map((at) => columns.cluster[at]!)
  )
  return { estimate, lower, upper }
}

/** A winner as a decision: it serves every slice but those that stay with the incumbent. */
const won = (winner: Standing, slices: ReadonlyArray<string>, reason: string): Decision => {
  const stays = new Set(winner.stays.map(({ slice }) => slice))
  const kept = winner.stays.map(({ reason: why, slice }) => `; slice ${slice} stays with the incumbent: ${why}`)
  return {
    verdict: "parity",
    setup: stays.size === 0 ? winner.setup : null,
    policy: slices.map((slice) => ({ slice, setup: stays.has(slice) ? null : winner.setup })),
    costRatio: stays.size === 0 ? winner.costRatio : policyRatio(winner, stays),
    reason: `${winner.setup.label}: ${winner.reason}; ${reason}${kept.join("")}`
  }
}

/**
 * What a climb ends in. `parity`: a setup that costs less than the incumbent is named. `none`: every setup tried was inferior (or is no
 * saving, by its price already), and none was left out for want of money or of a price. `inconclusive`: at least one is undecided, or is
 * at parity at a cost that is not known.
 */
export const decide = (
  { cut, named, reason, standings }: Climbed,
  slices: ReadonlyArray<string>,
  unpriced: ReadonlyArray<Setup>
): Decision => {
  const winner = standings.find((standing) => standing.setup.id === named?.id)
  const serves = winner !== undefined && winner.stays.length < slices.length
  if (serves && winner.costRatio !== null && winner.costRatio.estimate < 1) return won(winner, slices, reason)
  const undecided = standings.filter((standing) => standing.verdict === "inconclusive")
  const uncosted = standings.filter(({ costRatio, verdict }) => verdict === "parity" && costRatio === null)
  const open = [
    ...uncosted.map(({ setup }) => `${setup.label} (at parity, but what it costs against the incumbent is not known)`),
    ...undecided.map(({ reason: why, setup }) => `${setup.label} (${why})`),
    ...unpriced.map(({ label }) => `${label} (what it would save is not known)`),
    ...(cut ? [reason] : [])
  ]
  const verdict = open.length > 0 ? "inconclusive" : "none"
  return {
    verdict,
    setup: null,
    policy: slices.map((slice) => ({ slice, setup: null })),
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
