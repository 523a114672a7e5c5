import type { Grade } from "../domain/Grade.ts"
import type { CapOf, Failure } from "../domain/Output.ts"

/** Words kept of the first case, in the run's order, that something happened to: whatever finishes first, a run says the same. */
export class Told {
  readonly #kept = new Map<string, { readonly at: number; readonly words: string }>()

  #keep(what: string, at: number, words: string) {
    const kept = this.#kept.get(what)
    if (kept === undefined || at < kept.at) this.#kept.set(what, { at, words })
  }
  readonly #neverSent = new Set<number>()
  readonly #unjudged = new Map<string, Map<number, Failure>>()

  /** Takes over what is kept elsewhere of a case. */
  take(from: Told, at: number): void {
    for (const [what, kept] of from.#kept) if (kept.at === at) this.#keep(what, at, kept.words)
    if (from.#neverSent.has(at)) this.#neverSent.add(at)
    for (const [grader, failures] of from.#unjudged) {
      const failure = failures.get(at)
      if (failure !== undefined) this.ungraded(grader, at, { failure, why: failure.message })
    }
  }
  /** A case got no answer for reasons of infrastructure. */
  withheld(at: number, { message, neverSent }: Failure) {
    this.#keep("", at, message)
    if (neverSent === true) this.#neverSent.add(at)
  }
  /** Cases withheld of which something was never sent, since the provider did not answer others. */
  get neverSent(): number {
    return this.#neverSent.size
  }
  /** A case could not be sent, or a cap left no room for it. */
  unsent(kind: "unsendable" | "budget", at: number, words: string) {
    this.#keep(kind, at, words)
  }
  /** A grader could not grade a case; `failure`: since its judge's call brought no answer. */
  ungraded(grader: string, at: number, { failure, why }: Pick<Grade, "failure" | "why">) {
    this.#keep(`grader ${grader}`, at, why)
    if (failure === undefined) return
    const known = this.#unjudged.get(grader) ?? new Map<number, Failure>()
    known.set(at, failure)
    this.#unjudged.set(grader, known)
  }
  /** Why a judge's call brought no answer at a case; `undefined`: it did, or there is no judge. */
  unjudged(grader: string, at: number): Failure | undefined {
    return this.#unjudged.get(grader)?.get(at)
  }
  /** A cap that is not the whole run's left no room for a case. */
  capped(at: number, cap: CapOf) {
    this.#keep("cap", at, cap)
  }
  get cap(): string | undefined {
    return this.#kept.get("cap")?.words
  }
  get unsendable(): string | undefined {
    return this.#kept.get("unsendable")?.words
  }
  get budget(): string | undefined {
    return this.#kept.get("budget")?.words
  }
  get infrastructure(): string | undefined {
    return this.#kept.get("")?.words
  }
  of(grader: string): string | undefined {
    return this.#kept.get(`grader ${grader}`)?.words
  }
}
