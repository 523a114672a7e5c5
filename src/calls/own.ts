import type { AnswerRow } from "../domain/Output.ts"
import { asDigest, DigestTable, wordsIn } from "../store/digestTable.ts"

/** The keys of what a run bought itself: what else is in the cache was there before it. */
export const makeOwn = () => {
  const keys = new DigestTable()
  return {
    /** Notes a row, before it is kept, and gives it back. */
    note: (row: AnswerRow): AnswerRow => {
      keys.set(wordsIn(asDigest(row.key)))
      return row
    },
    has: (key: string): boolean => keys.has(wordsIn(asDigest(key)))
  }
}
