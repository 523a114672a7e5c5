import type { Checked } from "./contract.ts"

/** Results kept; each is a message of a few thousand characters at most. */
const kept = 4096

const results = new Map<string, Checked>()

/**
 * Results of commands in this process, by a digest of all that goes into them: a check that drives repairs and is a grader too runs once for an
 * answer, and says the same both times. The oldest go first.
 */
export const remembered = {
  get: (key: string): Checked | undefined => results.get(key),
  keep: (key: string, checked: Checked): Checked => {
    results.set(key, checked)
    for (const oldest of results.keys()) {
      if (results.size <= kept) break
      results.delete(oldest)
    }
    return checked
  }
}
