import { type NanoUsd, share, sumOf } from "../domain/Money.ts"
import type { Standing } from "../domain/Standing.ts"
import { pairedRatio } from "../parity/ratio.ts"
import { type Judging, pick } from "./gate.ts"
import { missingAllowed } from "./gates.ts"
import { Ended, type Tried, unansweredOf } from "./tried.ts"

/** What the incumbent would have cost in a case that the setup did not answer saves nothing, so it is not in the ratio; what the setup cost there is. */
const ratioOf = (
  tried: Tried,
  priced: ReadonlyArray<number>,
  unanswered: ReadonlyArray<number>,
  { incumbentCost, rows }: Judging
) => {
  const places = [...priced, ...unanswered]
  return pairedRatio(
    {
      numerator: Float64Array.from(places, (at) => Number(tried.cost[at]!) * rows[at]!.weight),
      denominator: Float64Array.from(places, (at, i) =>
        i < priced.length ? Number(incumbentCost[at]!) * rows[at]!.weight : 0
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
  { rows }: Judging
): NanoUsd => {
  if (paid.every((at) => rows[at]!.weight === 1))
    return share(sumOf(paid.map((at) => column[at]!)) ?? 0n, priced.length)
  const weight = priced.reduce((sum, at) => sum + rows[at]!.weight, 0)
  return BigInt(Math.round(paid.reduce((sum, at) => sum + Number(column[at]!) * rows[at]!.weight, 0) / weight))
}

/**
 * What a setup and the incumbent cost on the answered cases. Ratio and both means are of the cases whose cost is known on both sides; above
 * 2 % unknown there is no ratio, and each side stands alone, or is unpriced if it is not known of 98 % of the cases itself. What the setup was
 * paid for among the first `cases` cases without answering them is in its cost: the answers have to bear it.
 */
export const costsOf = (
  tried: Tried,
  cases: number,
  on: Judging
): Pick<Standing, "priced" | "cost" | "incumbentCost" | "costPerCase" | "incumbentCostPerCase" | "costRatio"> => {
  const all = pick(cases, () => true)
  const answered = all.filter((at) => tried.ended[at] === Ended.answered)
  const unanswered = unansweredOf(tried, all)
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
      ? { total: sumOf(paid.map((at) => column[at]!)), mean: perCase(column, paid, places, on) }
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
    costRatio: enough(both) ? ratioOf(tried, both, unanswered, on) : null
  }
}
