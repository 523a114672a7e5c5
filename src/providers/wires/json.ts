import type * as Schema from "effect/Schema"

import type { Origin, Wire } from "../../domain/Message.ts"

/** Any JSON value, and an object of them. */
export type Json = Schema.Json
export type JsonObject = Schema.JsonObject

/** True for an object that is no array. What is asked about is taken to be parsed JSON. */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** True for an array. What is asked about is taken to be parsed JSON. */
export const isArray = (value: unknown): value is ReadonlyArray<Json> => Array.isArray(value)

export const isText = (value: unknown): value is string => typeof value === "string"
export const isFlag = (value: unknown): value is boolean => typeof value === "boolean"
export const isInt = (value: unknown): value is number => Number.isSafeInteger(value)
export const isNumber = (value: unknown): value is number => Number.isFinite(value)

/** Equality of JSON values; the order of keys does not count. */
export const same = (a: unknown, b: unknown): boolean => {
  if (a === b) return true
  if (isArray(a)) return isArray(b) && a.length === b.length && a.every((item, index) => same(item, b[index]))
  if (!isObject(a) || !isObject(b)) return false
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key]))
}

/** The entries of an object that are not in `known`; `undefined` where none is left. */
export const restOf = (object: JsonObject, known: ReadonlySet<string>): JsonObject | undefined => {
  const rest = Object.keys(object).filter((key) => !known.has(key))
  return rest.length === 0 ? undefined : Object.fromEntries(rest.map((key) => [key, object[key]!]))
}

/** An object of the entries that are there; `undefined` where none is. */
export const compact = (entries: { readonly [key: string]: Json | undefined }): JsonObject | undefined => {
  const there = Object.keys(entries).filter((key) => entries[key] !== undefined)
  return there.length === 0 ? undefined : Object.fromEntries(there.map((key) => [key, entries[key]!]))
}

/** `{ origin }` for details that only `wire` knows, to be spread into a message, block or tool; nothing where there are none. */
export const keep = (wire: Wire, data: JsonObject | undefined): { readonly origin?: typeof Origin.Type } =>
  data === undefined ? {} : { origin: { wire, data } }

const none: JsonObject = {}

/** The details kept for `wire`; empty where there are none or they are another wire's. */
export const kept = (holder: { readonly origin?: typeof Origin.Type }, wire: Wire): JsonObject =>
  holder.origin?.wire === wire && isObject(holder.origin.data) ? holder.origin.data : none

/** The fields of a wire that the canonical form has no name for, as `keep(wire, { rest })` holds them. */
export const restKept = (holder: { readonly origin?: typeof Origin.Type }, wire: Wire): JsonObject => {
  const { rest } = kept(holder, wire)
  return isObject(rest) ? rest : none
}

/** Parses text that should be JSON; the reason where it is none. */
export const parse = (text: string): { readonly value: Json } | { readonly error: string } => {
  try {
    return { value: JSON.parse(text) as Json }
  } catch (error) {
    return { error: error instanceof Error ? error.message : "not JSON" }
  }
}
