import { type NanoUsd, share, sumOf } from "../domain/Money.ts"
import type { Attempt, Output } from "../domain/Output.ts"
import type { LoopRound, TestLoop } from "../domain/Standing.ts"
import { timesOf } from "./firstToken.ts"

/** One round of one case's test loop. */
interface CaseRound {
  readonly rung: number
  readonly round: number
  readonly passed: boolean
  readonly cost: NanoUsd | null
  /** Milliseconds; NaN: unknown. */
  readonly latencyMs: number
}

/** What came of one case's test loop. */
export interface CaseLoop {
  /** It was answered, and the answer that counts passes all its checks. */
  readonly passed: boolean
  readonly rounds: ReadonlyArray<CaseRound>
}

/** Without a check there is no pass; a check that is broken was not passed. */
const passes = ({ checks }: Pick<Attempt, "checks">): boolean => checks.length > 0 && checks.every(({ pass }) => pass)

const costOf = ({ cost, judged = [] }: Attempt) => sumOf([cost, ...judged.map((one) => one.cost)])

/** The rounds of a case, in the order in which they were made; samples of one round are one. */
export const caseLoopOf = ({ answer, attempts, chosen }: Pick<Output, "answer" | "attempts" | "chosen">): CaseLoop => {
  const counts = attempts.at(chosen ?? -1)
  const rounds = Map.groupBy(attempts, ({ round, rung = 0 }) => `${rung} ${round}`)
  return {
    passed: answer !== null && counts !== undefined && passes(counts),
    rounds: [...rounds.values()].map((made): CaseRound => {
      const { round, rung = 0 } = made[0]!
      return {
        rung,
        round,
        passed: made.some(passes),
        cost: sumOf(made.map(costOf)),
        latencyMs: made.reduce((sum, { latencyMs }) => sum + (latencyMs ?? Number.NaN), 0)
      }
    })
  }
}

/** Dollars of a total by a number of cases; `null`: unpriced, or there is no such case. */
const each = (total: NanoUsd | null, parts: number): NanoUsd | null =>
  total === null || parts === 0 ? null : share(total, parts)

/**
 * The test loop of a setup over cases, each with what was paid for it in all (`null`: not known or nothing): what passed, what a passed case
 * costs when those that did not pass are paid too, and each round. `undefined`: no case had a check. Pure.
 */
export const loopOf = (
  cases: ReadonlyArray<{
    readonly loop: CaseLoop | undefined
    readonly cost: NanoUsd | null
    readonly answered: boolean
  }>
): TestLoop | undefined => {
  const looped = cases.flatMap(({ answered, cost, loop }) => (loop === undefined ? [] : [{ answered, cost, loop }]))
  if (looped.length === 0) return undefined
  const passed = looped.filter(({ loop }) => loop.passed).length
  const paid = sumOf(looped.map(({ answered, cost }) => cost ?? (answered ? null : 0n)))
  const rounds = Map.groupBy(
    looped.flatMap(({ loop }) => loop.rounds),
    ({ round, rung }) => `${rung} ${round}`
  )
  return {
    cases: looped.length,
    passed,
    costPerPassed: each(paid, passed),
    rounds: [...rounds.values()]
      .map((made): LoopRound => {
        const { round, rung } = made[0]!
        const times = timesOf(Float64Array.from(made, ({ latencyMs }) => latencyMs))
        return {
          rung,
          round,
          cases: made.length,
          passed: made.filter((one) => one.passed).length,
          cost: sumOf(made.map(({ cost }) => cost)),
          latencyMs: times?.p50 ?? null
        }
      })
      .sort((a, b) => a.rung - b.rung || a.round - b.round)
  }
}
