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
  /** How many of the first `cases` cases have each word, the commonest first, then by name; words that none has are left out. */
  counts(cases: number): Readonly<Record<string, number>> {
    const counted = [...this.#by].map(
      ([word, marks]) => [word, marks.subarray(0, cases).reduce((sum, mark) => sum + mark, 0)] as const
    )
    return Object.fromEntries(
      counted.filter(([, count]) => count > 0).sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    )
  }
}
