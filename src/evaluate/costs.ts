import { type NanoUsd, share, sumOf } from "../domain/Money.ts"
import type { Standing } from "../domain/Standing.ts"
import { pairedRatio } from "../parity/ratio.ts"
import { missingAllowed } from "./blocked.ts"
import type { Judging } from "./gate.ts"
import type { Tried } from "./tried.ts"

const ratioOf = (tried: Tried, priced: ReadonlyArray<number>, { incumbentCost, rows }: Judging) => {
  const weighted = (column: ReadonlyArray<NanoUsd | null>) =>
    Float64Array.from(priced, (at) => Number(column[at]!) * rows[at]!.weight)
  return pairedRatio(
    { numerator: weighted(tried.cost), denominator: weighted(incumbentCost) },
    priced.map((at) => rows[at]!.cluster)
  )
}

/** Mean cost of the priced cases, weighted as the cases are; rounded half-even to a nano-dollar. */
const perCase = (column: ReadonlyArray<NanoUsd | null>, priced: ReadonlyArray<number>, { rows }: Judging): NanoUsd => {
  if (priced.every((at) => rows[at]!.weight === 1))
    return share(sumOf(priced.map((at) => column[at]!)) ?? 0n, priced.length)
  const weight = priced.reduce((sum, at) => sum + rows[at]!.weight, 0)
  return BigInt(Math.round(priced.reduce((sum, at) => sum + Number(column[at]!) * rows[at]!.weight, 0) / weight))
}

/**
 * What a setup and the incumbent cost on the answered cases. Ratio and both means are of the cases whose cost is known on both sides; above
 * 2 % unknown there is no ratio, and each side stands alone, or is unpriced if it is not known of 98 % of the cases itself.
 */
export const costsOf = (
  tried: Tried,
  answered: ReadonlyArray<number>,
  on: Judging
): Pick<Standing, "priced" | "cost" | "incumbentCost" | "costPerCase" | "incumbentCostPerCase" | "costRatio"> => {
  const own = answered.filter((at) => tried.cost[at] !== null)
  const incumbents = answered.filter((at) => on.incumbentCost[at] !== null)
  const both = own.filter((at) => on.incumbentCost[at] !== null)
  const enough = ({ length }: ReadonlyArray<number>) =>
    length > 0 && answered.length - length <= missingAllowed * answered.length
  const side = (column: ReadonlyArray<NanoUsd | null>, known: ReadonlyArray<number>) => {
    const places = enough(both) ? both : known
    return enough(places)
      ? { total: sumOf(places.map((at) => column[at]!)), mean: perCase(column, places, on) }
      : { total: null, mean: null }
  }
  const setup = side(tried.cost, own)
  const incumbent = side(on.incumbentCost, incumbents)
  return {
    priced: enough(both) ? both.length : 0,
    cost: setup.total,
    incumbentCost: incumbent.total,
    costPerCase: setup.mean,
    incumbentCostPerCase: incumbent.mean,
    costRatio: enough(both) ? ratioOf(tried, both, on) : null
  }
}
