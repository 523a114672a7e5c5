import { DigestSet } from "./digestSet.ts"
import type { Marks } from "./leaves.ts"
import { Recent } from "./recent.ts"

/** A part of a call that is looked through as a whole: a message, a set of tools, all else. `after` is `before` where nothing was found. */
export interface Part<A = unknown> {
  /** Digest of its content; left out where it comes but once. */
  readonly key: string | undefined
  readonly before: A
  after: A
  readonly marks: Marks
}

export const partOf = <A>(key: string | undefined, before: A): Part<A> => ({
  key,
  before,
  after: before,
  marks: new Map()
})

/** Characters of changed parts that are remembered. */
const most = 16_000_000

/** The parts that were looked through: of the unchanged ones that they were, of the changed ones lately what they became. */
export class PartMemory {
  readonly #unchanged = new DigestSet()
  readonly #changed = new Recent<Part>(most)

  isUnchanged(key: string): boolean {
    return this.#unchanged.has(key)
  }

  changed(key: string): Part | undefined {
    return this.#changed.get(key)
  }

  keep(part: Part): void {
    if (part.key === undefined) return
    if (part.after === part.before) this.#unchanged.add(part.key)
    else this.#changed.set(part.key, part, JSON.stringify(part.after).length)
  }
}
