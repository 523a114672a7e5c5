import * as Schema from "effect/Schema"

import type { Standing } from "../../domain/Standing.ts"
import { type Priced, strategy } from "../contract.ts"
import { stepwise } from "../stepwise.ts"

/**
 * Tries every setup on all cases and names the cheapest at parity, with Holm's correction (1979) over all of them. The dearest way to know, and the
 * measure for the others.
 */
export const grid = strategy({
  id: "grid",
  about: "every setup on all cases, corrected for their number (Holm); the dearest",
  options: Schema.Struct({}),
  make: (_, { alpha, setups, sizes }) =>
    stepwise(function* () {
      const whole = { _tag: "Evaluate", from: 0, to: sizes.length } as const
      const seen: Array<{ readonly priced: Priced; readonly standing: Standing; readonly p: number }> = []
      for (const priced of setups) {
        const level = alpha / setups.length
        const standing = yield { ...whole, setup: priced.setup, level, why: "every setup on all cases" }
        seen.push({ priced, standing, p: Math.max(...standing.gates.map(({ pParity }) => pParity)) })
      }
      seen.sort((a, b) => a.p - b.p)
      const passed: Array<Standing> = []
      for (const [rank, { p, priced, standing }] of seen.entries()) {
        const level = alpha / (setups.length - rank)
        if (p > level) break
        const why = `Holm: place ${rank + 1} of ${setups.length}, judged at ${level.toPrecision(3)}`
        const again = rank === 0 ? standing : yield { ...whole, setup: priced.setup, level, why }
        if (again.verdict === "parity" && again.costPerCase !== null) passed.push(again)
      }
      const [best] = passed.sort((a, b) => Number(a.costPerCase) - Number(b.costPerCase))
      return best === undefined
        ? { _tag: "Stop", named: null, reason: "every setup was tried", notes: [] }
        : { _tag: "Stop", named: best.setup, reason: "every setup was tried, and none at parity costs less", notes: [] }
    })
})
