import type { JsonObject } from "../../json.ts"
import { arrayIn, numberIn, objectIn, textIn } from "../../json.ts"

const snake = new Map<string, string>()

const snakeOf = (name: string): string => {
  const known = snake.get(name)
  if (known !== undefined) return known
  const made = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  snake.set(name, made)
  return made
}

/** The first of the names that an object has; OTLP's JSON is written in camel case, and by some exporters in snake case. */
export const partIn = (object: JsonObject, ...names: ReadonlyArray<string>): unknown => {
  for (const name of names) {
    const value = object[name] ?? object[snakeOf(name)]
    if (value !== undefined && value !== null) return value
  }
  return undefined
}

/** Deeper values are left out. */
const deepest = 32

/** An OTLP value as plain JSON: integers come as texts, lists and maps in wrappers of their own. */
export const plainValue = (raw: unknown, depth = 0): unknown => {
  const object = objectIn(raw)
  if (object === undefined || depth > deepest) return raw
  const text = partIn(object, "stringValue")
  if (text !== undefined) return text
  const integer = partIn(object, "intValue")
  if (integer !== undefined) {
    const long = objectIn(integer)
    const number = long === undefined ? numberIn(integer) : Number(long["high"]) * 2 ** 32 + Number(long["low"])
    return Number.isSafeInteger(number) ? number : integer
  }
  const double = partIn(object, "doubleValue")
  if (double !== undefined) return numberIn(double) ?? double
  const flag = partIn(object, "boolValue")
  if (flag !== undefined) return flag
  const list = objectIn(partIn(object, "arrayValue"))
  if (list !== undefined) return (arrayIn(list["values"]) ?? []).map((one) => plainValue(one, depth + 1))
  const map = objectIn(partIn(object, "kvlistValue"))
  if (map !== undefined) return attributesIn(map["values"], depth + 1)
  return partIn(object, "bytesValue")
}

/** Attributes as a flat object: OTLP's list of `{key, value}`, or an object as other exporters write it. */
export const attributesIn = (raw: unknown, depth = 0): JsonObject => {
  const list = arrayIn(raw)
  if (list === undefined) return objectIn(raw) ?? {}
  return Object.fromEntries(
    list.flatMap((one) => {
      const pair = objectIn(one)
      const key = typeof pair?.["key"] === "string" ? pair["key"] : undefined
      const value = key === undefined ? undefined : plainValue(pair?.["value"], depth)
      return key === undefined || value === undefined || key === "__proto__" ? [] : [[key, value]]
    })
  )
}

/** An id of a trace or span in lower-case hex: from hex (with or without 0x), or base64 as protobuf's JSON has bytes. `undefined` for none, and for all zeroes. */
export const idIn = (raw: unknown, bytes: 8 | 16): string | undefined => {
  const text = textIn(raw)?.replace(/^0x/i, "")
  if (text === undefined) return undefined
  if (new RegExp(`^[0-9a-f]{${2 * bytes}}$`, "i").test(text)) return /^0+$/.test(text) ? undefined : text.toLowerCase()
  const decoded = /^[A-Za-z0-9+/_-]+=*$/.test(text) ? Buffer.from(text, "base64") : undefined
  return decoded?.length === bytes ? decoded.toString("hex") : text
}

/** Seconds and nanoseconds, as OpenTelemetry for JavaScript has times, in milliseconds; any other time as it is. */
export const timeIn = (raw: unknown): unknown => {
  const pair = arrayIn(raw)
  const [seconds, nanos] = (pair ?? []).map(numberIn)
  return pair?.length === 2 && seconds !== undefined && nanos !== undefined ? seconds * 1e3 + nanos / 1e6 : raw
}
