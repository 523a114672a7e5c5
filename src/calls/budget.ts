import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"

import type { NanoUsd } from "../domain/Money.ts"
import type { CapOf } from "../domain/Output.ts"

/** A cap, and what was taken of it: one for each thing that a try's money counts against. */
export interface Purse {
  /** What the cap is of, for messages: `The budget`, `The budget of provider fleet`. */
  readonly name: string
  /** Left out: the whole run's. */
  readonly of?: CapOf
  readonly cap: NanoUsd
  /** Paid, or held back because the bill is not known. */
  spent: NanoUsd
  /** Of `spent`: held back because the bill is not known. */
  unbilled: NanoUsd
  /** Put aside for tries that are out. */
  reserved: NanoUsd
}

/** An untouched purse. */
export const purseOf = (name: string, cap: NanoUsd, of?: CapOf): Purse => ({
  name,
  cap,
  spent: 0n,
  unbilled: 0n,
  reserved: 0n,
  ...(of === undefined ? {} : { of })
})

/** Money put aside for one try. The user of it says what became of it; what is not said by the end of the try is free again. */
export interface Reservation {
  /** The try was answered and cost this much; `null`: nobody knows, so the worst case stays held back. */
  paid(cost: NanoUsd | null): void
  /** The try may have been billed although no answer came: its worst case stays held back. */
  lost(): void
  /** Whether the caps still have room for all that is put aside. Not so once worst cases turned out to be larger: then it is not to be used, and asked for anew. */
  stands(): boolean
}

/** A cap leaves no room for a try: amounts in nano-dollars, `spent` with what is held back for tries whose bill is not known. */
export interface NoRoom extends Pick<Purse, "name" | "of"> {
  readonly cap: NanoUsd
  readonly spent: NanoUsd
  /** Of `spent`: held back for tries whose bill is not known; left out: nothing. */
  readonly unbilled?: NanoUsd
  readonly worst: NanoUsd
}

/** The worst case of a try: the same always, or as it is known to be when it is asked for. */
type Worst = NanoUsd | (() => NanoUsd)

interface Waiter {
  readonly worst: Worst
  /** What is reserved once it is granted. */
  held: NanoUsd
  readonly purses: ReadonlyArray<Purse>
  readonly turn: Deferred.Deferred<void>
  /** A purse: it refuses. */
  state: "coming" | "waiting" | "granted" | Purse
}

/** Caps that are never exceeded, whatever runs at once: every try reserves its worst case with all caps that hold for it before it is sent. */
export interface Budget {
  /**
   * Runs `use` with `worst` reserved in all the purses at once, or in none. Waits while other tries hold the money that this one needs, and
   * gives `refused(…)` as soon as what is spent of one of them leaves no room for it. Who waits is served in order: nobody takes from a purse
   * that somebody who came earlier finds too empty. Interruption frees the reservation. Without a purse nothing is reserved.
   */
  within<A, E, B, E2>(
    purses: ReadonlyArray<Purse>,
    worst: Worst,
    use: (reservation: Reservation) => Effect.Effect<A, E>,
    refused: (why: NoRoom) => Effect.Effect<B, E2>
  ): Effect.Effect<A | B, E | E2>
  /** Worst cases are larger than was thought: tries that are out hold back as much from now on. */
  revalue(): void
}

const worstOf = ({ worst }: Pick<Waiter, "worst">): NanoUsd => (typeof worst === "bigint" ? worst : worst())

const free: Reservation = { paid: () => undefined, lost: () => undefined, stands: () => true }

/** One line of waiters for all purses. */
export const makeBudget = (): Budget => {
  let queue: Array<Waiter> = []
  const granted = new Set<Waiter>()

  /** What can be said of a waiter now. `blocked` are the purses that those before it wait for; the ones it is short of itself are added. */
  const decide = (waiter: Waiter, blocked: Set<Purse>): Waiter["state"] => {
    const { purses } = waiter
    const worst = worstOf(waiter)
    let may = true
    for (const purse of purses) {
      if (purse.spent + worst > purse.cap) return purse
      if (blocked.has(purse)) may = false
    }
    for (const purse of purses) {
      if (purse.spent + purse.reserved + worst <= purse.cap) continue
      may = false
      blocked.add(purse)
    }
    if (!may) return "waiting"
    for (const purse of purses) purse.reserved += worst
    waiter.held = worst
    granted.add(waiter)
    return "granted"
  }

  /** Decides for all who wait. Only then they are told: who is told goes on at once, and may come back here. */
  const serve = () => {
    if (queue.length === 0) return
    const blocked = new Set<Purse>()
    for (const waiter of queue) waiter.state = decide(waiter, blocked)
    const told = queue.filter(({ state }) => state !== "waiting")
    queue = queue.filter(({ state }) => state === "waiting")
    for (const { turn } of told) Deferred.doneUnsafe(turn, Effect.void)
  }

  const leave = (waiter: Waiter, cost: NanoUsd | null) => {
    if (waiter.state === "waiting") queue.splice(queue.indexOf(waiter), 1)
    else if (waiter.state === "granted") {
      granted.delete(waiter)
      for (const purse of waiter.purses) {
        purse.reserved -= waiter.held
        purse.spent += cost ?? waiter.held
        if (cost === null) purse.unbilled += waiter.held
      }
    } else return
    serve()
  }

  const within = <A, E, B, E2>(
    purses: ReadonlyArray<Purse>,
    worst: Worst,
    use: (reservation: Reservation) => Effect.Effect<A, E>,
    refused: (why: NoRoom) => Effect.Effect<B, E2>
  ): Effect.Effect<A | B, E | E2> =>
    Effect.suspend(() => {
      let cost: NanoUsd | null = 0n
      const reservation: Reservation = {
        paid: (paid) => {
          cost = paid
        },
        lost: () => {
          cost = null
        },
        stands: () => purses.every(({ cap, reserved, spent }) => spent + reserved <= cap)
      }
      const waiter: Waiter = { purses, worst, held: 0n, turn: Deferred.makeUnsafe(), state: "coming" }
      const decided = Effect.suspend((): Effect.Effect<A | B, E | E2> => {
        const { state } = waiter
        if (typeof state === "string") return use(reservation)
        const { cap, name, of, spent, unbilled } = state
        return refused({
          name,
          cap,
          spent,
          worst: worstOf(waiter),
          ...(of === undefined ? {} : { of }),
          ...(unbilled === 0n ? {} : { unbilled })
        })
      })
      const enter = Effect.suspend(() => {
        queue.push(waiter)
        serve()
        return Effect.andThen(Deferred.await(waiter.turn), decided)
      })
      return Effect.onExit(enter, () => Effect.sync(() => leave(waiter, cost)))
    })

  return {
    revalue: () => {
      for (const waiter of granted) {
        const more = worstOf(waiter) - waiter.held
        if (more <= 0n) continue
        waiter.held += more
        for (const purse of waiter.purses) purse.reserved += more
      }
    },
    within: (purses, worst, use, refused) => (purses.length === 0 ? use(free) : within(purses, worst, use, refused))
  }
}
