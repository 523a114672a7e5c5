import { digestOf, digestOfText } from "../domain/digest.ts"
import type { Series } from "../domain/Output.ts"

/** What can change an answer. */
export interface Question {
  readonly kind: string
  readonly host: string
  /** The request as it is sent, `stream` left out. */
  readonly body: Readonly<Record<string, unknown>>
  readonly series: Series
  readonly repeat: number
  /**
   * Digest of the archived request that the question comes from: requests that a setup makes alike (it sets a parameter in which they
   * differed) are draws of their own.
   */
  readonly origin?: string | undefined
}

/**
 * The key of an answer in the cache: 64 hex digits, the digest of what is sent, where it is sent, and which draw it is.
 * A setup counts only by what it sends, so setups that differ in repair rounds share their first answers.
 */
export const keyOf = ({ body, host, kind, origin, repeat, series }: Question): string =>
  digestOf({ body, host, kind, origin, repeat, series })

/** For which setup (its id, or `floor`) and case an answer was bought, as 24 hex digits. It tells where answers are missing, never which one is right. */
export const askedFor = (setup: string, caseId: string): string => digestOfText(`${setup} ${caseId}`).slice(0, 24)
