import type { Marks } from "./leaves.ts"
import { isPseudonym, type Placeholders } from "./placeholders.ts"
import { Recent } from "./recent.ts"

const personLabel =
  /^(?:user_api_key_)?(?:(?:engineer|developer|author|assignee|employee|person|requester|end_?user|user|customer|patient|contact|caller)(?:[._-]?(?:id|name|full_?name|first_?name|last_?name|display_?name|login|handle|e?_?mail|phone))?|username|login|full_?name|first_?name|last_?name|e_?mail)$/i

/** Words that stand under such labels and are nobody. */
const nobody =
  /^(?:user|admin|root|test|tester|default|guest|anonymous|unknown|system|none|null|undefined|me|default_user_id|true|false)$/i

/** Words that records consist of whatever they say: roles, parts, states. A person of that name is replaced in labels alone. */
const ours = new Set(
  `absent adaptive allowed answer assistant audio auto batch billed blob call calls comment complete content context custom derived developer
  document documents edited end endpoint engineer error estimated expired failed false fidelity file finish flex format function gateway grouping
  harness heuristic history human image images importer inline input json judge kind labels length list location main media message messages
  metered missing mode model name names native none note notes null number object off opaque output params parts partial password path pause
  placeholder priority project prompt provenance provider raw reason reasoning reconstructed recorded redacted refusal repository reported request
  required response result role schema scope score secret secrets session signals simulator source started status stop strict string subagent
  subscription supplied synthetic system team temperature test text thinking time title token tokens tool tools top trajectory true truncated type
  unknown unreliable url usage user value verbatim version wire`.split(/\s+/)
)

/** A name that is so short, or so much of a number, that it would be met by chance is replaced in labels alone. */
const isTelling = (name: string): boolean =>
  name.length >= 3 && /\p{L}/u.test(name) && !ours.has(name.toLowerCase()) && !nobody.test(name)

/** True for labels that name a person: engineer, endUser, user_email, customer and their like; of a path its last part counts. */
export const isPersonLabel = (name: string): boolean => personLabel.test(name.slice(name.lastIndexOf(".") + 1))

/** The values of a call's labels that name somebody. */
export const namesIn = (
  labels: Readonly<Record<string, string>>
): ReadonlyArray<readonly [label: string, name: string]> =>
  Object.entries(labels).filter(
    ([label, value]) => isPersonLabel(label) && value.trim() !== "" && !nobody.test(value) && !isPseudonym(value)
  )

const placeholder = "\\[secret:[a-z0-9-]+:[0-9a-f]{8}\\]|\\bperson-[0-9a-f]{8}(?:@example\\.invalid)?"
/** What was put there before, and colours, in which no name is looked for; else words. */
const words = new RegExp(`${placeholder}|\\u001b\\[[\\d;]*[A-Za-z]|[\\p{L}\\p{N}_\\p{M}]+`, "gu")
const isWord = (character: string | undefined) => character !== undefined && /[\p{L}\p{N}_\p{M}]/u.test(character)
/** A login or an address of several words, and a name of two. */
const several = /[\p{L}\p{N}_\p{M}]+(?:[.'+@-][\p{L}\p{N}_\p{M}]+)+/uy
const twoNames = /\p{Lu}[\p{L}\p{M}'-]+ \p{Lu}[\p{L}\p{M}'-]+/uy

/** Characters of words that are remembered. */
const remembered = 4_000_000

/** A name that was learnt: as it is compared, and how many characters stand before its first word. */
interface Known {
  readonly name: string
  readonly before: number
}

/**
 * The persons of an archive: those that labels of its calls name, and those that stand in it already, of whom the pseudonyms alone are known. A
 * person's name is replaced wherever it stands as a word of its own, in small letters or capitals.
 */
export class Persons {
  readonly #placeholders: Placeholders
  readonly #there: ReadonlySet<string>
  readonly #names = new Set<string>()
  readonly #byWord = new Map<string, Array<Known>>()
  readonly #isThere = new Recent<boolean>(remembered)

  /** `there`: pseudonyms of persons whom the archive has. */
  constructor(placeholders: Placeholders, there: ReadonlyArray<string> = []) {
    this.#placeholders = placeholders
    this.#there = new Set(there)
  }

  /** How many names were learnt: what was looked through before one was learnt is to be looked through again. */
  get count(): number {
    return this.#names.size
  }

  /** Takes the names that a call's labels have. */
  learn(labels: Readonly<Record<string, string>>): void {
    for (const [, value] of namesIn(labels)) {
      const name = value.trim().toLowerCase()
      if (this.#names.has(name) || !isTelling(name)) continue
      const first = /[\p{L}\p{N}_\p{M}]+/u.exec(name)
      if (first === null) continue
      this.#names.add(name)
      const known = this.#byWord.get(first[0]) ?? []
      this.#byWord.set(first[0], known)
      known.push({ name, before: first.index })
      known.sort((a, b) => b.name.length - a.name.length)
    }
  }

  /** The labels that name one, with the pseudonyms. */
  labels(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
    return Object.fromEntries(namesIn(labels).map(([label, value]) => [label, this.#placeholders.person(value.trim())]))
  }

  /** The text with pseudonyms in the place of names. */
  replace(text: string, marks: Marks): string {
    if (this.#names.size === 0 && this.#there.size === 0) return text
    let pieces = ""
    let from = 0
    for (const { 0: word, index } of text.matchAll(words)) {
      if (index < from || !isWord(word[0]) || word.startsWith("person-")) continue
      // The `n` of a line break in JSON is no letter of the word after it.
      const escaped = text[index - 1] === "\\" && /^[nrtbf]/.test(word)
      const range = this.#at(text, index, word) ?? (escaped ? this.#at(text, index + 1, word.slice(1)) : undefined)
      if (range === undefined || range[0] < from) continue
      const pseudonym = this.#placeholders.person(text.slice(...range))
      marks.set(pseudonym, "name")
      pieces += text.slice(from, range[0]) + pseudonym
      from = range[1]
    }
    return from === 0 ? text : pieces + text.slice(from)
  }

  /** Where the name lies whose first word stands at a place. */
  #at(text: string, index: number, word: string): readonly [start: number, end: number] | undefined {
    for (const { before, name } of this.#byWord.get(word.toLowerCase()) ?? []) {
      const start = index - before
      const end = start + name.length
      if (start >= 0 && text.slice(start, end).toLowerCase() === name && !isWord(text[end])) return [start, end]
    }
    if (this.#there.size === 0) return undefined
    for (const pattern of [several, twoNames]) {
      pattern.lastIndex = index
      const long = pattern.exec(text)?.[0]
      if (long !== undefined && this.#holds(long)) return [index, index + long.length]
    }
    return this.#holds(word) ? [index, index + word.length] : undefined
  }

  #holds(name: string): boolean {
    const known = this.#isThere.get(name)
    if (known !== undefined) return known
    const holds = isTelling(name) && this.#there.has(this.#placeholders.person(name))
    this.#isThere.set(name, holds, name.length + 16)
    return holds
  }
}
