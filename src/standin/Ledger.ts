import type { Said } from "./answer.ts"
import type { FaultKind } from "./faults.ts"

/** Counts of one model. Tokens are those of answers that went out whole. */
export interface ModelStats {
  readonly requests: number
  readonly answered: number
  readonly promptTokens: number
  readonly cachedTokens: number
  readonly completionTokens: number
  readonly reasoningTokens: number
}

/** What the fleet has served; the document of `GET /__stats`. */
export interface Stats {
  /** Requests for an answer, refused ones included. */
  readonly requests: number
  /** Answers that went out whole: what a caller would be billed for. */
  readonly answered: number
  readonly models: Readonly<Record<string, ModelStats>>
  /** By HTTP status; a connection that was cut or left hanging counts as `0`. */
  readonly statuses: Readonly<Record<string, number>>
  /** Faults that were made to happen. */
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>
}

const none: ModelStats = {
  requests: 0,
  answered: 0,
  promptTokens: 0,
  cachedTokens: 0,
  completionTokens: 0,
  reasoningTokens: 0
}

interface Seen {
  asked: number
  next: number
  readonly returned: Array<number>
}

/** What one fleet remembers: its counts, and how often each question was asked. */
export class Ledger {
  #requests = 0
  #answered = 0
  readonly #models = new Map<string, ModelStats>()
  readonly #statuses = new Map<string, number>()
  readonly #faults = new Map<FaultKind, number>()
  readonly #seen = new Map<string, Seen>()

  #question(model: string, digest: string): Seen {
    const key = `${model} ${digest}`
    const known = this.#seen.get(key)
    if (known !== undefined) return known
    const fresh: Seen = { asked: 0, next: 0, returned: [] }
    this.#seen.set(key, fresh)
    return fresh
  }

  /** Counts a request; gives how often the same was asked of the same model before. */
  ask(model: string, digest: string): number {
    return this.#question(model, digest).asked++
  }

  /** The number of the next draw for a question: 0, 1, 2 … for answers that go out. */
  draw(model: string, digest: string): number {
    const question = this.#question(model, digest)
    return question.returned.sort((a, b) => b - a).pop() ?? question.next++
  }

  /** Gives a draw back whose answer did not go out, so that who asks again gets the same. */
  undraw(model: string, digest: string, draw: number): void {
    this.#question(model, digest).returned.push(draw)
  }

  /** Counts what became of a request; `said` only where the whole answer went out. */
  close(model: string | null, status: number, said?: Said, fault?: FaultKind): void {
    this.#requests++
    this.#statuses.set(String(status), (this.#statuses.get(String(status)) ?? 0) + 1)
    if (fault !== undefined) this.#faults.set(fault, (this.#faults.get(fault) ?? 0) + 1)
    if (said !== undefined) this.#answered++
    if (model === null) return
    const before = this.#models.get(model) ?? none
    this.#models.set(model, {
      requests: before.requests + 1,
      answered: before.answered + (said === undefined ? 0 : 1),
      promptTokens: before.promptTokens + (said?.usage.prompt ?? 0),
      cachedTokens: before.cachedTokens + (said?.usage.cached ?? 0),
      completionTokens: before.completionTokens + (said?.usage.completion ?? 0),
      reasoningTokens: before.reasoningTokens + (said?.usage.reasoning ?? 0)
    })
  }

  /** The counts so far. */
  get stats(): Stats {
    return {
      requests: this.#requests,
      answered: this.#answered,
      models: Object.fromEntries(this.#models),
      statuses: Object.fromEntries(this.#statuses),
      faults: Object.fromEntries(this.#faults)
    }
  }
}
