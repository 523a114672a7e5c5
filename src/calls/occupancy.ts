/** A try that occupies its account's machine. */
export interface Stay {
  /** Ends it, at a time in milliseconds, and gives its share of the machine's time. Once. */
  leave(now: number): number
}

/** Shares the time of a machine out among the tries that are in flight at it. */
export interface Occupancy {
  /** A try goes out, at a time in milliseconds that is not before any time told so far. */
  enter(now: number): Stay
}

/**
 * Time at which `n` tries are in flight counts 1/n for each: V(t) is the integral of dt/n over the time with n > 0, a try's share
 * V(leave) − V(enter). So the shares of all tries add up to the time in which at least one was in flight, whatever they overlap.
 */
export const makeOccupancy = (): Occupancy => {
  let [inFlight, last, shared] = [0, 0, 0]
  const pass = (now: number) => {
    // A clock that is set back gives no time back.
    if (inFlight > 0 && now > last) shared += (now - last) / inFlight
    last = inFlight > 0 ? Math.max(last, now) : now
    // Begun anew whenever nobody is there: sums of fractions do not grow old.
    if (inFlight === 0) shared = 0
  }
  return {
    enter: (now) => {
      pass(now)
      inFlight++
      const from = shared
      return {
        leave: (then) => {
          pass(then)
          inFlight--
          return shared - from
        }
      }
    }
  }
}
