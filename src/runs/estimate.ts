import type { CaseRow } from "../domain/Case.ts"
import { type NanoUsd, usd } from "../domain/Money.ts"
import { isMachineRate, type Price, type Rate } from "../domain/Price.ts"
import { rungsOf, type Setup, type Target, targetsOf } from "../domain/Setup.ts"
import { needsFloor, selectionSessions } from "../evaluate/floor.ts"
import { type CostParts, costOf } from "../pricing/cost.ts"
import { counted, money } from "../report/figures.ts"
import { asksOf, nominal, passedOn, unsplit } from "./expected.ts"
import { foilsOf, judgingOf } from "./judging.ts"
import type { PreparedRun } from "./prepare.ts"

/** What something is expected to cost before it is bought, nano-dollars, with how little and how much it may come to. */
export interface Estimate {
  readonly usd: NanoUsd
  readonly low: NanoUsd
  readonly high: NanoUsd
}

/** An estimate of a run, with what it cannot tell. */
export interface RunEstimate extends Estimate {
  /** Setups without a price; what they cost is not in it. */
  readonly unpriced: number
  /** Whether there is anything that can be estimated: a setup, or the incumbent asked again, that is priced by its tokens. */
  readonly told: boolean
  /** Setups priced by their machine's time; what they cost is not in it. */
  readonly machines: number
  /** The incumbent asked again is priced by its machine's time; what that costs is not in it. */
  readonly floorByTime: boolean
  /** Cases whose tokens the archive does not tell; they are taken to be as long as the others are on average. */
  readonly unknown: number
}

const none: Estimate = { usd: 0n, low: 0n, high: 0n }
const sum = (parts: ReadonlyArray<Estimate>): Estimate =>
  parts.reduce((a, b) => ({ usd: a.usd + b.usd, low: a.low + b.low, high: a.high + b.high }), none)

const known = (rows: ReadonlyArray<CaseRow>, price: Price): ReadonlyArray<CostParts> =>
  rows.flatMap(({ usage }) => costOf(unsplit(usage), price) ?? [])

/**
 * One answer for every case, at a price: the archived tokens. Another model writes other lengths: half the output is the low end, twice the output,
 * in every repair round there may be, the high end.
 */
const answersOf = (
  rows: ReadonlyArray<CaseRow>,
  price: Price,
  told: ReadonlyArray<CostParts>,
  repairs: number
): Estimate => {
  const costs = told.length > 0 ? told : [costOf(nominal, price)].filter((cost) => cost !== null)
  if (costs.length === 0) return none
  let [output, total] = [0n, 0n]
  for (const cost of costs) {
    output += cost.output + cost.reasoning
    total += cost.total
  }
  const all = (part: NanoUsd) => (part * BigInt(rows.length)) / BigInt(costs.length)
  return {
    usd: all(total),
    low: all(total - output / 2n),
    high: all(total + output) * BigInt(1 + repairs)
  }
}

/** What a run asks, as far as it is known before it asks. */
export interface Asking {
  readonly rows: ReadonlyArray<CaseRow>
  readonly setups: ReadonlyArray<Setup>
  priceOf(target: Target): Rate | undefined
  /** Asked where a cascade ends in it. */
  readonly incumbent: Target
  /** A climb stops at the first that will do; at its cheapest it tries one setup. */
  readonly search: boolean
  /** The incumbent asked again: how many answers on average a case, at its price; `null`: it is not asked. */
  readonly floor: { readonly draws: number; readonly price: Rate } | null
}

/** The cost of a run from archived token counts, before its first call. Answers that were bought before cost nothing again, so it may come to less. */
export const estimateOf = ({ floor, incumbent, priceOf, rows, search, setups }: Asking): RunEstimate => {
  const told = new Map<Price, ReadonlyArray<CostParts>>()
  const toldAt = (price: Price) => {
    const costs = told.get(price) ?? known(rows, price)
    told.set(price, costs)
    return costs
  }
  const tokenPrice = (target: Target): Price | undefined => {
    const rate = priceOf(target)
    return rate === undefined || isMachineRate(rate) ? undefined : rate
  }
  /** Each rung of a cascade passes a share of its cases on, none at the low end and all at the high one. */
  const ofSetup = (setup: Setup): Estimate => {
    let share = 1
    const parts = rungsOf(setup).flatMap((rung, at) => {
      const { answers, judges, target } = asksOf(rung, incumbent)
      const axes = rung === "incumbent" ? {} : rung.axes
      const rounds = (axes.samples ?? 1) - 1 + (axes.repairs ?? 0)
      // A cascade asks the incumbent for an answer of the noise floor, which the run buys anyway.
      const bought = rung === "incumbent" && floor !== null && floor.draws >= 1
      const asked = [
        ...Array.from({ length: answers }, (_, i) => ({ target, rounds: i === 0 ? rounds : 0 })),
        ...judges.map((target) => ({ target, rounds: 0 }))
      ]
      const costs = asked.flatMap(({ rounds, target }) => {
        const price = tokenPrice(target)
        return price === undefined || bought ? [] : [answersOf(rows, price, toldAt(price), rounds)]
      })
      const { high, low, usd } = sum(costs)
      const part = { usd: scaled({ usd, low, high }, share).usd, low: at === 0 ? low : 0n, high }
      share *= passedOn
      return part
    })
    return sum(parts)
  }
  const each: Array<Estimate> = []
  let machines = 0
  for (const setup of setups) {
    const targets = targetsOf(setup, incumbent)
    if (targets.some((target) => priceOf(target) === undefined)) continue
    if (targets.some((target) => tokenPrice(target) === undefined)) machines++
    else each.push(ofSetup(setup))
  }
  const all = sum(each)
  const cheapest = machines > 0 ? 0n : each.reduce((least, { low }) => (low < least ? low : least), each[0]?.low ?? 0n)
  const floorPrice = floor === null || isMachineRate(floor.price) ? undefined : floor.price
  const again =
    floor === null || floorPrice === undefined
      ? none
      : scaled(answersOf(rows, floorPrice, toldAt(floorPrice), 0), floor.draws)
  const whole = sum([{ ...all, low: search ? cheapest : all.low }, again])
  const sample = setups.map(tokenPrice).find((price) => price !== undefined) ?? floorPrice
  return {
    ...whole,
    unpriced: setups.length - each.length - machines,
    told: each.length > 0 || floorPrice !== undefined,
    machines,
    floorByTime: floor !== null && floorPrice === undefined,
    unknown: sample === undefined ? rows.length : rows.length - toldAt(sample).length
  }
}

/** The estimate of a prepared run: `setups` are those that may be tried. Where there is none, nothing is asked. */
export const estimateBefore = (
  { accounts, incumbent, rows, suite }: PreparedRun,
  setups: ReadonlyArray<Setup>,
  search: boolean
): RunEstimate => {
  const { whyNot } = incumbent
  const price = incumbent.price ?? incumbent.machine
  const repeats = suite.noiseFloor === "skip" ? 0 : suite.noiseFloor.repeats
  const compared = rows.filter((row) => needsFloor(suite.graders, row)).length
  const sessions = new Set(rows.map(({ cluster }) => cluster)).size
  // Where nothing is compared with the original, the incumbent is asked again in some sessions, to see whether the archive was selected.
  const again = compared > 0 ? compared * repeats : rows.length * Math.min(1, selectionSessions / Math.max(1, sessions))
  const asksAgain = setups.length > 0 && repeats > 0 && whyNot === null && price !== undefined && rows.length > 0
  const priceOf = ({ model, provider }: Target) => accounts.find(({ name }) => name === provider)?.priceOf(model)
  const answers = estimateOf({
    rows,
    setups,
    search,
    incumbent,
    priceOf,
    floor: asksAgain ? { draws: again / rows.length, price } : null
  })
  const draws = asksAgain ? again / rows.length : 0
  const judging = (count: number) =>
    judgingOf(rows, suite.graders, { setups: count, again: draws, foils: foilsOf(suite) }, priceOf)
  if (setups.length === 0) return answers
  return { ...answers, ...sum([answers, { ...judging(setups.length), low: judging(search ? 1 : setups.length).low }]) }
}

const scaled = ({ high, low, usd: middle }: Estimate, times: number): Estimate => {
  const by = (amount: NanoUsd) => (amount * BigInt(Math.round(times * 1e6))) / 1_000_000n
  return { usd: by(middle), low: by(low), high: by(high) }
}

/** The estimate as a sentence; `simulated`: the money is not real. */
export const estimateSentence = (
  { floorByTime, high, low, machines, told, unknown, unpriced, usd: middle }: RunEstimate,
  { search, simulated }: { readonly search: boolean; readonly simulated: boolean }
): string => {
  if (!told) {
    const each = machines === 1 ? "is priced by its machine's time" : "are priced by their machine's time"
    const parts = [
      ...(machines > 0 ? [`${counted(machines, "setup")} ${each}`] : []),
      ...(unpriced > 0 ? [`${counted(unpriced, "setup has", "setups have")} no price`] : []),
      ...(floorByTime ? ["the incumbent asked again is priced by machine time"] : [])
    ]
    return `estimate: nothing can be estimated beforehand: ${parts.join(", ")}`
  }
  const shown = (amount: NanoUsd) => money(usd(amount))
  const notes = [
    ...(search ? ["fewer setups where the first will do"] : []),
    ...(unpriced > 0 ? [`${counted(unpriced, "setup")} without a price not in it`] : []),
    ...(machines > 0 ? [`${counted(machines, "setup")} priced by machine time, not in it`] : []),
    ...(floorByTime ? ["the incumbent asked again is priced by machine time, not in it"] : []),
    ...(unknown > 0 ? [`${counted(unknown, "case")} of unknown length taken as average`] : [])
  ]
  return `estimate: ${shown(middle)}${simulated ? " of simulated money" : ""}, between ${shown(low)} and ${shown(high)}, from archived token counts${notes.length === 0 ? "" : ` (${notes.join("; ")})`}; answers that were bought before cost nothing again, and those that are cut short and asked for once more with a larger limit are not in it`
}
