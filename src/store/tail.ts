import { writeSync } from "node:fs"
import { type FileHandle, open } from "node:fs/promises"

import type { Place } from "./segment.ts"

const full = 1 << 20

/** The end of a file that one writer appends to, gathered in memory to a mebibyte and durable only at `sync`. Throws what the file system throws. */
export class Tail {
  readonly #handle: FileHandle
  readonly #opened: number
  #size: number
  #pending: Array<Buffer> = []
  #pendingBytes = 0

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
    const bytes = Buffer.from(`${line}\n`)
    const place = { offset: this.#size, length: bytes.length - 1 }
    this.#pending.push(bytes)
    this.#pendingBytes += bytes.length
    this.#size += bytes.length
    if (this.#pendingBytes >= full) this.flush()
    return place
  }

  /** Durable when it returns. */
  async sync(): Promise<void> {
    this.flush()
    await this.#handle.datasync()
  }

  /** Cuts off all that was added. */
  async rollback(): Promise<void> {
    this.#pending = []
    await this.#handle.truncate(this.#opened)
  }

  close(): Promise<void> {
    return this.#handle.close()
  }

  /** Hands what is in memory to the system. */
  flush(): void {
    const bytes = Buffer.concat(this.#pending)
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#handle.fd, bytes, at)
    this.#pending = []
    this.#pendingBytes = 0
  }
}
