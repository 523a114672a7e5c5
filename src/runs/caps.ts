import * as Effect from "effect/Effect"

import type { CallsOptions } from "../calls/Calls.ts"
import { Fault } from "../domain/Fault.ts"
import { type NanoUsd, nanoOf } from "../domain/Money.ts"
import type { Setup } from "../domain/Setup.ts"
import { decimalText } from "../pricing/decimal.ts"
import type { LoadedSuite } from "../suite/load.ts"

/** What a run may spend, in nano-dollars. */
export interface Caps {
  /** All of it; `null`: no cap. */
  readonly run: NanoUsd | null
  /** For the calls: the judges' part, and each setup's. */
  readonly parts: NonNullable<CallsOptions["caps"]>
  /** With a provider; `undefined`: no cap of its own. */
  provider(name: string): NanoUsd | undefined
  /** Whether a cap holds for what is asked of a provider, by a setup where it is one: then nothing is asked without a price. */
  hold(provider: string, setup?: Setup): boolean
}

/** The suite's amounts were checked when it was read. */
const nano = (dollars: number): NanoUsd => nanoOf(decimalText(dollars) ?? "0") ?? 0n

/** The caps of a suite; `flag`, the command line's `--budget`, wins over the suite's for the whole run. */
export const capsOf = Effect.fnUntraced(function* (
  { budget, providers }: Pick<LoadedSuite, "budget" | "providers">,
  setups: ReadonlyArray<Setup>,
  flag: string | undefined
): Effect.fn.Return<Caps, Fault> {
  const told = flag === undefined ? undefined : nanoOf(decimalText(flag) ?? "")
  if (flag !== undefined && (told === undefined || told < 0n)) {
    return yield* new Fault({
      kind: "usage",
      sentence: `--budget ${JSON.stringify(flag)} is not an amount of dollars`,
      mend: "For example --budget 20"
    })
  }
  const run = told ?? (budget === undefined ? null : nano(budget.usd))
  const each = budget?.perSetupUsd
  const provider = (name: string) => {
    const own = providers[name]?.budget?.usd
    return own === undefined ? undefined : nano(own)
  }
  return {
    run,
    parts: {
      ...(budget?.judgeUsd === undefined ? {} : { judge: nano(budget.judgeUsd) }),
      ...(each === undefined ? {} : { setups: Object.fromEntries(setups.map(({ id }) => [id, nano(each)])) })
    },
    provider,
    hold: (name, setup) => run !== null || provider(name) !== undefined || (setup !== undefined && each !== undefined)
  }
})
