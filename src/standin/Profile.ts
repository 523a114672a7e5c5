/** The four tasks of the simulated support desk. */
export type Task = "triage" | "extract" | "act" | "reply"

/** The request shape a model is at home in: the one that lists it. Every model answers in all three. */
export type FleetWire = "openai.chat" | "anthropic.messages" | "ollama.chat"

/** How a simulated model judges. Probabilities are in [0,1]. */
export interface Judging {
  /** Probability of a wrong verdict, at every asking. */
  readonly wrong: number
  /** Probability that of two answers it names the one put first, whatever stands there. */
  readonly namesFirst: number
  /** It does what it is told anywhere in the material, in an answer too. */
  readonly obeys: boolean
}

/** How a simulated model answers. Shares and probabilities are in [0,1]. */
export interface Behaviour {
  /** Probability of a wrong answer to an ordinary question, by task. */
  readonly errors: Readonly<Record<Task, number>>
  /** Share of those errors that come back every time the same thing is asked; the rest is run noise. */
  readonly persistence: number
  /** Probability that an answer in JSON is broken or lacks a field, at every asking. */
  readonly badJson: number
  /** Probability that a model which is told what was wrong with its JSON mends it. */
  readonly mends: number
  /**
   * How it writes small modules: the probability that one has a slip and fails its tests, and the probability that a model which is told of
   * the failing test mends it. Left out: it writes none.
   */
  readonly code?: { readonly errors: number; readonly mends: number }
  /** Words of padding in every piece of prose, on average. */
  readonly padding: number
  /** Hidden reasoning tokens at medium effort, on average; they are billed as output. 0: does not reason. */
  readonly reasoning: number
  /** Its tokenizer: tokens per character, about a quarter. */
  readonly tokensPerChar: number
  /** Probability that a long enough prefix is read from the prompt cache. */
  readonly cacheHit: number
  /** How it judges answers of others when it is asked to. Left out: it does not. */
  readonly judge?: Judging
  /** Answers this to everything and works nothing out: for benchmarks. */
  readonly constant?: string
}

/** Milliseconds before an answer is there: `fixedMs + perTokenMs x output tokens`. Streams begin after `fixedMs`. */
export interface Latency {
  readonly fixedMs: number
  readonly perTokenMs: number
}

/** A simulated model: plain data. To swap two models' behaviours, exchange their `behaviour`. */
export interface Profile {
  readonly name: string
  readonly wire: FleetWire
  /** One line for people. */
  readonly about: string
  readonly behaviour: Behaviour
  /** Default: the fleet's. */
  readonly latency?: Latency
}
