import { compileSchema } from "./schemas.ts"

/** From so many examples on, what never occurred is taken for not allowed: other values of a text, other keys, fractions. */
const enough = 30
/** Distinct texts that a list of values may have, each seen at least twice. */
const few = 12
/** A text longer than this is no name of a value. */
const nameLength = 60
/** Examples that a format needs. */
const formatted = 5
/** Keys beyond these are those of a map, whose keys are data. */
const keysOfMap = 64

const formats = ["date", "date-time", "email", "uuid", "uri"] as const
type Format = (typeof formats)[number]
const testers = new Map<Format, (value: unknown) => ReadonlyArray<string>>()
const fits = (format: Format, value: string): boolean => {
  const tester = testers.get(format) ?? compileSchema({ type: "string", format })
  testers.set(format, tester)
  return tester(value).length === 0
}

/** Keys that the validator cannot be told of: half a character, and the one that it always passes over. */
const untold = (key: string): boolean => key === "__proto__" || !key.isWellFormed()

/** What is known of the values at one place; it grows with the shape of the values, not with their number. */
export interface Shape {
  count: number
  nulls: number
  booleans: number
  numbers: number
  fractions: number
  strings: number
  /** How often each text was seen; empty once there were too many. */
  texts: Map<string, number> | undefined
  formats: ReadonlyArray<Format>
  arrays: number
  items: Shape | undefined
  objects: number
  keys: Map<string, Shape>
  map: boolean
}

/** Nothing seen yet. */
export const emptyShape = (): Shape => ({
  count: 0,
  nulls: 0,
  booleans: 0,
  numbers: 0,
  fractions: 0,
  strings: 0,
  texts: new Map(),
  formats,
  arrays: 0,
  items: undefined,
  objects: 0,
  keys: new Map(),
  map: false
})

const seeText = (shape: Shape, value: string): void => {
  shape.strings++
  shape.formats = shape.formats.filter((format) => fits(format, value))
  if (shape.texts === undefined) return
  shape.texts.set(value, (shape.texts.get(value) ?? 0) + 1)
  if (shape.texts.size > few || value.length > nameLength) shape.texts = undefined
}

/** Adds one JSON value to what is known of its place. */
export const see = (shape: Shape, value: unknown): void => {
  shape.count++
  if (value === null) shape.nulls++
  else if (typeof value === "boolean") shape.booleans++
  else if (typeof value === "string") seeText(shape, value)
  else if (typeof value === "number") {
    shape.numbers++
    if (!Number.isInteger(value)) shape.fractions++
  } else if (Array.isArray(value)) {
    shape.arrays++
    shape.items ??= emptyShape()
    for (const item of value) see(shape.items, item)
  } else if (typeof value === "object") {
    shape.objects++
    if (shape.map) return
    for (const [key, part] of Object.entries(value)) {
      const known = shape.keys.get(key) ?? emptyShape()
      shape.keys.set(key, known)
      see(known, part)
    }
    if (shape.keys.size > keysOfMap || Object.keys(value).some(untold)) {
      shape.map = true
      shape.keys.clear()
    }
  }
}

type Json = Readonly<Record<string, unknown>>

const textSchema = ({ formats: left, strings, texts }: Shape): Json => {
  if (texts !== undefined && strings >= enough && [...texts.values()].every((times) => times >= 2)) {
    return { type: "string", enum: [...texts.keys()].sort() }
  }
  const [format] = left
  return format !== undefined && strings >= formatted ? { type: "string", format } : { type: "string" }
}

const objectSchema = ({ keys, map, objects }: Shape): Json => {
  if (map) return { type: "object" }
  const required = [...keys].flatMap(([key, { count }]) => (count === objects ? [key] : []))
  return {
    type: "object",
    properties: Object.fromEntries([...keys].map(([key, shape]) => [key, schemaOf(shape)])),
    ...(required.length === 0 ? {} : { required }),
    ...(objects >= enough ? { additionalProperties: false } : {})
  }
}

const arraySchema = ({ items }: Shape): Json =>
  items === undefined || items.count === 0 ? { type: "array" } : { type: "array", items: schemaOf(items) }

/** The JSON Schema (2020-12, without `$schema`) that all values seen at a place fit. */
export const schemaOf = (shape: Shape): Json => {
  const { arrays, booleans, fractions, nulls, numbers, objects, strings } = shape
  const kinds: Array<Json> = [
    ...(objects > 0 ? [objectSchema(shape)] : []),
    ...(arrays > 0 ? [arraySchema(shape)] : []),
    ...(strings > 0 ? [textSchema(shape)] : []),
    ...(numbers > 0 ? [{ type: fractions === 0 && numbers >= enough ? "integer" : "number" }] : []),
    ...(booleans > 0 ? [{ type: "boolean" }] : []),
    ...(nulls > 0 ? [{ type: "null" }] : [])
  ]
  const [only] = kinds
  if (only === undefined) return {}
  if (kinds.length === 1) return only
  const bare = kinds.every((kind) => Object.keys(kind).length === 1)
  return bare ? { type: kinds.map(({ type }) => type) } : { anyOf: kinds }
}
