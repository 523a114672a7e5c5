import { type NanoUsd, share, sumOf } from "../domain/Money.ts"
import type { Standing } from "../domain/Standing.ts"
import { pairedRatio } from "../parity/ratio.ts"
import type { Judging } from "./gate.ts"
import { missingAllowed } from "./gates.ts"
import { Ended, type Tried, unansweredOf } from "./tried.ts"

/** Weights that give each slice the share it has in all cases of the run, where only some of them are looked at. */
const likeTheArchive = (places: ReadonlyArray<number>, { rows, shares }: Judging): ((at: number) => number) => {
  if (places.length === rows.length) return (at) => rows[at]!.weight
  const seen = new Map<string, number>()
  let all = 0
  for (const at of places) {
    const { slice, weight } = rows[at]!
    seen.set(slice, (seen.get(slice) ?? 0) + weight)
    all += weight
  }
  const factor = new Map([...seen].map(([slice, weight]) => [slice, ((shares.get(slice) ?? 0) * all) / weight]))
  return (at) => rows[at]!.weight * factor.get(rows[at]!.slice)!
}

/**
 * By slice, what all cases of the run cost with the incumbent over what some of them did: a ratio of costs is then that of the whole run's spend, of which
 * the incumbent's side is known. `undefined`: it is not known of all.
 */
const spendFactors = (
  places: ReadonlyArray<number>,
  { incumbentCost, rows }: Judging
): ReadonlyMap<string, number> | undefined => {
  if (incumbentCost.some((cost) => cost === null)) return undefined
  const spend = (some: Iterable<number>) => {
    const by = new Map<string, number>()
    for (const at of some) {
      const { slice, weight } = rows[at]!
      by.set(slice, (by.get(slice) ?? 0) + Number(incumbentCost[at]!) * weight)
    }
    return by
  }
  const all = spend(rows.keys())
  return new Map([...spend(places)].flatMap(([slice, part]) => (part === 0 ? [] : [[slice, all.get(slice)! / part]])))
}

/** What the incumbent would have cost in a case that the setup did not answer saves nothing, so it is not in the ratio; what the setup cost there is. */
const ratioOf = (
  tried: Tried,
  priced: ReadonlyArray<number>,
  unanswered: ReadonlyArray<number>,
  on: Judging,
  like: (at: number) => number,
  whole: boolean
) => {
  const { incumbentCost, rows } = on
  const factor = whole ? undefined : spendFactors(priced, on)
  const weightOf = (at: number) => {
    const own = factor?.get(rows[at]!.slice)
    return own === undefined ? like(at) : own * rows[at]!.weight
  }
  const places = [...priced, ...unanswered]
  return pairedRatio(
    {
      numerator: Float64Array.from(places, (at) => Number(tried.cost[at]!) * weightOf(at)),
      denominator: Float64Array.from(places, (at, i) =>
        i < priced.length ? Number(incumbentCost[at]!) * weightOf(at) : 0
      )
    },
    places.map((at) => rows[at]!.cluster)
  )
}

/** Cost of some cases by the number of those that are priced, weighted as the cases are; rounded half-even to a nano-dollar. */
const perCase = (
  column: ReadonlyArray<NanoUsd | null>,
  paid: ReadonlyArray<number>,
  priced: ReadonlyArray<number>,
  weightOf: (at: number) => number
): NanoUsd => {
  if (paid.every((at) => weightOf(at) === 1)) return share(sumOf(paid.map((at) => column[at]!)) ?? 0n, priced.length)
  const weight = priced.reduce((sum, at) => sum + weightOf(at), 0)
  return BigInt(Math.round(paid.reduce((sum, at) => sum + Number(column[at]!) * weightOf(at), 0) / weight))
}

/**
 * What a setup and the incumbent cost on the answered cases. Ratio and both means are of the cases whose cost is known on both sides; above
 * 2 % unknown there is no ratio, and each side stands alone, or is unpriced if it is not known of 98 % of the cases itself. What the setup was
 * paid for at the places of `all` without answering them is in its cost: the answers have to bear it.
 */
export const costsOf = (
  tried: Tried,
  all: ReadonlyArray<number>,
  on: Judging
): Pick<Standing, "priced" | "cost" | "incumbentCost" | "costPerCase" | "incumbentCostPerCase" | "costRatio"> => {
  const answered = all.filter((at) => tried.ended[at] === Ended.answered)
  const unanswered = unansweredOf(tried, all)
  const weightOf = likeTheArchive(all, on)
  const own = answered.filter((at) => tried.cost[at] !== null)
  const incumbents = answered.filter((at) => on.incumbentCost[at] !== null)
  const both = own.filter((at) => on.incumbentCost[at] !== null)
  const enough = ({ length }: ReadonlyArray<number>) =>
    length > 0 && answered.length - length <= missingAllowed * answered.length
  const side = (
    column: ReadonlyArray<NanoUsd | null>,
    known: ReadonlyArray<number>,
    besides: ReadonlyArray<number>
  ) => {
    const places = enough(both) ? both : known
    const paid = [...places, ...besides]
    return enough(places)
      ? { total: sumOf(paid.map((at) => column[at]!)), mean: perCase(column, paid, places, weightOf) }
      : { total: null, mean: null }
  }
  const setup = side(tried.cost, own, unanswered)
  const incumbent = side(on.incumbentCost, incumbents, [])
  return {
    priced: enough(both) ? both.length : 0,
    cost: setup.total,
    incumbentCost: incumbent.total,
    costPerCase: setup.mean,
    incumbentCostPerCase: incumbent.mean,
    costRatio: enough(both) ? ratioOf(tried, both, unanswered, on, weightOf, all.length === on.rows.length) : null
  }
}
