import { digestOf } from "../../domain/digest.ts"
import type { Found } from "../contract.ts"

/** Characters of source text that may wait: enough for thousands of calls, and far below what a machine has. */
const most = 24_000_000

/** How much text a parsed value holds, roughly: its strings, and something for each other part. */
export const weightOf = (value: unknown): number => {
  if (typeof value === "string") return value.length + 16
  if (typeof value !== "object" || value === null) return 8
  let weight = 16
  for (const [name, part] of Object.entries(value)) weight += name.length + weightOf(part)
  return weight
}

interface Held<T> {
  readonly value: T
  weight: number
  /** Something came since it was last given. */
  changed: boolean
  /** What was given already, by its key: a digest of it. */
  readonly given: Map<string, string>
}

/**
 * What waits for the rest of it, by the trace it belongs to. Exports tell of one trace in several rows and files and in any order; where
 * more waits than fits, the trace that was quiet for longest is settled with what is known of it.
 */
export class Waiting<T> {
  readonly #make: () => T
  readonly #settled: (key: string, value: T) => ReadonlyArray<Found>
  readonly #most: number
  readonly #all = new Map<string, Held<T>>()
  #weight = 0
  #round = 0

  /** `settled` tells what a trace is as it stands. It changes nothing: it may be asked again when more has come. */
  constructor(make: () => T, settled: (key: string, value: T) => ReadonlyArray<Found>, limit = most) {
    this.#make = make
    this.#settled = settled
    this.#most = limit
  }

  /** Adds something of a weight to a trace; answers what had to be settled to make room. */
  add(key: string, weight: number, change: (value: T) => void): ReadonlyArray<Found> {
    const held = this.#all.get(key) ?? { value: this.#make(), weight: 0, changed: true, given: new Map() }
    this.#all.delete(key)
    this.#all.set(key, held)
    change(held.value)
    held.changed = true
    held.weight += weight
    this.#weight += weight
    const found: Array<Found> = []
    for (const [oldest] of this.#all) {
      if (this.#weight <= this.#most) break
      found.push(...this.settle(oldest))
    }
    return found
  }

  /** Says that something of a trace has changed that is kept elsewhere. False where nothing of it waits. */
  touch(key: string): boolean {
    const held = this.#all.get(key)
    if (held !== undefined) held.changed = true
    return held !== undefined
  }

  /** Whether something of a trace waits. */
  has(key: string): boolean {
    return this.#all.has(key)
  }

  /** Settles one trace now. */
  settle(key: string): ReadonlyArray<Found> {
    const held = this.#all.get(key)
    if (held === undefined) return []
    this.#all.delete(key)
    this.#weight -= held.weight
    const found = this.#settled(key, held.value)
    return held.given.size === 0 ? found : this.#fresh(held, found)
  }

  /**
   * The calls and judgements of what has changed, as they stand, for files that are followed: all goes on waiting, and what changes later is
   * given again, with a higher rank.
   */
  pause(): ReadonlyArray<Found> {
    this.#round += 1
    return [...this.#all].flatMap(([key, held]) => {
      if (!held.changed) return []
      held.changed = false
      const found = this.#settled(key, held.value).filter(({ _tag }) => _tag === "Call" || _tag === "Verdict")
      return this.#fresh(held, found)
    })
  }

  /** Settles all that waits; last what names no trace, since it may be about any of them. */
  end(): ReadonlyArray<Found> {
    const keys = [...this.#all.keys()].filter((key) => key !== "")
    return [...keys, ""].flatMap((key) => this.settle(key))
  }

  /** What was not given yet as it is. */
  #fresh({ given }: Held<T>, found: ReadonlyArray<Found>): ReadonlyArray<Found> {
    return found.flatMap((one): ReadonlyArray<Found> => {
      if (one._tag !== "Call" && one._tag !== "Verdict") return [one]
      const digest = digestOf(one)
      const key = one._tag === "Call" ? one.dedupeKey : digest
      const before = given.get(key)
      if (before === digest) return []
      given.set(key, digest)
      return one._tag === "Call" && before !== undefined
        ? [{ ...one, rank: (one.rank ?? 0) + this.#round / 1e3 }]
        : [one]
    })
  }
}
