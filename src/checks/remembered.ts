import * as Effect from "effect/Effect"

import type { Checked, Memory } from "./contract.ts"

/** Results kept; each is a message of a few thousand characters at most. */
const kept = 4096

/** A memory that ends with the process; the oldest results go first. */
export const remembering = (): Memory => {
  const results = new Map<string, Checked>()
  return {
    get: (key) => Effect.sync(() => results.get(key)),
    keep: (key, checked) =>
      Effect.sync(() => {
        const first = results.get(key)
        if (first !== undefined) return first
        results.set(key, checked)
        for (const oldest of results.keys()) {
          if (results.size <= kept) break
          results.delete(oldest)
        }
        return checked
      })
  }
}
