import { hash } from "node:crypto"

import canonicalize from "canonicalize"

import { CanonicalWriter } from "./canonical.ts"

const writer = new CanonicalWriter()

/**
 * SHA-256, lower-case hex, of the canonical JSON (RFC 8785) of a value. Keys whose value is `undefined` do not count.
 * The RFC knows no half surrogate pair (text cut in the middle of an emoji, as logs have it): texts with one count by their escapes.
 */
export const digestOf = (value: unknown): string => digestWith(writer, value)

/** The same, by a writer that then holds the canonical JSON; it holds none where the value is not plain, and `fits` is false. */
export const digestWith = (canonical: CanonicalWriter, value: unknown): string =>
  canonical.write(value) ? hash("sha256", canonical.piece) : slowDigestOf(value)

const slowDigestOf = (value: unknown): string => {
  try {
    return digestOfText(canonicalize(value) ?? "null")
  } catch {
    return digestOfText(canonicalize(escaped(value)) ?? "null")
  }
}

const escaped = (value: unknown): unknown => {
  if (typeof value === "string") return value.isWellFormed() ? value : JSON.stringify(value)
  if (typeof value === "number" && !Number.isFinite(value)) return null // as JSON writes it
  if (typeof value !== "object" || value === null) return value
  return Array.isArray(value)
    ? value.map(escaped)
    : Object.fromEntries(Object.entries(value).map(([key, one]) => [escaped(key), escaped(one)]))
}

/** SHA-256, lower-case hex, of a text's UTF-8 bytes. */
export const digestOfText = (text: string): string => hash("sha256", text)
