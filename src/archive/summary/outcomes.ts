import * as Effect from "effect/Effect"

import type { Ask } from "./ask.ts"
import { countIn, textIn } from "./cells.ts"

/** How calls, trajectories or sessions went, by one name, source and scope. */
export interface OutcomeSummary {
  readonly name: string
  /** Who judged: `test`, `env-reward`, `human`, `llm-judge`, `heuristic`, `system`. */
  readonly source: string
  /** What was judged: `call`, `trajectory` or `session`. */
  readonly scope: string
  readonly count: number
  /** Mean of the values that are numbers; yes and no count as 1 and 0. `null` where none is either. */
  readonly mean: number | null
  /** How many values the mean is of. */
  readonly meanOf: number
}

const number = `CASE WHEN value = 'true' THEN 1 WHEN value = 'false' THEN 0 ELSE TRY_CAST(value AS DOUBLE) END`

const outcomesSql = `
  SELECT name, source, scope, count(*) AS count, avg(${number}) FILTER (isfinite(${number})) AS mean,
    count(*) FILTER (isfinite(${number})) AS "meanOf"
  FROM signals GROUP BY ALL ORDER BY count DESC, name, source, scope`

/** The outcome signals of an archive, the commonest first. */
export const outcomesOf = Effect.fnUntraced(function* (ask: Ask) {
  return (yield* ask(outcomesSql)).map(
    (row): OutcomeSummary => ({
      name: textIn(row, "name") ?? "",
      source: textIn(row, "source") ?? "",
      scope: textIn(row, "scope") ?? "call",
      count: countIn(row, "count"),
      mean: typeof row["mean"] === "number" ? row["mean"] : null,
      meanOf: countIn(row, "meanOf")
    })
  )
})
