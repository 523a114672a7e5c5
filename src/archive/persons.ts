import * as Effect from "effect/Effect"

import { Archives } from "../store/Archives.ts"
import type { Cleaner, PseudonymKind } from "./privacy/cleaner.ts"
import { cleaningOf, readPast } from "./privacy/past.ts"
import { isPseudonym } from "./privacy/placeholders.ts"
import type { Batch } from "./sources.ts"

/**
 * The pseudonyms of persons whom labels of an archive name. None where there is no such archive, or where neither its imports nor this one
 * replace names.
 */
export const personsThere = Effect.fnUntraced(function* (name: string, pseudonyms: ReadonlyArray<PseudonymKind>) {
  const archives = yield* Archives
  if (!(yield* archives.names).includes(name)) return []
  const past = yield* readPast(yield* archives.folder(name))
  if (!cleaningOf(past, { keepSecrets: false, pseudonyms }).pseudonyms.includes("name")) return []
  const rows = yield* archives.query(
    name,
    `SELECT DISTINCT value FROM (SELECT unnest(map_values(CAST(labels AS MAP(VARCHAR, VARCHAR)))) AS value FROM calls)
    WHERE value LIKE 'person-%'`
  )
  return rows.map((row) => String(row["value"])).filter(isPseudonym)
})

/** Lets a cleaner learn whom the calls of some batches name: read before they are cleaned, for a name is in other calls as well. */
export const learnFrom = async (cleaner: Pick<Cleaner, "learn">, batches: AsyncIterable<Batch>): Promise<void> => {
  for await (const { found } of batches)
    for (const one of found) if (one._tag === "Call") cleaner.learn(one.call.labels)
}
