import { Buffer, isUtf8 } from "node:buffer"
import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from "node:zlib"

import * as Yaml from "effect/encoding/Yaml"

import type { Line } from "../contract.ts"
import { arrayIn, objectIn } from "../json.ts"
import type { Lines } from "../lines.ts"

/** The largest cassette that is read, in bytes: it is read as one document. */
const longest = 64 * 1024 * 1024

/** The most values that a cassette may hold: aliases can make billions of a few lines. */
const mostValues = 2_000_000

/** A text that the YAML writer marked as bytes; the reader, which knows no tags, folds the lines after the mark into one. */
const binary = /^!!binary\s*[|>]?[-+]?\s+([A-Za-z0-9+/=\s]+)$/

const unpackers = [gunzipSync, inflateSync, brotliDecompressSync, zstdDecompressSync]

/** The text in a body of bytes: as it is, or packed as HTTP packs bodies; `undefined` where it is none. */
const textIn = (bytes: Buffer): string | undefined => {
  if (isUtf8(bytes)) return bytes.toString("utf8")
  for (const unpack of unpackers) {
    try {
      const text = unpack(bytes, { maxOutputLength: longest })
      return isUtf8(text) ? text.toString("utf8") : undefined
    } catch {
      // Another packing, perhaps.
    }
  }
  return undefined
}

/**
 * The value with its bodies of bytes as texts; bytes that are no text become `{ base64 }`. Throws where it holds too many values, each
 * place of an alias counted.
 */
const decoded = (value: unknown, left: { values: number }, depth = 0): unknown => {
  left.values -= 1
  if (left.values < 0 || depth > 100) throw new SyntaxError("it holds more than can be read")
  if (typeof value === "string") {
    const base64 = value.startsWith("!!binary") ? binary.exec(value)?.[1] : undefined
    if (base64 === undefined) return value
    return textIn(Buffer.from(base64, "base64")) ?? { base64: base64.replaceAll(/\s/g, "") }
  }
  if (Array.isArray(value)) return value.map((one) => decoded(one, left, depth + 1))
  const object = objectIn(value)
  return object === undefined
    ? value
    : Object.fromEntries(Object.entries(object).map(([name, one]) => [name, decoded(one, left, depth + 1)]))
}

/** The lines on which the interactions begin: the items of the list, which are indented least. */
const startsOf = (text: string): ReadonlyArray<number> => {
  const starts: Array<readonly [line: number, indent: number]> = []
  for (const [at, line] of text.split("\n").entries()) {
    const indent = /^( *)- /.exec(line)?.[1]?.length
    if (indent !== undefined) starts.push([at + 1, indent])
  }
  const first = starts[0]?.[1]
  return starts.flatMap(([line, indent]) => (indent === first ? [line] : []))
}

/**
 * The interactions of a VCR cassette in YAML, one `{ request, response }` a line, their bodies as texts where they were written as packed
 * bytes. Read as one document when it has ended.
 */
export class CassetteLines implements Lines {
  readonly grows = false
  readonly rounded = 0
  #parts: Array<Uint8Array> = []
  #size = 0

  get unfinished(): boolean {
    return this.#size > 0
  }

  push(bytes: Uint8Array): ReadonlyArray<Line> {
    this.#size += bytes.length
    if (this.#size > longest) this.#parts = []
    else this.#parts.push(bytes)
    return []
  }

  end(growing = false): ReadonlyArray<Line> {
    if (growing) return []
    if (this.#size > longest)
      return [{ line: 1, error: `a cassette longer than ${longest / 1024 / 1024} MB, the most that is read of one` }]
    const bytes = Buffer.concat(this.#parts)
    this.#parts = []
    if (!isUtf8(bytes)) return [{ line: 1, error: "not UTF-8 text" }]
    const text = bytes.toString("utf8")
    try {
      const document = objectIn(Yaml.parse(text))
      const interactions = arrayIn(document?.["interactions"] ?? document?.["http_interactions"]) ?? []
      const starts = startsOf(text)
      const left = { values: mostValues }
      return interactions.map((one, n) => ({ line: starts[n] ?? 1, json: decoded(one, left) }))
    } catch (cause) {
      const said = cause instanceof Error ? cause.message : ""
      const at = / at line (\d+)$/.exec(said)?.[1]
      return [
        {
          line: at === undefined ? 1 : Number(at),
          error: said.startsWith("it holds")
            ? `a cassette that is not read: ${said}`
            : "a cassette that is not valid YAML"
        }
      ]
    }
  }
}
