import type { PathStep } from "../domain/RunResult.ts"
import type { Look } from "./contract.ts"

/** The looks of a climb as rows, in the order in which they were taken. */
export const pathOf = (looks: ReadonlyArray<Look>): ReadonlyArray<PathStep> =>
  looks.map(({ move, standing }) => {
    const worst = standing.gates.reduce((a, b) => (b.pParity > a.pParity ? b : a))
    return {
      setup: move.setup.id,
      label: move.setup.label,
      why: move.why,
      from: move.from,
      to: move.to,
      cases: standing.asked,
      level: move.level,
      verdict: standing.verdict,
      difference: worst.difference,
      pParity: worst.pParity
    }
  })
