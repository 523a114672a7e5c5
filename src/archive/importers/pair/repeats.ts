/** Rows of one file that are remembered at most; the oldest goes first. */
const most = 200_000

/**
 * Tells apart rows of one file that nothing tells apart: no id, no time, no id of the answer, the same request and answer. As likely as copies they
 * are the same question asked again, so each counts; the file read again has them in the same order.
 */
export class Repeats {
  readonly #seen = new Map<string, number>()

  /** How many rows with this content the file had before this one. */
  before(content: string): number {
    const key = content.slice(0, 16)
    const before = this.#seen.get(key) ?? 0
    this.#seen.delete(key)
    this.#seen.set(key, before + 1)
    if (this.#seen.size > most)
      for (const oldest of this.#seen.keys()) {
        this.#seen.delete(oldest)
        break
      }
    return before
  }
}
