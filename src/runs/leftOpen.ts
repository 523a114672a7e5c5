import * as Effect from "effect/Effect"

import { type InFlight, inFlight } from "../calls/ledger.ts"
import type { Line } from "../calls/lines.ts"
import type { Fault } from "../domain/Fault.ts"
import { Runs } from "../store/Runs.ts"

/** The lines of calls that went out more often than they ended; few, whatever the journal holds. */
const open = `
  WITH marks AS (SELECT line->>'key' AS key, line->>'event' AS event FROM journal),
  left_open AS (
    SELECT key FROM marks GROUP BY key
    HAVING count(*) FILTER (event = 'sent') > count(*) FILTER (event IN ('paid', 'failed'))
  )
  SELECT line FROM journal WHERE line->>'key' IN (SELECT key FROM left_open)`

/**
 * The calls of a run that were under way when it was killed or stopped: their providers may have billed them although no answer was kept.
 * Of a run that is going on, those under way now.
 */
export const leftOpen = Effect.fnUntraced(function* (
  run: string
): Effect.fn.Return<ReadonlyArray<InFlight>, Fault, Runs> {
  const rows = yield* (yield* Runs).query(run, open)
  return inFlight(rows.map(({ line }) => JSON.parse(String(line)) as Line))
})

/**
 * What the newest run before this one left open, in a sentence; `undefined`: it has a result, or left nothing. Never fails: the run that asks
 * does not depend on it.
 */
export const leftOpenBefore = Effect.fnUntraced(
  function* (run: string): Effect.fn.Return<string | undefined, Fault, Runs> {
    const runs = yield* Runs
    const before = (yield* runs.list).find((id) => id !== run)
    if (before === undefined) return undefined
    const finished = yield* Effect.as(runs.result(before), true).pipe(Effect.orElseSucceed(() => false))
    const calls = finished ? [] : yield* leftOpen(before)
    if (calls.length === 0) return undefined
    const accounts = [...new Set(calls.map(({ account }) => account))].sort().join(", ")
    return `run ${before} has no result: ${calls.length === 1 ? "1 call was" : `${calls.length} calls were`} under way when its journal ends, which ${accounts} may have billed`
  },
  Effect.orElseSucceed(() => undefined)
)
