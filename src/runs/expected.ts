import type { Usage } from "../domain/Call.ts"
import { isMachineRate, type MachineRate } from "../domain/Price.ts"
import type { Setup } from "../domain/Setup.ts"
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

/** The price of a setup's model at its account; `undefined`: it has none. */
export const priceOfSetup = ({ accounts }: Pick<PreparedRun, "accounts">, { model, provider }: Setup) =>
  accounts.find(({ name }) => name === provider)?.priceOf(model)

/** The rate of a setup that is priced by its machine's time; `undefined`: it is not. */
export const machineOfSetup = (prepared: Pick<PreparedRun, "accounts">, setup: Setup): MachineRate | undefined => {
  const rate = priceOfSetup(prepared, setup)
  return rate !== undefined && isMachineRate(rate) ? rate : undefined
}

/** Dollars a case is expected to cost under a setup, from the archived token counts: for ordering, not for bills. `null`: the model has no price; 0: its machine's time is not known before, so it is tried first. */
export const expectedCost = (prepared: PreparedRun, setup: Setup): number | null => {
  const price = priceOfSetup(prepared, setup)
  if (price === undefined) return null
  if (isMachineRate(price)) return 0
  const costs = prepared.rows.flatMap(({ usage }) => costOf(unsplit(usage), price)?.total ?? [])
  const known = costs.length > 0 ? costs : [costOf(nominal, price)?.total ?? 0n]
  return known.reduce((sum, cost) => sum + Number(cost), 0) / known.length / 1e9
}
