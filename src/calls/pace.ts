/** How many tries of an account may be out at once, and how that number moves: a plain value. */
export interface Pace {
  /** Tries at once; its whole part counts. */
  readonly limit: number
  /** Below this the limit doubles from round to round, above it grows by one a round; infinite until the first cut. */
  readonly known: number
  /** Grows by one with every cut; tries that began before a cut say nothing about the limit after it. */
  readonly epoch: number
  /** Nothing was answered since the last cut: being turned away again is the same trouble, not a new one. */
  readonly cut: boolean
  /** Answers to come before the limit grows again. */
  readonly calm: number
}

/** Where an adaptive limit starts, and the most it grows to: the sockets a connection opens at most. */
export const range = { start: 8, most: 256 }

export const paceOf = (concurrency: "adaptive" | number): Pace => ({
  limit: concurrency === "adaptive" ? range.start : concurrency,
  known: Number.POSITIVE_INFINITY,
  epoch: 0,
  cut: false,
  calm: 0
})

/** How a try ended: answered (`full`: with every permit in use), turned away for the rate, or failed on the provider's side. */
export type Ended = "answered" | "answered full" | "limited" | "failed"

/**
 * Additive increase, multiplicative decrease with slow start (Chiu and Jain 1989; Jacobson 1988): the limit grows only while it is really
 * used, is halved once for all the tries of one rush that are turned away, and stops growing for a round after a failure of the provider.
 * Where nothing is answered between two cuts, as when a quota is used up, the limit falls further but comes back by doubling to half of what
 * it was before the first of them.
 */
export const paceAfter = (pace: Pace, ended: Ended, epoch: number): Pace => {
  if (epoch !== pace.epoch) return pace
  if (ended === "limited") {
    const limit = Math.max(1, pace.limit / 2)
    return { limit, known: pace.cut ? pace.known : limit, epoch: pace.epoch + 1, cut: true, calm: 0 }
  }
  if (ended === "failed") return { ...pace, calm: Math.ceil(pace.limit) }
  const heard = pace.cut ? { ...pace, cut: false } : pace
  if (heard.calm > 0) return { ...heard, calm: heard.calm - 1 }
  if (ended === "answered" || heard.limit >= range.most) return heard
  const more = heard.limit < heard.known ? 1 : 1 / heard.limit
  return { ...heard, limit: Math.min(range.most, heard.limit + more) }
}
