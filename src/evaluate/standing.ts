import type { CaseRow } from "../domain/Case.ts"
import { type NanoUsd, sumOf } from "../domain/Money.ts"
import type { GateResult, SliceResult, Standing, Verdict } from "../domain/Standing.ts"
import { moreItems } from "../parity/planning.ts"
import { pairedRatio } from "../parity/ratio.ts"
import { type Judgement, judge, minClusters } from "../parity/verdict.ts"
import type { Reference } from "./floor.ts"
import { kindOver, type ReadyGrader } from "./gates.ts"
import { Ended, type Tried } from "./tried.ts"

/** Above this share of cases without a pair for one and the same reason, the data do not decide. */
const missingAllowed = 0.02
/** A slice with this many clusters stops a claim when it is shown to be worse by more than twice the margin. */
const guardClusters = 30

export interface Judging {
  readonly rows: ReadonlyArray<CaseRow>
  readonly graders: ReadonlyArray<ReadyGrader>
  readonly reference: Reference
  readonly incumbentCost: ReadonlyArray<NanoUsd | null>
  /** False: no floor was bought; agreement is tested against 1 and can only meet a target. */
  readonly floor: boolean
  readonly margin: number
  readonly alpha: number
  readonly level: number
}

const pick = (length: number, wanted: (at: number) => boolean): ReadonlyArray<number> => {
  const places: Array<number> = []
  for (let at = 0; at < length; at++) if (wanted(at)) places.push(at)
  return places
}
const gather = (column: Float64Array, places: ReadonlyArray<number>) => Float64Array.from(places, (at) => column[at]!)
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

const gateOf = (
  tried: Tried,
  grader: ReadyGrader,
  on: Judging,
  places: ReadonlyArray<number>
): { readonly gate: GateResult; readonly judged: Judgement } => {
  const { both, cluster, difference, reference, score, stratum, weight } = pairs(tried, grader.id, on, places)
  const judged = judge({ difference, cluster, stratum, weight, margin: on.margin, alpha: on.alpha, level: on.level })
  const scores = tried.score[grader.id]!
  const against = on.reference.score[grader.id]!
  const gate: GateResult = {
    grader: grader.id,
    kind: kindOver(
      grader.kind,
      places.map((at) => on.rows[at]!)
    ),
    verdict: judged.verdict,
    difference: judged.difference,
    bound: judged.bound,
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
    ).length
  }
  return { gate, judged }
}

const slicesOf = (tried: Tried, grader: ReadyGrader, on: Judging, places: ReadonlyArray<number>) =>
  [...new Set(places.map((at) => on.rows[at]!.slice))].sort().map((slice) => {
    const within = places.filter((at) => on.rows[at]!.slice === slice)
    const { both, cluster, difference, reference, score, weight } = pairs(tried, grader.id, on, within)
    const at = (margin: number) => judge({ difference, cluster, weight, margin, alpha: on.alpha, level: on.alpha })
    const judged = at(on.margin)
    const cost = sumOf(both.map((place) => tried.cost[place]!))
    const result: SliceResult = {
      slice,
      cases: both.length,
      clusters: judged.clusters,
      score,
      reference,
      difference: judged.difference,
      verdict: judged.verdict,
      usdPerCase: cost === null || both.length === 0 ? null : cost / BigInt(both.length)
    }
    return { result, guarded: judged.clusters >= guardClusters && at(2 * on.margin).verdict === "inferior" }
  })

const points = (value: number) => `${(100 * value).toFixed(1)} points`

/** The provider's own words after a reason, where there are any. */
const quoting = (words: string | undefined) => (words === undefined ? "" : `; the first was told: ${words}`)

/** Why the data of a setup do not decide although its gates might; `undefined`: nothing of the kind. */
const objection = (
  gates: ReadonlyArray<GateResult>,
  asked: number,
  failed: Standing["failed"],
  floor: { readonly infrastructure: number; readonly budget: number; readonly unsendable: number },
  told: { readonly setup: string | undefined; readonly floor: string | undefined }
): Standing["blocked"] => {
  const above = (count: number) => count > missingAllowed * asked
  if (failed.budget > 0)
    return { by: "budget", why: `the budget stopped it after ${asked - failed.budget} of ${asked} cases` }
  if (above(failed.infrastructure)) {
    return {
      by: "infrastructure",
      why: `${failed.infrastructure} of ${asked} cases got no answer for reasons of infrastructure, more than 2 %${quoting(told.setup)}`
    }
  }
  if (above(failed.unsendable))
    return { by: "cases", why: `${failed.unsendable} of ${asked} cases cannot be sent to it, more than 2 %` }
  if (floor.budget > 0)
    return { by: "budget", why: `the budget stopped the noise floor after ${asked - floor.budget} of ${asked} cases` }
  if (above(floor.infrastructure)) {
    return {
      by: "infrastructure",
      why: `the incumbent, asked again, gave no answer to ${floor.infrastructure} of ${asked} cases, more than 2 %${quoting(told.floor)}`
    }
  }
  if (above(floor.unsendable)) {
    return {
      by: "cases",
      why: `${floor.unsendable} of ${asked} cases may not be sent to the incumbent for the noise floor, more than 2 %`
    }
  }
  const ungraded = gates.find((gate) => above(gate.ungraded))
  return ungraded === undefined
    ? undefined
    : {
        by: "cases",
        why: `grader ${ungraded.grader} could not grade ${ungraded.ungraded} of ${asked} answers, more than 2 %`
      }
}

/** How many more cases would decide, as the end of a sentence. */
const needed = (judged: Judgement, { level, margin }: Judging) => {
  const more = moreItems(judged, margin, level)
  return Number.isFinite(more)
    ? `; about ${more} more cases would, if the true difference is the one seen`
    : "; more cases would not show parity if the true difference is the one seen"
}

const verdictOf = (
  gates: ReadonlyArray<GateResult>,
  { gate: deciding, judged }: { readonly gate: GateResult; readonly judged: Judgement },
  slices: ReadonlyArray<{ readonly result: SliceResult; readonly guarded: boolean }>,
  on: Judging,
  blocked: Standing["blocked"]
): { readonly verdict: Verdict; readonly reason: string } => {
  const { bound, difference } = deciding
  if (blocked !== undefined) return { verdict: "inconclusive", reason: blocked.why }
  const few = gates.find((gate) => gate.clusters < minClusters)
  if (few !== undefined) {
    return {
      verdict: "inconclusive",
      reason: `${few.grader}: graded pairs in ${few.clusters} independent clusters; fewer than ${minClusters} never decide`
    }
  }
  const inferior = gates.find((gate) => gate.verdict === "inferior")
  if (inferior !== undefined) {
    return {
      verdict: "inferior",
      reason: `${inferior.grader}: worse by ${points(-inferior.difference.estimate)}; shown to be more than the margin of ${points(on.margin)}`
    }
  }
  const guarded = slices.find((slice) => slice.guarded)
  if (guarded !== undefined) {
    const { result } = guarded
    return {
      verdict: "inferior",
      reason: `slice ${result.slice}: worse by ${points(-result.difference.estimate)}; shown to be more than twice the margin there, which the pooled figure hides`
    }
  }
  if (!gates.every((gate) => gate.verdict === "parity")) {
    return {
      verdict: "inconclusive",
      reason: `at most ${points(-bound)} worse at the level asked for, margin ${points(on.margin)}; difference ${points(difference.estimate)}: the data do not decide${needed(judged, on)}`
    }
  }
  if (!on.floor && gates.some((gate) => gate.kind !== "outcome")) {
    return {
      verdict: "inconclusive",
      reason: "meets target: full agreement within the margin, but no noise floor was bought"
    }
  }
  return {
    verdict: "parity",
    reason:
      bound >= 0
        ? "not worse at all at the level asked for"
        : `at most ${points(-bound)} worse, margin ${points(on.margin)}`
  }
}

const ratioOf = (tried: Tried, priced: ReadonlyArray<number>, { incumbentCost, rows }: Judging) => {
  const weighted = (column: ReadonlyArray<NanoUsd | null>) =>
    Float64Array.from(priced, (at) => Number(column[at]!) * rows[at]!.weight)
  return pairedRatio(
    { numerator: weighted(tried.cost), denominator: weighted(incumbentCost) },
    priced.map((at) => rows[at]!.cluster)
  )
}

const quantile = (sorted: Float64Array, share: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!

/** What is known of a setup on the first `cases` cases of the run: every gate at its level, the slices, cost and latency. Pure. */
export const standingOf = (tried: Tried, cases: number, on: Judging): Standing => {
  const all = pick(cases, () => true)
  const count = (how: number) => all.filter((at) => tried.ended[at] === how).length
  const failed = {
    infrastructure: count(Ended.infrastructure),
    unsendable: count(Ended.unsendable),
    budget: count(Ended.budget) + count(Ended.notAsked)
  }
  const results = on.graders.map((grader) => ({ grader, ...gateOf(tried, grader, on, all) }))
  const gating = results.filter(({ grader }) => !grader.report)
  const gates = gating.map(({ gate }) => gate)
  const worst = gating.reduce((a, b) => (b.gate.pParity > a.gate.pParity ? b : a))
  const slices = slicesOf(tried, worst.grader, on, all)
  const everySlice = gating.flatMap(({ grader }) =>
    grader === worst.grader ? slices : slicesOf(tried, grader, on, all)
  )
  const missing = (why: number) => all.filter((at) => on.reference.missing[at] === why).length
  const floor = { infrastructure: missing(1), budget: missing(2), unsendable: missing(3) }
  const blocked = objection(gates, cases, failed, floor, {
    setup: tried.told.infrastructure,
    floor: on.reference.told.infrastructure
  })
  const { reason, verdict } = verdictOf(gates, worst, everySlice, on, blocked)

  const answered = pick(cases, (at) => tried.ended[at] === Ended.answered)
  const priced = answered.filter((at) => tried.cost[at] !== null && on.incumbentCost[at] !== null)
  const total = (column: ReadonlyArray<NanoUsd | null>) =>
    priced.length === 0 || answered.length - priced.length > missingAllowed * answered.length
      ? null
      : sumOf(priced.map((at) => column[at]!))
  const cost = total(tried.cost)
  const incumbentCost = total(on.incumbentCost)
  const money = (column: ReadonlyArray<NanoUsd | null>) =>
    Float64Array.from(all, (at) => (column[at] == null ? Number.NaN : Number(column[at])))
  const latency = gather(tried.latency, answered)
    .filter((value) => !Number.isNaN(value))
    .sort()
  return {
    setup: tried.setup,
    verdict,
    reason,
    ...(blocked === undefined ? {} : { blocked }),
    gates,
    reported: results.flatMap(({ gate, grader }) => (grader.report ? [gate] : [])),
    slices: slices.map(({ result }) => result),
    asked: cases,
    paired: worst.gate.cases,
    priced: cost === null ? 0 : priced.length,
    failed,
    cost,
    incumbentCost,
    costRatio: cost === null || incumbentCost === null || answered.length === 0 ? null : ratioOf(tried, answered, on),
    latencyMs: latency.length === 0 ? null : { p50: quantile(latency, 0.5), p95: quantile(latency, 0.95) },
    repaired: answered.filter((at) => tried.repaired[at] === 1).length,
    checksBroken: answered.filter((at) => tried.broken[at] === 1).length,
    columns: {
      caseId: all.map((at) => on.rows[at]!.id),
      cluster: all.map((at) => on.rows[at]!.cluster),
      slice: all.map((at) => on.rows[at]!.slice),
      weight: Float64Array.from(all, (at) => on.rows[at]!.weight),
      cost: money(tried.cost),
      incumbentCost: money(on.incumbentCost),
      score: Object.fromEntries(on.graders.map(({ id }) => [id, tried.score[id]!.slice(0, cases)])),
      reference: Object.fromEntries(on.graders.map(({ id }) => [id, on.reference.score[id]!.slice(0, cases)]))
    }
  }
}
