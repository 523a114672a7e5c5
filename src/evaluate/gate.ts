import type { CaseRow } from "../domain/Case.ts"
import { type NanoUsd, share, sumOf } from "../domain/Money.ts"
import type { GateResult, Interval, SliceResult } from "../domain/Standing.ts"
import { type Judgement, judge } from "../parity/verdict.ts"
import type { Reference } from "./floor.ts"
import { kindOver, type ReadyGrader } from "./gates.ts"
import type { Heard } from "./hearing.ts"
import { calibrated, unfitness } from "./judgeGate.ts"
import { Ended, type Tried, unansweredOf } from "./tried.ts"

/** What a setup is judged against, and how. */
export interface Judging {
  readonly rows: ReadonlyArray<CaseRow>
  /** Each slice's share of the traffic, of all cases of the run. */
  readonly shares: ReadonlyMap<string, number>
  readonly graders: ReadonlyArray<ReadyGrader>
  readonly reference: Reference
  readonly incumbentCost: ReadonlyArray<NanoUsd | null>
  /** False: no floor was bought; agreement is tested against 1 and can only meet a target. */
  readonly floor: boolean
  /** Whether the archive kept only accepted answers; `null`: not tested. */
  readonly selected: boolean | null
  readonly margin: number
  /** Levels at which a setup is called inferior, and at which parity is claimed. */
  readonly alpha: number
  readonly level: number
  /** Error by which is told how many more cases would do; left out: `level`. */
  readonly errorOfLooks?: number | undefined
  /** What judges said of the setup, and people of the same pairs, by grader; left out: nobody was asked. */
  heard?(grader: string): Heard | undefined
}

/** A column at some places. */
export const gather = (column: Float64Array, places: ReadonlyArray<number>) =>
  Float64Array.from(places, (at) => column[at]!)
const mean = (values: Float64Array, weights: Float64Array) => {
  let sum = 0
  let total = 0
  for (let i = 0; i < values.length; i++) {
    sum += values[i]! * weights[i]!
    total += weights[i]!
  }
  return total === 0 ? Number.NaN : sum / total
}

/** Pairs of one grader, judged over the given places of the run's order. */
const pairs = (tried: Tried, grader: string, { reference, rows }: Judging, places: ReadonlyArray<number>) => {
  const score = tried.score[grader]!
  const against = reference.score[grader]!
  const both = places.filter((at) => !Number.isNaN(score[at]!) && !Number.isNaN(against[at]!))
  const weight = Float64Array.from(both, (at) => rows[at]!.weight)
  const scores = gather(score, both)
  const references = gather(against, both)
  return {
    both,
    weight,
    cluster: both.map((at) => rows[at]!.cluster),
    stratum: both.map((at) => rows[at]!.slice),
    difference: Float64Array.from(both, (_, i) => scores[i]! - references[i]!),
    score: mean(scores, weight),
    reference: mean(references, weight)
  }
}

/** How far a difference can go where each reference is one half, as with preferences. */
const most = 0.5

/**
 * An interval of differences held to what is possible; what was tested stays as it was. Preferences beside the original lie half a point of 1
 * from it at most.
 */
const held = (
  { estimate, lower, upper }: Interval,
  { kind }: ReadyGrader,
  references: ReadonlyArray<number>
): Interval => {
  if (kind !== "preference" || references.some((one) => one !== most)) return { estimate, lower, upper }
  const within = (value: number) => Math.min(most, Math.max(-most, value))
  return { estimate: within(estimate), lower: within(lower), upper: within(upper) }
}

/** What one grader says of a setup over the given places. */
export const gateOf = (
  tried: Tried,
  grader: ReadyGrader,
  on: Judging,
  places: ReadonlyArray<number>
): { readonly gate: GateResult; readonly judged: Judgement } => {
  const { both, cluster, difference, reference, score, stratum, weight } = pairs(tried, grader.id, on, places)
  const bare = judge({
    difference,
    cluster,
    stratum,
    weight,
    share: on.shares,
    margin: on.margin,
    alpha: on.alpha,
    level: on.level
  })
  const heard = on.heard?.(grader.id)
  const { judged, judgeGate } =
    heard === undefined
      ? { judged: bare, judgeGate: undefined }
      : calibrated(bare, { heard, grader, both, places, difference, cluster, stratum, weight, on })
  const scores = tried.score[grader.id]!
  const against = on.reference.score[grader.id]!
  const references = both.map((at) => against[at]!)
  const gate: GateResult = {
    grader: grader.id,
    kind: kindOver(
      grader.kind,
      places.map((at) => on.rows[at]!)
    ),
    verdict: judged.verdict,
    difference: held(judged.difference, grader, references),
    bound: held({ ...judged.difference, lower: judged.bound }, grader, references).lower,
    pParity: judged.pParity,
    pInferior: judged.pInferior,
    score,
    reference,
    cases: both.length,
    clusters: judged.clusters,
    ungraded: places.filter(
      (at) =>
        tried.ended[at] === Ended.answered &&
        on.reference.missing[at] === 0 &&
        Number.isNaN(scores[at]!) !== Number.isNaN(against[at]!)
    ).length,
    ...(judgeGate === undefined ? {} : { judge: judgeGate })
  }
  return { gate, judged }
}

/** What one grader says of a setup slice by slice. `guarded`: shown to be worse there by more than twice the margin, which stops a claim. */
export const slicesOf = (tried: Tried, grader: ReadyGrader, on: Judging, places: ReadonlyArray<number>) => {
  const heard = on.heard?.(grader.id)
  const unfit = heard !== undefined && unfitness(heard, places, grader, on.reference.score[grader.id]!) !== undefined
  return [...new Set(places.map((at) => on.rows[at]!.slice))].sort().map((slice) => {
    const within = places.filter((at) => on.rows[at]!.slice === slice)
    const { both, cluster, difference, reference, score, weight } = pairs(tried, grader.id, on, within)
    const at = (margin: number) => judge({ difference, cluster, weight, margin, alpha: on.alpha, level: on.alpha })
    const judged = at(on.margin)
    const cost = sumOf([...both, ...unansweredOf(tried, within)].map((place) => tried.cost[place]!))
    const result: SliceResult = {
      slice,
      cases: both.length,
      clusters: judged.clusters,
      score,
      reference,
      difference: held(
        judged.difference,
        grader,
        both.map((at) => on.reference.score[grader.id]![at]!)
      ),
      verdict: unfit ? "inconclusive" : judged.verdict,
      usdPerCase: cost === null || both.length === 0 ? null : share(cost, both.length)
    }
    return { result, guarded: !unfit && at(2 * on.margin).verdict === "inferior" }
  })
}
