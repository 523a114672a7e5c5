import { type NanoUsd, share, sumOf } from "../domain/Money.ts"
import type { GateResult, SliceResult, Standing, Verdict } from "../domain/Standing.ts"
import { moreItems } from "../parity/planning.ts"
import { pairedRatio } from "../parity/ratio.ts"
import { type Judgement, minClusters } from "../parity/verdict.ts"
import { blockedBy, missingAllowed } from "./blocked.ts"
import { gateOf, gather, type Judging, pick, slicesOf } from "./gate.ts"
import { Ended, type Tried } from "./tried.ts"

const points = (value: number) => `${(100 * value).toFixed(1)} points`

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

/** Mean cost of the priced cases, weighted as the cases are; rounded half-even to a nano-dollar. */
const perCase = (column: ReadonlyArray<NanoUsd | null>, priced: ReadonlyArray<number>, { rows }: Judging): NanoUsd => {
  if (priced.every((at) => rows[at]!.weight === 1))
    return share(sumOf(priced.map((at) => column[at]!)) ?? 0n, priced.length)
  const weight = priced.reduce((sum, at) => sum + rows[at]!.weight, 0)
  return BigInt(Math.round(priced.reduce((sum, at) => sum + Number(column[at]!) * rows[at]!.weight, 0) / weight))
}

/** Slices that a named setup does not take over: no gate measured them, or a gate shows that it is worse there. */
const staysOf = (
  gating: ReadonlyArray<ReadonlyArray<{ readonly result: SliceResult }>>
): ReadonlyArray<{ readonly slice: string; readonly reason: string }> => {
  const slices = [...new Set(gating.flatMap((results) => results.map(({ result }) => result.slice)))]
  return slices.flatMap((slice) => {
    const results = gating.flatMap((gate) => gate.filter(({ result }) => result.slice === slice))
    if (results.every(({ result }) => result.cases === 0))
      return [{ slice, reason: "no gate could measure a case of it" }]
    const worse = results.find(({ result }) => result.verdict === "inferior")
    return worse === undefined ? [] : [{ slice, reason: `worse there by ${points(-worse.result.difference.estimate)}` }]
  })
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
  const byGate = gating.map(({ grader }) => (grader === worst.grader ? slices : slicesOf(tried, grader, on, all)))
  const blocked = blockedBy(tried, cases, on)
  const { reason, verdict } = verdictOf(gates, worst, byGate.flat(), on, blocked)

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
    stays: staysOf(byGate),
    asked: cases,
    paired: worst.gate.cases,
    priced: cost === null ? 0 : priced.length,
    failed,
    cost,
    incumbentCost,
    costPerCase: cost === null ? null : perCase(tried.cost, priced, on),
    incumbentCostPerCase: incumbentCost === null ? null : perCase(on.incumbentCost, priced, on),
    costRatio: cost === null || incumbentCost === null ? null : ratioOf(tried, priced, on),
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
