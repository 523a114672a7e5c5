import { chance } from "./chance.ts"

/**
 * What can be made to go wrong. `rateLimited`: 429 with `retry-after`. `serverError`: 500. `overloaded`: 529 on the Anthropic wire, 503 elsewhere.
 * `cut`: the connection breaks in the middle of the answer. `malformed`: the body is no JSON. `hang`: no answer, ever.
 */
export type FaultKind = "rateLimited" | "serverError" | "overloaded" | "cut" | "malformed" | "hang"

export interface FaultRule {
  readonly kind: FaultKind
  /** Share of requests, in [0,1]. */
  readonly rate: number
  /** Only this model's; default: every model's. */
  readonly model?: string
  /** Seconds in `retry-after`; default 1. */
  readonly retryAfter?: number
}

/**
 * The fault that a request meets, if any: the first rule whose draw falls in its rate. The draw depends on the seed, the model, what is asked
 * and how often it was asked before, so a retry has a draw of its own and the order of other requests does not matter.
 */
export const faultFor = (
  rules: ReadonlyArray<FaultRule>,
  seed: number,
  model: string,
  digest: string,
  asked: number
): FaultRule | undefined =>
  rules.find(
    (rule, i) =>
      (rule.model === undefined || rule.model === model) &&
      chance("fault", String(seed), String(i), model, digest, String(asked))[0]! < rule.rate
  )
