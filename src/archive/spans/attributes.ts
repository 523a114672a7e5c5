import type { JsonObject } from "../json.ts"
import { arrayIn, objectIn, textIn, unpacked } from "../json.ts"

/** The attributes of a span, flat: a name with dots, and any JSON value. */
export type Attributes = JsonObject

/** The first of the names that has a value which is not empty. */
export const attributeIn = (attributes: Attributes, ...names: ReadonlyArray<string>): unknown =>
  names.map((name) => attributes[name]).find((value) => value !== undefined && value !== null && value !== "")

/** The first of the names that has a text or a number, as text. */
export const textAttribute = (attributes: Attributes, ...names: ReadonlyArray<string>): string | undefined =>
  names.map((name) => textIn(attributes[name])).find((value) => value !== undefined)

/** The attributes below a prefix (`gen_ai.request.`), under what follows it. */
export const below = (attributes: Attributes, prefix: string): JsonObject =>
  Object.fromEntries(
    Object.entries(attributes).flatMap(([name, value]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : []
    )
  )

/** JSON that was written into a text, once or twice over, parsed; anything else as it is. */
export const opened = (value: unknown): unknown => {
  if (typeof value !== "string" || !/^\s*"\s*[[{]/.test(value)) return unpacked(value)
  try {
    return unpacked(JSON.parse(value))
  } catch {
    return value
  }
}

/** True for text that begins as JSON and ends before the JSON does: an exporter cut it. */
export const isCutJson = (value: unknown): boolean =>
  typeof value === "string" && /^\s*(\[\s*)*(\{\s*"|\[\s*")/.test(value) && typeof unpacked(value) === "string"

/** More entries than any conversation has: what names higher places is not read. */
const mostPlaces = 20_000

interface Branch {
  readonly children: Map<string, Branch>
  value?: unknown
}

const valueAt = (branch: Branch): unknown => {
  if (branch.children.size === 0) return branch.value
  const entries = [...branch.children]
  if (entries.every(([name]) => /^\d{1,5}$/.test(name) && Number(name) < mostPlaces)) {
    const highest = Math.max(...entries.map(([name]) => Number(name)))
    // Places far apart are no list: one object by its numbers would be, and a list of gaps is not built.
    if (highest < 4 * entries.length + 64) {
      const list: Array<unknown> = Array.from({ length: highest + 1 }, () => undefined)
      for (const [name, child] of entries) list[Number(name)] = valueAt(child)
      return list
    }
  }
  return Object.fromEntries(entries.map(([name, child]) => [name, valueAt(child)]))
}

/**
 * The list that attributes spell out below a name: `NAME.0.role`, `NAME.0.content`, `NAME.1.role` …, put together again. A place that is
 * not there is `undefined`. Where the attribute NAME itself holds a list, or the JSON of one, it is that. `undefined` where there is none.
 */
export const listBelow = (attributes: Attributes, name: string): ReadonlyArray<unknown> | undefined => {
  const root: Branch = { children: new Map() }
  const prefix = `${name}.`
  for (const [key, value] of Object.entries(attributes)) {
    if (!key.startsWith(prefix) || value === undefined || value === null) continue
    let branch = root
    for (const step of key.slice(prefix.length).split(".")) {
      const next = branch.children.get(step) ?? { children: new Map() }
      branch.children.set(step, next)
      branch = next
    }
    branch.value = value
  }
  if (root.children.size === 0) return arrayIn(unpacked(attributes[name]))
  const list = valueAt(root)
  return arrayIn(list) ?? (objectIn(list) === undefined ? undefined : Object.values(list as object))
}

/** Lengths at which exporters and stores cut attribute values. */
const limits = new Set([
  ...[1000, 1024, 2000, 2048, 4000, 4095, 4096, 8000, 8191, 8192, 10_000, 12_000, 16_000, 16_384, 20_000],
  ...[25_000, 32_000, 32_766, 32_767, 32_768, 50_000, 60_000, 64_000, 65_535, 65_536, 100_000, 128_000, 131_072]
])

/** The length at which the values of a span were cut; `undefined` where none seems to be: the longest value has a length at which values are cut. */
export const cutLengthOf = (attributes: Attributes): number | undefined => {
  let longest = 0
  for (const value of Object.values(attributes))
    if (typeof value === "string") longest = Math.max(longest, value.length)
  return limits.has(longest) ? longest : undefined
}

/** True where a text of exactly this length stands somewhere in the value. */
export const holdsLength = (value: unknown, length: number | undefined): boolean => {
  if (length === undefined || value === undefined || value === null) return false
  if (typeof value === "string") return value.length === length
  return typeof value === "object" && Object.values(value).some((one) => holdsLength(one, length))
}
