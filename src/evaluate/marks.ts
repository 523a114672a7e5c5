/** Marks on the cases of a run, by word: which of them something happened to. */
export class Marks {
  readonly #by = new Map<string, Uint8Array>()
  readonly #length: number

  /** `length` cases. */
  constructor(length: number) {
    this.#length = length
  }
  /** Marks a case with a word; once is enough. */
  set(word: string, at: number): void {
    const marks = this.#by.get(word) ?? new Uint8Array(this.#length)
    marks[at] = 1
    this.#by.set(word, marks)
  }
  /** Takes over the marks that a case has elsewhere. */
  take(from: Marks, at: number): void {
    for (const [word, marks] of from.#by) if (marks[at] === 1) this.set(word, at)
  }
  /** How many of the cases at `places` have each word, the commonest first, then by name; words that none has are left out. */
  counts(places: ReadonlyArray<number>): Readonly<Record<string, number>> {
    const counted = [...this.#by].map(
      ([word, marks]) => [word, places.reduce((sum, at) => sum + marks[at]!, 0)] as const
    )
    return Object.fromEntries(
      counted.filter(([, count]) => count > 0).sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    )
  }
}
