import type { NanoUsd } from "../domain/Money.ts"

/** How far one piece of a run is: a setup's cases, or the noise floor's. */
export interface Work {
  readonly what: string
  /** Cases that are done, of those that have been asked for so far. */
  readonly done: number
  readonly total: number
  /** Cases of `done` that have no answer. */
  readonly failed: number
  /** Paid for it in this run; answers from the cache cost nothing again. */
  readonly usd: NanoUsd
  /** Cases a second since its last stage began; 0: not known yet. */
  readonly perSecond: number
  /** Milliseconds to the end of what has been asked for, at this rate; `null`: not known, or done. */
  readonly leftMs: number | null
  /** It is what the run is at now. */
  readonly active: boolean
}

interface Tally {
  done: number
  total: number
  failed: number
  usd: NanoUsd
  /** A search comes back to a setup for more cases: the stage it is in. */
  stage: { readonly from: number; readonly startedAt: number }
}

/** Counts of all that a run works at, in the order in which it began. */
export interface Works {
  /** One more case of `what` is done; `total` is how many its present stage holds. */
  tick(what: string, total: number): void
  /** A case of it has no answer. */
  failed(what: string): void
  paid(what: string, usd: NanoUsd): void
  of(what: string): Work | undefined
  readonly all: ReadonlyArray<Work>
}

/** Nothing counted yet; `now` in milliseconds. */
export const makeWorks = (now: () => number): Works => {
  const tallies = new Map<string, Tally>()
  let active: string | undefined

  const tallyOf = (what: string): Tally => {
    const known = tallies.get(what)
    if (known !== undefined) return known
    const fresh: Tally = { done: 0, total: 0, failed: 0, usd: 0n, stage: { from: 0, startedAt: now() } }
    tallies.set(what, fresh)
    return fresh
  }
  const workOf = (what: string, { done, failed, stage, total, usd }: Tally): Work => {
    const seconds = (now() - stage.startedAt) / 1000
    const perSecond = seconds > 0 ? (done - stage.from) / seconds : 0
    return {
      what,
      done,
      total,
      failed,
      usd,
      perSecond,
      leftMs: perSecond > 0 && done < total ? ((total - done) / perSecond) * 1000 : null,
      active: what === active && done < total
    }
  }
  return {
    tick: (what, total) => {
      const tally = tallyOf(what)
      if (tally.done === tally.total) {
        tally.stage = { from: tally.done, startedAt: now() }
        tally.total += total
      }
      tally.done++
      active = what
    },
    failed: (what) => {
      tallyOf(what).failed++
    },
    paid: (what, usd) => {
      tallyOf(what).usd += usd
    },
    of: (what) => {
      const tally = tallies.get(what)
      return tally === undefined ? undefined : workOf(what, tally)
    },
    get all() {
      return [...tallies].map(([what, tally]) => workOf(what, tally))
    }
  }
}
