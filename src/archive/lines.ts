import { isUtf8 } from "node:buffer"

import type { Line } from "./contract.ts"

/** Cuts a file into its records: fed with bytes in order, then ended once. Holds no more than the record at hand. */
export interface Lines {
  push(bytes: Uint8Array): ReadonlyArray<Line>
  end(): ReadonlyArray<Line>
}

/** The longest record that is read, in bytes; a longer one becomes an `error` and is not held in memory. */
const longestRecord = 256 * 1024 * 1024

const newline = 10
const isBlank = (byte: number) => byte === 32 || byte === newline || byte === 13 || byte === 9

/** Bytes of a record that has not ended yet. */
class Pending {
  #parts: Array<Buffer> = []
  #size = 0

  add(bytes: Buffer) {
    this.#size += bytes.length
    if (this.#size > longestRecord) this.#parts = []
    else if (bytes.length > 0) this.#parts.push(bytes)
  }

  /** The bytes gathered, `undefined` when they were too many; empty afterwards. */
  take(): Buffer | undefined {
    const parts = this.#parts
    const tooLong = this.#size > longestRecord
    this.#parts = []
    this.#size = 0
    return tooLong ? undefined : parts.length === 1 ? parts[0]! : Buffer.concat(parts)
  }
}

/** The record in these bytes; nothing for a blank line. */
const parsed = (bytes: Buffer | undefined, line: number): ReadonlyArray<Line> => {
  if (bytes === undefined) return [{ line, error: `longer than ${longestRecord / 1024 / 1024} MB` }]
  if (!isUtf8(bytes)) return [{ line, error: "not UTF-8 text" }]
  const text = bytes.toString("utf8")
  if (text.trim() === "") return []
  try {
    return [{ line, json: JSON.parse(text) }]
  } catch (cause) {
    // The engine's message may quote the line: what stands before the quotation is enough.
    const why = cause instanceof Error ? cause.message.split(/, (?:"|\.{3})/)[0]! : "no JSON"
    return [{ line, error: `not valid JSON: ${why}` }]
  }
}

/** One JSON value a line. */
class JsonLines implements Lines {
  readonly #pending = new Pending()
  #line = 1

  push(chunk: Uint8Array): ReadonlyArray<Line> {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    const found: Array<Line> = []
    let from = 0
    for (let at = bytes.indexOf(newline); at !== -1; at = bytes.indexOf(newline, from)) {
      this.#pending.add(bytes.subarray(from, at))
      found.push(...parsed(this.#pending.take(), this.#line))
      this.#line += 1
      from = at + 1
    }
    this.#pending.add(bytes.subarray(from))
    return found
  }

  end(): ReadonlyArray<Line> {
    return parsed(this.#pending.take(), this.#line)
  }
}

/** Values that may span lines, one after the other or as the elements of an array; each array at the top is opened. */
class JsonValues implements Lines {
  readonly #pending = new Pending()
  #line = 1
  #inArray = false
  #inValue = false
  #startedAt = 1
  #depth = 0
  #inText = false
  #escaped = false

  push(chunk: Uint8Array): ReadonlyArray<Line> {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    const found: Array<Line> = []
    let from = 0
    const close = (end: number) => {
      this.#pending.add(bytes.subarray(from, end))
      found.push(...parsed(this.#pending.take(), this.#startedAt))
      this.#inValue = false
    }
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at]!
      if (byte === newline) this.#line += 1
      if (this.#inText) {
        if (this.#escaped) this.#escaped = false
        else if (byte === 92) this.#escaped = true
        else if (byte === 34) this.#inText = false
      } else if (!this.#inValue) {
        if (isBlank(byte) || byte === 44) continue
        if (this.#inArray ? byte === 93 : byte === 91) this.#inArray = !this.#inArray
        else {
          this.#inValue = true
          this.#startedAt = this.#line
          this.#depth = byte === 123 || byte === 91 ? 1 : 0
          this.#inText = byte === 34
          from = at
        }
      } else if (byte === 34) this.#inText = true
      else if (byte === 123 || byte === 91) this.#depth += 1
      else if (this.#depth > 0 && (byte === 125 || byte === 93)) {
        this.#depth -= 1
        if (this.#depth === 0) close(at + 1)
      } else if (this.#depth === 0 && (byte === 44 || byte === 93 || isBlank(byte))) {
        close(at)
        if (byte === 93) this.#inArray = false
      }
    }
    if (this.#inValue) this.#pending.add(bytes.subarray(from))
    return found
  }

  end(): ReadonlyArray<Line> {
    if (!this.#inValue) return []
    if (this.#depth === 0 && !this.#inText) return parsed(this.#pending.take(), this.#startedAt)
    this.#pending.take()
    return [{ line: this.#startedAt, error: "a JSON value that does not end" }]
  }
}

/**
 * Records of a file whose kind shows in its first bytes: an opening brace alone on its line (one pretty-printed object,
 * or several), an array of objects, or one JSON value a line. A byte order mark and CRLF are taken in stride.
 */
export const makeLines = (): Lines => {
  let head: Buffer = Buffer.alloc(0)
  let chosen: Lines | undefined
  const choose = (ended: boolean): Lines | undefined => {
    const marked = head.length >= 3 && head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf
    const start = head.toString("latin1", marked ? 3 : 0, 4096)
    const values = /^\s*(?:\{[ \t\r]*\n|\[\s*[{\]])/.test(start)
    const undecided = start.length < 4096 && /^\s*(?:\{[ \t\r]*|\[\s*)?$/.test(start)
    if (undecided && !ended) return undefined
    if (marked) head = head.subarray(3)
    return values ? new JsonValues() : new JsonLines()
  }
  return {
    push(bytes) {
      if (chosen !== undefined) return chosen.push(bytes)
      head = Buffer.concat([head, bytes])
      chosen = choose(false)
      if (chosen === undefined) return []
      const first = head
      head = Buffer.alloc(0)
      return chosen.push(first)
    },
    end() {
      if (chosen !== undefined) return chosen.end()
      const last = choose(true)!
      return [...last.push(head), ...last.end()]
    }
  }
}
