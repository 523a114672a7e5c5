import type { ProviderError } from "../providers/contract.ts"

/** When a try that got no answer is made again. */
export interface RetryPolicy {
  /** Tries at most that failed for want of an answer (network, 5xx, timeout, broken body). */
  readonly tries: number
  /** Tries at most that were turned away for the rate, or since the model was being loaded: wishes to wait, not failures. */
  readonly limitedTries: number
  /** Milliseconds before the second try; doubles from try to try. */
  readonly baseMs: number
  /** Milliseconds at most between tries, unless the provider asks for more. */
  readonly capMs: number
  /** Milliseconds at most that a provider's Retry-After is waited for; one that asks for more fails the call. */
  readonly patienceMs: number
}

export const retryPolicy: RetryPolicy = {
  tries: 6,
  limitedTries: 20,
  baseMs: 500,
  capMs: 30_000,
  patienceMs: 120_000
}

/** Tries so far that got no answer, by kind. */
export interface Tries {
  readonly failed: number
  readonly limited: number
}

export const noTries: Tries = { failed: 0, limited: 0 }

/** Whether an error is a wish to wait: the provider is there and will answer. */
export const asksForPatience = ({ reason }: ProviderError): boolean => reason === "RateLimited" || reason === "Starting"

export const count = ({ failed, limited }: Tries, error: ProviderError): Tries =>
  asksForPatience(error) ? { failed, limited: limited + 1 } : { failed: failed + 1, limited }

/** What to do after a try without an answer: wait so many milliseconds and try again, or give up and why. */
export type Next = { readonly waitMs: number } | { readonly giveUp: string }

/**
 * Exponential with full half jitter: between half and all of `baseMs * 2^n`, capped; never before Retry-After, which is itself
 * stretched by up to a tenth, so that all who were told the same time do not come back at once. `random` is in [0,1).
 */
export const next = (policy: RetryPolicy, tries: Tries, error: ProviderError, random: number): Next => {
  const { failed, limited } = tries
  const total = failed + limited
  if (!error.retryable) return { giveUp: "it is not worth asking again" }
  if (failed >= policy.tries || limited >= policy.limitedTries) return { giveUp: `${total} tries` }
  const asked = error.retryAfterMs ?? 0
  if (asked > policy.patienceMs) return { giveUp: `it asks to wait ${Math.ceil(asked / 1000)} s` }
  const full = Math.min(policy.capMs, policy.baseMs * 2 ** (total - 1))
  return { waitMs: Math.ceil(Math.max(full * (0.5 + random / 2), asked * (1 + random / 10))) }
}
