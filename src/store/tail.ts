import { writeSync } from "node:fs"
import { type FileHandle, open } from "node:fs/promises"

import type { Place } from "./segment.ts"

const newline = 10

/** The end of a file that one writer appends to, gathered in memory (`memory` bytes, a mebibyte where it is left out) and durable only at `sync`. Throws what the file system throws. */
export class Tail {
  readonly #handle: FileHandle
  readonly #opened: number
  #size: number
  readonly #memory: number
  #buffer: Buffer
  #filled = 0
  #longest = 0

  private constructor(handle: FileHandle, size: number, memory: number) {
    this.#memory = memory
    this.#buffer = Buffer.allocUnsafe(memory)
    this.#handle = handle
    this.#opened = size
    this.#size = size
  }

  /** Opens a file (made where it is not there) at a length; what lies behind it is cut off. */
  static async open(file: string, length: number, memory = 1 << 20): Promise<Tail> {
    const handle = await open(file, "a")
    try {
      await handle.truncate(length)
    } catch (cause) {
      await handle.close()
      throw cause
    }
    return new Tail(handle, length, memory)
  }

  /** Bytes, those in memory included. */
  get size(): number {
    return this.#size
  }

  /** Bytes of the longest line that was added. */
  get longest(): number {
    return this.#longest
  }

  /** Adds a line, which may be in pieces, and says where it lies. */
  add(...pieces: ReadonlyArray<string | Uint8Array>): Place {
    let most = 1
    for (const piece of pieces) most += typeof piece === "string" ? piece.length * 3 : piece.length
    this.#reserve(most)
    let at = this.#filled
    for (const piece of pieces) {
      if (typeof piece === "string") at += this.#buffer.write(piece, at)
      else {
        this.#buffer.set(piece, at)
        at += piece.length
      }
    }
    return this.#end(at - this.#filled)
  }

  /** Adds numbers of four bytes each, as this machine orders them; no line. */
  addWords(words: Uint32Array<ArrayBuffer>): void {
    this.#reserve(words.byteLength)
    this.#buffer.set(new Uint8Array(words.buffer), this.#filled)
    this.#filled += words.byteLength
    this.#size += words.byteLength
  }

  #reserve(most: number): void {
    if (most > this.#buffer.length - this.#filled) this.flush()
    if (most > this.#buffer.length) this.#buffer = Buffer.allocUnsafe(most)
    else if (this.#filled === 0 && this.#buffer.length > this.#memory && most < this.#memory)
      this.#buffer = Buffer.allocUnsafe(this.#memory)
  }

  #end(length: number): Place {
    this.#buffer[this.#filled + length] = newline
    this.#filled += length + 1
    if (length > this.#longest) this.#longest = length
    const place = { offset: this.#size, length }
    this.#size += length + 1
    return place
  }

  /** Durable when it returns. */
  async sync(): Promise<void> {
    this.flush()
    await this.#handle.datasync()
  }

  /** Cuts off all that was added. */
  async rollback(): Promise<void> {
    this.#filled = 0
    await this.#handle.truncate(this.#opened)
  }

  close(): Promise<void> {
    return this.#handle.close()
  }

  /** Hands what is in memory to the system. */
  flush(): void {
    for (let at = 0; at < this.#filled; ) at += writeSync(this.#handle.fd, this.#buffer, at, this.#filled - at)
    this.#filled = 0
  }
}
