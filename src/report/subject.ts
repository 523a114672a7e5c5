import { nanoOf } from "../domain/Money.ts"
import type { RunResult, SetupDoc, StandingDoc } from "../domain/RunResult.ts"

/** Which setups a report is about. Pure. */

const rank = { parity: 2, inconclusive: 1, inferior: 0 } as const
const nanoCost = ({ usdPerCase }: StandingDoc) => (usdPerCase === null ? undefined : nanoOf(usdPerCase))

/** Standings from the cheapest per case to the dearest, unpriced ones last; equal ones stay in the order they were tried in. */
export const byCost = (standings: ReadonlyArray<StandingDoc>): ReadonlyArray<StandingDoc> =>
  [...standings].sort((a, b) => {
    const [left, right] = [nanoCost(a), nanoCost(b)]
    if (left === right) return 0
    if (left === undefined) return 1
    if (right === undefined) return -1
    return left < right ? -1 : 1
  })

/** The setups that the decision names, each once, in the order of the policy. */
export const namedSetups = ({ decision }: RunResult): ReadonlyArray<SetupDoc> => {
  const all = [decision?.setup ?? null, ...(decision?.policy ?? []).map(({ setup }) => setup)]
  return all.flatMap((setup, at) =>
    setup !== null && all.findIndex((other) => other?.id === setup.id) === at ? [setup] : []
  )
}

/** What a report looks at closely; `named`: the decision names it. */
export interface Subject {
  readonly standing: StandingDoc
  readonly named: boolean
}

/** The standing a report looks at closely: of the setup that is named (the first, where slices go to several), else of the best one tried: the cheapest at parity, else the one with the best score among those not shown to be inferior, else among all. */
export const subjectOf = (result: RunResult): Subject | undefined => {
  const [named] = namedSetups(result)
  const standing = result.standings.find(({ setup }) => setup.id === named?.id)
  if (standing !== undefined) return { standing, named: true }
  const estimate = ({ difference }: StandingDoc) =>
    Number.isFinite(difference.estimate) ? difference.estimate : Number.NEGATIVE_INFINITY
  const better = (a: StandingDoc, b: StandingDoc) =>
    rank[b.verdict] === rank[a.verdict]
      ? b.verdict !== "parity" && estimate(b) > estimate(a)
      : rank[b.verdict] > rank[a.verdict]
  const [first, ...rest] = byCost(result.standings)
  return first === undefined
    ? undefined
    : { standing: rest.reduce((best, next) => (better(best, next) ? next : best), first), named: false }
}
