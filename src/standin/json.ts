/** Any JSON value. */
export type Json = null | boolean | number | string | ReadonlyArray<Json> | { readonly [key: string]: Json }

export type JsonObject = { readonly [key: string]: Json }

/** The value as an object; `{}` for anything else. */
export const objectOf = (value: Json | undefined): JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {}

/** The value as a list; `[]` for anything else. */
export const listOf = (value: Json | undefined): ReadonlyArray<Json> => (Array.isArray(value) ? value : [])

/** The value where it is a text, else `undefined`. */
export const textOf = (value: Json | undefined): string | undefined => (typeof value === "string" ? value : undefined)

/** The value where it is a number, else `undefined`. */
export const numberOf = (value: Json | undefined): number | undefined => (typeof value === "number" ? value : undefined)

/** The parsed text; `undefined` when it is no JSON. */
export const parse = (text: string): Json | undefined => {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}
