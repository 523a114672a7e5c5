import { writeSync } from "node:fs"
import { type FileHandle, open } from "node:fs/promises"

import type { Place } from "./segment.ts"

const memory = 1 << 20
const newline = 10

/** The end of a file that one writer appends to, gathered in memory to a mebibyte and durable only at `sync`. Throws what the file system throws. */
export class Tail {
  readonly #handle: FileHandle
  readonly #opened: number
  #size: number
  #buffer = Buffer.allocUnsafe(memory)
  #filled = 0

  private constructor(handle: FileHandle, size: number) {
    this.#handle = handle
    this.#opened = size
    this.#size = size
  }

  /** Opens a file (made where it is not there) at a length; what lies behind it is cut off. */
  static async open(file: string, length: number): Promise<Tail> {
    const handle = await open(file, "a")
    try {
      await handle.truncate(length)
    } catch (cause) {
      await handle.close()
      throw cause
    }
    return new Tail(handle, length)
  }

  /** Bytes, those in memory included. */
  get size(): number {
    return this.#size
  }

  /** Adds a line, and says where it lies. */
  add(line: string): Place {
    const most = line.length * 3 + 1
    if (most > this.#buffer.length - this.#filled) this.flush()
    if (most > this.#buffer.length) this.#buffer = Buffer.allocUnsafe(most)
    const length = this.#buffer.write(line, this.#filled)
    this.#buffer[this.#filled + length] = newline
    this.#filled += length + 1
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
