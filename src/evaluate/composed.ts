import type { CaseRow } from "../domain/Case.ts"
import type { NanoUsd } from "../domain/Money.ts"
import type { Setup } from "../domain/Setup.ts"
import type { Reference } from "./floor.ts"
import type { ReadyGrader } from "./gates.ts"
import type { Heard } from "./hearing.ts"
import { Ended, type Tried, untried } from "./tried.ts"

/** Who serves a case under a setup: of a policy, the setup of the case's slice. */
export const servedBy = (setup: Setup, { slice }: Pick<CaseRow, "slice">): Setup | "incumbent" =>
  setup.routes === undefined ? setup : (setup.routes.find((route) => route.slice === slice)?.to ?? "incumbent")

/** What a policy is put together from. */
export interface Parts {
  readonly rows: ReadonlyArray<CaseRow>
  readonly graders: ReadonlyArray<ReadyGrader>
  readonly reference: Reference
  readonly incumbentCost: ReadonlyArray<NanoUsd | null>
  triedOf(setup: Setup): Tried
}

/** Takes over what was measured of one case. What it took of a machine of one's own is not: a policy is priced by what its answers cost. */
const copyAt = (into: Tried, from: Tried, at: number): void => {
  into.ended[at] = from.ended[at]!
  for (const [id, score] of Object.entries(from.score)) into.score[id]![at] = score[at]!
  into.cost[at] = from.cost[at] ?? null
  into.latency[at] = from.latency[at]!
  into.ttft[at] = from.ttft[at]!
  into.archivedTtft[at] = from.archivedTtft[at]!
  into.repaired[at] = from.repaired[at]!
  into.broken[at] = from.broken[at]!
  into.enlarged[at] = from.enlarged[at]!
  into.loop[at] = from.loop[at]
  into.endings.take(from.endings, at)
  into.unsendable.take(from.unsendable, at)
  into.losses.take(from.losses, at)
  into.told.take(from.told, at)
}

/**
 * What was measured of a policy: at each place what was measured of the setup that serves the case. What stays with the incumbent is answered as well
 * as the reference, exactly: a fresh answer of the incumbent and the noise floor cannot be told apart. It costs what the incumbent cost.
 */
export const composedTried = (
  policy: Setup,
  places: ReadonlyArray<number>,
  { graders, incumbentCost, reference, rows, triedOf }: Parts
): Tried => {
  const into = untried(policy, graders, rows.length)
  for (const at of places) {
    const served = servedBy(policy, rows[at]!)
    if (served === "incumbent") {
      into.ended[at] = Ended.answered
      into.cost[at] = incumbentCost[at] ?? null
      for (const { id } of graders) into.score[id]![at] = reference.score[id]![at]!
    } else copyAt(into, triedOf(served), at)
  }
  return into
}

/** What was said of a policy's answers by a grader's judges; `undefined`: nothing was said of any. */
export const composedHeard = (
  policy: Setup,
  places: ReadonlyArray<number>,
  rows: ReadonlyArray<CaseRow>,
  heardOf: (setup: Setup) => Heard | undefined
): Heard | undefined => {
  let into: Heard | undefined
  for (const at of places) {
    const served = servedBy(policy, rows[at]!)
    const heard = served === "incumbent" ? undefined : heardOf(served)
    if (heard === undefined) continue
    into ??= {
      ...heard,
      evidence: new Array(rows.length),
      score: new Float64Array(rows.length).fill(Number.NaN),
      label: new Float64Array(rows.length).fill(Number.NaN),
      given: new Array(rows.length)
    }
    into.evidence[at] = heard.evidence[at]
    into.score[at] = heard.score[at]!
    into.label[at] = heard.label[at]!
    into.given[at] = heard.given[at]
  }
  return into
}
