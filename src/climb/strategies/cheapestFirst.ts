import * as Schema from "effect/Schema"

import { type Look, type Priced, strategy } from "../contract.ts"

/** Dollars per case that a standing showed; NaN where it is unpriced. */
const paidPerCase = ({ standing }: Look) =>
  standing.costPerCase === null ? Number.NaN : Number(standing.costPerCase) / 1e9

/**
 * Tries the setups from the cheapest up, each on all cases, claiming parity at alpha/K (K = setups with a price, fixed before the first score),
 * which bounds the chance of a false claim by alpha however many setups are tried. It goes on after a success only while an untried setup
 * is expected to cost less than the winner turned out to cost: a model that is cheap by the token may be wordy.
 */
export const cheapestFirst = strategy({
  id: "cheapestFirst",
  about: "from the cheapest setup up, each on all cases at alpha/K; stops when no cheaper one is left",
  options: Schema.Struct({}),
  make: (_, { alpha, sessions, setups }) => {
    const level = alpha / Math.max(1, setups.length)
    // Of equal price the weaker configuration first: the stronger one costs at least as much.
    const order = [...setups].sort(
      (a, b) => a.usdPerCase - b.usdPerCase || b.rank - a.rank || (a.setup.id < b.setup.id ? -1 : 1)
    )
    return (seen) => {
      const passed = seen
        .filter(({ standing }) => standing.verdict === "parity" && standing.costPerCase !== null)
        .sort((a, b) => paidPerCase(a) - paidPerCase(b))
      const best = passed[0]
      const chains = new Map(order.map((priced): [string, Priced] => [priced.setup.id, priced]))
      const won = passed.map(({ standing }) => chains.get(standing.setup.id)!)
      const next = order.find(
        ({ chain, rank, setup, usdPerCase }) =>
          !seen.some(({ standing }) => standing.setup.id === setup.id) &&
          (best === undefined || usdPerCase < paidPerCase(best)) &&
          !won.some((winner) => winner.chain === chain && rank < winner.rank)
      )
      if (next !== undefined) return { _tag: "Evaluate", setup: next.setup, sessions, level }
      return best === undefined
        ? { _tag: "Stop", named: null, reason: "every setup was tried" }
        : { _tag: "Stop", named: best.standing.setup, reason: "no untried setup is expected to cost less" }
    }
  }
})
