import { isTelling } from "./assigned.ts"
import type { Finding } from "./finding.ts"
import { isPersonal } from "./personal.ts"
import type { Placeholders } from "./placeholders.ts"
import type { Leaf } from "./scan.ts"
import type { Visit } from "./walk.ts"

/** What was put into a text: placeholders, with what they stand for. */
export type Marks = Map<string, string>

/** The shortest thing that is found has six characters: `a@b.co`. */
const shortest = 6
const mostShort = 50_000

/** Short texts that were seen and hold nothing: roles, names of fields, models. */
export class ShortTexts {
  readonly #texts = new Set<string>()

  has(text: string): boolean {
    return this.#texts.has(text)
  }

  add(text: string): void {
    if (text.length > 64) return
    if (this.#texts.size >= mostShort) this.#texts.clear()
    this.#texts.add(text)
  }
}

interface Cleaned {
  readonly text: string
  readonly marks: Marks
}

/** The texts of some records, each once: gathered first, looked through together, then put back. */
export class Leaves {
  readonly all: Array<Leaf> = []
  readonly #plain = new Map<string, number>()
  readonly #under = new Map<string, Map<string, number>>()
  readonly #short: ShortTexts
  readonly #cleaned = new Map<number, Cleaned>()

  constructor(short: ShortTexts) {
    this.#short = short
  }

  /** Texts under a telling name are kept apart by the name: it says what they are. */
  #indexes(under: string): Map<string, number> {
    if (under === "" || !isTelling(under)) return this.#plain
    const known = this.#under.get(under) ?? new Map<string, number>()
    this.#under.set(under, known)
    return known
  }

  readonly gather: Visit = (text, under) => {
    if (text.length < shortest) return text
    const indexes = this.#indexes(under)
    if (indexes.has(text) || (indexes === this.#plain && this.#short.has(text))) return text
    indexes.set(text, this.all.length)
    this.all.push({ text, under: indexes === this.#plain ? "" : under })
    return text
  }

  /** Takes what was found in each text; true when there was anything. */
  found(findings: ReadonlyArray<ReadonlyArray<Finding>>, placeholders: Placeholders): boolean {
    for (const [at, { text, under }] of this.all.entries()) {
      const found = findings[at]!
      if (found.length > 0) this.#cleaned.set(at, replaced(text, found, placeholders))
      else if (under === "") this.#short.add(text)
    }
    return this.#cleaned.size > 0
  }

  /** Puts the cleaned texts in the place of the gathered ones and notes the placeholders. */
  readonly putBack =
    (marks: Marks): Visit =>
    (text, under) => {
      if (text.length < shortest) return text
      const at = this.#indexes(under).get(text)
      const cleaned = at === undefined ? undefined : this.#cleaned.get(at)
      if (cleaned === undefined) return text
      for (const [mark, kind] of cleaned.marks) marks.set(mark, kind)
      return cleaned.text
    }
}

const replaced = (text: string, findings: ReadonlyArray<Finding>, placeholders: Placeholders): Cleaned => {
  const marks: Marks = new Map()
  const pieces: Array<string> = []
  let from = 0
  for (const { end, kind, start } of findings) {
    const value = text.slice(start, end)
    const mark = isPersonal(kind) ? placeholders.personal(kind, value) : placeholders.secret(kind, value)
    marks.set(mark, kind)
    pieces.push(text.slice(from, start), mark)
    from = end
  }
  return { text: pieces.join("") + text.slice(from), marks }
}
