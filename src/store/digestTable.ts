import { digestOfText } from "../domain/digest.ts"

const isDigest = /^[0-9a-f]{64}$/

/** A key as a digest: itself, where it is one. */
export const asDigest = (key: string): string => (isDigest.test(key) ? key : digestOfText(key))

/** The first twelve bytes of a digest, as three numbers. */
export interface Words {
  readonly a: number
  readonly b: number
  readonly c: number
}

export const wordsIn = (digest: string): Words => ({ a: word(digest, 0), b: word(digest, 8), c: word(digest, 16) })

/** Eight hex digits, from some place on, as a number. */
const word = (hex: string, from: number): number => {
  let value = 0
  for (let at = from; at < from + 8; at++) {
    const code = hex.charCodeAt(at)
    value = (value << 4) | ((code & 15) + (code >> 6) * 9)
  }
  return value >>> 0
}

const empty = -1
const fullest = 0.7

/**
 * Digests with two numbers each, in typed arrays: 28 bytes a slot, 40 to 80 an entry. A digest is known by its first 12 bytes: among ten
 * million that any two have them in common has a chance of 10^-15.
 */
export class DigestTable {
  #words: Uint32Array<ArrayBuffer>
  #first: Float64Array<ArrayBuffer>
  #second: Float64Array<ArrayBuffer>
  #slots: number
  #size = 0

  /** `expected`: entries to make room for. */
  constructor(expected = 0) {
    let slots = 1024
    while (slots * fullest < expected) slots *= 2
    this.#slots = slots
    this.#words = new Uint32Array(slots * 3)
    this.#first = new Float64Array(slots).fill(empty)
    this.#second = new Float64Array(slots)
  }

  get size(): number {
    return this.#size
  }

  /** Where a digest stands, for `first` and `second`; -1 where it is not there. Good until the next `set`. */
  find({ a, b, c }: Words): number {
    const slot = this.#slot(a, b, c)
    return this.#first[slot] === empty ? -1 : slot
  }

  has(words: Words): boolean {
    return this.find(words) !== -1
  }

  first(slot: number): number {
    return this.#first[slot]!
  }

  second(slot: number): number {
    return this.#second[slot]!
  }

  /** Adds a digest, or gives one that is there other numbers. `first` is not negative. */
  set({ a, b, c }: Words, first = 0, second = 0): void {
    this.setWords(a, b, c, first, second)
  }

  setWords(a: number, b: number, c: number, first: number, second: number): void {
    if (this.#size >= this.#slots * fullest) this.#grow()
    this.#put(this.#slot(a, b, c), a, b, c, first, second)
  }

  #put(slot: number, a: number, b: number, c: number, first: number, second: number): void {
    if (this.#first[slot] === empty) {
      this.#size++
      this.#words[slot * 3] = a
      this.#words[slot * 3 + 1] = b
      this.#words[slot * 3 + 2] = c
    }
    this.#first[slot] = first
    this.#second[slot] = second
  }

  /** The slot of these words, or the empty one where they would stand. */
  #slot(a: number, b: number, c: number): number {
    const mask = this.#slots - 1
    const words = this.#words
    for (let slot = a & mask; ; slot = (slot + 1) & mask) {
      if (this.#first[slot] === empty) return slot
      if (words[slot * 3] === a && words[slot * 3 + 1] === b && words[slot * 3 + 2] === c) return slot
    }
  }

  #grow(): void {
    const [words, first, second, slots] = [this.#words, this.#first, this.#second, this.#slots]
    this.#slots = slots * 2
    this.#words = new Uint32Array(this.#slots * 3)
    this.#first = new Float64Array(this.#slots).fill(empty)
    this.#second = new Float64Array(this.#slots)
    this.#size = 0
    for (let slot = 0; slot < slots; slot++) {
      if (first[slot] === empty) continue
      const [a, b, c] = [words[slot * 3]!, words[slot * 3 + 1]!, words[slot * 3 + 2]!]
      this.#put(this.#slot(a, b, c), a, b, c, first[slot]!, second[slot]!)
    }
  }
}
