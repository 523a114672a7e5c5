import { closeSync, fdatasync, ftruncateSync, openSync, writeSync } from "node:fs"
import { promisify } from "node:util"

import type { Place } from "./segment.ts"

const datasync = promisify(fdatasync)
const newline = 10

/** The end of a file that one writer appends to, gathered in memory (`memory` bytes, a mebibyte where it is left out) and durable only at `sync`. Throws what the file system throws. */
export class Tail {
  readonly #descriptor: number
  #open = true
  readonly #opened: number
  #size: number
  readonly #memory: number
  #buffer: Buffer
  #filled = 0
  #longest = 0

  private constructor(descriptor: number, size: number, memory: number) {
    this.#memory = memory
    this.#buffer = Buffer.allocUnsafe(memory)
    this.#descriptor = descriptor
    this.#opened = size
    this.#size = size
  }

  /** Opens a file (made where it is not there) at a length; what lies behind it is cut off. */
  static open(file: string, length: number, memory = 1 << 20): Tail {
    const descriptor = openSync(file, "a")
    try {
      ftruncateSync(descriptor, length)
    } catch (cause) {
      closeSync(descriptor)
      throw cause
    }
    return new Tail(descriptor, length, memory)
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
    await datasync(this.#descriptor)
  }

  /** Cuts off all that was added. */
  rollback(): void {
    this.#filled = 0
    ftruncateSync(this.#descriptor, this.#opened)
  }

  /** Hands what is in memory to the system and lets go of the file: nothing can be added any more. */
  release(): void {
    this.flush()
    this.close()
    this.#buffer = Buffer.alloc(0)
  }

  close(): void {
    if (this.#open) closeSync(this.#descriptor)
    this.#open = false
  }

  /** Hands what is in memory to the system. */
  flush(): void {
    for (let at = 0; at < this.#filled; ) at += writeSync(this.#descriptor, this.#buffer, at, this.#filled - at)
    this.#filled = 0
  }
}
