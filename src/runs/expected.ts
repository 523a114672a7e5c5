import type { Usage } from "../domain/Call.ts"
import { isMachineRate, type MachineRate } from "../domain/Price.ts"
import { rungsOf, type Setup, type Target, targetsOf } from "../domain/Setup.ts"
import { costOf } from "../pricing/cost.ts"
import type { PreparedRun } from "./prepare.ts"

/** What is taken for a case's tokens where the archive knows the usage of none. */
export const nominal: Usage = {
  basis: "estimated",
  input: { total: 1_000, uncached: 1_000, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, cacheWriteOther: 0 },
  output: { total: 300, text: 300, reasoning: 0 }
}

/** Usage as an expectation takes it: reasoning that the archive does not tell apart is taken for text. */
export const unsplit = (usage: Usage): Usage =>
  usage.output === null || usage.output.reasoning !== null
    ? usage
    : { ...usage, output: { total: usage.output.total, text: usage.output.total, reasoning: 0 } }

/** What is read of a prepared run to price its setups. */
type Priced = Pick<PreparedRun, "accounts"> & { readonly incumbent: Target }

/** The price of a model at its account; `undefined`: it has none. */
export const priceOfTarget = ({ accounts }: Pick<PreparedRun, "accounts">, { model, provider }: Target) =>
  accounts.find(({ name }) => name === provider)?.priceOf(model)

/** True where each model that a setup may ask has a price. */
export const isPriced = (prepared: Priced, setup: Setup): boolean =>
  targetsOf(setup, prepared.incumbent).every((target) => priceOfTarget(prepared, target) !== undefined)

/** A model that a setup may ask, that has no price, and of which a cap lets nothing be asked without one; `undefined`: there is none. */
export const unpricedUnderCap = (prepared: Priced & Pick<PreparedRun, "caps">, setup: Setup): Target | undefined =>
  targetsOf(setup, prepared.incumbent).find(
    (target) => prepared.caps.hold(target.provider, setup) && priceOfTarget(prepared, target) === undefined
  )

/** The rate of a setup that asks one model, priced by its machine's time; `undefined`: it is not such a one. */
export const machineOfSetup = (prepared: Priced, setup: Setup): MachineRate | undefined => {
  const rates = targetsOf(setup, prepared.incumbent).map((target) => priceOfTarget(prepared, target))
  const [rate] = rates
  return rates.length === 1 && rate !== undefined && isMachineRate(rate) ? rate : undefined
}

/** The share of cases that a rung of a cascade is taken to pass on, until it was tried. */
export const passedOn = 0.3

/** What a rung is taken to ask for a case it gets: answers of its own, and its judges'. */
export const asksOf = (rung: Setup | "incumbent", incumbent: Target) => {
  if (rung === "incumbent") return { target: incumbent, answers: 1, judges: [] }
  const when = rung.escalate?.when ?? []
  const rules = when.filter((rule) => typeof rule === "object")
  return {
    target: rung,
    /** A second sample is drawn for each case. */
    answers: rules.some((rule) => "agreementBelow" in rule) ? 2 : 1,
    judges: rules.filter((rule) => "judgeBelow" in rule)
  }
}

/**
 * Dollars a case is expected to cost under a setup, from the archived token counts: for ordering, not for bills. Of a cascade each rung is taken to
 * pass {@link passedOn} of its cases on. `null`: a model has no price; a machine's time is not known before and counts as 0, so it is tried first.
 */
export const expectedCost = (prepared: PreparedRun, setup: Setup): number | null => {
  const { incumbent, rows } = prepared
  const mean = (target: Target): number | null => {
    const price = priceOfTarget(prepared, target)
    if (price === undefined) return null
    if (isMachineRate(price)) return 0
    const costs = rows.flatMap(({ usage }) => costOf(unsplit(usage), price)?.total ?? [])
    const known = costs.length > 0 ? costs : [costOf(nominal, price)?.total ?? 0n]
    return known.reduce((sum, cost) => sum + Number(cost), 0) / known.length / 1e9
  }
  let total = 0
  let share = 1
  for (const rung of rungsOf(setup)) {
    const { answers, judges, target } = asksOf(rung, incumbent)
    const [own, ...judging] = [target, ...judges].map(mean)
    if (own === null || own === undefined || judging.includes(null)) return null
    total += share * (answers * own + judging.reduce<number>((sum, cost) => sum + (cost ?? 0), 0))
    share *= passedOn
  }
  return total
}
