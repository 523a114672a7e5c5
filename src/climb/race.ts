import type { Setup } from "../domain/Setup.ts"
import type { Standing } from "../domain/Standing.ts"
import { normalQuantile } from "../parity/distributions.ts"
import { predictivePower } from "../parity/groupSequential.ts"
import type { Evaluate, Note, Priced, Stop } from "./contract.ts"
import { looksOf } from "./looks.ts"

/** Setups of one model from the strongest configuration to the weakest; the order is fixed before the first score. */
export type Chain = ReadonlyArray<Priced>

/** How a race of chains is run. */
export interface RaceOptions {
  /** Error of all claims of parity together, and of calling one setup inferior. */
  readonly alpha: number
  readonly inferiorAlpha: number
  readonly margin: number
  /** Cases of each session, in the run's order, and the session from which the race may look. */
  readonly sizes: ReadonlyArray<number>
  readonly from: number
  /** Shares of the cases at which it looks; increasing, the last is 1. */
  readonly looks: ReadonlyArray<number>
  /** A setup whose chance of passing the last look is below this is given up; 0 never gives up. */
  readonly futility: number
}

/** Puts setups into their chains, the chain with the cheapest member first. */
export const chainsIn = (setups: ReadonlyArray<Priced>): ReadonlyArray<Chain> =>
  [...Map.groupBy(setups, ({ chain }) => chain).values()]
    .map((chain) => [...chain].sort((a, b) => a.rank - b.rank))
    .sort((a, b) => cheapestOf(a) - cheapestOf(b) || (a[0]!.setup.id < b[0]!.setup.id ? -1 : 1))

const cheapestOf = (chain: Chain) => Math.min(...chain.map(({ usdPerCase }) => usdPerCase))

/** Share of the cases asked that must have a pair, or a setup is not looked at again. */
const enough = 0.9

/** The largest p of a standing's gates: all must show parity. */
const pOf = ({ gates }: Standing) => gates.reduce((worst, { pParity }) => Math.max(worst, pParity), 0)

/** The difference of the gate that is nearest to failing. */
const worstOf = ({ gates }: Standing) =>
  gates.reduce((worst, { difference }) => Math.min(worst, difference.estimate), Infinity)

const percent = (share: number) => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`
const pWords = (p: number) => (p < 0.0001 ? "p below 0.0001" : `p ${p.toFixed(4)}`)

/** What the looks at one setup ended in. */
export type Ending =
  | { readonly passed: true; readonly standing: Standing }
  /** `futile`: given up, and not for want of cases alone: what was seen lies below the margin. */
  | { readonly passed: false; readonly futile: boolean; readonly reason: string }

/** Looks at one setup group-sequentially until it passes at its `level`, is given up, or the cases are used. */
export function* lookAt(
  setup: Setup,
  { from, futility, inferiorAlpha, level, looks, margin, sizes }: RaceOptions & { readonly level: number },
  why: string
): Generator<Evaluate, Ending, Standing> {
  const plan = looksOf(sizes, looks, level, { from })
  // Looks at an inferior setup are many as well. Its error is spent evenly over them, since what is plainly worse is to be called so early.
  const inferior = looksOf(sizes, looks, inferiorAlpha, { from, spending: "pocock" })
  let said = why
  for (const [at, { final, level: claim, share, to }] of plan.entries()) {
    const standing = yield {
      _tag: "Evaluate",
      setup,
      from,
      to,
      level: claim,
      errorOfLooks: level,
      inferiorAt: inferior[at]!.level,
      why: said
    }
    if (standing.blocked !== undefined) {
      // Of few cases one that is missing is too many already; more cases may show that it is one of many.
      if (share === 1 || standing.blocked.by === "budget" || standing.paired < enough * standing.asked)
        return { passed: false, futile: false, reason: standing.blocked.why }
      said = `${standing.blocked.why}; goes on`
      continue
    }
    if (standing.verdict === "parity") return { passed: true, standing }
    if (standing.verdict === "inferior") return { passed: false, futile: false, reason: standing.reason }
    const p = pOf(standing)
    const hope = predictivePower(normalQuantile(1 - Math.min(Math.max(p, 1e-12), 1 - 1e-12)), share, final)
    if (share < 1 && hope < futility) {
      return {
        passed: false,
        futile: worstOf(standing) <= -margin,
        reason: `given up at ${percent(share)} of the cases: parity would be shown with ${percent(hope)} chance if it went on`
      }
    }
    said = `undecided at ${percent(share)} of the cases (${pWords(p)}), and the rest would show parity with ${percent(hope)} chance: goes on`
  }
  return { passed: false, futile: false, reason: "undecided when the cases were all used" }
}

/** Dollars a case that a standing showed; infinite where it is unpriced. */
export const paidPerCase = ({ costPerCase }: Standing) => (costPerCase === null ? Infinity : Number(costPerCase) / 1e9)

/**
 * Races chains of setups for the cheapest one at parity: the chain with the cheapest member first, inside a chain from the strongest configuration
 * down, each by group-sequential looks at its chain's share of alpha; a chain is left at its first setup that does not pass. Over all chains the
 * chance of a false claim is at most alpha: the downward walk needs no correction (Maurer, Hothorn and Lehmacher 1995; Westfall and Krishen 2001), and
 * the shares add up. After a success only chains go on that are expected to cost less than the winner turned out to cost.
 */
export function* raceChains(
  chains: ReadonlyArray<Chain>,
  options: RaceOptions,
  notes: ReadonlyArray<Note> = []
): Generator<Evaluate, Stop, Standing> {
  const level = options.alpha / Math.max(1, chains.length)
  const said: Array<Note> = [...notes]
  let best: { readonly setup: Setup; readonly usdPerCase: number } | undefined
  for (const chain of chains) {
    const floor = best === undefined ? Infinity : best.usdPerCase
    const cheapest = cheapestOf(chain)
    if (cheapest >= floor) {
      for (const { setup } of chain) said.push({ setup, reason: "not expected to cost less than the winner" })
      continue
    }
    let stronger: Priced | undefined
    for (const [at, priced] of chain.entries()) {
      const { setup } = priced
      const why =
        stronger !== undefined
          ? `${stronger.setup.label} passed: the next cheaper configuration of its chain`
          : best === undefined
            ? "the strongest configuration of the cheapest chain that is left"
            : `expected to cost less than ${best.setup.label} turned out to cost`
      const ending = yield* lookAt(setup, { ...options, level }, why)
      if (!ending.passed) {
        said.push({ setup, reason: ending.reason, ...(ending.futile ? { futile: true as const } : {}) })
        for (const { setup: weaker } of chain.slice(at + 1)) {
          said.push({
            setup: weaker,
            reason: `a weaker configuration than ${setup.label}, which was not shown to be at parity`
          })
        }
        break
      }
      stronger = priced
      const usdPerCase = paidPerCase(ending.standing)
      if (usdPerCase < (best?.usdPerCase ?? Infinity)) best = { setup, usdPerCase }
    }
  }
  return best === undefined
    ? { _tag: "Stop", named: null, reason: "every chain was raced", notes: said }
    : {
        _tag: "Stop",
        named: best.setup,
        usdPerCase: best.usdPerCase,
        reason: "no chain that is left is expected to cost less",
        notes: said
      }
}
