/** Letters of a text that its place is worked out from. */
const looked = 16

interface Entry<Value> {
  readonly text: string
  readonly value: Value
}

const places = 1 << 13

/**
 * What was last worked out for texts, for texts that come again and again: looking is much cheaper than to work it out, whether it is found or
 * not. Bounded by the letters of the texts, which it holds.
 */
export class Recent<Value> {
  readonly #letters: number
  #entries: Array<Entry<Value> | undefined> = new Array(places).fill(undefined)
  #held = 0

  /** `letters`: of the texts that are held, at most. */
  constructor(letters: number) {
    this.#letters = letters
  }

  get(text: string): Value | undefined {
    const entry = this.#entries[placeOf(text)]
    return entry !== undefined && entry.text === text ? entry.value : undefined
  }

  set(text: string, value: Value): void {
    if (text.length > this.#letters / 16) return
    const place = placeOf(text)
    this.#held += text.length - (this.#entries[place]?.text.length ?? 0)
    if (this.#held > this.#letters) {
      this.#entries.fill(undefined)
      this.#held = text.length
    }
    this.#entries[place] = { text, value }
  }
}

/** Of a text's length and some of its letters: two texts may have one place, and the later one takes it. */
const placeOf = (text: string): number => {
  const step = Math.max(1, Math.floor(text.length / looked))
  let hash = text.length
  for (let at = text.length - 1; at >= 0; at -= step) hash = Math.imul(hash ^ text.charCodeAt(at), 0x9e3779b1)
  return (hash ^ (hash >>> 15)) & (places - 1)
}
