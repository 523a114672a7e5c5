import * as Schema from "effect/Schema"

import type { Standing } from "../../domain/Standing.ts"
import { type Note, type Priced, strategy } from "../contract.ts"
import { confirm, developmentOf, developmentShare, ranked } from "../development.ts"
import { chainsIn } from "../race.ts"
import { stepwise } from "../stepwise.ts"

/** Whether two setups differ in one coordinate: the model, or one axis. */
const neighbours = ({ setup: a }: Priced, { setup: b }: Priced): boolean => {
  if (a.escalate !== undefined || b.escalate !== undefined) return false
  const [x, y]: ReadonlyArray<Readonly<Record<string, unknown>>> = [a.axes, b.axes]
  const keys = new Set([...Object.keys(x!), ...Object.keys(y!)])
  const apart = [...keys].filter((key) => x![key] !== y![key]).length
  return apart + (a.provider === b.provider && a.model === b.model ? 0 : 1) === 1
}

/**
 * Plain hill climbing: from a start it moves to the best neighbour (another model, or one axis changed) as long as that is better in development,
 * from several starts; the best of all is judged once on the sessions that were not looked at.
 */
export const coordinate = strategy({
  id: "coordinate",
  about:
    "hill climbing by one axis or the model at a time on development sessions, with restarts; the best is confirmed on the rest",
  options: Schema.Struct({
    /** Share of the sessions for development. Default 0.35. */
    development: Schema.optionalKey(developmentShare),
    /** Starts, spread over the prices. Default 3. */
    starts: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 100 })))
  }),
  make: ({ development = 0.35, starts = 3 }, input) =>
    stepwise(function* () {
      const { margin, setups } = input
      const to = developmentOf(input, development)
      const seen = new Map<string, { readonly priced: Priced; readonly standing: Standing }>()
      const heads = chainsIn(setups).map(([head]) => head!)
      const from = [...new Set(Array.from({ length: starts }, (_, i) => Math.floor((i * heads.length) / starts)))]
      for (const [place, start] of from.entries()) {
        let at = heads[start]
        let near: ReadonlyArray<Priced> = at === undefined ? [] : [at]
        while (at !== undefined) {
          for (const priced of near) {
            const { setup } = priced
            if (seen.has(setup.id)) continue
            const why = setup === at.setup ? `start ${place + 1} of ${from.length}` : `one step from ${at.setup.label}`
            const standing = yield { _tag: "Evaluate", setup, from: 0, to, level: 0, inferiorAt: 0, why }
            seen.set(setup.id, { priced, standing })
          }
          const here = at
          near = [here, ...setups.filter((other) => neighbours(here, other))]
          const known = near.flatMap(({ setup }) => seen.get(setup.id) ?? [])
          const complete = known.length === near.length
          const best = ranked(known, margin)[0]!.priced
          if (best === here && complete) break
          at = complete ? best : here
        }
      }
      const order = ranked([...seen.values()], margin)
      const [best] = order
      const notes: ReadonlyArray<Note> = [
        ...order.slice(1).map(({ priced }) => ({
          setup: priced.setup,
          reason: "another setup was better in development",
          futile: true as const
        })),
        ...setups.flatMap(({ setup }) => (seen.has(setup.id) ? [] : [{ setup, reason: "no climb came near it" }]))
      ]
      return best === undefined
        ? { _tag: "Stop", named: null, reason: "there is no setup to try", notes }
        : yield* confirm(best.priced, to, input, notes)
    })
})
