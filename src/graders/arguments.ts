import { bestPairing } from "./assignment.ts"
import { tokenF1, tokensOf } from "./textSimilarity.ts"
import { within } from "./tolerance.ts"
import { comparingOf, type Resolved, type Resolving, resolvingOf, withDefaults } from "./toolSchema.ts"

/** What is forgiven between two calls of a tool. */
export interface Forgiving {
  readonly text: "normalised" | "exact"
  /** Prose that has less in common than this, as word F1, is another text. */
  readonly textFloor: number
  readonly tolerance: number
  readonly scale: "absolute" | "relative"
}

/** How far the arguments of two calls are the same. */
export interface Sameness {
  /** The mean over the arguments of both: each from 0 to 1. */
  readonly score: number
  /** One a difference, in the order of the arguments: `.date is "2026-05-02" instead of "2026-05-01"`. */
  readonly differences: ReadonlyArray<string>
}

type Json = Readonly<Record<string, unknown>>

/** Stands for an argument that one side lacks; no JSON value is `undefined`. */
const absent = undefined

const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value)
const own = (value: Json, key: string): unknown => (Object.hasOwn(value, key) ? value[key] : absent)

const brief = (value: unknown): string => {
  const text = JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}

const normal = (text: string) => text.normalize("NFKC").toLowerCase().replace(/\s+/gu, " ").trim()

const keysOf = (one: Json, other: Json) => [...new Set([...Object.keys(one), ...Object.keys(other)])]

/** The most that the worst pair can score when all are paired one to one: the order of either side never changes it. */
const worstOfBest = (scores: ReadonlyArray<ReadonlyArray<number>>): number => {
  const levels = [...new Set(scores.flat())].filter((score) => score > 0).sort((a, b) => b - a)
  return (
    levels.find((level) =>
      bestPairing(scores.map((row) => row.map((score) => (score >= level ? 1 : 0)))).every((column) => column !== -1)
    ) ?? 0
  )
}

const codeWords = new Set(
  "sql query queries statement statements code script scripts command commands cmd cmds expression expressions".split(
    " "
  )
)
for (const word of "regex regexp path paths filepath url urls uri uris file files filename".split(" "))
  codeWords.add(word)
const aboutCode = /^(message|notes?|comment|summary|reason|explanation|description)$/

/** A name that says that its value is code or a place, where each word counts: `sql`, `sqlQuery`, `file_path`; not `code_comment`. */
const isCodeName = (name: string): boolean => {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z]+/)
  return words.some((word) => codeWords.has(word)) && !aboutCode.test(words.at(-1) ?? "")
}

/** `1,000` as 1000, `2.50` as 2.5, `3,5` as 3.5; several numbers where commas only part them. */
const plainNumbers = (written: string): ReadonlyArray<string> => {
  const text = written.replace(/^\u2212/u, "-").replace(/[$€£¥]/u, "")
  const whole = /^-?\d{1,3}(,\d{3})+(\.\d+)?$/.test(text) ? text.replaceAll(",", "") : text
  return (/^-?\d+,\d+$/.test(whole) ? [whole.replace(",", ".")] : whole.split(",")).map((number) =>
    /^-?\d+\.\d{1,20}$/.test(number) ? number.replace(/\.?0+$/, "") : number
  )
}

/** The numbers of a text with their signs and decimals, in order: "3 for item 5" is not "5 for item 3". A dash after a letter or digit is no sign. */
const numbersOf = (text: string): ReadonlyArray<string> =>
  [...normal(text).matchAll(/(?:(?<![\p{L}\p{N}])[-\u2212])?[$€£¥]?\d+(?:[.,]\d+)*/gu)].flatMap(([written]) =>
    plainNumbers(written)
  )

const negation =
  /n't(?!\p{L})|(?<!\p{L})(?:not|never|without|cannot|nicht|kein(?:e[mnrs]?)?|no(?!\.\s*\d)|n(?:e\s|')(?:\S+\s+){0,4}?pas)(?!\p{L})/gu

/** How many negations a text has: in English, German, French and Spanish. */
const negationsOf = (text: string): number =>
  [
    ...normal(text)
      .replace(/[\u2018\u2019\u02bc]/gu, "'")
      .matchAll(negation)
  ].length

const listed = (numbers: ReadonlyArray<string>) => (numbers.length === 0 ? "none" : numbers.join(", "))

/** Why two texts that share their words say another thing all the same; `undefined`: nothing tells so. */
const contradiction = (one: string, other: string): string | undefined => {
  const [wanted, found] = [numbersOf(one), numbersOf(other)]
  if (wanted.join(" ") !== found.join(" ")) {
    const moved = wanted.toSorted().join(" ") === found.toSorted().join(" ")
    return `${moved ? "numbers in another order" : "other numbers"}: ${listed(found)} instead of ${listed(wanted)}`
  }
  const more = negationsOf(other) - negationsOf(one)
  return more === 0 ? undefined : `a negation ${more > 0 ? "too much" : "is missing"}`
}

const prose = (one: string, other: string, floor: number): { readonly score: number; readonly why?: string } => {
  if (normal(one) === normal(other)) return { score: 1 }
  const why = contradiction(one, other)
  if (why !== undefined) return { score: 0, why }
  const [left, right] = [tokensOf(one), tokensOf(other)]
  const score = left.length + right.length === 0 ? 0 : tokenF1(left, right)
  return { score: score >= floor ? score : 0 }
}

const worst = (parts: ReadonlyArray<Sameness>): Sameness => ({
  score: Math.min(1, ...parts.map(({ score }) => score)),
  differences: parts.flatMap(({ differences }) => differences)
})

const compared = (at: Resolving["at"], forgiving: Forgiving) => {
  const scalar = (place: string, name: string, schema: Json, one: unknown, other: unknown): Sameness => {
    const told = comparingOf(name, schema, one, other)
    const comparing = told === "prose" && isCodeName(name) ? "usual" : told
    const instead = `${brief(other)} instead of ${brief(one)}`
    let score = one === other ? 1 : 0
    let why: string | undefined
    if (comparing !== "exact" && typeof one === "number" && typeof other === "number")
      score = one === other || (Number.isFinite(one) && within(one, other, forgiving)) ? 1 : 0
    if (comparing !== "exact" && forgiving.text !== "exact" && typeof one === "string" && typeof other === "string") {
      if (comparing === "prose") ({ score, why } = prose(one, other, forgiving.textFloor))
      else score = Number(normal(one) === normal(other))
    }
    if (score === 1) return { score, differences: [] }
    const how = score === 0 ? "is" : `is alike by ${score.toFixed(2)}:`
    return { score, differences: [`${place} ${how} ${instead}${why === undefined ? "" : ` (${why})`}`] }
  }

  const list = (
    place: string,
    name: string,
    schema: Json,
    one: ReadonlyArray<unknown>,
    other: ReadonlyArray<unknown>
  ): Sameness => {
    if (one.length !== other.length)
      return { score: 0, differences: [`${place} has ${other.length} elements instead of ${one.length}`] }
    if (schema["uniqueItems"] !== true)
      return worst(one.map((element, i) => value(`${place}[${i}]`, name, schema["items"], element, other[i])))
    const score = worstOfBest(
      one.map((left) => other.map((right) => value(place, name, schema["items"], left, right).score))
    )
    return { score, differences: score === 1 ? [] : [`${place} is ${brief(other)} instead of ${brief(one)}`] }
  }

  /** A value is as good as its worst part; a list whose schema says `uniqueItems` has no order. */
  const value = (place: string, name: string, written: unknown, one: unknown, other: unknown): Sameness => {
    if (one === absent) return { score: 0, differences: [`${place} is too much`] }
    if (other === absent) return { score: 0, differences: [`${place} is missing`] }
    const resolved = at(written, one)
    const { schema } = resolved
    if (Array.isArray(one) && Array.isArray(other)) return list(place, name, schema, one, other)
    if (isObject(one) && isObject(other)) return worst(parts(place, resolved, one, other))
    return scalar(place, name, schema, one, other)
  }

  const parts = (
    place: string,
    { defaults, properties }: Pick<Resolved, "defaults" | "properties">,
    one: Json,
    other: Json
  ): ReadonlyArray<Sameness> => {
    const [left, right] = [withDefaults(one, defaults), withDefaults(other, defaults)]
    return keysOf(left, right).map((key) =>
      value(`${place}.${key}`, key, own(properties, key), own(left, key), own(right, key))
    )
  }
  return parts
}

/**
 * Compares the arguments of two calls of one tool under its input schema: what is an id by its name, whatever its type, one of a
 * list, of a format, a whole number or yes or no must be the same to the letter; a `number` may differ by the tolerance; prose scores its word F1, but 0
 * where its numbers, in their order, or its count of negations differ; other texts, and code and places by their name (`sql`, `file_path`), may
 * differ in case and white space; defaults are filled in on both sides. An argument is as good as its worst part.
 * Without a schema (`undefined`) nothing but the tolerance, case and white space is forgiven, and of an id nothing.
 */
export const compareArguments = (schema: unknown, one: Json, other: Json, forgiving: Forgiving): Sameness => {
  const { at, root } = resolvingOf(schema)
  const parts = compared(at, forgiving)("", at(root, one), one, other)
  return {
    score: parts.length === 0 ? 1 : parts.reduce((sum, { score }) => sum + score, 0) / parts.length,
    differences: parts.flatMap(({ differences }) => differences)
  }
}
