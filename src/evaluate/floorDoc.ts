import { sumOf, usd } from "../domain/Money.ts"
import type { FloorDoc } from "../domain/RunResult.ts"
import { estimate } from "../parity/verdict.ts"
import type { EvaluateInput } from "./evaluate.ts"
import { needsFloor, type Reference, selectionSessions } from "./floor.ts"

/** What is to be said of the noise floor and of the test for a selected archive, of the cases at some places. */
export const floorDoc = (
  { graders, noiseFloor, rows }: EvaluateInput,
  reference: Reference,
  places: ReadonlyArray<number>,
  { selected, tested }: { readonly selected: boolean | null; readonly tested: boolean }
): FloorDoc => {
  const gates = graders.flatMap((grader) => {
    if (grader.report) return []
    const again = reference.again[grader.id]!
    const asked = places.flatMap((at) => (Number.isNaN(again[at]!) ? [] : [{ row: rows[at]!, score: again[at]! }]))
    if (asked.length === 0) return []
    const { clusters, ...floor } = estimate({
      score: Float64Array.from(asked, ({ score }) => score),
      cluster: asked.map(({ row }) => row.cluster),
      stratum: asked.map(({ row }) => row.slice),
      weight: Float64Array.from(asked, ({ row }) => row.weight)
    })
    return [
      {
        grader: grader.id,
        floor: { estimate: floor.estimate, lower: floor.lower, upper: floor.upper },
        cases: asked.length,
        clusters
      }
    ]
  })
  const cost = sumOf(places.map((at) => reference.cost[at]!))
  const counted = reference.endings.counts(places)
  const endings = Object.keys(counted).length === 0 ? {} : { endings: counted }
  if (noiseFloor === "skip") {
    return { mode: "skipped", gates, selected, usd: usd(0n), why: 'the suite says noiseFloor: "skip"' }
  }
  const measured = places.some((at) => needsFloor(graders, rows[at]!)) || selected === true
  return {
    mode: measured ? "measured" : "none",
    gates,
    selected,
    ...endings,
    usd: usd(cost),
    why: measured
      ? "the incumbent was asked again on the same cases and is graded like a setup"
      : selected === null
        ? tested
          ? "answers are scored by themselves, against references or beside the original; the incumbent was asked again to test whether the archive kept only accepted answers, but too few of its answers came and could be graded: nothing was tested"
          : "answers are scored by themselves, against references or beside the original; the incumbent was not asked again"
        : `answers are scored by themselves, against references or beside the original; the incumbent was asked again on ${Math.min(selectionSessions, new Set(rows.map(({ cluster }) => cluster)).size)} sessions to see whether the archive kept only accepted answers: no difference was found at 1 %, which is no proof that there is none`
  }
}
