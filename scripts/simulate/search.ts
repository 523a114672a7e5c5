import type { Strategy } from "../../src/climb/contract.ts"
import { strategies } from "../../src/climb/registry.ts"
import { searchTable, sizesOf } from "../../src/climb/table.testing.ts"
import {
  alpha,
  byCost,
  cases,
  costs,
  deskOf,
  differencesOf,
  margin,
  priced,
  type Scores,
  setups,
  type World
} from "./desk.ts"
import { rngOf } from "./rng.ts"

/** Sums over the runs of one way to search in one world. */
export interface Sums {
  runs: number
  /** Named a setup that is not at parity; named the truly cheapest at parity, or one within 10 % of its cost; named none. */
  false: number
  cheapest: number
  near: number
  none: number
  /** Dollars against those of all setups on all cases, the noise floor in, and without it on both sides. */
  spend: number
  candidates: number
  /** Share of the saving to be had that a true claim brought. */
  captured: number
}

const ways: ReadonlyArray<{ readonly name: string; readonly id: string; readonly options: object }> = [
  { name: "race (default, no pilot)", id: "race", options: { pilotAbove: 1000 } },
  { name: "race with pilot", id: "race", options: { pilotAbove: 0 } },
  ...strategies.flatMap(({ id }) => (id === "race" ? [] : [{ name: id as string, id, options: {} }]))
]

/** Names of the ways, the naive ones last. */
export const wayNames: ReadonlyArray<string> = [
  ...ways.map(({ name }) => name),
  "mean of 50 cases at the threshold",
  "mean of all cases at the threshold"
]

const sum = (values: Float64Array, to = values.length) => {
  let total = 0
  for (let i = 0; i < to; i++) total += values[i]!
  return total
}

/** Searches one archive of a world by every way; adds to `into`, by name. */
export const searchOnce = (world: World, type: Scores, seed: number, into: Map<string, Sums>): void => {
  const rng = rngOf(seed)
  const differences = differencesOf(world, rng)
  const desk = deskOf(differences, type, rng)
  const atParity = (k: number) => differences[k]! >= -margin
  const truth = byCost.find(atParity)
  const least = truth === undefined ? 1 : costs[truth]!
  const all = { candidates: sum(desk.tokens) * costs.reduce((a, b) => a + b, 0), reference: sum(desk.referenceCost) }
  const add = (
    name: string,
    k: number | undefined,
    spend: { readonly candidates: number; readonly reference: number }
  ) => {
    const to = into.get(name) ?? {
      runs: 0,
      false: 0,
      cheapest: 0,
      near: 0,
      none: 0,
      spend: 0,
      candidates: 0,
      captured: 0
    }
    into.set(name, to)
    const wrong = k !== undefined && !atParity(k)
    to.runs++
    if (wrong) to.false++
    if (k === undefined) to.none++
    if (k === truth) to.cheapest++
    if (truth === undefined ? k === undefined : k !== undefined && !wrong && costs[k]! <= 1.1 * least) to.near++
    to.spend += (spend.candidates + spend.reference) / (all.candidates + all.reference)
    to.candidates += spend.candidates / all.candidates
    const paid = k === undefined || wrong ? 1 : costs[k]!
    to.captured += truth === undefined ? (k === undefined ? 1 : 0) : (1 - paid) / (1 - least)
  }
  const input = {
    setups: priced,
    sizes: sizesOf(desk),
    slice: desk.slice,
    shares: new Map([["all", 1]]),
    alpha,
    margin,
    incumbentUsdPerCase: 1
  }
  for (const { id, name, options } of ways) {
    const strategy = strategies.find((one) => one.id === id) as Strategy
    const { spend, stop } = searchTable(strategy.make(options, input), desk, input)
    const named = stop.named === null ? undefined : setups.findIndex((setup) => setup.id === stop.named?.id)
    add(name, named, spend)
  }
  for (const count of [50, cases]) {
    const mean = (values: Float64Array) => sum(values, count) / count
    const k = byCost.find((one) => mean(desk.scores[one]!) >= mean(desk.reference) - margin)
    const share = sum(desk.tokens, count) / sum(desk.tokens)
    add(wayNames.at(count === 50 ? -2 : -1)!, k, {
      candidates: share * all.candidates,
      reference: share * all.reference
    })
  }
}
