import type { NanoUsd } from "../domain/Money.ts"
import type { GateResult, SliceResult, Standing, Verdict } from "../domain/Standing.ts"
import { moreItems } from "../parity/planning.ts"
import { type Judgement, minClusters } from "../parity/verdict.ts"
import { blockedBy } from "./blocked.ts"
import { costsOf } from "./costs.ts"
import { firstTokenOf, timesOf } from "./firstToken.ts"
import { gateOf, gather, type Judging, slicesOf } from "./gate.ts"
import { loopOf } from "./loop.ts"
import { selfHostedOf } from "./selfHosted.ts"
import { Ended, type Tried, unansweredOf } from "./tried.ts"

const points = (value: number) => `${(100 * value).toFixed(1)} points`

/** How many more cases would decide, as the end of a sentence. */
const needed = (judged: Judgement, { errorOfLooks, level, margin }: Judging) => {
  const more = moreItems(judged, margin, errorOfLooks ?? level)
  return Number.isFinite(more)
    ? `; about ${more} more cases would, if the true difference is the one seen`
    : "; more cases would not show parity if the true difference is the one seen"
}

/** What the grader said of the first case that it could not grade, as the end of a sentence. */
const ungradedWords = ({ reference }: Judging, grader: string, told: Tried["told"]) => {
  const words = told.of(grader) ?? reference.told.of(grader)
  return words === undefined ? "" : `; it says: ${words}`
}

const untested =
  "the archive was not tested for selection, so whether its answers are typical of the incumbent is not known"

/** What a suite that has the incumbent not asked again leaves open where agreement is scored: no parity then. `undefined`: nothing but the test for selection. */
const targetOnly = (gates: ReadonlyArray<GateResult>): string | undefined => {
  const of = (...kinds: ReadonlyArray<GateResult["kind"]>) => gates.find(({ kind }) => kinds.includes(kind))
  const agreeing = of("agreement", "mixed")
  const beside = of("preference") ?? of("mixed")
  if (agreeing === undefined) return undefined
  const met =
    agreeing.kind === "mixed"
      ? "full agreement, and the archived answers' score where a reference is known,"
      : "full agreement"
  const more = beside === undefined ? "" : `, and ${untested}`
  return `meets target: ${met} within the margin, but no noise floor was bought${more}`
}

const verdictOf = (
  gates: ReadonlyArray<GateResult>,
  { gate: deciding, judged }: { readonly gate: GateResult; readonly judged: Judgement },
  slices: ReadonlyArray<{ readonly result: SliceResult; readonly guarded: boolean }>,
  on: Judging,
  blocked: Standing["blocked"],
  told: Tried["told"]
): { readonly verdict: Verdict; readonly reason: string } => {
  const { bound, difference } = deciding
  if (blocked !== undefined) return { verdict: "inconclusive", reason: blocked.why }
  const few = gates.find((gate) => gate.clusters < minClusters)
  if (few !== undefined) {
    return {
      verdict: "inconclusive",
      reason: `${few.grader}: graded pairs in ${few.clusters} independent clusters; fewer than ${minClusters} never decide${few.clusters === 0 ? ungradedWords(on, few.grader, told) : ""}`
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
      reason: `${bound <= -1 + 1e-6 ? "" : `at most ${points(-bound)} worse at the level asked for, `}margin ${points(on.margin)}; difference ${points(difference.estimate)}: the data do not decide${needed(judged, on)}`
    }
  }
  const target = on.floor ? undefined : targetOnly(gates)
  if (target !== undefined) return { verdict: "inconclusive", reason: target }
  const shown =
    bound >= 0
      ? "not worse at all at the level asked for"
      : `at most ${points(-bound)} worse, margin ${points(on.margin)}`
  const trusted = on.selected === null && gates.some(({ kind }) => kind !== "agreement")
  return { verdict: "parity", reason: trusted ? `${shown}; ${untested}` : shown }
}

/** What is known of a setup on the cases at some places of the run's order: every gate at its level, the slices, cost and latency. Pure. */
export const standingOf = (tried: Tried, all: ReadonlyArray<number>, on: Judging): Standing => {
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
  const blocked = blockedBy(tried, all, on)
  const { reason, verdict } = verdictOf(gates, worst, byGate.flat(), on, blocked, tried.told)

  const answered = all.filter((at) => tried.ended[at] === Ended.answered)
  const told =
    (failed.infrastructure > 0 ? tried.told.infrastructure : undefined) ??
    (failed.unsendable > 0 ? tried.told.unsendable : undefined)
  const checksBroken = answered.filter((at) => tried.broken[at] === 1).length
  const money = (column: ReadonlyArray<NanoUsd | null>) =>
    Float64Array.from(all, (at) => (column[at] === null ? Number.NaN : Number(column[at])))
  const latency = timesOf(gather(tried.latency, answered))
  const timeToFirstToken = firstTokenOf({
    setup: gather(tried.ttft, answered),
    archived: gather(tried.archivedTtft, answered),
    again: gather(on.reference.ttft, answered)
  })
  const loop = loopOf(
    all.map((at) => ({
      loop: tried.loop[at],
      cost: tried.cost[at] ?? null,
      answered: tried.ended[at] === Ended.answered
    }))
  )
  return {
    setup: tried.setup,
    verdict,
    reason: checksBroken === 0 ? reason : `${reason}; a check itself failed to run in ${checksBroken} cases`,
    ...(blocked === undefined ? {} : { blocked }),
    gates,
    reported: results.flatMap(({ gate, grader }) => (grader.report ? [gate] : [])),
    slices: slices.map(({ result }) => result),
    asked: all.length,
    paired: worst.gate.cases,
    failed,
    outcomes: {
      endings: tried.endings.counts(all),
      unsendable: tried.unsendable.counts(all),
      losses: tried.losses.counts(all),
      ...(told === undefined ? {} : { told }),
      enlarged: all.reduce((sum, at) => sum + tried.enlarged[at]!, 0)
    },
    ...costsOf(tried, all, on),
    latencyMs: latency === undefined ? null : { p50: latency.p50, p95: latency.p95 },
    ...(timeToFirstToken === undefined ? {} : { timeToFirstToken }),
    ...(tried.machine === undefined
      ? {}
      : {
          selfHosted: selfHostedOf(
            tried.machine,
            { answered, unanswered: unansweredOf(tried, all).map((at) => ({ at, cost: tried.cost[at]! })) },
            (at) => on.rows[at]!.weight
          )
        }),
    repaired: answered.filter((at) => tried.repaired[at] === 1).length,
    ...(loop === undefined ? {} : { loop }),
    checksBroken,
    columns: {
      caseId: all.map((at) => on.rows[at]!.id),
      cluster: all.map((at) => on.rows[at]!.cluster),
      slice: all.map((at) => on.rows[at]!.slice),
      weight: Float64Array.from(all, (at) => on.rows[at]!.weight),
      cost: money(tried.cost.map((cost, at) => (tried.ended[at] === Ended.answered ? cost : null))),
      incumbentCost: money(on.incumbentCost),
      score: Object.fromEntries(on.graders.map(({ id }) => [id, gather(tried.score[id]!, all)])),
      reference: Object.fromEntries(on.graders.map(({ id }) => [id, gather(on.reference.score[id]!, all)]))
    }
  }
}
