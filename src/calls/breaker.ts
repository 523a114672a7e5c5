import type { ProviderError } from "../providers/contract.ts"
import { asksForPatience } from "./retry.ts"

/** How long an account is asked in vain before its calls fail at once. */
export interface BreakerPolicy {
  /** Tries in a row without an answer, at least. */
  readonly failures: number
  /** Milliseconds such a row must last where nobody can be reached and answers came before, so that the restart of a server is ridden out. */
  readonly downMs: number
  /** The same where somebody answers, if only to fail: a host that begins, or cases that it fails with while it would answer others. */
  readonly quietMs: number
  /** The same where the row is made of rate limits alone, or of a model that is being loaded: it is there, it only does not let us in. */
  readonly limitedMs: number
  /** Milliseconds until one try may find out whether it is back. */
  readonly coolMs: number
}

export const breakerPolicy: BreakerPolicy = {
  failures: 20,
  downMs: 5_000,
  quietMs: 60_000,
  limitedMs: 300_000,
  coolMs: 30_000
}

/** What is known of an account's health: a plain value. */
export interface Health {
  /** Whether anything was ever answered: where nothing was, there is no restart to ride out. */
  readonly answered: boolean
  /** Tries without an answer since the last answer. */
  readonly row: number
  /** Of them, those that did not ask for patience: no rate limit, and no model that is being loaded. */
  readonly down: number
  /** Since when (milliseconds), `null` while all is well. */
  readonly since: number | null
  /** No try before this time (milliseconds); 0: closed. */
  readonly openUntil: number
  /** The provider's last words. */
  readonly why: string
}

export const healthy: Health = { answered: false, row: 0, down: 0, since: null, openUntil: 0, why: "" }

const well: Health = { ...healthy, answered: true }

/** After an answer all failures are forgotten. */
export const afterAnswer = (health: Health): Health =>
  health.answered && health.row === 0 && health.openUntil === 0 ? health : well

/** After a try without an answer. A request that the provider read and refused shows that it is there. */
export const afterFailure = (health: Health, error: ProviderError, now: number, policy: BreakerPolicy): Health => {
  if (!error.retryable) return afterAnswer(health)
  const row = health.row + 1
  const down = health.down + (asksForPatience(error) ? 0 : 1)
  const since = health.since ?? now
  const lasted = now - since
  const longEnough = error.reason === "Network" ? lasted >= policy.downMs || !health.answered : lasted >= policy.quietMs
  const open = (down >= policy.failures && longEnough) || (row >= policy.failures && lasted >= policy.limitedMs)
  return {
    answered: health.answered,
    row,
    down,
    since,
    openUntil: open ? now + policy.coolMs : health.openUntil,
    why: error.message
  }
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

/** Milliseconds at most that an account which has not answered yet is left alone between tries. */
const slowestStartMs = 3_000

/**
 * Milliseconds that nobody asks an account after a failure of its host while it has answered nothing yet, since it may still be starting:
 * longer from failure to failure. 0: it has answered, or nobody was reached.
 */
export const startPauseMs = (health: Health, error: ProviderError): number =>
  health.answered || !["Server", "Starting"].includes(error.reason) ? 0 : Math.min(slowestStartMs, 250 * health.row)

/** Stays away until a time the provider named, which is too far off to wait for. */
export const restUntil = (health: Health, until: number, why: string): Health => ({
  ...health,
  openUntil: Math.max(health.openUntil, until),
  why
})
