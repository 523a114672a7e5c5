import type { RunResult, StandingDoc } from "../domain/RunResult.ts"
import type { GateResult } from "../domain/Standing.ts"

/** How many cases are shown. */
export const worstCount = 10

/**
 * One gate's cases in which a setup scored below its reference, worst first, over the `grades` of a run. The reference: the original's own score where
 * it was scored, else the incumbent's asked again (mean of its draws), else `$constant` (below zero: none). With `$selected` = 1 it is the
 * incumbent asked again everywhere; with `$fixed` = 1 it is `$constant` everywhere.
 */
export const worstQuery = `
  WITH scored AS (
    SELECT "case" AS case_id,
      avg(score) FILTER (WHERE setup = $setup) AS score,
      arg_min(why, score) FILTER (WHERE setup = $setup) AS why,
      bool_or(setup = 'original') AS own,
      avg(score) FILTER (WHERE setup = 'original') AS original,
      avg(score) FILTER (WHERE setup = 'floor') AS again
    FROM grades WHERE grader = $grader GROUP BY "case"
  ), paired AS (
    SELECT case_id, score, why,
      CASE WHEN $selected = 1 THEN again WHEN $fixed = 1 THEN $constant WHEN own THEN original
        ELSE coalesce(again, CASE WHEN $constant < 0 THEN NULL ELSE $constant END) END AS reference
    FROM scored WHERE score IS NOT NULL
  )
  SELECT case_id, score, reference, why FROM paired WHERE reference > score
  ORDER BY reference - score DESC, case_id LIMIT ${worstCount}`

/** The values of the query for one gate of a setup. */
export const worstValues = (
  { floor }: RunResult,
  { setup }: StandingDoc,
  { grader, kind }: GateResult
): Readonly<Record<string, string | number>> => ({
  setup: setup.id,
  grader,
  selected: floor.selected === true ? 1 : 0,
  fixed: kind === "preference" ? 1 : 0,
  constant: kind === "preference" ? 0.5 : kind === "outcome" || floor.mode === "measured" ? -1 : 1
})
