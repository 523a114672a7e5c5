import { normalCdf, normalLogCdf, normalQuantile, normalSf, tQuantile } from "./distributions.ts"
import { inflation, type Spending } from "./groupSequential.ts"
import { root } from "./root.ts"
import { type Judgement, minClusters } from "./verdict.ts"

/** The least intra-cluster correlation that the worst-case guard assumes. */
const guardIcc = 0.05

/** Effective items added for what the approximation misses in small samples. */
const safety = 25

/** What is assumed where no pilot says better: standard deviation of pass/fail differences, and correlation within clusters. */
export const assumed = { sd: 0.35, icc: 0.2 } as const

/** What a plan is made from. */
export interface Design {
  /** Standard deviation of the paired difference of one item. */
  readonly sd: number
  /** One-sided level of the test; 0.05 if left out. A search divides it by `splits`, its number of independent claims (1). */
  readonly alpha?: number
  readonly splits?: number
  /** Chance of the claim if the true difference is `difference` (0); 0.8 if left out. */
  readonly power?: number
  readonly difference?: number
  /** Intra-cluster correlation (0) and mean cluster size as an item sees it, {@link meanClusterSize} (1). */
  readonly icc?: number
  readonly clusterSize?: number
}

/** A design with its margin and its looks. */
export interface MarginDesign extends Design {
  /** How much worse the candidate may be, in score points. */
  readonly margin: number
  /** Even looks of a group-sequential test; 1 if left out. */
  readonly looks?: number
  readonly spending?: Spending
}

/** What a design needs. Infinity where the assumed difference is beyond the margin, or so near that a billion items are not enough. */
export interface Required {
  readonly items: number
  /** Fewer clusters than this cannot show the margin even without a single loss. */
  readonly clusters: number
  /** Variance inflation by clusters, and sample inflation by looks. */
  readonly deff: number
  readonly inflation: number
  /** Items by the central limit theorem alone, as a check. */
  readonly itemsByClt: number
}

/** Mean cluster size as an item sees it: sum of squared sizes over sum of sizes. */
export const meanClusterSize = (sizes: ReadonlyArray<number>): number => {
  let sum = 0
  let squares = 0
  for (const size of sizes) {
    sum += size
    squares += size * size
  }
  return squares / sum
}

/** P(s Z + E / rate >= x), Z standard normal, E standard exponential: sampling noise and the worst-case guard together. */
const noiseBeyond = (x: number, s: number, rate: number): number => {
  if (s <= 0) return x > 0 ? Math.exp(-rate * x) : 1
  const log = -rate * x + (rate * s) ** 2 / 2 + normalLogCdf(x / s - rate * s)
  return normalSf(x / s) + Math.exp(Math.min(log, 0))
}

/** The design with everything filled in, and the guard's variance inflation. */
const complete = (design: Design) => {
  const { sd, alpha = 0.05, splits = 1, power = 0.8, difference = 0, icc = 0, clusterSize = 1 } = design
  const guardDeff = 1 + (clusterSize - 1) * Math.max(icc, guardIcc)
  return {
    sd,
    level: alpha / splits,
    power,
    difference,
    icc,
    clusterSize,
    deff: 1 + (clusterSize - 1) * icc,
    guardDeff
  }
}

/**
 * The p-value of a run that is as unlucky as the power allows, minus the level, both on the normal scale: negative where
 * `items` are enough.
 */
const shortfall = (items: number, margin: number, design: ReturnType<typeof complete>): number => {
  const { sd, level, power, difference, clusterSize, deff, guardDeff } = design
  const s = sd * Math.sqrt(deff / items)
  const rate = items / guardDeff / (1 + difference)
  const df = Math.max(1, items / clusterSize - 1)
  return noiseBeyond(margin + difference - normalQuantile(power) * s, s, rate) - normalCdf(tQuantile(level, df))
}

/**
 * Items and clusters that a verdict of parity needs at this margin with the given power. The test that is planned for is the
 * worst-case-augmented bootstrap: its p-value is approximated by an exponentially modified Gaussian tail.
 */
export const required = (input: MarginDesign): Required => {
  const { margin, looks = 1, spending = "obf" } = input
  const design = complete(input)
  const { sd, level, power, difference, deff, guardDeff, clusterSize } = design
  const room = margin + difference
  const never = { items: Infinity, clusters: Infinity, deff, inflation: 1, itemsByClt: Infinity }
  if (!(room > 0)) return never
  const short = (items: number) => shortfall(items, margin, design)
  let low = 2 * clusterSize
  let high = 2 * low
  while (short(high) > 0) {
    low = high
    high *= 2
    if (high > 1e9) return never
  }
  const fixed = (short(low) > 0 ? root(short, low, high, 1e-7) : low) + safety * guardDeff
  const factor = looks > 1 ? inflation(looks, level, power, spending) : 1
  return {
    items: Math.ceil(fixed * factor - 1e-6),
    clusters: Math.max(1, Math.ceil(Math.log(level) / Math.log1p(-room / (1 + difference)) - 1e-9)),
    deff,
    inflation: factor,
    itemsByClt: deff * ((sd * (normalQuantile(1 - level) + normalQuantile(power))) / room) ** 2
  }
}

/** The smallest margin that `items` can show at one look: the inverse of {@link required}. `null` where they can show none. */
export const minimumMargin = (items: number, input: Design): number | null => {
  const design = complete(input)
  const counted = items - safety * design.guardDeff
  if (counted <= 2 * design.clusterSize) return null
  return root((margin) => shortfall(counted, margin, design), 1e-9, 5)
}

/**
 * How many more items of the same kind an inconclusive judgement needs to become parity with power 0.8, if the true
 * difference is what was seen (or none, where the candidate was ahead): at least 1; Infinity where what was seen is beyond
 * the margin. Spread, correlation, cluster sizes and weights are taken from the judgement, from {@link assumed} where it
 * has fewer than 5 clusters. `level` is the level at which parity is claimed.
 */
export const moreItems = (judgement: Judgement, margin: number, level: number): number => {
  const { mean } = judgement
  const known = mean !== null && mean.clusters >= minClusters
  const need = required({
    margin,
    alpha: level,
    sd: known && mean.sd >= 0 ? mean.sd : assumed.sd,
    icc: known ? mean.icc : assumed.icc,
    difference: known ? Math.min(0, mean.mean) : 0,
    clusterSize: mean?.clusterSize ?? 1
  })
  if (mean === null) return need.items
  const byItems = need.items * (mean.items / mean.kish)
  const byClusters = Math.max(minClusters, need.clusters) * (mean.items / mean.clusters)
  return Math.max(1, Math.ceil(Math.max(byItems, byClusters) - mean.items))
}
