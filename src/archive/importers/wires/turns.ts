import type { Found } from "../../contract.ts"
import { objectIn, textIn, unpacked } from "../../json.ts"
import { weightOf } from "../../spans/waiting.ts"

/** A request and its answer as a log holds them, and the file they are from. */
export interface Pair {
  readonly file: string
  readonly request: unknown
  readonly response: unknown
}

interface Waiter {
  readonly file: string
  /** The answer that its request names. */
  readonly awaits: string
  /** The id of its own answer, where that can be told without reading it. */
  readonly makes: string | undefined
  readonly weight: number
  readonly read: () => Found
}

/** What waits at most: calls, and characters of their text. */
const most = { calls: 2000, weight: 50_000_000 }

/** The answer that a request goes on from. */
const awaitedBy = (request: unknown): string | undefined => {
  // Most bodies that are logged as text name none: those are not parsed for it.
  if (typeof request === "string" && !request.includes("previous_response_id")) return undefined
  return textIn(objectIn(unpacked(request))?.["previous_response_id"])
}

const ownId = /"id"\s*:\s*"(resp_[^"\\]+)"/

/** The id of an answer: of its body, or the first one in the text or the events of its stream. */
const madeBy = (response: unknown): string | undefined => {
  const id = textIn(objectIn(unpacked(response))?.["id"])
  if (id !== undefined) return id
  const text = typeof response === "string" ? response : JSON.stringify(response)
  return ownId.exec(text ?? "")?.[1]
}

/**
 * The order in which the calls of an import are read: one that names an earlier answer waits until that is known, so that the order of lines and
 * files does not matter. Where more waits than fits, and at the end, the first of those that wait is read as it is.
 */
export class Turns {
  readonly #known: (id: string) => boolean
  readonly #most: number
  readonly #waiting = new Set<Waiter>()
  readonly #byAwaited = new Map<string, Set<Waiter>>()
  readonly #byMade = new Map<string, Waiter>()
  #came: Array<string> = []
  #weight = 0

  /** `known`: whether an answer is known. `calls`: how many may wait. */
  constructor(known: (id: string) => boolean, calls = most.calls) {
    this.#known = known
    this.#most = calls
  }

  take({ file, request, response }: Pair, read: () => Found): ReadonlyArray<Found> {
    const awaits = this.#most === 0 ? undefined : awaitedBy(request)
    if (awaits === undefined || this.#known(awaits)) return [read(), ...this.#freed()]
    this.#add({ file, awaits, makes: madeBy(response), weight: weightOf(request) + weightOf(response), read })
    const found: Array<Found> = []
    while (this.#waiting.size > this.#most || this.#weight > most.weight) found.push(...this.#first())
    return found
  }

  /** Says that an answer is known now. */
  came(id: string): void {
    if (this.#byAwaited.has(id)) this.#came.push(id)
  }

  end(): ReadonlyArray<Found> {
    const found: Array<Found> = []
    while (this.#waiting.size > 0) found.push(...this.#first())
    return found
  }

  #add(waiter: Waiter): void {
    this.#waiting.add(waiter)
    this.#weight += waiter.weight
    const others = this.#byAwaited.get(waiter.awaits)
    if (others === undefined) this.#byAwaited.set(waiter.awaits, new Set([waiter]))
    else others.add(waiter)
    if (waiter.makes !== undefined) this.#byMade.set(waiter.makes, waiter)
  }

  #read(waiter: Waiter): Found {
    this.#waiting.delete(waiter)
    this.#weight -= waiter.weight
    const others = this.#byAwaited.get(waiter.awaits)
    others?.delete(waiter)
    if (others?.size === 0) this.#byAwaited.delete(waiter.awaits)
    if (waiter.makes !== undefined && this.#byMade.get(waiter.makes) === waiter) this.#byMade.delete(waiter.makes)
    const found = waiter.read()
    return found._tag === "Skip" ? { file: waiter.file, ...found } : found
  }

  /** Reads those whose answer has come, and those that waited for them. */
  #freed(): ReadonlyArray<Found> {
    const found: Array<Found> = []
    for (let id = this.#came.shift(); id !== undefined; id = this.#came.shift())
      for (const waiter of [...(this.#byAwaited.get(id) ?? [])]) found.push(this.#read(waiter))
    return found
  }

  /** Reads the one that waited longest, or of its conversation the first one that there is; and those that waited for it. */
  #first(): ReadonlyArray<Found> {
    let [first] = this.#waiting
    const passed = new Set<Waiter>()
    for (let before = first; before !== undefined && !passed.has(before); before = this.#byMade.get(before.awaits)) {
      passed.add(before)
      first = before
    }
    return first === undefined ? [] : [this.#read(first), ...this.#freed()]
  }
}
