import { open } from "node:fs/promises"

import type * as Effect from "effect/Effect"

import { Fault } from "../domain/Fault.ts"
import { codeOf, onDisk } from "./disk.ts"
import type { Place } from "./segment.ts"

/** A line as it lies in a buffer that is reused: `buffer[start, end)`, without the newline. Copy what is to be kept. */
export interface RawLine extends Place {
  readonly buffer: Buffer
  readonly start: number
  readonly end: number
  /** From 1. */
  readonly line: number
}

/** What a file of lines has: bytes of whole lines, and whether a torn one follows, which does not count. */
export interface Scanned {
  readonly bytes: number
  readonly lines: number
  readonly torn: boolean
}

const chunk = 1 << 20
const newline = 10
const head = Buffer.from('{"v":')
const brace = "}".charCodeAt(0)

/** A line that is not what it should be. */
export const brokenLine = (file: string, line: number): Fault =>
  new Fault({
    kind: "input",
    file,
    line,
    sentence: "the line is broken: it is no line of this store",
    mend: "Restore the file from a copy, or remove the line; the other lines are unharmed."
  })

/** The line as JSON. A broken one throws its `Fault`. */
export const parseLine = (file: string, raw: RawLine): unknown => {
  try {
    return JSON.parse(raw.buffer.toString("utf8", raw.start, raw.end))
  } catch {
    throw brokenLine(file, raw.line)
  }
}

/**
 * Goes through a file of our own lines, whole ones only: a torn last line (a process was killed, or is writing) is left out.
 * Every line is held to its shape (`{"v":` … `}`), a broken one is a `Fault` with file and line; it is parsed only by who needs it.
 * A file that is not there has no lines. `visit` is plain and quick; a `Fault` that it throws is the result.
 */
export const scanLines = (file: string, visit: (line: RawLine) => void): Effect.Effect<Scanned, Fault> =>
  onDisk(file, async () => {
    const handle = await open(file, "r").catch((cause: unknown) => {
      if (codeOf(cause) === "ENOENT") return undefined
      throw cause
    })
    if (handle === undefined) return { bytes: 0, lines: 0, torn: false }
    try {
      let buffer = Buffer.allocUnsafe(chunk)
      let filled = 0
      let base = 0
      let line = 0
      for (;;) {
        if (filled === buffer.length) buffer = Buffer.concat([buffer, Buffer.allocUnsafe(buffer.length)])
        const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, base + filled)
        if (bytesRead === 0) return { bytes: base, lines: line, torn: filled > 0 }
        const searched = filled
        filled += bytesRead
        let start = 0
        let end = buffer.indexOf(newline, searched)
        while (end !== -1 && end < filled) {
          line++
          const shaped = end - start > head.length && buffer[end - 1] === brace
          if (!shaped || buffer.compare(head, 0, head.length, start, start + head.length) !== 0) {
            throw brokenLine(file, line)
          }
          visit({ buffer, start, end, line, offset: base + start, length: end - start })
          start = end + 1
          end = buffer.indexOf(newline, start)
        }
        buffer.copyWithin(0, start, filled)
        filled -= start
        base += start
      }
    } finally {
      await handle.close()
    }
  })
