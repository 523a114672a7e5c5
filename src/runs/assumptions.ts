import { isMachineRate } from "../domain/Price.ts"
import type { FloorDoc } from "../domain/RunResult.ts"
import { type Target, targetsOf } from "../domain/Setup.ts"
import type { Simulated } from "../domain/simulated.ts"
import { percent } from "../report/figures.ts"
import type { Outcome } from "./outcome.ts"
import type { PreparedRun } from "./prepare.ts"

const sentence = (holds: boolean, text: string) => (holds ? [text] : [])

/** How cases stand for others that were left out: by `left`, which counts those by reason. */
export const drawn = (left: PreparedRun["left"]): ReadonlyArray<string> => {
  const alike = left["near-duplicate of another"] ?? 0
  return [
    ...sentence(
      alike > 0,
      `Of calls whose prompts are nearly the same, one, chosen at random, stands for all with their weight; ${alike} are left out so.`
    ),
    ...sentence(
      (left["not in the sample"] ?? 0) > 0,
      "The cases are a random sample of sessions; figures are weighted back to the archive."
    )
  ]
}

/** The machines of setups tried, one a provider. */
const machinesOf = (accounts: PreparedRun["accounts"], standings: Outcome["standings"], incumbent: Target) =>
  accounts.flatMap(({ name, priceOf }) => {
    const target = standings
      .flatMap(({ setup }) => targetsOf(setup, incumbent))
      .find(({ provider }) => provider === name)
    const rate = target === undefined ? undefined : priceOf(target.model)
    return rate !== undefined && isMachineRate(rate) ? [{ ...rate, provider: name }] : []
  })

/** Everything the verdict takes for granted, as sentences for a report. */
export const assumptionsOf = (
  { accounts, incumbent, incumbentCost, left, merged, narrowed, rows, suite }: PreparedRun,
  floor: FloorDoc,
  { standings }: Outcome,
  span: { readonly from: string | null; readonly to: string | null; readonly lost: number },
  simulated: Simulated
): ReadonlyArray<string> => {
  const unpriced = standings.filter(({ costRatio }) => costRatio === null).map(({ setup }) => setup.label)
  const machines = machinesOf(accounts, standings, incumbent)
  const kinds = standings.flatMap(({ gates }) => gates.map(({ kind }) => kind))
  const lossy = Object.keys(left).length > 0
  return [
    ...sentence(
      simulated.simulated && simulated.simulatedProviders === undefined,
      "All models here are simulated: a bundled fleet answers, no real model was asked, and the prices are made up."
    ),
    ...(simulated.simulatedProviders ?? []).map(
      (name) => `The models of ${name} are simulated: the bundled fleet answered for them, and no real model.`
    ),
    "Future traffic is like the archived traffic: same mix of slices, and sessions are exchangeable.",
    `Scores say what the graders measure (${suite.graders.map(({ id }) => id).join(", ")}); that is not business value.`,
    ...sentence(
      floor.mode === "measured",
      "The incumbent answers today as it did when the archive was recorded; its noise floor is measured today."
    ),
    ...sentence(
      floor.selected === null && kinds.some((kind) => kind !== "agreement"),
      "The archive was not filtered by success: the original's archived answers stand for what it would answer. This was not tested."
    ),
    ...sentence(
      floor.mode === "skipped" && kinds.some((kind) => kind === "agreement" || kind === "mixed"),
      "No noise floor was bought; agreement is held against full agreement, which no model reaches."
    ),
    incumbent.machine === undefined
      ? "The cost of the incumbent is that of its archived usage at the run's prices, cache reads at their price; a setup's cost is that of the replay, without any cached prefix it would have in production."
      : `The incumbent's machine is paid by the hour, and the archive does not tell how much of its time each call took: what the archived calls cost is not known, so no saving over ${incumbent.provider}/${incumbent.model} can be stated.`,
    ...machines.map(
      ({ provider, usdPerHour, utilisation }) =>
        `Provider ${provider} is priced by its machine's time at $${usdPerHour} an hour, taken to be at work ${percent(Number(utilisation))} of the paid hours: that is assumed, not measured. Its answers share the machine among what this run had in flight; other load on it would make them look dearer.`
    ),
    ...sentence(
      unpriced.length > 0,
      `What ${unpriced.join(", ")} costs against the incumbent is not known (a price or a usage is missing); such a setup is never named.`
    ),
    ...sentence(
      incumbentCost.some((cost) => cost === null) && incumbentCost.some((cost) => cost !== null),
      `The archived usage of ${incumbentCost.filter((cost) => cost === null).length} cases is not known; they are in no cost.`
    ),
    ...sentence(
      span.lost > 0,
      `${span.lost} tries brought no answer and may have been billed all the same; what they cost is not known and in no figure.`
    ),
    ...sentence(
      merged > 0,
      `${merged} sessions ask something that another session asks too and count as part of it: fewer independent clusters than sessions.`
    ),
    ...sentence(
      narrowed,
      "The run was narrowed by flags: it says nothing of the cases left out, and no saving per year is stated."
    ),
    ...sentence(
      span.from === null || span.to === null,
      "The archive carries no times, so no saving per year can be stated."
    ),
    ...sentence(
      rows.some((row) => row.expected !== undefined) && rows.some((row) => row.expected === undefined),
      `${rows.filter((row) => row.expected === undefined).length} of ${rows.length} cases have no reference answer; comparing graders hold them against the original.`
    ),
    ...drawn(left),
    ...sentence(
      suite.checks.length > 0,
      "Repair rounds use the suite's checks alone; every round is paid for and counted in the cost."
    ),
    ...sentence(
      lossy,
      `Calls that became no case are not judged: ${Object.entries(left)
        .map(([reason, count]) => `${count} ${reason}`)
        .join(", ")}.`
    ),
    ...sentence(
      incumbent.whyNot !== null && floor.mode !== "skipped",
      `The incumbent could not be asked again: ${incumbent.whyNot}.`
    )
  ]
}
