import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Latch from "effect/Latch"
import * as Semaphore from "effect/Semaphore"

import { ProviderError, type Quota } from "../providers/contract.ts"
import { type Ended, paceAfter, paceOf } from "./pace.ts"
import { type Allowance, afterHeaders, afterSent, afterUse, noAllowance, waitMs } from "./quota.ts"
import { retryPolicy } from "./retry.ts"

/** What a gate learns from an answer: what it used, in and out, where that is known, and what its headers say is left. */
export interface Told {
  readonly tokens?: number
  readonly quota?: Quota | undefined
}

/** A try at the gate. */
export interface Passage<A, E> {
  /** Quotas are counted by model. */
  readonly model: string
  readonly send: Effect.Effect<A, E>
  told(answer: A): Told
}

/** Why nothing new goes out. `quota` speaks of one model at least. */
export interface Paused {
  /** `held`: the user's wish; `asked`: the provider's, by Retry-After; `quota`: what its headers say is left. */
  readonly why: "held" | "asked" | "quota"
  /** Milliseconds to go; `null`: until the user says so. */
  readonly ms: number | null
}

/** Lets tries of one account through. */
export interface Gate {
  /** Runs a try when there is room for it, no pause, and quota left. Waiting can be interrupted; the permit always comes back. */
  through<A, E>(passage: Passage<A, E>): Effect.Effect<A, E>
  /** Lets nothing new out before this time, in milliseconds of the clock. */
  pauseUntil(time: number): void
  /** From now on so many tries at once, or as many as prove right; what is out stays out, and what waits goes at once where there is room now. */
  retune(concurrency: "adaptive" | number): Effect.Effect<void>
  /** Holds everything new back until `resume`. */
  readonly hold: Effect.Effect<void>
  readonly resume: Effect.Effect<void>
  /** Tries that are out now. */
  readonly out: number
  /** Tries that wait for room, for the end of a pause, or for quota. */
  readonly waiting: number
  /** Tries that may be out at once now. */
  readonly limit: number
  /** Tries that were turned away for the rate so far. */
  readonly limited: number
  /** Whether and why nothing new goes out at this time, in milliseconds of the clock. */
  pausedAt(now: number): Paused | undefined
}

/** A model's quota, and the tries that wait for it in the order they came. Only the first looks at the clock. */
interface Door {
  allowance: Allowance
  readonly line: Array<Deferred.Deferred<void>>
  /** Done when the first need not wait as long as it thought. */
  news: Deferred.Deferred<void> | undefined
}

const failureOf = (exit: Exit.Exit<unknown, unknown>): ProviderError | undefined => {
  if (Exit.isSuccess(exit)) return undefined
  const error = Cause.findErrorOption(exit.cause)
  return error._tag === "Some" && error.value instanceof ProviderError ? error.value : undefined
}

const endedOf = (
  exit: Exit.Exit<unknown, unknown>,
  error: ProviderError | undefined,
  full: boolean
): Ended | undefined => {
  if (Exit.isSuccess(exit)) return full ? "answered full" : "answered"
  if (error === undefined) return undefined
  if (error.reason === "RateLimited") return "limited"
  return error.retryable ? "failed" : "answered"
}

/** A try that has a permit and may not use it: it gives it back and lines up. */
const shut = Symbol("shut")

/** A gate for an account: a fixed number of tries at once, or one that adapts to what the provider lets through. Pauses for quota last `patienceMs` at most. */
export const makeGate = (given: "adaptive" | number, patienceMs = retryPolicy.patienceMs): Gate => {
  let concurrency = given
  let pace = paceOf(concurrency)
  let permits = Math.max(1, Math.floor(pace.limit))
  let [out, waiting, limited, pausedUntil] = [0, 0, 0, 0]
  let held = false
  const semaphore = Semaphore.makeUnsafe(permits)
  const open = Latch.makeUnsafe(true)
  const doors = new Map<string, Door>()

  const doorOf = (model: string): Door => {
    const known = doors.get(model)
    if (known !== undefined) return known
    const door: Door = { allowance: noAllowance, line: [], news: undefined }
    doors.set(model, door)
    return door
  }
  const tell = (door: Door) => {
    const { news } = door
    door.news = undefined // first: who hears it goes on at once, and may wait for the next
    if (news !== undefined) Deferred.doneUnsafe(news, Effect.void)
  }
  const quotaMs = ({ allowance }: Door, now: number) => waitMs(allowance, now, permits, patienceMs)

  const awaitOpen: Effect.Effect<void> = Effect.suspend(() => {
    if (held) return Effect.andThen(open.await, awaitOpen)
    if (pausedUntil === 0) return Effect.void
    return Effect.flatMap(Clock.currentTimeMillis, (now) => {
      if (now < pausedUntil) return Effect.andThen(Effect.sleep(pausedUntil - now), awaitOpen)
      pausedUntil = 0
      return Effect.void
    })
  })
  const awaitQuota = (door: Door): Effect.Effect<void> =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => {
      const ms = quotaMs(door, now)
      if (ms === 0) return Effect.void
      const news = Deferred.makeUnsafe<void>()
      door.news = news
      return Effect.andThen(Effect.timeoutOption(Deferred.await(news), ms), awaitQuota(door))
    })

  const learn = (ended: Ended | undefined, epoch: number): Effect.Effect<void> => {
    if (ended === undefined || concurrency !== "adaptive") return Effect.void
    pace = paceAfter(pace, ended, epoch)
    const now = Math.floor(pace.limit)
    if (now === permits) return Effect.void
    permits = now
    return semaphore.resize(now)
  }

  const through = <A, E>({ model, send, told }: Passage<A, E>): Effect.Effect<A, E> =>
    Effect.suspend(() => {
      const door = doorOf(model)
      let place: Deferred.Deferred<void> | undefined
      let here = false
      let nth = 0
      let sentAt = 0
      let epoch = 0

      const leave = () => {
        if (place === undefined) return
        const at = door.line.indexOf(place)
        place = undefined
        door.line.splice(at, 1)
        const [first] = door.line
        if (at === 0 && first !== undefined) Deferred.doneUnsafe(first, Effect.void)
      }
      const lineUp = Effect.suspend(() => {
        if (place !== undefined) return awaitQuota(door)
        place = Deferred.makeUnsafe<void>()
        door.line.push(place)
        return door.line[0] === place ? awaitQuota(door) : Effect.andThen(Deferred.await(place), awaitQuota(door))
      })
      const go = Clock.clockWith((clock): Effect.Effect<A | typeof shut, E> => {
        const now = clock.currentTimeMillisUnsafe()
        if ((place === undefined && door.line.length > 0) || quotaMs(door, now) > 0) return Effect.succeed(shut)
        door.allowance = afterSent(door.allowance, now)
        nth = door.allowance.sent
        sentAt = now
        epoch = pace.epoch
        waiting--
        out++
        leave()
        return send
      })
      const tryIt = semaphore.withPermit(Effect.andThen(awaitOpen, go))
      const attempt: Effect.Effect<A, E> = Effect.flatMap(tryIt, (end) =>
        end === shut ? Effect.andThen(lineUp, attempt) : Effect.succeed(end as A)
      )
      const enter = Effect.suspend(() => {
        here = true
        waiting++
        return attempt
      })
      return Effect.onExit(enter, (exit) => {
        if (nth === 0) {
          if (here) waiting--
          leave()
          return Effect.void
        }
        const full = out >= permits
        out--
        const error = failureOf(exit)
        if (error?.reason === "RateLimited") limited++
        const { quota, tokens }: Told = Exit.isSuccess(exit) ? told(exit.value) : { quota: error?.quota }
        if (tokens !== undefined) door.allowance = afterUse(door.allowance, tokens)
        const ended = endedOf(exit, error, full)
        if (quota === undefined) return learn(ended, epoch)
        return Clock.clockWith((clock) => {
          door.allowance = afterHeaders(door.allowance, quota, { nth, sentAt, now: clock.currentTimeMillisUnsafe() })
          tell(door)
          return learn(ended, epoch)
        })
      })
    })

  return {
    through,
    pauseUntil: (time) => {
      pausedUntil = Math.max(pausedUntil, time)
    },
    retune: (wanted) =>
      Effect.suspend(() => {
        concurrency = wanted
        pace = { ...paceOf(wanted), epoch: pace.epoch + 1 }
        permits = Math.max(1, Math.floor(pace.limit))
        for (const door of doors.values()) tell(door)
        return semaphore.resize(permits)
      }),
    hold: Effect.suspend(() => {
      held = true
      return open.close
    }),
    resume: Effect.suspend(() => {
      held = false
      return open.open
    }),
    get out() {
      return out
    },
    get waiting() {
      return waiting
    },
    get limit() {
      return permits
    },
    get limited() {
      return limited
    },
    pausedAt: (now) => {
      if (held) return { why: "held", ms: null }
      if (now < pausedUntil) return { why: "asked", ms: pausedUntil - now }
      let ms = 0
      for (const door of doors.values()) if (door.line.length > 0) ms = Math.max(ms, quotaMs(door, now))
      return ms === 0 ? undefined : { why: "quota", ms }
    }
  }
}
