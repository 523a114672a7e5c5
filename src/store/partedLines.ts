import { join } from "node:path"

import type { Waiting } from "./archiveIndex.ts"
import { Tail } from "./tail.ts"

/** Bytes of a part, about: DuckDB takes lines into its index a part at a time, and so needs little memory however many there are. */
const partBytes = 1 << 24

interface Part {
  readonly file: string
  readonly tail: Tail
  /** Offset of the first call in it. */
  readonly from: number
}

/** Lines about calls that wait for the index, in the order of the calls' offsets, in parts. Throws what the file system throws. */
export class PartedLines {
  readonly #folder: string
  readonly #name: string
  readonly #parts: Array<Part> = []

  constructor(folder: string, name: string) {
    this.#folder = folder
    this.#name = name
  }

  /** Adds a line about the call whose line lies at an offset. */
  add(offset: number, line: string): void {
    const last = this.#parts.at(-1)
    const part = last === undefined || last.tail.size > partBytes ? this.#begin(offset, last) : last
    part.tail.add(line)
  }

  #begin(from: number, last: Part | undefined): Part {
    last?.tail.release()
    const file = join(this.#folder, "pending", `${this.#name}-${this.#parts.length}.jsonl`)
    const part = { file, tail: Tail.open(file, 0), from }
    this.#parts.push(part)
    return part
  }

  get size(): number {
    return this.#parts.length
  }

  /** The parts, and from which offset on each has its calls. */
  get parts(): ReadonlyArray<Waiting & { readonly from: number }> {
    return this.#parts.map(({ file, from, tail }) => ({ file, from, longest: tail.longest }))
  }

  /** Hands what is in memory to the system. */
  flush(): void {
    this.#parts.at(-1)?.tail.flush()
  }

  close(): void {
    for (const { tail } of this.#parts) tail.close()
  }
}
