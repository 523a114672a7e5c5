import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Latch from "effect/Latch"
import * as Semaphore from "effect/Semaphore"

import { ProviderError } from "../providers/contract.ts"

/** How many tries of an account may be out at once, and how that number moves: a plain value. */
export interface Pace {
  /** Tries at once; its whole part counts. */
  readonly limit: number
  /** Doubles from round to round until the first sign of trouble. */
  readonly slowStart: boolean
  /** Grows by one with every cut; tries that began before a cut say nothing about the limit after it. */
  readonly epoch: number
  /** Answers to come before the limit grows again. */
  readonly calm: number
}

/** Where an adaptive limit starts, and the most it grows to: the sockets a connection opens at most. */
export const range = { start: 8, most: 256 }

export const paceOf = (concurrency: "adaptive" | number): Pace => ({
  limit: concurrency === "adaptive" ? range.start : concurrency,
  slowStart: true,
  epoch: 0,
  calm: 0
})

/** How a try ended: answered (`full`: with every permit in use), turned away for the rate, or failed on the provider's side. */
export type Ended = "answered" | "answered full" | "limited" | "failed"

/**
 * Additive increase, multiplicative decrease with slow start (Chiu and Jain 1989; Jacobson 1988): the limit grows only while it is really
 * used, is halved once for all the tries of one rush that are turned away, and stops growing for a round after a failure of the provider.
 */
export const paceAfter = (pace: Pace, ended: Ended, epoch: number): Pace => {
  if (epoch !== pace.epoch) return pace
  if (ended === "limited")
    return { limit: Math.max(1, pace.limit / 2), slowStart: false, epoch: pace.epoch + 1, calm: 0 }
  if (ended === "failed") return { ...pace, slowStart: false, calm: Math.ceil(pace.limit) }
  if (pace.calm > 0) return { ...pace, calm: pace.calm - 1 }
  if (ended === "answered" || pace.limit >= range.most) return pace
  return { ...pace, limit: Math.min(range.most, pace.limit + (pace.slowStart ? 1 : 1 / pace.limit)) }
}

/** Lets tries of one account through. */
export interface Gate {
  /** Runs a try when there is room for it and no pause. Waiting can be interrupted; the permit always comes back. */
  through<A, E>(send: Effect.Effect<A, E>): Effect.Effect<A, E>
  /** Lets nothing new out before this time, in milliseconds of the clock. */
  pauseUntil(time: number): void
  /** From now on so many tries at once, or as many as prove right; what is out stays out. */
  retune(concurrency: "adaptive" | number): Effect.Effect<void>
  /** Holds everything new back until `resume`. */
  readonly hold: Effect.Effect<void>
  readonly resume: Effect.Effect<void>
  /** Tries that are out now. */
  readonly out: number
  /** Tries that may be out at once now. */
  readonly limit: number
}

const endedOf = (exit: Exit.Exit<unknown, unknown>, full: boolean): Ended | undefined => {
  if (Exit.isSuccess(exit)) return full ? "answered full" : "answered"
  const error = Cause.findErrorOption(exit.cause)
  if (error._tag === "None" || !(error.value instanceof ProviderError)) return undefined
  if (error.value.reason === "RateLimited") return "limited"
  return error.value.retryable ? "failed" : "answered"
}

/** A gate for an account: a fixed number of tries at once, or one that adapts to what the provider lets through. */
export const makeGate = (given: "adaptive" | number): Gate => {
  let concurrency = given
  let pace = paceOf(concurrency)
  let permits = Math.max(1, Math.floor(pace.limit))
  let out = 0
  let pausedUntil = 0
  const semaphore = Semaphore.makeUnsafe(permits)
  const open = Latch.makeUnsafe(true)

  const awaitPause: Effect.Effect<void> = Effect.suspend(() =>
    pausedUntil === 0
      ? Effect.void
      : Effect.flatMap(Clock.currentTimeMillis, (now) => {
          if (now < pausedUntil) return Effect.andThen(Effect.sleep(pausedUntil - now), awaitPause)
          pausedUntil = 0
          return Effect.void
        })
  )

  const learn = (ended: Ended | undefined, epoch: number): Effect.Effect<void> => {
    if (ended === undefined || concurrency !== "adaptive") return Effect.void
    pace = paceAfter(pace, ended, epoch)
    const now = Math.floor(pace.limit)
    if (now === permits) return Effect.void
    permits = now
    return semaphore.resize(now)
  }

  return {
    through: (send) =>
      semaphore.withPermit(
        Effect.andThen(
          Effect.andThen(open.await, awaitPause),
          Effect.suspend(() => {
            const { epoch } = pace
            out++
            return Effect.onExit(send, (exit) => {
              const full = out >= permits
              out--
              return learn(endedOf(exit, full), epoch)
            })
          })
        )
      ),
    pauseUntil: (time) => {
      pausedUntil = Math.max(pausedUntil, time)
    },
    retune: (wanted) =>
      Effect.suspend(() => {
        concurrency = wanted
        pace = { ...paceOf(wanted), epoch: pace.epoch + 1 }
        permits = Math.max(1, Math.floor(pace.limit))
        return semaphore.resize(permits)
      }),
    hold: open.close,
    resume: open.open,
    get out() {
      return out
    },
    get limit() {
      return permits
    }
  }
}
