import { join } from "node:path"

import type { Waiting } from "./archiveIndex.ts"
import { PartedLines } from "./partedLines.ts"
import { Tail } from "./tail.ts"

/** Derived facts as rows that wait: of new calls by the part of `calls` that they are in, and of those that were in the index before. */
export class DerivedRows {
  readonly #folder: string
  readonly #parts: PartedLines["parts"]
  readonly #tails: Array<Tail | undefined>
  readonly before: PartedLines

  constructor(folder: string, calls: PartedLines) {
    this.#folder = folder
    this.#parts = calls.parts
    this.#tails = this.#parts.map(() => undefined)
    this.before = new PartedLines(folder, "changed")
  }

  add(offset: number, known: boolean, row: string): void {
    if (known) {
      this.before.add(offset, row)
      return
    }
    let [low, high] = [0, this.#parts.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#parts[middle]!.from <= offset) low = middle
      else high = middle - 1
    }
    const tail = this.#tails[low] ?? Tail.open(this.#file(low), 0, 1 << 15)
    this.#tails[low] = tail
    tail.add(row)
  }

  #file(part: number): string {
    return join(this.#folder, "pending", `derived-${part}.jsonl`)
  }

  /** The rows of calls in a part of `calls`; `undefined`: there are none. */
  of(part: number): Waiting | undefined {
    const tail = this.#tails[part]
    return tail === undefined ? undefined : { file: this.#file(part), longest: tail.longest }
  }

  flush(): void {
    for (const tail of this.#tails) tail?.flush()
    this.before.flush()
  }

  close(): void {
    for (const tail of this.#tails) tail?.close()
    this.before.close()
  }
}
