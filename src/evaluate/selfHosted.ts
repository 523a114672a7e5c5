import { type NanoUsd, usd } from "../domain/Money.ts"
import type { Output } from "../domain/Output.ts"
import type { MachineRate } from "../domain/Price.ts"
import type { SelfHosted } from "../domain/Standing.ts"
import { costOfMachineTime } from "../pricing/machine.ts"

/** What a setup's answers took of its machine, a place a case; NaN: unknown. */
export interface MachineTime {
  readonly rate: MachineRate
  /** Milliseconds of the machine's busy time, and milliseconds in flight. */
  readonly share: Float64Array
  readonly held: Float64Array
  /** Output tokens. */
  readonly tokens: Float64Array
}

/** Nothing measured yet. */
export const noMachineTime = (rate: MachineRate, cases: number): MachineTime => ({
  rate,
  share: new Float64Array(cases).fill(Number.NaN),
  held: new Float64Array(cases).fill(Number.NaN),
  tokens: new Float64Array(cases).fill(Number.NaN)
})

/** Keeps what all answers of a case took together, and its calls that brought none. */
export const keepMachineTime = (into: MachineTime, at: number, { attempts, unanswered }: Output) => {
  let [share, held, tokens] = [unanswered?.shareMs ?? 0, unanswered?.heldMs ?? 0, 0]
  for (const { machine } of attempts) {
    share += machine?.shareMs ?? Number.NaN
    held += machine?.heldMs ?? Number.NaN
    tokens += machine?.tokens ?? Number.NaN
  }
  into.share[at] = share
  into.held[at] = held
  into.tokens[at] = tokens
}

const hour = 3_600_000

/** The places of a setup's cases: those that were answered, and those that were paid for and not answered, with what they cost. */
export interface MachineCases {
  readonly answered: ReadonlyArray<number>
  readonly unanswered: ReadonlyArray<{ readonly at: number; readonly cost: NanoUsd }>
}

/**
 * What a setup costs on a machine that is paid by the hour: all the time that its cases took, by the number of those that were answered. Weighted as
 * the cases are. Cases an hour are the answered ones of a machine at work without a pause, as many in flight as were measured: an hour over the
 * machine's time a case. In flight: the sum of the times in flight over the sum of the shares, which is the number in flight averaged over the
 * cases' own machine time.
 */
export const selfHostedOf = (
  { held, rate, share, tokens }: MachineTime,
  { answered, unanswered }: MachineCases,
  weightOf: (at: number) => number
): SelfHosted => {
  const places = answered.filter((at) => !Number.isNaN(share[at]!))
  const vain = unanswered.filter(({ at }) => !Number.isNaN(share[at]!))
  const vainPlaces = vain.map(({ at }) => at)
  const all = [...places, ...vainPlaces]
  const sum = (column: Float64Array, of = all) => of.reduce((total, at) => total + column[at]! * weightOf(at), 0)
  const busy = sum(share)
  const weight = places.reduce((total, at) => total + weightOf(at), 0)
  const perCase = weight === 0 ? null : busy / weight
  const told = places.filter((at) => !Number.isNaN(tokens[at]!))
  const busyTold = told.length === 0 ? 0 : sum(share, [...told, ...vainPlaces])
  const at = (utilisation: string) =>
    perCase === null ? null : usd(costOfMachineTime(perCase, { ...rate, utilisation }))
  return {
    usdPerHour: rate.usdPerHour,
    utilisation: rate.utilisation,
    cases: places.length,
    unknown: answered.length - places.length,
    machineMsPerCase: perCase,
    ...(vain.length === 0
      ? {}
      : {
          unanswered: {
            cases: vain.length,
            machineMs: vainPlaces.reduce((total, at) => total + share[at]!, 0),
            usd: usd(vain.reduce((total, { cost }) => total + cost, 0n))
          }
        }),
    casesPerHour: perCase === null || perCase === 0 ? null : hour / perCase,
    inFlight: busy === 0 ? null : sum(held) / busy,
    tokensPerSecond: busyTold === 0 ? null : (1000 * sum(tokens, told)) / busyTold,
    usdPerCaseAt: { "25": at("0.25"), "50": at("0.5"), "100": at("1") }
  }
}
