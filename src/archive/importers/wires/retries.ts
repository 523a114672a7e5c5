import { digestOf } from "../../../domain/digest.ts"
import type { JsonObject } from "../../json.ts"

/** Questions that are remembered at most; the oldest goes first. */
const most = 5_000

/**
 * Which exchanges of a capture are further attempts: one that its SDK says to be a retry, whose question failed before and was not answered
 * since.
 */
export class Retries {
  readonly #open = new Map<string, string>()

  /** The id of the first attempt; `undefined` where this is it, or it is not in the capture. `retry`: what the SDK counts, from 0. */
  firstOf({
    asked,
    endpoint,
    failed,
    id,
    retry
  }: {
    readonly asked: JsonObject
    readonly endpoint: string
    readonly failed: boolean
    readonly id: string
    readonly retry: number
  }): string | undefined {
    if (!failed && this.#open.size === 0) return undefined
    const question = `${endpoint} ${digestOf(asked)}`
    const before = this.#open.get(question)
    const first = retry > 0 && before !== id ? before : undefined
    this.#open.delete(question)
    if (failed) this.#open.set(question, first ?? id)
    if (this.#open.size > most)
      for (const oldest of this.#open.keys()) {
        this.#open.delete(oldest)
        break
      }
    return first
  }
}
