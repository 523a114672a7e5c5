import type { Standing } from "../domain/Standing.ts"
import { sfc32 } from "../parity/random.ts"
import type { RouteTable } from "./route.ts"

/** What a policy is chosen from: the setups' differences and costs by case of the development sessions, the incumbent last. */
export interface Development {
  readonly slices: ReadonlyArray<string>
  /** Each slice's share of the traffic. */
  readonly share: ReadonlyArray<number>
  /** By case: its slice's place, and its session's number. */
  readonly slice: ReadonlyArray<number>
  readonly session: ReadonlyArray<number>
  readonly sessions: number
  /** By option, then by case; NaN: no pair there, or not priced. The incumbent's differences are 0 throughout. */
  readonly difference: ReadonlyArray<Float64Array>
  readonly cost: ReadonlyArray<Float64Array>
}

/** Cases of a slice below which nothing is believed of it. */
const least = 8
/** Standard deviation of a difference that is assumed at least, and what sessions add to the variance of a mean. */
const leastSd = 0.2
const deff = 1.4
/** Variance between slices that is always allowed for. */
const leastSpread = 1e-4

/** Differences of a standing by case, in each slice those of the gate that is worst there. */
const differencesOf = ({ columns, gates }: Standing, slice: ReadonlyArray<number>, slices: number): Float64Array => {
  const byGate = gates.map(({ grader }) => {
    const [score, reference] = [columns.score[grader]!, columns.reference[grader]!]
    return score.map((one, at) => one - reference[at]!)
  })
  const worst = Array.from({ length: slices }, (_, h) => {
    const means = byGate.map((column) => {
      let [sum, count] = [0, 0]
      column.forEach((one, at) => {
        if (slice[at] !== h || Number.isNaN(one)) return
        sum += one
        count++
      })
      return count === 0 ? Infinity : sum / count
    })
    return means.indexOf(Math.min(...means))
  })
  return Float64Array.from(slice, (h, at) => byGate[worst[h]!]![at]!)
}

/** Puts standings of one and the same stretch side by side; `share`: of each slice in the traffic. */
export const developmentOf = (standings: ReadonlyArray<Standing>, share: ReadonlyMap<string, number>): Development => {
  const { columns } = standings[0]!
  const slices = [...share.keys()].sort()
  const slice = columns.slice.map((name) => slices.indexOf(name))
  const numbers = new Map<string, number>()
  const session = columns.cluster.map((cluster) => {
    const number = numbers.get(cluster) ?? numbers.size
    numbers.set(cluster, number)
    return number
  })
  return {
    slices,
    share: slices.map((name) => share.get(name)!),
    slice,
    session,
    sessions: numbers.size,
    difference: [
      ...standings.map((standing) => differencesOf(standing, slice, slices.length)),
      new Float64Array(slice.length)
    ],
    cost: [...standings.map((standing) => standing.columns.cost), columns.incumbentCost]
  }
}

/** Means of a table with their standard errors; NaN: too few cases to believe anything. */
export interface Means extends Pick<RouteTable, "cost" | "gain" | "share"> {
  readonly se: ReadonlyArray<ReadonlyArray<number>>
}

/** Means by slice and option. `times`: how often each session counts, for resampling; left out: once. */
export const meansOf = (on: Development, times?: Uint32Array): Means => {
  const options = on.difference.map((difference, k) => {
    const cells = on.slices.map(() => ({ n: 0, sum: 0, squares: 0, priced: 0, cost: 0 }))
    on.slice.forEach((h, at) => {
      const count = times === undefined ? 1 : times[on.session[at]!]!
      const [d, cost] = [difference[at]!, on.cost[k]![at]!]
      const cell = cells[h]!
      if (!Number.isNaN(d)) {
        cell.n += count
        cell.sum += count * d
        cell.squares += count * d * d
      }
      if (!Number.isNaN(cost)) {
        cell.priced += count
        cell.cost += count * cost
      }
    })
    return cells.map(({ cost, n, priced, squares, sum }) => {
      const incumbent = k === on.difference.length - 1
      const sd = n < 2 ? 0 : Math.sqrt(Math.max(0, (squares - (sum * sum) / n) / (n - 1)))
      return {
        gain: incumbent ? 0 : n < least ? Number.NaN : sum / n,
        se: incumbent ? 0 : Math.max(sd, leastSd) * Math.sqrt(deff / Math.max(n, 1)),
        cost: priced === 0 ? Number.NaN : cost / priced
      }
    })
  })
  const table = (of: (cell: { readonly gain: number; readonly se: number; readonly cost: number }) => number) =>
    on.slices.map((_, h) => options.map((cells) => of(cells[h]!)))
  return {
    share: on.share,
    gain: table(({ gain }) => gain),
    se: table(({ se }) => se),
    cost: table(({ cost }) => cost)
  }
}

/**
 * Empirical Bayes: each option's gains are drawn towards its own mean over the slices, the more the less is known of a slice, and none is believed to be
 * above 0. With the variances that are left.
 */
export const shrunken = ({ cost, gain, se, share }: Means): Means => {
  const options = gain[0]!.length
  const centre = Array.from({ length: options }, (_, k) => {
    let [sum, weight] = [0, 0]
    gain.forEach((row, h) => {
      if (Number.isNaN(row[k]!)) return
      sum += share[h]! * row[k]!
      weight += share[h]!
    })
    return weight === 0 ? 0 : sum / weight
  })
  const spread = centre.map((mean, k) => {
    const known = gain.flatMap((row, h) => (Number.isNaN(row[k]!) ? [] : [(row[k]! - mean) ** 2 - se[h]![k]! ** 2]))
    return known.length === 0 ? leastSpread : Math.max(leastSpread, known.reduce((a, b) => a + b, 0) / known.length)
  })
  const last = options - 1
  return {
    share,
    cost,
    gain: gain.map((row, h) =>
      row.map((one, k) => {
        if (k === last || Number.isNaN(one)) return one
        const trust = spread[k]! / (spread[k]! + se[h]![k]! ** 2)
        return Math.min(0, centre[k]! + trust * (one - centre[k]!))
      })
    ),
    se: se.map((row) =>
      row.map((one, k) => (k === last ? 0 : Math.sqrt((spread[k]! * one * one) / (spread[k]! + one * one))))
    )
  }
}

/** How often each session comes up in seeded resamples of as many sessions as there are. */
export const resampled = (sessions: number, resamples: number): ReadonlyArray<Uint32Array> => {
  const fill = sfc32(sessions)
  const drawn = new Uint32Array(sessions)
  return Array.from({ length: resamples }, () => {
    fill(drawn)
    const times = new Uint32Array(sessions)
    for (const one of drawn) times[Math.floor((one / 2 ** 32) * sessions)]!++
    return times
  })
}
