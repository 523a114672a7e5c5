import { digestOf } from "../domain/digest.ts"
import type { Series } from "../domain/Output.ts"

/** What can change an answer. */
export interface Question {
  readonly kind: string
  readonly host: string
  /** The request as it is sent, `stream` left out. */
  readonly body: Readonly<Record<string, unknown>>
  readonly series: Series
  readonly repeat: number
}

/**
 * The key of an answer in the cache: 64 hex digits, the digest of what is sent, where it is sent, and which draw it is.
 * A setup counts only by what it sends, so setups that differ in repair rounds share their first answers.
 */
export const keyOf = ({ body, host, kind, repeat, series }: Question): string =>
  digestOf({ body, host, kind, repeat, series })
