import type { ProviderError } from "../providers/contract.ts"
import { afterAnswer, afterFailure, type BreakerPolicy, type Health, healthy, restUntil, tryAt } from "./breaker.ts"
import type { Account } from "./Calls.ts"
import { type Gate, makeGate } from "./gate.ts"

/** An account with what has been learnt of it in this run: how much it lets through, and whether it is there. */
export interface Lane {
  readonly account: Account
  readonly gate: Gate
  /** Why the account is not to be asked now; `undefined`: go ahead. Where one try may find out, the first who asks is the one. */
  closed(now: number): string | undefined
  answered(): void
  /** Learns from a try without an answer: pauses everyone as long as the provider asks, up to `patienceMs`; beyond that nobody goes. */
  failed(error: ProviderError, now: number, patienceMs: number): void
}

/** Opens the lane of an account. */
export const makeLane = (account: Account, policy: BreakerPolicy): Lane => {
  const gate = makeGate(account.concurrency)
  let health: Health = healthy
  return {
    account,
    gate,
    closed: (now) => {
      const { allowed, health: after } = tryAt(health, now, policy)
      health = after
      return allowed ? undefined : health.why
    },
    answered: () => {
      health = afterAnswer(health)
    },
    failed: (error, now, patienceMs) => {
      health = afterFailure(health, error, now, policy)
      if (error.retryAfterMs === undefined || !error.retryable) return
      const until = now + error.retryAfterMs
      if (error.retryAfterMs > patienceMs) health = restUntil(health, until, error.message)
      else gate.pauseUntil(until)
    }
  }
}
