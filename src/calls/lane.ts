import type { Usage } from "../domain/Call.ts"
import type { ProviderError } from "../providers/contract.ts"
import { afterAnswer, afterFailure, type BreakerPolicy, type Health, healthy, restUntil, tryAt } from "./breaker.ts"
import type { Account } from "./Calls.ts"
import { type Gate, makeGate, type Paused } from "./gate.ts"
import { makeMeter } from "./meter.ts"

/** How an account stands at a moment. */
export interface LaneState {
  readonly account: string
  /** Tries that are out, how many wait for it, and how many may be out at once. */
  readonly out: number
  readonly waiting: number
  readonly limit: number
  /** Why nothing new goes out, and for how many milliseconds (`null`: until somebody says so); left out: it goes on. */
  readonly paused?: Paused | { readonly why: "down"; readonly ms: number }
  /** Tries that were turned away for the rate so far. */
  readonly limited: number
  /** Tokens of answers, a second, over the last ten seconds. */
  readonly tokensPerSecond: { readonly input: number; readonly output: number }
}

/** An account with what has been learnt of it in this run: how much it lets through, and whether it is there. */
export interface Lane {
  readonly account: Account
  readonly gate: Gate
  /** Why the account is not to be asked now; `undefined`: it may be, as far as is known. */
  resting(now: number): string | undefined
  /** The same for a try that is about to go out. Where one try may find out, the first who asks is the one. */
  closed(now: number): string | undefined
  answered(usage: Usage, now: number): void
  /** Learns from a try without an answer: pauses everyone as long as the provider asks, up to the patience; beyond that nobody goes. */
  failed(error: ProviderError, now: number): void
  state(now: number): LaneState
}

/** Opens the lane of an account. */
export const makeLane = (account: Account, policy: BreakerPolicy, patienceMs: number): Lane => {
  const gate = makeGate(account.concurrency, patienceMs)
  const meter = makeMeter()
  let health: Health = healthy
  const down = (now: number) => health.openUntil !== 0 && now < health.openUntil
  return {
    account,
    gate,
    resting: (now) => (down(now) ? health.why : undefined),
    closed: (now) => {
      const { allowed, health: after } = tryAt(health, now, policy)
      health = after
      return allowed ? undefined : health.why
    },
    answered: ({ input, output }, now) => {
      health = afterAnswer(health)
      meter.add(input?.total ?? 0, output?.total ?? 0, now)
    },
    failed: (error, now) => {
      health = afterFailure(health, error, now, policy)
      if (error.retryAfterMs === undefined || !error.retryable) return
      const until = now + error.retryAfterMs
      if (error.retryAfterMs > patienceMs) health = restUntil(health, until, error.message)
      else gate.pauseUntil(until)
    },
    state: (now) => {
      const paused = down(now) ? { why: "down" as const, ms: health.openUntil - now } : gate.pausedAt(now)
      return {
        account: account.name,
        out: gate.out,
        waiting: gate.waiting,
        limit: gate.limit,
        ...(paused === undefined ? {} : { paused }),
        limited: gate.limited,
        tokensPerSecond: meter.rate(now)
      }
    }
  }
}
