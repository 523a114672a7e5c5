import * as Schema from "effect/Schema"

import type { Standing } from "../../domain/Standing.ts"
import { type Note, type Priced, strategy } from "../contract.ts"
import { confirm, developmentOf, developmentShare, ranked } from "../development.ts"
import { stepwise } from "../stepwise.ts"

/**
 * Successive halving on development sessions (Jamieson and Talwalkar 2016): all setups on few, the better half on twice as many, until one is left,
 * which is then judged once on the sessions that were not looked at.
 */
export const successiveHalving = strategy({
  id: "successiveHalving",
  about:
    "all setups on few development sessions, the better half on twice as many, and so on; the last one is confirmed on the rest",
  options: Schema.Struct({
    /** Share of the sessions for development. Default 0.35. */
    development: Schema.optionalKey(developmentShare)
  }),
  make: ({ development = 0.35 }, input) =>
    stepwise(function* () {
      const { margin, setups } = input
      const from = developmentOf(input, development)
      const rounds = Math.max(1, Math.ceil(Math.log2(Math.max(2, setups.length))))
      const notes: Array<Note> = []
      let alive: ReadonlyArray<Priced> = setups
      for (let round = 0; alive.length > 1; round++) {
        const to = Math.max(1, Math.min(from, Math.ceil(from / 2 ** Math.max(0, rounds - 1 - round))))
        const seen: Array<{ readonly priced: Priced; readonly standing: Standing }> = []
        for (const priced of alive) {
          const why = `round ${round + 1}: ${alive.length} setups on ${to} development sessions`
          const move = { _tag: "Evaluate", setup: priced.setup, from: 0, to, level: 0, inferiorAt: 0, why } as const
          seen.push({ priced, standing: yield move })
        }
        const order = ranked(seen, margin)
        const keep = Math.ceil(order.length / 2)
        for (const { priced } of order.slice(keep))
          notes.push({ setup: priced.setup, reason: `among the worse half of round ${round + 1}`, futile: true })
        alive = order.slice(0, keep).map(({ priced }) => priced)
      }
      const [last] = alive
      return last === undefined
        ? { _tag: "Stop", named: null, reason: "there is no setup to try", notes }
        : yield* confirm(last, from, input, notes)
    })
})
