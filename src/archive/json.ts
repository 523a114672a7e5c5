/** Reading foreign JSON without trusting it: each function answers `undefined` where the value is not of that kind. */

export type JsonObject = Readonly<Record<string, unknown>>

/** The value as an object that is no array. */
export const objectIn = (value: unknown): JsonObject | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined

/** The value as an array. */
export const arrayIn = (value: unknown): ReadonlyArray<unknown> | undefined =>
  Array.isArray(value) ? value : undefined

/** The value as a text that is not empty; numbers are written out, since ids come as either. */
export const textIn = (value: unknown): string | undefined =>
  typeof value === "string" && value !== ""
    ? value
    : typeof value === "number" && Number.isFinite(value)
      ? String(value)
      : undefined

/** The value as a finite number; a numeric text counts. */
export const numberIn = (value: unknown): number | undefined => {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value
  return typeof number === "number" && Number.isFinite(number) ? number : undefined
}

/** The value as a count: a whole number from 0. */
export const countIn = (value: unknown): number | undefined => {
  const number = numberIn(value)
  return number !== undefined && Number.isSafeInteger(number) && number >= 0 ? number : undefined
}

/** JSON that was written into a text (a column of a table, a body), parsed; anything else as it is. */
export const unpacked = (value: unknown): unknown => {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return value
  try {
    return JSON.parse(value)
  } catch {
    return value
  }
}

/** A foreign value as it stands in a sentence: its JSON, cut to a line's worth. */
export const quotedIn = (value: unknown): string => {
  const text = JSON.stringify(value) ?? "nothing"
  return text.length > 40 ? `${text.slice(0, 39).toWellFormed()}…` : text
}
