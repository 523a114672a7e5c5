import type { Usage } from "../domain/Call.ts"
import { ProviderError } from "../providers/contract.ts"
import {
  afterAnswer,
  afterFailure,
  type BreakerPolicy,
  type Health,
  healthy,
  restUntil,
  startPauseMs,
  tryAt
} from "./breaker.ts"
import type { Account } from "./Calls.ts"
import { type Gate, makeGate, type Paused } from "./gate.ts"
import { makeMeter } from "./meter.ts"
import { makeOccupancy, type Occupancy } from "./occupancy.ts"
import { makeReserve, type Reserve } from "./reserve.ts"

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
  /** How its time is shared out among the tries in flight. */
  readonly occupancy: Occupancy
  /** What its models use beyond what their requests tell. */
  readonly reserve: Reserve
  /** Why a model of the account is not to be asked now; `undefined`: it may be, as far as is known. */
  resting(model: string, now: number): string | undefined
  /** The same for a try that is about to go out. Where one try may find out, the first who asks is the one. */
  closed(model: string, now: number): string | undefined
  answered(model: string, usage: Usage, now: number): void
  /** What an error means here: where answers came from before, address, way and model's name are right, so something broke, and may mend. */
  meant(error: ProviderError): ProviderError
  /** Learns from a try without an answer: pauses everyone as long as the provider asks, up to the patience; beyond that nobody goes. */
  failed(model: string, error: ProviderError, now: number): void
  state(now: number): LaneState
}

/** What errors of a wrong configuration mean where answers came before. */
const afterAnswers: { readonly [reason in ProviderError["reason"]]?: ProviderError["reason"] } = {
  Address: "Server",
  Blocked: "Server",
  Untrusted: "Network",
  Proxy: "Network"
}

/** Opens the lane of an account. */
export const makeLane = (account: Account, policy: BreakerPolicy, patienceMs: number): Lane => {
  const gate = makeGate(account.concurrency, patienceMs)
  const meter = makeMeter()
  const occupancy = makeOccupancy()
  let taken = false
  /** Models that answered. */
  const spoke = new Set<string>()
  /** Of the host, as sockets tell: one that nobody can be reached at is down for all its models. What a model fails with says nothing of the others. */
  let host: Health = healthy
  const models = new Map<string, Health>()
  const of = (model: string) => models.get(model) ?? healthy
  const isDown = ({ openUntil }: Health, now: number) => openUntil !== 0 && now < openUntil
  return {
    account,
    gate,
    occupancy,
    reserve: makeReserve(),
    resting: (model, now) => [host, of(model)].find((health) => isDown(health, now))?.why,
    closed: (model, now) => {
      const reached = tryAt(host, now, policy)
      host = reached.health
      if (!reached.allowed) return host.why
      const { allowed, health } = tryAt(of(model), now, policy)
      models.set(model, health)
      return allowed ? undefined : health.why
    },
    meant: (error) => {
      const { model, reason, status } = error
      const named = reason === "ModelNotFound" && status === 400
      const means = named && spoke.has(model) ? "BadRequest" : taken ? afterAnswers[reason] : undefined
      return means === undefined ? error : new ProviderError({ ...error, reason: means })
    },
    answered: (model, { input, output }, now) => {
      taken = true
      spoke.add(model)
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
      const pauseMs = taken ? 0 : startPauseMs(of(model), error)
      if (pauseMs > 0) gate.pauseUntil(now + pauseMs)
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
