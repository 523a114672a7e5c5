import type { CaseRow } from "../domain/Case.ts"
import { Fault } from "../domain/Fault.ts"
import { type NanoUsd, usd } from "../domain/Money.ts"
import { isMachineRate } from "../domain/Price.ts"
import { type Setup, targetsOf } from "../domain/Setup.ts"
import { worstOfMachineTime } from "../pricing/machine.ts"
import { defaultTimeoutMs } from "../providers/contract.ts"
import { money, percent } from "../report/figures.ts"
import type { PreparedRun } from "./prepare.ts"

/** What is read of a prepared run. */
type Planned = Pick<PreparedRun, "accounts" | "caps" | "rows" | "mayReceive" | "incumbent"> & {
  readonly suite: Pick<PreparedRun["suite"], "file" | "noiseFloor">
}

/** Who would ask a machine that is paid by the hour. */
interface Asker {
  readonly provider: string
  readonly model: string
  /** The setups whose kept answers would do; `floor`: the incumbent asked again. */
  readonly works: ReadonlyArray<string>
  /** Its own cap, and how it is called. */
  readonly caps: ReadonlyArray<{ readonly name: string; readonly cap: NanoUsd }>
}

const askersOf = ({ caps, incumbent, suite }: Planned, tried: ReadonlyArray<Setup>): ReadonlyArray<Asker> => {
  const shared = (provider: string) => {
    const own = caps.provider(provider)
    return [
      ...(caps.run === null ? [] : [{ name: "the budget", cap: caps.run }]),
      ...(own === undefined ? [] : [{ name: `provider ${provider}'s budget`, cap: own }])
    ]
  }
  const again = tried.length > 0 && incumbent.whyNot === null && suite.noiseFloor !== "skip"
  return [
    ...tried.flatMap((setup) => {
      const own = caps.parts.setups?.[setup.id]
      const each = own === undefined ? [] : [{ name: "the budget of each setup", cap: own }]
      return targetsOf(setup, incumbent).map(({ model, provider }) => {
        // Setups of one model may share first answers.
        const works = tried
          .filter((other) =>
            targetsOf(other, incumbent).some((one) => one.provider === provider && one.model === model)
          )
          .map(({ id }) => id)
        return { provider, model, works, caps: [...shared(provider), ...each] }
      })
    }),
    ...(again
      ? [{ provider: incumbent.provider, model: incumbent.model, works: ["floor"], caps: shared(incumbent.provider) }]
      : [])
  ]
}

/**
 * The fault of a cap that lets no single try out at a machine that is paid by the hour: a try may take all the time it has, and that must fit.
 * `undefined`: there is none, or all that may be asked there was bought before (`wasAsked`: for a setup, or `floor`, and a case).
 */
export const noRoomForOneTry = (
  planned: Planned,
  tried: ReadonlyArray<Setup>,
  wasAsked: (setup: string, caseId: string) => boolean
): Fault | undefined => {
  const { accounts, mayReceive, rows, suite } = planned
  for (const { caps, model, provider, works } of askersOf(planned, tried)) {
    const account = accounts.find(({ name }) => name === provider)
    const rate = account?.priceOf(model)
    if (account === undefined || rate === undefined || !isMachineRate(rate)) continue
    const { timeoutMs = defaultTimeoutMs } = account
    const worst = worstOfMachineTime(timeoutMs, rate)
    const tight = caps.find(({ cap }) => worst > cap)
    const isMissing = (row: CaseRow) => mayReceive(provider, row) && !works.some((work) => wasAsked(work, row.id))
    if (tight === undefined || !rows.some(isMissing)) continue
    return new Fault({
      kind: "input",
      sentence: `one try at ${provider} may cost ${money(usd(worst))} (timeoutMs ${timeoutMs} at $${rate.usdPerHour} an hour, ${percent(Number(rate.utilisation))}), more than ${tight.name} of ${money(usd(tight.cap))}`,
      file: suite.file,
      mend: `Set providers.${provider}.timeoutMs to what an answer may take, or a larger budget.`
    })
  }
  return undefined
}
