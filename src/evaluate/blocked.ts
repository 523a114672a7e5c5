import type { Failure } from "../domain/Output.ts"
import type { Standing } from "../domain/Standing.ts"
import { unpaidFloor } from "./floor.ts"
import type { Judging } from "./gate.ts"
import { missingAllowed, type ReadyGrader } from "./gates.ts"
import { Ended, type Tried } from "./tried.ts"

/** Why cases have no measured pair; every case is counted once. */
const reasons = {
  infrastructure: "got no answer for reasons of infrastructure",
  unsendable: "cannot be sent to it",
  floorInfrastructure: "have no noise floor, since the incumbent, asked again, gave no answer",
  floorUnsendable: "have no noise floor, since they cannot be sent to the incumbent",
  judgeInfrastructure: "were answered, and the judge gave no verdict for reasons of infrastructure",
  judgeUnsendable: "were answered, and cannot be sent to the judge",
  judgeSilent: "were answered, and got no verdict of the judge",
  ungraded: "could be graded on one side only",
  unmeasured: "could be graded by no gate"
} as const
type Why = keyof typeof reasons

/** On how many sides, the setup's and the reference's, a grader could grade a case: 2 make a pair. */
const sides = (tried: Tried, { reference }: Judging, grader: string, at: number): number =>
  (Number.isNaN(tried.score[grader]![at]!) ? 0 : 1) + (Number.isNaN(reference.score[grader]![at]!) ? 0 : 1)

/** Whether a model passes judgement in a grader; one that is asked for embeddings alone does not. */
const judges = ({ asks }: Pick<ReadyGrader, "asks">): boolean => asks.some(({ embeds }) => embeds !== true)

/** The failure of a judge's call that leaves a gate without a score at a case; `undefined`: there is none. */
const unjudged = (tried: Tried, { graders, reference }: Judging, at: number): Failure | undefined => {
  for (const { id, report } of graders) {
    const failure = report ? undefined : (tried.told.unjudged(id, at) ?? reference.told.unjudged(id, at))
    if (failure !== undefined) return failure
  }
  return undefined
}

/** Why a case has no measured pair; `undefined`: it has one. */
const whyMissing = (tried: Tried, on: Judging, at: number): Why | undefined => {
  if (tried.ended[at] === Ended.infrastructure) return "infrastructure"
  if (tried.ended[at] === Ended.unsendable) return "unsendable"
  const graded = on.graders.flatMap(({ id, report }) => (report ? [] : [sides(tried, on, id, at)]))
  const lack = graded.some((count) => count < 2) ? unjudged(tried, on, at) : undefined
  if (lack !== undefined) return lack.kind === "infrastructure" ? "judgeInfrastructure" : "judgeUnsendable"
  if (graded.includes(1)) {
    const { missing } = on.reference
    if (missing[at] === 1 || missing[at] === 3) return missing[at] === 1 ? "floorInfrastructure" : "floorUnsendable"
    return on.graders.some((grader) => !grader.report && !judges(grader) && sides(tried, on, grader.id, at) === 1)
      ? "ungraded"
      : "judgeSilent"
  }
  return graded.includes(2) ? undefined : "unmeasured"
}

/**
 * What a gate leaves unmeasured where it measures at all. A gate may have no say in a slice; where it has one it must measure the slice
 * whole, and no slice may be left to no gate. `undefined`: nothing is left so.
 */
const unmeasuredSlice = (tried: Tried, places: ReadonlyArray<number>, on: Judging): string | undefined => {
  const gates = on.graders.filter(({ report }) => !report)
  const answered = places.filter((at) => tried.ended[at] === Ended.answered && on.reference.missing[at] === 0)
  for (const slice of new Set(answered.map((at) => on.rows[at]!.slice))) {
    const within = answered.filter((at) => on.rows[at]!.slice === slice)
    const counts = gates.map(({ id }) => ({ id, count: within.filter((at) => sides(tried, on, id, at) === 2).length }))
    if (counts.every(({ count }) => count === 0)) return `no gate could measure a case of slice ${slice}`
    const partly = counts.find(
      ({ count }) => count > 0 && within.length - count > missingAllowed * within.length && within.length - count > 1
    )
    if (partly !== undefined) {
      return `${partly.id} could measure ${partly.count} of ${within.length} cases of slice ${slice}: a gate must measure a slice whole or not at all`
    }
  }
  return undefined
}

/** Pairs below which scores of 0 throughout may be chance. */
const enough = 10

/**
 * A gate that gives both sides 0 in every pair can show no loss: its grader or its references are broken, or fit nothing that was ever answered.
 * `undefined`: there is none.
 */
const nothingToLose = (tried: Tried, places: ReadonlyArray<number>, on: Judging): string | undefined => {
  for (const { id, report } of on.graders) {
    if (report) continue
    const pairs = places.filter((at) => sides(tried, on, id, at) === 2)
    if (pairs.length < enough || pairs.some((at) => on.reference.score[id]![at] !== 0 || tried.score[id]![at] !== 0))
      continue
    return `by ${id} the incumbent and the setup score 0 in all of ${pairs.length} cases, so nothing could be lost and nothing is shown: the grader, its options or its references do not fit the answers`
  }
  return undefined
}

/** The provider's own words after a reason, where there are any. */
const quoting = (words: string | undefined) => (words === undefined ? "" : `; the first was told: ${words}`)

/**
 * Why the data of a setup do not decide although its gates might; `undefined`: nothing of the kind. Budget first, then what
 * infrastructure withheld, then everything that left cases without a measured pair, together: what was not measured is not equal.
 */
export const blockedBy = (tried: Tried, places: ReadonlyArray<number>, on: Judging): Standing["blocked"] => {
  const cases = places.length
  const budget = places.filter((at) => tried.ended[at] === Ended.budget || tried.ended[at] === Ended.notAsked).length
  const floorBudget = places.filter((at) => unpaidFloor(on.reference, on.graders, at)).length
  if (floorBudget > 0) {
    return { by: "budget", why: `the budget stopped the noise floor after ${cases - floorBudget} of ${cases} cases` }
  }
  const unpaid = places.filter((at) => tried.ended[at] === Ended.answered && unjudged(tried, on, at)?.kind === "budget")
  if (budget > 0) {
    const { cap } = tried.told
    const whose = cap === undefined ? "the budget" : `the ${cap}'s own budget`
    const words = budget === cases && tried.told.budget !== undefined ? `: ${tried.told.budget.replace(/\.$/, "")}` : ""
    const why = `${whose} stopped it after ${cases - budget} of ${cases} cases${words}`
    return { by: "budget", why, ...(cap === undefined || unpaid.length > 0 ? {} : { own: true }) }
  }
  if (unpaid.length > 0) {
    const { cap, unbilled } = unjudged(tried, on, unpaid[0]!)!
    const whose =
      cap === "judges" ? "the judges' own budget" : cap === undefined ? "the budget" : `the ${cap}'s own budget`
    const held = unbilled === true ? "; calls whose cost is not known keep their worst case held back" : ""
    const why = `${whose} stopped the judging after ${cases - unpaid.length} of ${cases} cases${held}`
    // Not the setup's own: the same gate would leave the next one's answers ungraded too.
    return { by: "budget", why }
  }
  const counts = new Map<Why, number>()
  for (const at of places) {
    const why = whyMissing(tried, on, at)
    if (why !== undefined) counts.set(why, (counts.get(why) ?? 0) + 1)
  }
  const missing = [...counts.values()].reduce((a, b) => a + b, 0)
  if (missing <= missingAllowed * cases) {
    const why = nothingToLose(tried, places, on) ?? unmeasuredSlice(tried, places, on)
    return why === undefined ? undefined : { by: "cases", why }
  }
  const told = counts.has("infrastructure")
    ? tried.told.infrastructure
    : counts.has("floorInfrastructure")
      ? on.reference.told.infrastructure
      : counts.has("unsendable")
        ? tried.told.unsendable
        : undefined
  const withheld =
    (counts.get("infrastructure") ?? 0) +
    (counts.get("floorInfrastructure") ?? 0) +
    (counts.get("judgeInfrastructure") ?? 0)
  const { neverSent } = counts.has("infrastructure") ? tried.told : on.reference.told
  const unsent =
    withheld > 0 && neverSent > 0 ? `; ${neverSent} of them were never sent, since it answered nothing` : ""
  const words = (id: string) => tried.told.of(id) ?? on.reference.told.of(id)
  const grader = on.graders.find(({ id, report }) => !report && words(id) !== undefined)?.id
  const unread =
    told === undefined &&
    [...counts.keys()].some((why) => /^judge|^un(graded|measured)/.test(why)) &&
    grader !== undefined
  const unsendable = Object.entries(tried.unsendable.counts(places)).map(([why, count]) => `${why} ${count}`)
  const split = (why: Why) => (why === "unsendable" && unsendable.length > 0 ? ` (${unsendable.join(", ")})` : "")
  const listed = [...counts].map(([why, n]) => `${n} of ${cases} cases ${reasons[why]}${split(why)}`).join(", ")
  return {
    by: withheld > missingAllowed * cases ? "infrastructure" : "cases",
    why: `${listed}: more than 2 %${unsent}${quoting(told)}${unread ? `; ${grader} says of the first: ${words(grader)}` : ""}`
  }
}
