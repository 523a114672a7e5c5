import { closeSync, openSync, readSync } from "node:fs"

import { Fault } from "../domain/Fault.ts"
import { asDigest, DigestTable, wordsIn } from "./digestTable.ts"
import { brokenLine } from "./lines.ts"
import type { Place } from "./segment.ts"

/** Lines are shorter than this; a number holds a file's ordinal above it. */
const longest = 2 ** 31

/** Where each key's line lies. Holds places only, 40 to 80 bytes a key, and knows a key by the first 12 bytes of its digest. */
export class Places {
  readonly #table = new DigestTable()

  has(key: string): boolean {
    return this.#table.has(wordsIn(asDigest(key)))
  }

  /** The first place of a key stays. */
  add(key: string, file: number, { length, offset }: Place): void {
    const words = wordsIn(asDigest(key))
    if (!this.#table.has(words)) this.#table.set(words, offset, file * longest + length)
  }

  get(key: string): (Place & { readonly file: number }) | undefined {
    const slot = this.#table.find(wordsIn(asDigest(key)))
    if (slot === -1) return undefined
    const second = this.#table.second(slot)
    return { file: Math.floor(second / longest), offset: this.#table.first(slot), length: second % longest }
  }
}

/** Files at most that a `LineReader` holds open. */
const openAtMost = 64

/**
 * Reads single lines by their place. Synchronous on purpose: a read from the page cache takes microseconds, a trip through
 * the thread pool ten times as much. Throws what the file system throws.
 */
export class LineReader {
  readonly #descriptors = new Map<string, number>()
  #scratch = Buffer.allocUnsafe(1 << 16)

  #descriptor(file: string): number {
    const held = this.#descriptors.get(file)
    if (held !== undefined && this.#descriptors.size < openAtMost) return held
    if (held !== undefined) {
      this.#descriptors.delete(file)
      this.#descriptors.set(file, held)
      return held
    }
    const oldest = this.#descriptors.size < openAtMost ? undefined : this.#descriptors.entries().next().value
    if (oldest !== undefined) {
      this.#descriptors.delete(oldest[0])
      closeSync(oldest[1])
    }
    const made = openSync(file, "r")
    this.#descriptors.set(file, made)
    return made
  }

  /** Opens a file now: it is read as it is, also where another takes its place meanwhile. Good for fewer files than are held open. */
  hold(file: string): void {
    this.#descriptor(file)
  }

  /** The line at a place as JSON. One that is no JSON throws a `Fault` that names its line. */
  read(file: string, place: Place): unknown {
    const bytes = this.#fill(file, place)
    try {
      return JSON.parse(bytes.toString("utf8", 0, place.length))
    } catch {
      throw brokenLine(file, this.#lineAt(file, place.offset))
    }
  }

  close(): void {
    for (const descriptor of this.#descriptors.values()) closeSync(descriptor)
    this.#descriptors.clear()
  }

  /** A buffer that begins with the bytes at a place; it is used again by the next read. */
  #fill(file: string, place: Place): Buffer {
    const descriptor = this.#descriptor(file)
    if (this.#scratch.length < place.length) this.#scratch = Buffer.allocUnsafe(place.length * 2)
    for (let filled = 0; filled < place.length; ) {
      const got = readSync(descriptor, this.#scratch, filled, place.length - filled, place.offset + filled)
      if (got === 0) throw new Fault({ kind: "input", file, sentence: "the file is shorter than its index says" })
      filled += got
    }
    return this.#scratch
  }

  #lineAt(file: string, offset: number): number {
    const before = this.#fill(file, { offset: 0, length: offset }).subarray(0, offset)
    let line = 1
    for (let at = before.indexOf(10); at !== -1; at = before.indexOf(10, at + 1)) line++
    return line
  }
}
