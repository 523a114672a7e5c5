import type { CaseRow } from "../domain/Case.ts"
import { judge, minClusters } from "../parity/verdict.ts"
import type { Reference } from "./floor.ts"
import { kindAt, type ReadyGrader } from "./gates.ts"

/** Two-sided level of the test for a selected archive. */
const level = 0.01
/** Share of the sessions asked that must have brought an answer which could be graded; below it nothing was tested. */
const enough = 0.9

/**
 * Whether the archive kept only accepted answers: the incumbent, asked again, then scores differently from its archived answers.
 * `null`: too few of those sessions brought an answer that could be graded; nothing was tested.
 * By a preference the two are exchangeable where it did not, and the mean is one half.
 * Tested on the first sessions with the two-sided test of the verdict engine, at 0.01, for every gate that does not score agreement.
 */
export const isSelected = (
  rows: ReadonlyArray<CaseRow>,
  gates: ReadonlyArray<ReadyGrader>,
  reference: Reference
): boolean | null => {
  const tests = gates.map(({ id, kind }) => {
    const probed = new Set(rows.filter((row) => kindAt(kind, row) !== "agreement").map((row) => row.cluster)).size
    const both = rows.flatMap((row, at) => {
      const again = reference.again[id]![at]!
      const original = kindAt(kind, row) === "preference" ? 0.5 : reference.original[id]![at]!
      return kindAt(kind, row) === "agreement" || Number.isNaN(again) || Number.isNaN(original)
        ? []
        : [{ row, difference: again - original }]
    })
    const { clusters, pInferior, pSuperior } = judge({
      difference: Float64Array.from(both, ({ difference }) => difference),
      cluster: both.map(({ row }) => row.cluster),
      margin: 0,
      alpha: level / 2
    })
    return clusters < Math.max(minClusters, enough * probed) ? null : 2 * Math.min(pInferior, pSuperior) < level
  })
  return tests.some((test) => test === true) ? true : tests.length === 0 || tests.includes(null) ? null : false
}
