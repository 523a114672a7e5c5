import { type NanoUsd, usd } from "../domain/Money.ts"

/** Where a long piece of work stands. */
interface Work {
  readonly total: number
  readonly startedAt: number
  done: number
}

/** Tells people how a run goes on: counts, rate, spend and an estimate of the time left, a line at most every `everyMs`. */
export const progressLines = (how: {
  readonly write: (line: string) => void
  readonly now: () => number
  readonly everyMs: number
  readonly spent: () => NanoUsd
  /** The money is not real: the bundled fleet's. */
  readonly simulated: boolean
}) => {
  const works = new Map<string, Work>()
  let last = how.now()
  const line = (what: string, { done, startedAt, total }: Work) => {
    const seconds = (how.now() - startedAt) / 1000
    const rate = seconds > 0 ? done / seconds : 0
    const left = rate > 0 && done < total ? `, about ${Math.ceil((total - done) / rate)} s left` : ""
    return `${what}: ${done}/${total} cases, ${rate.toFixed(0)}/s, $${usd(how.spent()).slice(0, -5)} ${how.simulated ? "of simulated money" : "spent"}${left}`
  }
  return {
    /** One case of `what` is done; `total` is how many there are. */
    tick(what: string, total: number) {
      const known = works.get(what)
      const work = known !== undefined && known.done < known.total ? known : { total, startedAt: how.now(), done: 0 }
      if (work !== known) works.set(what, work)
      work.done++
      const due = how.now() - last >= how.everyMs
      if (work.done === work.total || due) {
        last = how.now()
        how.write(line(what, work))
      }
    },
    /** A sentence of its own. */
    say(sentence: string) {
      how.write(sentence)
    }
  }
}
