import { isUtf8 } from "node:buffer"

import type { Line } from "../contract.ts"

/** The longest record that is read, in bytes; a longer one becomes an `error` and is not held in memory. */
export const longestRecord = 256 * 1024 * 1024

/** The same as a sentence's end. */
export const tooLong = `longer than ${longestRecord / 1024 / 1024} MB, the most that is read as one record`

/** The deepest nesting that is read: what comes after walks values by recursion, and the stack must hold. */
export const deepestNesting = 1_000

/** Bytes of a record that has not ended yet. */
export class Pending {
  #parts: Array<Buffer> = []
  #size = 0

  /** Bytes added since the last `take`. */
  get size(): number {
    return this.#size
  }

  add(bytes: Buffer): void {
    if (bytes.length === 0) return
    this.#size += bytes.length
    if (this.#size > longestRecord) this.#parts = []
    else this.#parts.push(bytes)
  }

  /** Whether what was gathered ends with this byte, blanks aside. */
  endsWith(byte: number): boolean {
    const last = this.#parts.at(-1)
    for (let at = (last?.length ?? 0) - 1; at >= 0; at--) {
      const one = last![at]!
      if (one === byte) return true
      if (one !== 32 && one !== 13 && one !== 9) return false
    }
    return false
  }

  /** The bytes gathered, `undefined` when they were too many; empty afterwards. */
  take(): Buffer | undefined {
    const parts = this.#parts
    const overfull = this.#size > longestRecord
    this.#parts = []
    this.#size = 0
    return overfull ? undefined : parts.length === 1 ? parts[0]! : Buffer.concat(parts)
  }
}

/** Set by `isDeep`: whether it met a number that no double holds to the last digit. */
let large = false

/** Whether a value is nested more than `left` levels deep. */
const isDeep = (value: object, left: number): boolean => {
  if (left === 0) return true
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at++) if (isOdd(value[at], left)) return true
    return false
  }
  // `for in` without a check of ownership: values of JSON.parse have no other keys.
  for (const key in value) if (isOdd((value as Record<string, unknown>)[key], left)) return true
  return false
}

const isOdd = (value: unknown, left: number): boolean => {
  if (typeof value === "object") return value !== null && isDeep(value, left - 1)
  if (typeof value === "number" && (value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER)) large = true
  return false
}

/** Names of ids, whose last digits tell one from another. */
const isIdName = (name: string) => /(?:^|[^A-Za-z])[iI][dD]s?$|[a-z]I[dD]s?$/.test(name)

const isInteger = /^-?\d+$/

/** Newer than the types: the text of a number as it was written. */
const parse = JSON.parse as (
  text: string,
  revive: (name: string, value: unknown, context: { readonly source?: string }) => unknown
) => unknown

/** Reads records and counts what of them was rounded. */
export class RecordParser {
  #rounded = 0

  /** Records in which an integer beyond 2^53 lost its last digits, as it does in every double. Ids do not: they are kept as texts. */
  get rounded(): number {
    return this.#rounded
  }

  /** The record in these bytes; nothing for a blank line. */
  read(bytes: Buffer | undefined, line: number): ReadonlyArray<Line> {
    if (bytes === undefined) return [{ line, error: tooLong }]
    if (!isUtf8(bytes)) return [{ line, error: "not UTF-8 text" }]
    const text = bytes.toString("utf8")
    try {
      const json: unknown = JSON.parse(text)
      large = false
      if (isOdd(json, deepestNesting + 1)) return [{ line, error: `nested more than ${deepestNesting} levels deep` }]
      return [large ? this.#exact(line, text) : { line, json }]
    } catch (cause) {
      if (text.trim() === "") return []
      // The engine's message may quote the line: what stands before the quotation is enough.
      const why = cause instanceof Error ? cause.message.split(/, (?:"|\.{3})/)[0]! : "no JSON"
      return [{ line, error: `not valid JSON: ${why}` }]
    }
  }

  /** The record once more, with the ids that are too large for a number as they were written. */
  #exact(line: number, text: string): Line {
    let rounded = false
    const json = parse(text, (name, value, { source }) => {
      if (typeof value !== "number" || Number.isSafeInteger(value) || source === undefined) return value
      if (!Number.isFinite(value)) {
        rounded = true
        return null // no JSON holds what is beyond a double
      }
      if (!isInteger.test(source)) return value
      if (isIdName(name)) return source
      rounded ||= BigInt(source) !== BigInt(value)
      return value
    })
    if (!rounded) return { line, json }
    this.#rounded += 1
    return { line, json, rounded }
  }
}
