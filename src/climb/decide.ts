import type { Decision, Untried } from "../domain/Decision.ts"
import type { Setup } from "../domain/Setup.ts"
import type { Standing } from "../domain/Standing.ts"
import { minClusters } from "../parity/verdict.ts"
import type { Climbed } from "./climb.ts"

/** Slices of too few clusters to show anything by themselves, whichever gate measured them. */
const smallSlices = ({ columns }: Standing): ReadonlyArray<string> => {
  const clusters = new Map<string, Set<string>>()
  columns.slice.forEach((slice, at) => {
    clusters.set(slice, (clusters.get(slice) ?? new Set()).add(columns.cluster[at]!))
  })
  return [...clusters].flatMap(([slice, of]) => (of.size < minClusters ? [slice] : [])).sort()
}

/** Share of the incumbent's spend that the setup's priced answers cover: what it was not asked, or not priced, saves nothing. */
const coveredBy = ({ columns }: Standing): number => {
  let all = 0
  let covered = 0
  columns.incumbentCost.forEach((cost, at) => {
    if (Number.isNaN(cost)) return
    all += cost * columns.weight[at]!
    if (!Number.isNaN(columns.cost[at]!)) covered += cost * columns.weight[at]!
  })
  return all === 0 ? 0 : covered / all
}

/** Which setup serves a slice where `named` is what was named; `null`: the incumbent does. */
const serving = (named: Setup, slice: string): Setup | null => {
  if (named.routes === undefined) return named
  const to = named.routes.find((route) => route.slice === slice)?.to
  return to === undefined || to === "incumbent" ? null : to
}

const won = (winner: Standing, slices: ReadonlyArray<string>, reason: string): Decision => {
  const small = smallSlices(winner)
  const along = small.length === 0 ? "" : `; too small to be judged by themselves, and taken along: ${small.join(", ")}`
  return {
    verdict: "parity",
    setup: winner.setup.routes === undefined ? winner.setup : null,
    policy: slices.map((slice) => ({ slice, setup: serving(winner.setup, slice) })),
    costRatio: winner.costRatio,
    covered: coveredBy(winner),
    reason: `${winner.setup.label}: ${winner.reason}; ${reason}${along}`
  }
}

/** The standings of a climb, with why the strategy gave a setup up before what the data say of it. */
export const standingsOf = ({ notes, standings }: Climbed): ReadonlyArray<Standing> => {
  const why = new Map(notes.map(({ reason, setup }) => [setup.id, reason]))
  return standings.map((standing) => {
    const reason = why.get(standing.setup.id)
    return reason === undefined ||
      reason === standing.reason ||
      standing.blocked !== undefined ||
      standing.verdict !== "inconclusive"
      ? standing
      : { ...standing, reason: `${reason}; ${standing.reason}` }
  })
}

/**
 * What a climb ends in. `parity`: a setup that costs less than the incumbent is named. `none`: every setup tried was inferior, lost for futility (or is
 * no saving, by its price already), and none was left out for want of money or of a price. `inconclusive`: at least one is undecided, or is
 * at parity at a cost that is not known.
 */
export const decide = (climbed: Climbed, slices: ReadonlyArray<string>, unpriced: ReadonlyArray<Setup>): Decision => {
  const { cut, named, notes, reason } = climbed
  const standings = standingsOf(climbed)
  const winner = standings.find((standing) => standing.setup.id === named?.id)
  if (winner?.costRatio != null && winner.costRatio.estimate < 1) return won(winner, slices, reason)
  const futile = new Set(notes.flatMap((note) => (note.futile === true ? [note.setup.id] : [])))
  const undecided = standings.filter(({ setup, verdict }) => verdict === "inconclusive" && !futile.has(setup.id))
  const uncosted = standings.filter(({ costRatio, verdict }) => verdict === "parity" && costRatio === null)
  const open = [
    ...uncosted.map(({ setup }) => `${setup.label} (at parity, but what it costs against the incumbent is not known)`),
    ...undecided.map(({ reason: why, setup }) => `${setup.label} (${why})`),
    ...unpriced.map(({ label }) => `${label} (what it would save is not known)`),
    ...(cut ? [reason] : [])
  ]
  const verdict = open.length > 0 ? "inconclusive" : "none"
  return {
    verdict,
    setup: null,
    policy: slices.map((slice) => ({ slice, setup: null })),
    costRatio: null,
    covered: 0,
    reason:
      verdict === "none"
        ? "no setup that costs less than the incumbent is at parity; stay with the incumbent"
        : `undecided: ${open.join("; ")}`
  }
}

/** The setups that were never tried, each with its reason. */
export const untriedOf = (
  setups: ReadonlyArray<Setup>,
  left: ReadonlyArray<Untried>,
  { cut, notes, standings }: Climbed
): ReadonlyArray<Untried> => {
  const dropped = new Map([...notes, ...left].map(({ reason, setup }) => [setup.id, { setup, reason }]))
  const tried = new Set(standings.map(({ setup }) => setup.id))
  return setups.flatMap((setup) =>
    tried.has(setup.id)
      ? []
      : [
          dropped.get(setup.id) ?? {
            setup,
            reason: cut ? "the budget was spent before its turn" : "the strategy did not ask for it"
          }
        ]
  )
}
