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
  /** Why a model of the account is not to be asked now; `undefined`: it may be, as far as is known. */
  resting(model: string, now: number): string | undefined
  /** The same for a try that is about to go out. Where one try may find out, the first who asks is the one. */
  closed(model: string, now: number): string | undefined
  answered(model: string, usage: Usage, now: number): void
  /** Learns from a try without an answer: pauses everyone as long as the provider asks, up to the patience; beyond that nobody goes. */
  failed(model: string, error: ProviderError, now: number): void
  state(now: number): LaneState
}

/** Opens the lane of an account. */
export const makeLane = (account: Account, policy: BreakerPolicy, patienceMs: number): Lane => {
  const gate = makeGate(account.concurrency, patienceMs)
  const meter = makeMeter()
  /** Of the host, as sockets tell: one that nobody can be reached at is down for all its models. What a model fails with says nothing of the others. */
  let host: Health = healthy
  const models = new Map<string, Health>()
  const of = (model: string) => models.get(model) ?? healthy
  const isDown = ({ openUntil }: Health, now: number) => openUntil !== 0 && now < openUntil
  return {
    account,
    gate,
    resting: (model, now) => [host, of(model)].find((health) => isDown(health, now))?.why,
    closed: (model, now) => {
      const reached = tryAt(host, now, policy)
      host = reached.health
      if (!reached.allowed) return host.why
      const { allowed, health } = tryAt(of(model), now, policy)
      models.set(model, health)
      return allowed ? undefined : health.why
    },
    answered: (model, { input, output }, now) => {
      host = afterAnswer(host)
      models.set(model, afterAnswer(of(model)))
      meter.add(input?.total ?? 0, output?.total ?? 0, now)
    },
    failed: (model, error, now) => {
      if (error.reason === "Network") host = afterFailure(host, error, now, policy)
      else {
        // Somebody answered, if only to fail.
        host = afterAnswer(host)
        models.set(model, afterFailure(of(model), error, now, policy))
      }
      if (error.retryAfterMs === undefined || !error.retryable) return
      const until = now + error.retryAfterMs
      if (error.retryAfterMs > patienceMs) models.set(model, restUntil(of(model), until, error.message))
      else gate.pauseUntil(until)
    },
    state: (now) => {
      const known = [...models.values()]
      const resting = isDown(host, now) ? [host] : known.every((health) => isDown(health, now)) ? known : []
      const paused =
        resting.length > 0
          ? { why: "down" as const, ms: Math.min(...resting.map(({ openUntil }) => openUntil)) - now }
          : gate.pausedAt(now)
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
