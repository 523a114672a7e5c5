import type { CapOf } from "../domain/Output.ts"

/** Words kept of the first case, in the run's order, that something happened to: whatever finishes first, a run says the same. */
export class Told {
  readonly #kept = new Map<string, { readonly at: number; readonly words: string }>()

  #keep(what: string, at: number, words: string) {
    const kept = this.#kept.get(what)
    if (kept === undefined || at < kept.at) this.#kept.set(what, { at, words })
  }
  /** A case got no answer for reasons of infrastructure. */
  withheld(at: number, words: string) {
    this.#keep("", at, words)
  }
  /** A grader could not grade a case. */
  ungraded(grader: string, at: number, why: string) {
    this.#keep(`grader ${grader}`, at, why)
  }
  /** A cap that is not the whole run's left no room for a case. */
  capped(at: number, cap: CapOf) {
    this.#keep("cap", at, cap)
  }
  get cap(): string | undefined {
    return this.#kept.get("cap")?.words
  }
  get infrastructure(): string | undefined {
    return this.#kept.get("")?.words
  }
  of(grader: string): string | undefined {
    return this.#kept.get(`grader ${grader}`)?.words
  }
}
