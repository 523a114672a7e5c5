/**
 * Which digests were seen, in 8 bytes each and never more than about 32 MB: past the limit the older half is forgotten. Two
 * digests count as one when their first 64 bits are equal, by chance once in some hundred million imports of ten million messages.
 */
export class DigestSet {
  #young: Table
  #old: Table | undefined
  readonly #limit: number

  constructor(limit = 1 << 20) {
    this.#limit = limit
    this.#young = new Table(1 << 10)
  }

  /** True when the digest (hex) was added and is still remembered. */
  has(digest: string): boolean {
    const [high, low] = wordsOf(digest)
    return this.#young.has(high, low) || (this.#old?.has(high, low) ?? false)
  }

  add(digest: string): void {
    if (this.#young.size >= this.#limit) {
      this.#old = this.#young
      this.#young = new Table(1 << 10)
    }
    this.#young.add(...wordsOf(digest))
  }
}

const wordsOf = (digest: string): readonly [number, number] => [
  Number.parseInt(digest.slice(0, 8), 16) || 1, // an empty place holds two zeros
  Number.parseInt(digest.slice(8, 16), 16)
]

/** Open addressing; at most half full. */
class Table {
  size = 0
  #words: Uint32Array

  constructor(places: number) {
    this.#words = new Uint32Array(places * 2)
  }

  #place(high: number, low: number): number {
    const mask = this.#words.length / 2 - 1
    let at = low & mask
    while (this.#words[at * 2] !== 0 && (this.#words[at * 2] !== high || this.#words[at * 2 + 1] !== low))
      at = (at + 1) & mask
    return at * 2
  }

  has(high: number, low: number): boolean {
    return this.#words[this.#place(high, low)] !== 0
  }

  add(high: number, low: number): void {
    const at = this.#place(high, low)
    if (this.#words[at] !== 0) return
    this.#words[at] = high
    this.#words[at + 1] = low
    this.size += 1
    if (this.size * 4 <= this.#words.length) return
    const full = this.#words
    this.#words = new Uint32Array(full.length * 2)
    for (let i = 0; i < full.length; i += 2)
      if (full[i] !== 0) {
        const free = this.#place(full[i]!, full[i + 1]!)
        this.#words[free] = full[i]!
        this.#words[free + 1] = full[i + 1]!
      }
  }
}
