import * as Result from "effect/Result"

import { fenced, readJson } from "../checks/json.ts"
import { plain } from "./numberPlain.ts"
import { patternOf } from "./paths.ts"

/** A minus sign counts only where nothing is taken away: `10-5` holds 10 and 5. */
const pattern = /(?<![\p{L}\p{N}_.)-])-?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/gu

/** A number in a text, with what stands right before and after it. */
interface NumberMatch {
  readonly value: number
  readonly written: string
  readonly before: string
  readonly after: string
}
/** Long enough for a unit in words. */
const around = 64

const matchesIn = (text: string): ReadonlyArray<NumberMatch> =>
  [...text.matchAll(pattern)]
    .map((match) => {
      // A full stop ends a sentence: what follows it does not stand beside the number.
      const end = match.index + match[0].replace(/\.$/, "").length
      return {
        value: Number(match[0]),
        written: match[0],
        before: text.slice(Math.max(0, match.index - around), match.index),
        after: text.slice(end, end + around)
      }
    })
    .filter(({ value }) => Number.isFinite(value))

/** The numbers in a text, in order, with their surroundings; a minus before a sign of money is moved behind it: `-$5` is `$` and -5. */
export const numberMatches = (text: string): ReadonlyArray<NumberMatch> =>
  matchesIn(plain(text).replace(/(?<![\p{L}\p{N}_.)-])-([$€£¥₹])\s?(?=[\d.])/gu, "$1-"))

/** The numbers in a text, in order, read as {@link plain} says; `$` does not count: `-$1,234.50` is -1234.5, `12,5` is 12.5, `[1,2]` is 1 and 2. */
export const numbersIn = (text: string): ReadonlyArray<number> =>
  matchesIn(plain(text).replaceAll("$", "")).map(({ value }) => value)

/** The last number in a text, found as {@link numbersIn} does, as a text: a whole number beyond 2^53 keeps its digits. */
export const lastNumberIn = (text: string): string | undefined => {
  const last = matchesIn(plain(text).replaceAll("$", "")).at(-1)
  if (last === undefined) return undefined
  const whole = last.written.replace(/\.0*$/, "")
  return !Number.isSafeInteger(last.value) && /^-?\d+$/.test(whole) ? `${BigInt(whole)}` : `${last.value}`
}

const numberOf = (value: unknown): number | undefined =>
  typeof value === "number" ? value : typeof value === "string" ? numbersIn(value)[0] : undefined

const at = (json: unknown, path: ReadonlyArray<string>): unknown =>
  path.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null && Object.hasOwn(value, key)
        ? (value as Readonly<Record<string, unknown>>)[key]
        : undefined,
    json
  )

/** The field's value as it is written in a text that is not JSON: `"answer": "42` gives `42`. The last one wins: an answer comes after its reasoning. */
const written = (text: string, field: string): string | undefined => {
  const name = RegExp.escape(field)
  const value = new RegExp(
    `(?:"${name}"|'${name}'|\\\\"${name}\\\\"|\\b${name})\\s*[:=]\\s*(?:\\\\?["']?)([^"'\\n}]*)`,
    "g"
  )
  return [...text.matchAll(value)].at(-1)?.[1]
}

/**
 * The value of a field of the JSON in a text, `undefined` when there is none. The field is a key or a path
 * (`total.amount`, `items[0].id`, `$.a`). The JSON may be plain, in a fenced block, in the midst of text, or broken (unescaped quotes, line ends
 * in strings, cut off); where nothing in the text is JSON, the field's last mention with a value counts.
 */
export const valueInField = (text: string, field: string): unknown => {
  const path = patternOf(field) ?? [field]
  const span = /\{[\s\S]*\}/.exec(text)?.[0] ?? ""
  const read = [text, ...fenced(text), span].map(readJson).filter(Result.isSuccess)
  return read.length > 0
    ? read.map(({ success }) => at(success, path)).find((value) => value !== undefined)
    : written(text, path.at(-1) ?? field)
}

/** The first number in a field of the JSON in a text, found as {@link valueInField} does; `undefined` when there is none. */
export const numberInField = (text: string, field: string): number | undefined => numberOf(valueInField(text, field))

/** The value of a JSON value's field, `undefined` when there is none. */
export const valueInJson = (json: unknown, field: string): unknown => at(json, patternOf(field) ?? [field])
