import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"

/** Concurrent askers of one key share one piece of work. */
export interface Shared<A, E> {
  /**
   * Does the work for `key`, or waits for the one who is doing it and takes what comes of it as `shared` makes it, failures as they are.
   * When the one who does it is interrupted, or fails for reasons of its own, one of those who wait does it instead.
   */
  once(key: string, work: Effect.Effect<A, E>, shared: (result: A) => A): Effect.Effect<A, E>
  /** Keys being worked on. */
  readonly size: number
}

/** Nothing under way. `own` tells the failures that are the asker's own: they say nothing to others. */
export const makeShared = <A, E>(own: (error: E) => boolean = () => false): Shared<A, E> => {
  const notShared = (exit: Exit.Exit<A, E>): boolean => {
    if (Exit.isSuccess(exit)) return false
    const error = Cause.findErrorOption(exit.cause)
    return Exit.hasInterrupts(exit) || (error._tag === "Some" && own(error.value))
  }
  const underWay = new Map<string, Deferred.Deferred<Exit.Exit<A, E>>>()
  const once = (key: string, work: Effect.Effect<A, E>, shared: (result: A) => A): Effect.Effect<A, E> =>
    Effect.uninterruptibleMask((restore) =>
      Effect.suspend(() => {
        const other = underWay.get(key)
        if (other !== undefined)
          return Effect.flatMap(restore(Deferred.await(other)), (exit) =>
            notShared(exit) ? restore(once(key, work, shared)) : Exit.map(exit, shared)
          )
        const mine = Deferred.makeUnsafe<Exit.Exit<A, E>>()
        underWay.set(key, mine)
        return Effect.onExit(restore(work), (exit) =>
          Effect.sync(() => {
            underWay.delete(key)
            Deferred.doneUnsafe(mine, Effect.succeed(exit))
          })
        )
      })
    )
  return {
    once,
    get size() {
      return underWay.size
    }
  }
}
