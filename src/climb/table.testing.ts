import type { Setup } from "../domain/Setup.ts"
import type { Standing } from "../domain/Standing.ts"
import type { Stretch } from "../domain/Stretch.ts"
import { judge } from "../parity/verdict.ts"
import type { Look, Stop, Strategy, StrategyInput } from "./contract.ts"

/** What is known of the setups of a search without asking a model: scores and costs by case, in the run's session order. */
export interface Table {
  /** Session of each case; the cases of one session lie together. */
  readonly cluster: ReadonlyArray<string>
  readonly slice: ReadonlyArray<string>
  /** What a case's score is compared with, and what that cost, dollars. */
  readonly reference: Float64Array
  readonly referenceCost: Float64Array
  readonly incumbentCost: Float64Array
  readonly of: (setup: Setup) => { readonly score: Float64Array; readonly cost: Float64Array }
}

/** Cases of each session, in the table's order. */
export const sizesOf = ({ cluster }: Pick<Table, "cluster">): ReadonlyArray<number> => {
  const sizes: Array<number> = []
  cluster.forEach((name, at) => {
    if (at > 0 && name === cluster[at - 1]) sizes.push(sizes.pop()! + 1)
    else sizes.push(1)
  })
  return sizes
}

/** A search in a table, and what its replays would have cost, dollars. */
export interface Searched {
  readonly stop: Stop
  readonly looks: ReadonlyArray<Look>
  readonly spend: { readonly candidates: number; readonly reference: number }
}

const sum = (values: Iterable<number>) => {
  let total = 0
  for (const value of values) total += value
  return total
}

/** What a setup answers; of a policy, what serves each case: the incumbent as well as the reference, at its own cost. */
const answersOf = (table: Table, setup: Setup): ReturnType<Table["of"]> => {
  if (setup.routes === undefined) return table.of(setup)
  const by = new Map(setup.routes.map(({ slice, to }) => [slice, to === "incumbent" ? undefined : table.of(to)]))
  const column = (of: "score" | "cost", own: Float64Array) =>
    own.map((one, at) => by.get(table.slice[at]!)?.[of][at] ?? one)
  return { score: column("score", table.reference), cost: column("cost", table.incumbentCost) }
}

/** Runs a strategy on a table, as the climb does on models. */
export const searchTable = (
  next: ReturnType<Strategy["make"]>,
  table: Table,
  { alpha, margin, sizes }: Pick<StrategyInput, "alpha" | "margin" | "sizes">
): Searched => {
  const starts = sizes.map((_, i) => sum(sizes.slice(0, i)))
  const bought = new Map<string, Uint8Array>()
  const referenced = new Uint8Array(table.cluster.length)
  const spend = { candidates: 0, reference: 0 }
  const looks: Array<Look> = []

  const evaluate = (setup: Setup, { from, inferiorAt, level, perSession = Infinity, to }: Stretch): Standing => {
    const { cost, score } = answersOf(table, setup)
    const own = bought.get(setup.id) ?? new Uint8Array(score.length)
    bought.set(setup.id, own)
    const places = sizes
      .slice(from, to)
      .flatMap((size, i) => Array.from({ length: Math.min(size, perSession) }, (_, k) => starts[from + i]! + k))
    for (const at of places) {
      if (referenced[at] === 0) spend.reference += table.referenceCost[at]!
      if (own[at] === 0) spend.candidates += cost[at]!
      referenced[at] = 1
      own[at] = 1
    }
    const at = (column: Float64Array) => Float64Array.from(places, (place) => column[place]!)
    const cluster = places.map((place) => table.cluster[place]!)
    const slice = places.map((place) => table.slice[place]!)
    const [mine, against] = [at(score), at(table.reference)]
    const judged = judge({
      difference: mine.map((one, i) => one - against[i]!),
      cluster,
      stratum: slice,
      margin,
      alpha: inferiorAt ?? alpha,
      level
    })
    const [paid, incumbents] = [sum(at(cost)), sum(at(table.incumbentCost))]
    const nano = (usd: number) => BigInt(Math.round(1e9 * usd))
    return {
      setup,
      verdict: judged.verdict,
      reason: judged.reason,
      gates: [
        {
          grader: "table",
          kind: "agreement",
          verdict: judged.verdict,
          difference: judged.difference,
          bound: judged.bound,
          pParity: judged.pParity,
          pInferior: judged.pInferior,
          score: sum(mine) / mine.length,
          reference: sum(against) / against.length,
          cases: mine.length,
          clusters: judged.clusters,
          ungraded: 0
        }
      ],
      reported: [],
      slices: [],
      asked: places.length,
      paired: places.length,
      priced: places.length,
      failed: { infrastructure: 0, unsendable: 0, budget: 0 },
      cost: nano(paid),
      incumbentCost: nano(incumbents),
      costPerCase: nano(paid / places.length),
      incumbentCostPerCase: nano(incumbents / places.length),
      costRatio: { estimate: paid / incumbents, lower: 0, upper: Infinity },
      latencyMs: null,
      repaired: 0,
      checksBroken: 0,
      columns: {
        caseId: places.map(String),
        cluster,
        slice,
        weight: new Float64Array(places.length).fill(1),
        cost: at(cost),
        incumbentCost: at(table.incumbentCost),
        score: { table: mine },
        reference: { table: against }
      }
    }
  }

  while (true) {
    const move = next(looks)
    if (move._tag === "Stop") return { stop: move, looks, spend }
    looks.push({ move, standing: evaluate(move.setup, move) })
  }
}
