/** How the values at one place of a tool's arguments are compared, as its input schema tells. */
export type Comparing =
  /** To the letter: an id, whatever its type; one of a list, a format, a pattern; whole numbers and yes or no. */
  | "exact"
  /** Prose: words in common. */
  | "prose"
  /** Numbers within the tolerance, texts whatever their case and white space. */
  | "usual"

type Json = Readonly<Record<string, unknown>>

/** What is longer than this many words is prose, unless the schema says otherwise. */
const words = 6
/** A text that may be this long is meant for prose. */
const proseLength = 100

const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value)

const typeOf = (value: unknown): string =>
  value === null ? "null" : Array.isArray(value) ? "array" : typeof value === "object" ? "object" : typeof value

const fits = (schema: unknown, value: unknown): boolean => {
  if (!isObject(schema)) return schema !== false
  const { type } = schema
  if (type === undefined) return true
  const types: ReadonlyArray<unknown> = Array.isArray(type) ? type : [type]
  return types.includes(typeOf(value)) || (types.includes("integer") && Number.isInteger(value))
}

const pointed = (root: unknown, pointer: string): unknown =>
  pointer
    .split("/")
    .slice(1)
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce<unknown>((at, key) => (isObject(at) && Object.hasOwn(at, key) ? at[key] : undefined), root)

const propertiesOf = (schema: Json): Json => (isObject(schema["properties"]) ? schema["properties"] : {})

/** Without these a schema says all there is by itself. */
const composing = ["$ref", "allOf", "anyOf", "oneOf"]

/** Depends on the value by its kind alone, or it could not be remembered. */
const resolved = (schema: unknown, value: unknown, root: unknown, depth = 0): Json => {
  if (!isObject(schema) || depth > 16) return {}
  if (!composing.some((key) => Object.hasOwn(schema, key))) return schema
  const { $ref, allOf, anyOf, oneOf, ...own } = schema
  const inside = (part: unknown) => resolved(part, value, root, depth + 1)
  const referred = typeof $ref === "string" && $ref.startsWith("#") ? inside(pointed(root, $ref)) : {}
  const parts = Array.isArray(allOf) ? allOf.map(inside) : []
  const choices: ReadonlyArray<unknown> = Array.isArray(anyOf) ? anyOf : Array.isArray(oneOf) ? oneOf : []
  const chosen = inside(choices.find((choice) => fits(inside(choice), value)))
  const all = [referred, ...parts, chosen, own]
  const properties = Object.assign({}, ...all.map(propertiesOf))
  return Object.assign({}, ...all, Object.keys(properties).length === 0 ? {} : { properties })
}

/** The schema of one value, resolved. */
export interface Resolved {
  /** `{}` where nothing is said. */
  readonly schema: Json
  /** The schemas of an object's keys, as they are written. */
  readonly properties: Json
  /** What stands for an object's keys that are left out. */
  readonly defaults: ReadonlyArray<readonly [key: string, value: unknown]>
}

/** One tool's input schema, and what resolves the schemas of values inside it. */
export interface Resolving {
  readonly root: unknown
  readonly at: (schema: unknown, value: unknown) => Resolved
}

const nothing: Resolved = { schema: {}, properties: {}, defaults: [] }

const resolvedUnder = (root: unknown, schema: Json, value: unknown): Resolved => {
  const own = resolved(schema, value, root)
  const properties = propertiesOf(own)
  const defaults = Object.entries(properties).flatMap(([key, property]) => {
    const inner = resolved(property, undefined, root)
    return Object.hasOwn(inner, "default") ? [[key, inner["default"]] as const] : []
  })
  return { schema: own, properties, defaults }
}

const makeResolving = (root: Json): Resolving => {
  const known = new Map<Json, Map<string, Resolved>>()
  return {
    root,
    at(schema, value) {
      if (!isObject(schema)) return nothing
      const kind = Number.isInteger(value) ? "integer" : typeOf(value)
      const kinds = known.get(schema) ?? new Map<string, Resolved>()
      const found = kinds.get(kind) ?? resolvedUnder(root, schema, value)
      if (kinds.size === 0) known.set(schema, kinds)
      kinds.set(kind, found)
      return found
    }
  }
}

/** Input schemas remembered by what they say; an archive has few, but one that makes tools for every call must not fill the memory. */
const kept = 256
const byText = new Map<string, Resolving>()
const byObject = new WeakMap<Json, Resolving>()

const remembered = (root: Json): Resolving => {
  const text = JSON.stringify(root)
  const resolving = byText.get(text) ?? makeResolving(root)
  byText.delete(text)
  byText.set(text, resolving)
  for (const oldest of byText.keys()) {
    if (byText.size <= kept) break
    byText.delete(oldest)
  }
  return resolving
}

/**
 * What resolves the schemas inside a tool's input schema, from its `root` on, which says the same as the schema given: a local
 * `$ref` followed, the parts of `allOf` put together, and of `anyOf` and `oneOf` the first whose type is the value's. It remembers
 * what it resolved, so the schema must not be changed afterwards.
 */
export const resolvingOf = (schema: unknown): Resolving => {
  if (!isObject(schema)) return { root: schema, at: () => nothing }
  const known = byObject.get(schema)
  if (known !== undefined) return known
  const resolving = remembered(schema)
  byObject.set(schema, resolving)
  return resolving
}

/** An object with defaults where it has no such key. */
export const withDefaults = (value: Json, defaults: Resolved["defaults"]): Json => {
  const missing = defaults.filter(([key]) => !Object.hasOwn(value, key))
  return missing.length === 0 ? value : { ...value, ...Object.fromEntries(missing) }
}

/** A name that says that its value is an id: `id`, `order_id`, `orderId`, `ids`, `uuid`. */
export const isIdName = (name: string): boolean =>
  /^(ids?|u?uids?|guids?)$/i.test(name) || /[_-](ids?|uuids?)$/i.test(name) || /[a-z0-9](Ids?|IDs?)$/.test(name)

const isProseName = (name: string) =>
  /(^|[_-])(message|body|note|notes|comment|summary|reason|explanation|description)$/i.test(name)

const wordsOf = (value: unknown) => (typeof value === "string" ? value.trim().split(/\s+/u).length : 0)

/** How two values of the argument or key `name` are compared. The same both ways round. */
export const comparingOf = (name: string, schema: Json, one: unknown, other: unknown): Comparing => {
  const { description, maxLength, type } = schema
  if (isIdName(name)) return "exact"
  if (["enum", "const", "format", "pattern"].some((key) => schema[key] !== undefined)) return "exact"
  const types: ReadonlyArray<unknown> = Array.isArray(type) ? type : [type]
  if (types.includes("integer") && !types.includes("number") && typeof one === "number") return "exact"
  if (!types.includes("string") || typeof one !== "string") return "usual"
  const told = typeof description === "string" && /free[- ]?text|prose|sentence/i.test(description)
  const long = typeof maxLength === "number" && maxLength >= proseLength
  return told || long || isProseName(name) || Math.max(wordsOf(one), wordsOf(other)) > words ? "prose" : "usual"
}
