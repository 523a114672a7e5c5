import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"

import type { NanoUsd } from "../domain/Money.ts"

/** Money put aside for one try. The user of it says what became of it; what is not said by the end of the try is free again. */
export interface Reservation {
  /** The try was answered and cost this much; `null`: nobody knows, so the worst case stays held back. */
  paid(cost: NanoUsd | null): void
  /** The try may have been billed although no answer came: its worst case stays held back. */
  lost(): void
}

/** The cap leaves no room for a try: amounts in nano-dollars, `spent` with what is held back for tries whose bill is not known. */
export interface NoRoom {
  readonly cap: NanoUsd
  readonly spent: NanoUsd
  readonly worst: NanoUsd
}

interface Waiter {
  readonly worst: NanoUsd
  readonly turn: Deferred.Deferred<void>
  state: "waiting" | "granted" | "refused"
}

/** A cap that is never exceeded, whatever runs at once: every try reserves its worst case before it is sent. */
export interface Budget {
  /**
   * Runs `use` with `worst` reserved. Waits while other tries hold the money that this one needs, and gives `refused(…)` as soon as
   * what is spent leaves no room for it. Waiters are served in order. Interruption frees the reservation.
   */
  within<A, E, B, E2>(
    worst: NanoUsd,
    use: (reservation: Reservation) => Effect.Effect<A, E>,
    refused: (why: NoRoom) => Effect.Effect<B, E2>
  ): Effect.Effect<A | B, E | E2>
}

const free: Reservation = { paid: () => undefined, lost: () => undefined }

/** A budget of `cap` nano-dollars; `null`: no cap, nothing is reserved. */
export const makeBudget = (cap: NanoUsd | null): Budget => {
  if (cap === null) return { within: (_worst, use) => use(free) }
  let spent = 0n
  let reserved = 0n
  const queue: Array<Waiter> = []

  /** Serves the head of the queue as long as it can be granted or must be refused. */
  const serve = () => {
    for (let head = queue[0]; head !== undefined; head = queue[0]) {
      if (spent + head.worst > cap) head.state = "refused"
      else if (spent + reserved + head.worst <= cap) {
        head.state = "granted"
        reserved += head.worst
      } else return
      queue.shift()
      Deferred.doneUnsafe(head.turn, Effect.void)
    }
  }

  const leave = (waiter: Waiter, cost: NanoUsd) => {
    if (waiter.state === "granted") {
      reserved -= waiter.worst
      spent += cost
    } else if (waiter.state === "waiting") queue.splice(queue.indexOf(waiter), 1)
    serve()
  }

  return {
    within: <A, E, B, E2>(
      worst: NanoUsd,
      use: (reservation: Reservation) => Effect.Effect<A, E>,
      refused: (why: NoRoom) => Effect.Effect<B, E2>
    ) =>
      Effect.uninterruptibleMask((restore) =>
        Effect.suspend(() => {
          let cost = 0n
          const reservation: Reservation = {
            paid: (paid) => {
              cost = paid ?? worst
            },
            lost: () => {
              cost = worst
            }
          }
          const waiter: Waiter = { worst, turn: Deferred.makeUnsafe(), state: "waiting" }
          queue.push(waiter)
          serve()
          return Deferred.await(waiter.turn).pipe(
            Effect.flatMap(
              (): Effect.Effect<A | B, E | E2> =>
                waiter.state === "granted" ? use(reservation) : refused({ cap, spent, worst })
            ),
            restore,
            Effect.onExit(() => Effect.sync(() => leave(waiter, cost)))
          )
        })
      )
  }
}
