import { policyOf, type Setup } from "../domain/Setup.ts"
import type { Standing } from "../domain/Standing.ts"
import { minClusters } from "../parity/verdict.ts"
import type { Evaluate, Note, Priced, StrategyInput } from "./contract.ts"
import { choosePolicy } from "./policyChoice.ts"
import { type Development, developmentOf, meansOf } from "./policyTable.ts"
import { chainsIn, lookAt, paidPerCase } from "./race.ts"

/** A policy that was confirmed, or why there is none. */
export type Routing =
  | { readonly policy: Setup; readonly usdPerCase: number; readonly notes: ReadonlyArray<Note> }
  | { readonly policy: undefined; readonly reason: string; readonly notes: ReadonlyArray<Note> }

export interface RoutingOptions {
  /** Error that the test of the policy may spend. */
  readonly alpha: number
  readonly inferiorAlpha: number
  /** Share of the sessions on which it is chosen. */
  readonly development: number
  readonly looks: ReadonlyArray<number>
  readonly futility: number
  /** The best single setup that was shown to be at parity, with what it turned out to cost; left out: there is none. */
  readonly single?: { readonly setup: Setup; readonly usdPerCase: number }
}

/** A policy must be expected to save at least this share of the incumbent's cost more than the best single setup. */
const worthwhile = 0.05
/** Share of the development sessions on which hopeless setups are found, and standard errors by which they must be beyond twice the margin everywhere. */
const firstPart = 1 / 3
const errors = 2
const nano = 1e9

const slicesIn = (input: StrategyInput, from: number, to: number): ReadonlyMap<string, Set<number>> => {
  const found = new Map<string, Set<number>>()
  let at = input.sizes.slice(0, from).reduce((a, b) => a + b, 0)
  for (let session = from; session < to; session++) {
    for (let i = 0; i < input.sizes[session]!; i++, at++) {
      const slice = input.slice[at]!
      found.set(slice, (found.get(slice) ?? new Set()).add(session))
    }
  }
  return found
}

/** Whether a setup may be good enough in some slice. */
const promising = (on: Development, option: number, margin: number): boolean => {
  const { gain, se } = meansOf(on)
  return gain.some((row, h) => Number.isNaN(row[option]!) || row[option]! + errors * se[h]![option]! >= -2 * margin)
}

/** Cases of each slice in the sessions from `from` on. */
const casesFrom = ({ sizes, slice }: StrategyInput, from: number, slices: ReadonlyArray<string>) => {
  const start = sizes.slice(0, from).reduce((a, b) => a + b, 0)
  const counts = new Map<string, number>()
  for (const name of slice.slice(start)) counts.set(name, (counts.get(name) ?? 0) + 1)
  return slices.map((name) => counts.get(name) ?? 0)
}

/**
 * Looks for a policy, a setup for each slice, that costs less than any single one: chooses it on development sessions, then tests it as one setup on the
 * sessions that the choice has not seen. The choice sees nothing else, not even which single setup was shown to be at parity; that one only decides
 * whether a test is worth its money. Slices of fewer than 5 sessions on either side stay with the incumbent, and so does every slice in which nothing
 * is believed to be good enough.
 */
export function* searchPolicy(
  setups: ReadonlyArray<Priced>,
  input: StrategyInput,
  { alpha, development, futility, inferiorAlpha, looks, single }: RoutingOptions
): Generator<Evaluate, Routing, Standing> {
  const { incumbentUsdPerCase, margin, shares, sizes } = input
  const from = Math.round(development * sizes.length)
  const notes = new Map<string, Note>()
  const none = (reason: string): Routing => ({ policy: undefined, reason, notes: [...notes.values()] })
  const [before, after] = [slicesIn(input, 0, from), slicesIn(input, from, sizes.length)]
  const known = new Set(
    [...shares.keys()].filter((name) => [before, after].every((part) => (part.get(name)?.size ?? 0) >= minClusters))
  )
  if (shares.size < 2) return none("there is one slice")
  if (known.size === 0) return none("no slice has sessions enough to choose for it")
  const than = single?.usdPerCase ?? incumbentUsdPerCase
  const cheapest = Math.min(...setups.map(({ usdPerCase }) => usdPerCase))
  if (!(than - cheapest >= worthwhile * incumbentUsdPerCase))
    return none("no policy could save 5 % of the incumbent's cost more")

  const move = (setup: Setup, to: number, why: string): Evaluate => ({
    _tag: "Evaluate",
    setup,
    from: 0,
    to,
    level: 0,
    inferiorAt: 0,
    why
  })
  const measured: Array<{ readonly priced: Priced; readonly standing: Standing }> = []
  function* measure(priced: Priced, why: string): Generator<Evaluate, void, Standing> {
    const { setup } = priced
    const first = yield move(setup, Math.min(Math.max(minClusters, Math.round(firstPart * from)), from), why)
    if (!promising(developmentOf([first], shares), 0, margin)) {
      const reason = "not good enough in any slice, by the first development sessions"
      notes.set(setup.id, { setup, reason, futile: true })
      return
    }
    const standing = yield move(setup, from, "may be good enough in some slice: all development sessions")
    if (standing.blocked === undefined) measured.push({ priced, standing })
    else notes.set(setup.id, { setup, reason: standing.blocked.why })
  }
  const choose = () => {
    if (measured.length === 0) return undefined
    const on = developmentOf(
      measured.map(({ standing }) => standing),
      shares
    )
    // What is too small to be chosen for stays with the incumbent.
    const closed = {
      ...on,
      difference: on.difference.map((column, k) =>
        k === on.difference.length - 1
          ? column
          : column.map((one, at) => (known.has(on.slices[on.slice[at]!]!) ? one : Number.NaN))
      )
    }
    const left = casesFrom(input, from, on.slices)
    const choice = choosePolicy(closed, { margin, alpha, left, than: incumbentUsdPerCase * nano })
    if (choice === undefined) return undefined
    const routes = on.slices.map((slice, h) => ({
      slice,
      to: measured[choice.choice[h]!]?.priced ?? ("incumbent" as const)
    }))
    return { choice, routes }
  }
  // From the cheapest chain up, its strongest configuration first; no further than any slice could still be served for less.
  const chains = [...chainsIn(setups)].sort((a, b) => a[0]!.usdPerCase - b[0]!.usdPerCase)
  let chosen: ReturnType<typeof choose>
  for (const [head] of chains) {
    const { usdPerCase } = head!
    const dearer = ({ slice, to }: { readonly slice: string; readonly to: Priced | "incumbent" }) =>
      known.has(slice) && (to === "incumbent" || to.usdPerCase > usdPerCase)
    if (chosen !== undefined && !chosen.routes.some(dearer)) break
    yield* measure(head!, "who may serve which slice: the next chain by price, on the first development sessions")
    chosen = choose()
  }
  // Down the chains that the policy wants.
  for (const chain of chains) {
    for (const [rank, weaker] of chain.entries()) {
      const stronger = chain[rank - 1]
      if (stronger === undefined) continue
      if (chosen?.routes.some(({ to }) => to !== "incumbent" && to.setup.id === stronger.setup.id) !== true) break
      yield* measure(weaker, `the policy wants ${stronger.setup.label}: the next weaker configuration`)
      chosen = choose()
    }
  }
  if (chosen === undefined) return none("no choice by slice is expected to save anything")
  const { choice, routes } = chosen
  const served = new Set(routes.map(({ to }) => (to === "incumbent" ? to : to.setup.id)))
  if (served.size === 1) return none("the best choice by slice is one for all")
  if (choice.cost / nano > than - worthwhile * incumbentUsdPerCase)
    return none("no policy is expected to save 5 % of the incumbent's cost more")
  const policy = policyOf(routes.map(({ slice, to }) => ({ slice, to: to === "incumbent" ? to : to.setup })))
  const why = `chosen on ${from} development sessions (expected to pass with ${(100 * choice.chance).toFixed(0)} % chance): now tested as one setup on the rest`
  const ending = yield* lookAt(
    policy,
    { alpha, inferiorAlpha, margin, sizes, from, looks, futility, level: alpha },
    why
  )
  if (ending.passed) return { policy, usdPerCase: paidPerCase(ending.standing), notes: [...notes.values()] }
  notes.set(policy.id, { setup: policy, reason: ending.reason, ...(ending.futile ? { futile: true } : {}) })
  return none(`the policy was not confirmed: ${ending.reason}`)
}
