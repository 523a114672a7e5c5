import type { Origin, Wire } from "../../domain/Message.ts"
import type { Loss } from "../../domain/Output.ts"
import { isArray, isObject, type Json } from "./json.ts"

const empty = (value: Json | undefined) =>
  value === null || value === undefined || (isArray(value) && value.length === 0) || value === ""

/** Where the readers keep fields without a canonical name: beside the content, within it, within a function. */
const kinds = ["rest", "inner", "function"]

/** Collects what a translation could not carry over, each once. */
export class Losses {
  readonly #all = new Map<string, Loss>()
  readonly #wire: Wire

  /** `wire` is the one that is written. */
  constructor(wire: Wire) {
    this.#wire = wire
  }

  add(what: string, why: string): void {
    const key = `${what}\n${why}`
    if (!this.#all.has(key)) this.#all.set(key, { what, why })
  }

  /** Names how closely a picture was to be looked at, where `who` cannot be told; `auto` is what everyone does who is told nothing. */
  detail(detail: string | undefined, who: string): void {
    if (detail !== undefined && detail !== "auto") this.add("image detail", `${who} cannot be told it`)
  }

  /** Names the fields that only the wire of origin knows, where that is another one. */
  fields(holder: { readonly origin?: typeof Origin.Type }): void {
    const { origin } = holder
    if (origin === undefined || origin.wire === this.#wire || !isObject(origin.data)) return
    for (const name of kinds) {
      const rest = origin.data[name]
      if (!isObject(rest)) continue
      for (const [key, value] of Object.entries(rest)) {
        if (!empty(value)) this.add(`field ${key}`, `only ${origin.wire} knows it`)
      }
    }
  }

  get all(): ReadonlyArray<Loss> {
    return [...this.#all.values()]
  }
}
