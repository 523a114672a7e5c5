import { Buffer } from "node:buffer"

import type { Line } from "./contract.ts"
import { CassetteLines } from "./lines/cassette.ts"
import { longestRecord, Pending, RecordParser, tooLong } from "./lines/record.ts"

/** Cuts a file into its records: fed with bytes in order, then ended. Holds no more than the record at hand, but of a cassette the whole. */
export interface Lines {
  push(bytes: Uint8Array): ReadonlyArray<Line>
  /**
   * The last record. One that does not end is an `error`; in a file that grows it waits for its other half, and bytes may be pushed and
   * the end asked for again.
   */
  end(growing?: boolean): ReadonlyArray<Line>
  /** Whether a record that does not end waits. */
  readonly unfinished: boolean
  /** Records in which an integer beyond 2^53 was rounded. */
  readonly rounded: number
  /** Whether records may be added behind the last one: true of JSON lines, false of documents, which are written anew. */
  readonly grows: boolean
}

const newline = 10
const isBlank = (byte: number) => byte === 32 || byte === newline || byte === 13 || byte === 9

/** A chunk as a buffer, without a copy. */
const bufferOf = (chunk: Uint8Array): Buffer => Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)

/** One JSON value a line. */
class JsonLines implements Lines {
  readonly grows = true
  readonly #pending = new Pending()
  readonly #parser = new RecordParser()
  #line = 1

  get rounded(): number {
    return this.#parser.rounded
  }

  push(chunk: Uint8Array): ReadonlyArray<Line> {
    const bytes = bufferOf(chunk)
    const found: Array<Line> = []
    let from = 0
    for (let at = bytes.indexOf(newline); at !== -1; at = bytes.indexOf(newline, from)) {
      this.#pending.add(bytes.subarray(from, at))
      for (const line of this.#parser.read(this.#pending.take(), this.#line)) found.push(line)
      this.#line += 1
      from = at + 1
    }
    this.#pending.add(bytes.subarray(from))
    return found
  }

  get unfinished(): boolean {
    return this.#pending.size > 0
  }

  end(growing = false): ReadonlyArray<Line> {
    if (!growing) return this.#parser.read(this.#pending.take(), this.#line)
    // What ends with its brace is whole, whatever comes behind it.
    const bytes = this.#pending.endsWith(125) ? this.#pending.take() : undefined
    if (bytes === undefined) return []
    const last = this.#parser.read(bytes, this.#line).filter((line) => "json" in line)
    if (last.length === 0) this.#pending.add(bytes)
    return last
  }
}

const quote = 34
const backslash = 92
const comma = 44
const isOpening = (byte: number) => byte === 123 || byte === 91
const isClosing = (byte: number) => byte === 125 || byte === 93

/** Bytes that mean something inside a value and outside a text: quotes, braces, brackets, line ends. */
const structural = new Uint8Array(256)
for (const byte of [quote, 123, 125, 91, 93, newline]) structural[byte] = 1

/** Values that may span lines, one after the other or as the elements of an array; each array at the top is opened. */
class JsonValues implements Lines {
  readonly grows = false
  readonly #pending = new Pending()
  readonly #parser = new RecordParser()
  #line = 1
  #inArray = false
  #inValue = false
  #startedAt = 1
  #depth = 0
  #inText = false
  #escaped = false

  get rounded(): number {
    return this.#parser.rounded
  }

  push(chunk: Uint8Array): ReadonlyArray<Line> {
    const bytes = bufferOf(chunk)
    const found: Array<Line> = []
    const { length } = bytes
    // The loop runs over every byte: what it changes is kept beside it.
    let [line, depth, inText, escaped] = [this.#line, this.#depth, this.#inText, this.#escaped]
    let from = 0
    const close = (end: number) => {
      this.#pending.add(bytes.subarray(from, end))
      for (const record of this.#parser.read(this.#pending.take(), this.#startedAt)) found.push(record)
      this.#inValue = false
    }
    for (let at = 0; at < length; at++) {
      let byte = bytes[at]!
      if (inText) {
        if (escaped) escaped = false
        else {
          while (byte !== quote && byte !== backslash && byte !== newline && at + 1 < length) byte = bytes[++at]!
          if (byte === quote) inText = false
          else if (byte === backslash) escaped = true
        }
        if (byte === newline) line += 1
      } else if (!this.#inValue) {
        if (byte === newline) line += 1
        if (isBlank(byte) || byte === comma) continue
        if (this.#inArray ? byte === 93 : byte === 91) this.#inArray = !this.#inArray
        else {
          this.#inValue = true
          this.#startedAt = line
          depth = isOpening(byte) ? 1 : 0
          inText = byte === quote
          from = at
        }
      } else if (depth > 0) {
        while (structural[byte] === 0 && at + 1 < length) byte = bytes[++at]!
        if (byte === quote) inText = true
        else if (byte === newline) line += 1
        else if (isOpening(byte)) depth += 1
        else if (isClosing(byte)) {
          depth -= 1
          if (depth === 0) close(at + 1)
        }
      } else if (byte === quote) inText = true
      else if (isOpening(byte)) depth = 1
      else if (byte === comma || byte === 93 || isBlank(byte)) {
        close(at)
        if (byte === newline) line += 1
        if (byte === 93) this.#inArray = false
      }
    }
    if (this.#inValue) this.#pending.add(bytes.subarray(from))
    this.#line = line
    this.#depth = depth
    this.#inText = inText
    this.#escaped = escaped
    return found
  }

  get unfinished(): boolean {
    return this.#inValue
  }

  end(growing = false): ReadonlyArray<Line> {
    if (!this.#inValue) return []
    const whole = this.#depth === 0 && !this.#inText
    if (!whole && growing) return []
    this.#inValue = false
    if (whole) return this.#parser.read(this.#pending.take(), this.#startedAt)
    const error = this.#pending.size > longestRecord ? tooLong : "a JSON value that does not end"
    this.#pending.take()
    return [{ line: this.#startedAt, error }]
  }
}

/** Which way a file is cut, by its first characters; `undefined` where there are too few of them. */
const kindOf = (start: string, ended: boolean): "values" | "cassette" | "lines" | undefined => {
  if (/^\s*(?:\{[ \t\r]*\n|\[\s*[{\]])/.test(start)) return "values"
  if (isCassette(start)) return "cassette"
  const undecided = start.length < 4096 && /^\s*(?:\{[ \t\r]*|\[\s*|[a-z#-][^{[]*)?$/.test(start)
  return undecided && !ended ? undefined : "lines"
}

/** Whether a text that begins so is a VCR cassette in YAML. */
export const isCassette = (start: string): boolean => /^(?:(?:#.*|---|)\r?\n)*(?:http_)?interactions:\s/.test(start)

/**
 * Records of a file whose kind shows in its first bytes: an opening brace alone on its line (one pretty-printed object, or several), an
 * array of objects, a VCR cassette in YAML, or one JSON value a line. A byte order mark and CRLF are taken in stride.
 */
export const makeLines = (): Lines => {
  let head: Buffer = Buffer.alloc(0)
  let chosen: Lines | undefined
  const choose = (ended: boolean): ReadonlyArray<Line> => {
    const marked = head.length >= 3 && head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf
    const kind = kindOf(head.toString("latin1", marked ? 3 : 0, 4096 + 3), ended)
    if (kind === undefined) return []
    chosen = kind === "values" ? new JsonValues() : kind === "cassette" ? new CassetteLines() : new JsonLines()
    const first = marked ? head.subarray(3) : head
    head = Buffer.alloc(0)
    return chosen.push(first)
  }
  return {
    push(bytes) {
      if (chosen !== undefined) return chosen.push(bytes)
      head = head.length === 0 ? bufferOf(bytes) : Buffer.concat([head, bytes])
      return choose(false)
    },
    end(growing = false) {
      if (chosen === undefined && growing) return []
      const last = chosen === undefined ? choose(true) : []
      return [...last, ...(chosen?.end(growing) ?? [])]
    },
    get unfinished() {
      return chosen === undefined ? head.length > 0 : chosen.unfinished
    },
    get rounded() {
      return chosen?.rounded ?? 0
    },
    get grows() {
      return chosen?.grows ?? true
    }
  }
}
