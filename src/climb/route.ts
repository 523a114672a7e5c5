/** What each option costs and gains in each slice: `cost[h][k]`, `gain[h][k]`; NaN: not to be had there. */
export interface RouteTable {
  readonly cost: ReadonlyArray<ReadonlyArray<number>>
  readonly gain: ReadonlyArray<ReadonlyArray<number>>
  /** Each slice's share of the traffic. */
  readonly share: ReadonlyArray<number>
  /** The least gain that an option may have in a slice; left out: none. */
  readonly least?: ReadonlyArray<number>
}

/** An option for each slice, and what they cost and gain together. */
export interface Routed {
  readonly choice: ReadonlyArray<number>
  readonly cost: number
  readonly gain: number
}

interface Option {
  readonly cost: number
  readonly gain: number
  readonly k: number
}

/** Options of one slice that no other beats in both cost and gain, from the cheapest up. */
const undominated = (options: ReadonlyArray<Option>): ReadonlyArray<Option> => {
  const kept: Array<Option> = []
  for (const option of [...options].sort((a, b) => a.cost - b.cost || b.gain - a.gain)) {
    if (option.gain > (kept.at(-1)?.gain ?? -Infinity) + 1e-15) kept.push(option)
  }
  return kept
}

/** Slices above which the exact search is left for the relaxed one. */
const exactUpTo = 20

/** For a price of gain, the best option of each slice. */
const relaxed = (options: ReadonlyArray<ReadonlyArray<Option>>, price: number) =>
  options.map((some) =>
    some.reduce((best, one) => (one.cost - price * one.gain < best.cost - price * best.gain ? one : best))
  )

const total = (options: ReadonlyArray<Option>): { readonly cost: number; readonly gain: number } => ({
  cost: options.reduce((sum, { cost }) => sum + cost, 0),
  gain: options.reduce((sum, { gain }) => sum + gain, 0)
})

/** Lagrangian relaxation: the price of gain at which the whole just does not lose more than allowed. Never better than exact. */
const approximate = (options: ReadonlyArray<ReadonlyArray<Option>>, margin: number): ReadonlyArray<Option> => {
  let low = 0
  let high = 1
  while (total(relaxed(options, high)).gain < -margin && high < 1e12) high *= 4
  for (let step = 0; step < 100; step++) {
    const middle = (low + high) / 2
    if (total(relaxed(options, middle)).gain < -margin) low = middle
    else high = middle
  }
  return relaxed(options, high)
}

const exact = (options: ReadonlyArray<ReadonlyArray<Option>>, margin: number): ReadonlyArray<Option> | undefined => {
  const slices = options.length
  const cheapestLeft = new Float64Array(slices + 1)
  const gainLeft = new Float64Array(slices + 1)
  for (let h = slices - 1; h >= 0; h--) {
    cheapestLeft[h] = cheapestLeft[h + 1]! + options[h]![0]!.cost
    gainLeft[h] = gainLeft[h + 1]! + options[h]!.at(-1)!.gain
  }
  let best: ReadonlyArray<Option> | undefined
  let least = Infinity
  const walk = (h: number, cost: number, gain: number, chosen: ReadonlyArray<Option>): void => {
    if (cost + cheapestLeft[h]! >= least - 1e-15 || gain + gainLeft[h]! < -margin - 1e-12) return
    if (h === slices) {
      least = cost
      best = chosen
      return
    }
    for (const option of options[h]!) walk(h + 1, cost + option.cost, gain + option.gain, [...chosen, option])
  }
  walk(0, 0, 0, [])
  return best
}

/**
 * The cheapest option for each slice such that all together lose no more than `margin`: a multiple-choice knapsack, exact by branch and bound over
 * undominated options up to 20 slices, by Lagrangian relaxation above. `undefined`: no choice does.
 */
export const route = ({ cost, gain, least, share }: RouteTable, margin: number): Routed | undefined => {
  const options = share.map((part, h) =>
    undominated(
      cost[h]!.flatMap((one, k) => {
        const own = gain[h]![k]!
        return Number.isFinite(one) && Number.isFinite(own) && own >= (least?.[h] ?? -Infinity)
          ? [{ cost: part * one, gain: part * own, k }]
          : []
      })
    )
  )
  if (options.some(({ length }) => length === 0)) return undefined
  if (total(options.map((some) => some.at(-1)!)).gain < -margin - 1e-12) return undefined
  const chosen = options.length <= exactUpTo ? exact(options, margin) : approximate(options, margin)
  return chosen && { choice: chosen.map(({ k }) => k), ...total(chosen) }
}
