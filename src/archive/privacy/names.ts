import type { Marks } from "./leaves.ts"
import { isPseudonym, type Placeholders } from "./placeholders.ts"

const personLabel =
  /^(?:user_api_key_)?(?:(?:engineer|developer|author|assignee|employee|person|requester|end_?user|user|customer|patient|contact|caller)(?:[._-]?(?:id|name|full_?name|first_?name|last_?name|display_?name|login|handle|e?_?mail|phone))?|username|login|full_?name|first_?name|last_?name|e_?mail)$/i

/** Words that stand under such labels and are nobody. */
const nobody =
  /^(?:user|admin|root|test|tester|default|guest|anonymous|unknown|system|none|null|undefined|me|default_user_id|true|false)$/i

/** What was put there before: no name is looked for in it. */
const placeholder = /\[secret:[a-z0-9-]+:[0-9a-f]{8}\]|\bperson-[0-9a-f]{8}(?:@example\.invalid)?/

/** A name that is so short, or so much of a number, that it would be met by chance is replaced in labels alone. */
const isTelling = (name: string): boolean => name.length >= 3 && /\p{L}/u.test(name)

const isPersonLabel = (name: string): boolean => personLabel.test(name.slice(name.lastIndexOf(".") + 1))

/** The persons that a call's labels name. */
export interface Persons {
  /** Equal for the same persons. */
  readonly key: string
  /** The labels that name one. */
  readonly labels: Readonly<Record<string, string>>
  /** The text with pseudonyms where one of the names stands as a word of its own, letter by letter. */
  replace(text: string, marks: Marks): string
}

/** `undefined` where the labels (engineer, endUser, user_email, customer and their like; of a path its last part counts) name nobody. */
export const personsIn = (
  labels: Readonly<Record<string, string>>,
  placeholders: Placeholders
): Persons | undefined => {
  const named = Object.entries(labels).filter(
    ([label, value]) => isPersonLabel(label) && value.trim() !== "" && !nobody.test(value) && !isPseudonym(value)
  )
  if (named.length === 0) return undefined
  const names = [...new Set(named.map(([, value]) => value))].sort((a, b) => b.length - a.length || (a < b ? -1 : 1))
  const telling = names.filter(isTelling)
  const words = telling.map((name) => RegExp.escape(name)).join("|")
  const pattern = new RegExp(`${placeholder.source}|(?<![\\p{L}\\p{N}_])(?:${words})(?![\\p{L}\\p{N}_])`, "gu")
  return {
    key: JSON.stringify(names),
    labels: Object.fromEntries(named.map(([label, value]) => [label, placeholders.person(value)])),
    replace: (text, marks) =>
      telling.some((name) => text.includes(name))
        ? text.replace(pattern, (found) => {
            if (placeholder.test(found)) return found
            const pseudonym = placeholders.person(found)
            marks.set(pseudonym, "name")
            return pseudonym
          })
        : text
  }
}
