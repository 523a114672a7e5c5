import type { ProviderError } from "../providers/contract.ts"

/** How long an account is asked in vain before its calls fail at once. */
export interface BreakerPolicy {
  /** Tries in a row without an answer, at least. */
  readonly failures: number
  /** Milliseconds such a row must last, so that the restart of a server is ridden out. */
  readonly downMs: number
  /** The same where the row is made of rate limits alone: the provider is there, it only does not let us in. */
  readonly limitedMs: number
  /** Milliseconds until one try may find out whether it is back. */
  readonly coolMs: number
}

export const breakerPolicy: BreakerPolicy = { failures: 20, downMs: 10_000, limitedMs: 300_000, coolMs: 30_000 }

/** What is known of an account's health: a plain value. */
export interface Health {
  /** Tries without an answer since the last answer. */
  readonly row: number
  /** Of them, those that were no rate limit. */
  readonly down: number
  /** Since when (milliseconds), `null` while all is well. */
  readonly since: number | null
  /** No try before this time (milliseconds); 0: closed. */
  readonly openUntil: number
  /** The provider's last words. */
  readonly why: string
}

export const healthy: Health = { row: 0, down: 0, since: null, openUntil: 0, why: "" }

/** After an answer all is forgotten. */
export const afterAnswer = (health: Health): Health => (health.row === 0 && health.openUntil === 0 ? health : healthy)

/** After a try without an answer. A request that the provider read and refused shows that it is there. */
export const afterFailure = (health: Health, error: ProviderError, now: number, policy: BreakerPolicy): Health => {
  if (!error.retryable) return afterAnswer(health)
  const row = health.row + 1
  const down = health.down + (error.reason === "RateLimited" ? 0 : 1)
  const since = health.since ?? now
  const lasted = now - since
  const open =
    (down >= policy.failures && lasted >= policy.downMs) || (row >= policy.failures && lasted >= policy.limitedMs)
  return { row, down, since, openUntil: open ? now + policy.coolMs : health.openUntil, why: error.message }
}

/**
 * Whether a try may go out now. When the time of rest is over, one try goes out and the others go on failing for as long again;
 * its answer closes the breaker.
 */
export const tryAt = (
  health: Health,
  now: number,
  policy: BreakerPolicy
): { readonly allowed: boolean; readonly health: Health } => {
  if (health.openUntil === 0) return { allowed: true, health }
  if (now < health.openUntil) return { allowed: false, health }
  return { allowed: true, health: { ...health, openUntil: now + policy.coolMs } }
}

/** Stays away until a time the provider named, which is too far off to wait for. */
export const restUntil = (health: Health, until: number, why: string): Health => ({
  ...health,
  openUntil: Math.max(health.openUntil, until),
  why
})
