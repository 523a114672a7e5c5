import type { Setup } from "../domain/Setup.ts"
import type { Standing } from "../domain/Standing.ts"
import { normalCdf, normalQuantile } from "../parity/distributions.ts"
import { assumed, meanClusterSize } from "../parity/planning.ts"
import { unorderedOf } from "./chains.ts"
import type { Evaluate, Note, StrategyInput } from "./contract.ts"
import { beliefs, type Seen } from "./posterior.ts"
import type { Chain } from "./race.ts"

/** Chains that a pilot found worth racing. */
export interface Shortlisted {
  readonly chains: ReadonlyArray<Chain>
  /** Session from which no decision has seen anything. */
  readonly from: number
  /** What became of the others. */
  readonly notes: ReadonlyArray<Note>
}

/** Chains that are raced at most, and the chance of passing below which one is not. */
const most = 4
const hopeless = 0.1
/** Dearer chains are piloted only while the chance that none of the cheaper ones passes is above this. */
const doubt = 0.1
/** A sweep of moves that gains less than this share of what is expected is the last. */
const gain = 0.02
/** Cases of the first rungs, and the least sessions of a pilot. */
const rungs = [24, 48, Infinity]
const leastSessions = 25
/** A true difference above this is not believed: nothing is much better than the incumbent before it is shown. */
const ceiling = 0.01
/** Weight and value of what is assumed of the variance of a difference before a pilot has seen many. */
const assumedVariance = { cases: 10, value: 0.08 }

/** A pilot's stretches: one case of each session first, since cases of one session tell less than as many of several. */
const stretches = (
  sizes: ReadonlyArray<number>
): ReadonlyArray<{ readonly to: number; readonly perSession: number }> => {
  const largest = sizes.reduce((a, b) => Math.max(a, b), 1)
  const casesAt = (perSession: number) => sizes.reduce((sum, size) => sum + Math.min(size, perSession), 0)
  const all = rungs.map((cases) => {
    if (cases <= sizes.length) return { to: cases, perSession: 1 }
    let perSession = 1
    while (perSession < largest && casesAt(perSession) < cases) perSession++
    return { to: sizes.length, perSession }
  })
  return all.filter((one, i) => i === 0 || one.to !== all[i - 1]!.to || one.perSession !== all[i - 1]!.perSession)
}

/** Mean and standard error of the differences of the gate that decides, by cluster; the variance is shrunk towards what is assumed. */
const seenIn = ({ columns, gates }: Standing): (Seen & { readonly variance: number }) | undefined => {
  const worst = gates.reduce((a, b) => (b.pParity > a.pParity ? b : a))
  const score = columns.score[worst.grader]!
  const reference = columns.reference[worst.grader]!
  const clusters = new Map<string, number>()
  const d: Array<number> = []
  const of: Array<string> = []
  columns.cluster.forEach((cluster, at) => {
    const difference = score[at]! - reference[at]!
    if (Number.isNaN(difference)) return
    d.push(difference)
    of.push(cluster)
  })
  const n = d.length
  if (n < 2) return undefined
  const mean = d.reduce((a, b) => a + b, 0) / n
  d.forEach((one, i) => {
    clusters.set(of[i]!, (clusters.get(of[i]!) ?? 0) + one - mean)
  })
  const g = clusters.size
  const between = [...clusters.values()].reduce((sum, u) => sum + u * u, 0)
  const sample = d.reduce((sum, one) => sum + (one - mean) ** 2, 0)
  const { cases, value } = assumedVariance
  const variance = (cases * value + sample) / (cases + n - 1)
  return { mean, se: Math.sqrt(Math.max(((g / Math.max(g - 1, 1)) * between) / n ** 2, variance / n)), variance }
}

/** Half of the chains, then half of the rest, and so on, the cheap ones first. */
const wavesOf = (count: number): ReadonlyArray<ReadonlyArray<number>> => {
  const waves: Array<ReadonlyArray<number>> = []
  for (let from = 0; from < count; ) {
    const left = count - from
    const size = left <= 2 ? left : Math.ceil(left / 2)
    waves.push(Array.from({ length: size }, (_, i) => from + i))
    from += size
  }
  return waves
}

const modelOf = ({ escalate, id, model, provider }: Setup) => (escalate === undefined ? `${provider}/${model}` : id)

/** The axes without an order in which two setups differ. */
const apart = (a: Setup, b: Setup): ReadonlyArray<string> => {
  const [x, y]: ReadonlyArray<Readonly<Record<string, unknown>>> = [unorderedOf(a.axes), unorderedOf(b.axes)]
  return [...new Set([...Object.keys(x!), ...Object.keys(y!)])].filter((key) => x![key] !== y![key])
}

/**
 * Picks the chains to be raced by a pilot on the first sessions, which the race then leaves out. The strongest configuration of each model is measured
 * on few cases, on more where it may pass; the dearer half of the models is opened only while the cheap ones are in doubt. Around what survives it
 * moves by one axis at a time (hill climbing) as long as the expected saving rises. Nothing is claimed here.
 */
export function* shortlist(
  chains: ReadonlyArray<Chain>,
  { alpha, incumbentUsdPerCase, margin, sizes }: StrategyInput,
  share: number
): Generator<Evaluate, Shortlisted, Standing> {
  const from = Math.max(leastSessions, Math.round(share * sizes.length))
  // With so few sessions a pilot would take what the race needs.
  if (2 * from > sizes.length) return { chains, from: 0, notes: [] }
  const order = [...chains].sort(
    (a, b) => a[0]!.usdPerCase - b[0]!.usdPerCase || (a[0]!.setup.id < b[0]!.setup.id ? -1 : 1)
  )
  const heads = order.map((chain) => chain[0]!)
  const prices = heads.map(({ usdPerCase }) => usdPerCase)
  const plan = stretches(sizes.slice(0, from))
  const rest = sizes.slice(from)
  const cases = rest.reduce((a, b) => a + b, 0)
  const deff = 1 + (meanClusterSize(rest) - 1) * assumed.icc
  const quantile = normalQuantile(1 - alpha / most)
  const seen = new Map<number, Seen & { readonly variance: number }>()
  const lost = new Map<number, Note>()

  let known: ReadonlyMap<number, number> | undefined
  const chances = (): ReadonlyMap<number, number> => {
    if (known !== undefined) return known
    const chance = new Map<number, number>()
    for (const [i, { mean, variance }] of beliefs(prices, seen)) {
      const se = Math.sqrt((seen.get(i)!.variance * deff) / cases)
      chance.set(i, normalCdf(((Math.min(mean, ceiling) + margin) / se - quantile) / Math.sqrt(1 + variance / se ** 2)))
    }
    known = chance
    return chance
  }
  const worth = (i: number) => (lost.has(i) ? 0 : (chances().get(i) ?? 0) * (incumbentUsdPerCase - prices[i]!))
  function* measure(i: number, rung: number, why: string): Generator<Evaluate, void, Standing> {
    const { setup } = heads[i]!
    const { perSession, to } = plan[rung]!
    const standing = yield {
      _tag: "Evaluate",
      setup,
      from: 0,
      to,
      perSession,
      level: 0,
      inferiorAt: alpha / plan.length,
      why
    }
    const now = standing.blocked === undefined ? seenIn(standing) : undefined
    if (now === undefined) lost.set(i, { setup, reason: standing.reason })
    else seen.set(i, now)
    known = undefined
  }
  function* pilot(wave: ReadonlyArray<number>, why: (i: number) => string): Generator<Evaluate, void, Standing> {
    let alive = wave
    for (const rung of plan.keys()) {
      for (const i of alive) yield* measure(i, rung, rung === 0 ? why(i) : "may pass: more of the pilot's cases")
      const chance = chances()
      alive = alive.filter((i) => !lost.has(i) && (chance.get(i) ?? 0) >= hopeless)
      if (alive.length === 0) return
    }
  }
  const kept = () => [...chances()].flatMap(([i, chance]) => (chance >= hopeless && !lost.has(i) ? [i] : []))

  // One chain a model first: the one that says least beside what is archived.
  const models = [...Map.groupBy(order.keys(), (i) => modelOf(heads[i]!.setup)).values()]
  const first = models
    .map(
      (same) =>
        [...same].sort(
          (a, b) => Object.keys(heads[a]!.setup.axes).length - Object.keys(heads[b]!.setup.axes).length || a - b
        )[0]!
    )
    .sort((a, b) => a - b)
  for (const wave of wavesOf(first.length)) {
    yield* pilot(
      wave.map((i) => first[i]!),
      () => "the strongest configuration of a model, on the pilot's first cases"
    )
    const chance = chances()
    if (kept().reduce((none, i) => none * (1 - chance.get(i)!), 1) < doubt) break
  }
  // Moves of one axis around what survives.
  for (let before = -1, now = Math.max(0, ...kept().map(worth)); now > (1 + gain) * before; ) {
    before = now
    for (const centre of kept().sort((a, b) => worth(b) - worth(a))) {
      const near = models
        .find((same) => same.includes(centre))!
        .filter((i) => !seen.has(i) && !lost.has(i) && apart(heads[i]!.setup, heads[centre]!.setup).length === 1)
      for (const i of near) {
        const [axis] = apart(heads[i]!.setup, heads[centre]!.setup)
        yield* pilot([i], () => `a move of one axis (${axis}) from ${heads[centre]!.setup.label}`)
      }
    }
    now = Math.max(0, ...kept().map(worth))
  }

  const raced = kept()
    .sort((a, b) => worth(b) - worth(a))
    .slice(0, most)
  const chance = chances()
  const percent = (i: number) => `${(100 * (chance.get(i) ?? 0)).toFixed(1)} %`
  const notes = order.flatMap((chain, i): ReadonlyArray<Note> => {
    if (raced.includes(i)) return []
    const [head, ...weaker] = chain
    const gone = lost.get(i)
    const note: Note =
      gone ??
      (!seen.has(i)
        ? {
            setup: head!.setup,
            reason: "not piloted: cheaper setups are expected to pass, or no move of one axis led to it"
          }
        : (chance.get(i) ?? 0) < hopeless
          ? {
              setup: head!.setup,
              reason: `given up in the pilot: parity would be shown with ${percent(i)} chance`,
              ...(seen.get(i)!.mean <= -margin ? { futile: true as const } : {})
            }
          : { setup: head!.setup, reason: `not among the ${most} chains with the greatest expected saving` })
    return [note, ...weaker.map(({ setup }) => ({ setup, reason: `its chain was not raced: ${note.reason}` }))]
  })
  const racing = new Set(raced.map((i) => order[i]!))
  return { chains: chains.filter((chain) => racing.has(chain)), from, notes }
}
