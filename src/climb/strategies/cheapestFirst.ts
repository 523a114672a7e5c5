import * as Schema from "effect/Schema"

import type { Setup } from "../../domain/Setup.ts"
import { type Priced, strategy } from "../contract.ts"
import { stepwise } from "../stepwise.ts"

/**
 * Tries the setups from the cheapest up, each on all cases, claiming parity at alpha/K (K = setups with a price, fixed before the first score),
 * which bounds the chance of a false claim by alpha however many setups are tried. It goes on after a success only while an untried setup
 * is expected to cost less than the winner turned out to cost: a model that is cheap by the token may be wordy.
 */
export const cheapestFirst = strategy({
  id: "cheapestFirst",
  about: "from the cheapest setup up, each on all cases at alpha/K; stops when no cheaper one is left",
  options: Schema.Struct({}),
  make: (_, { alpha, setups, sizes }) => {
    const level = alpha / Math.max(1, setups.length)
    // Of equal price the weaker configuration first: the stronger one costs at least as much.
    const order = [...setups].sort(
      (a, b) => a.usdPerCase - b.usdPerCase || b.rank - a.rank || (a.setup.id < b.setup.id ? -1 : 1)
    )
    return stepwise(function* () {
      const left = new Set(order)
      const won: Array<Priced> = []
      let best: { readonly setup: Setup; readonly usdPerCase: number } | undefined
      while (true) {
        const next = [...left].find(
          ({ chain, rank, usdPerCase }) =>
            (best === undefined || usdPerCase < best.usdPerCase) &&
            !won.some((winner) => winner.chain === chain && rank < winner.rank)
        )
        if (next === undefined) break
        left.delete(next)
        const { setup } = next
        const why = best === undefined ? "the cheapest that is left" : `expected to cost less than ${best.setup.label}`
        const { costPerCase, verdict } = yield { _tag: "Evaluate", setup, from: 0, to: sizes.length, level, why }
        if (verdict !== "parity" || costPerCase === null) continue
        won.push(next)
        const usdPerCase = Number(costPerCase) / 1e9
        if (best === undefined || usdPerCase < best.usdPerCase) best = { setup, usdPerCase }
      }
      const notes = [...left].map(({ setup }) => ({ setup, reason: "not expected to cost less than the winner" }))
      return best === undefined
        ? { _tag: "Stop", named: null, reason: "every setup was tried", notes }
        : { _tag: "Stop", named: best.setup, reason: "no untried setup is expected to cost less", notes }
    })
  }
})
