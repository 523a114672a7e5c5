import * as Effect from "effect/Effect"

import { Fault } from "../domain/Fault.ts"

/** The time that a `--before` names, a day in UTC or a time, as ISO 8601 in UTC. */
export const timeOf = (text: string): Effect.Effect<string, Fault> => {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text)
  const time = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(text)
  const ms = day || time ? Date.parse(day ? `${text}T00:00:00Z` : text) : Number.NaN
  if (!Number.isNaN(ms)) return Effect.succeed(new Date(ms).toISOString())
  return Effect.fail(
    new Fault({
      kind: "usage",
      sentence: `--before ${JSON.stringify(text)} is no day and no time`,
      mend: "Write a day such as 2026-05-01, or a time such as 2026-05-01T12:00:00Z."
    })
  )
}
