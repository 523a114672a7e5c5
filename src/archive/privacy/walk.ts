import { objectIn } from "../json.ts"
import { unescaped } from "./unescape.ts"

/** Takes a text of a record, and the name that it stands under where it has one; gives what is to stand there. */
export type Visit = (text: string, under: string) => string

/** Contents in base64, which are not looked into. */
const packed = /^data:[^,\s]{0,200};base64,/i

/** Whole numbers long enough to be a card's are visited as texts. */
const leastNumber = 1e12

/**
 * A JSON value with every text in it visited, names of fields as well; the same value where nothing changed. Not visited are contents in
 * base64. Arguments of tools as they were written (`inputRaw`) stay JSON where they are JSON: each text in them is visited by itself.
 */
export const mapped = <T>(value: T, visit: Visit, under = ""): T => mapValue(value, visit, under) as T

const mapValue = (value: unknown, visit: Visit, under: string): unknown => {
  if (typeof value === "string") return packed.test(value.slice(0, 240)) ? value : visit(value, under)
  if (typeof value === "number") {
    if (value < leastNumber || !Number.isSafeInteger(value)) return value
    const text = visit(String(value), under)
    return text === String(value) ? value : text
  }
  if (Array.isArray(value)) return mapArray(value, visit, under)
  const object = objectIn(value)
  return object === undefined ? value : mapObject(object, visit)
}

const mapArray = (values: ReadonlyArray<unknown>, visit: Visit, under: string): unknown => {
  let changed: Array<unknown> | undefined
  for (let at = 0; at < values.length; at += 1) {
    const part = mapValue(values[at], visit, under)
    if (part === values[at]) continue
    changed ??= [...values]
    changed[at] = part
  }
  return changed ?? values
}

const mapObject = (object: Readonly<Record<string, unknown>>, visit: Visit): unknown => {
  if (object["kind"] === "inline" && typeof object["base64"] === "string") return object
  const names = Object.keys(object)
  let changed: Array<readonly [string, unknown]> | undefined
  for (const [at, name] of names.entries()) {
    const value = object[name]
    const raw = name === "inputRaw" && object["type"] === "tool_use" && typeof value === "string"
    const part = raw ? mapArguments(value, visit) : mapValue(value, visit, name)
    const called = visit(name, "")
    if (part !== value || called !== name) changed ??= names.slice(0, at).map((before) => [before, object[before]])
    changed?.push([called, part])
  }
  return changed === undefined ? object : Object.fromEntries(changed)
}

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

const literal = /"(?:[^"\\]|\\.)*"|(?<![\w.])\d{13,16}(?![\w.])/g

/** JSON as it was written, each text in it visited: blanks, order, numbers and repeated names stay as they are. */
const mapArguments = (raw: string, visit: Visit): string => {
  if (!isJson(raw)) return visit(raw, "")
  let under = ""
  return raw.replace(literal, (written: string, at: number) => {
    const quoted = written.startsWith('"')
    const isName = quoted && /^\s*:/.test(raw.slice(at + written.length, at + written.length + 40))
    const text = quoted ? textOf(written) : written
    const now = packed.test(text.slice(0, 240)) ? text : visit(text, isName ? "" : under)
    under = isName ? text : under
    return now === text ? written : JSON.stringify(now)
  })
}

const textOf = (written: string): string => {
  try {
    return String(JSON.parse(written))
  } catch {
    return unescaped(written.slice(1, -1))
  }
}
