import { chainsOf } from "../../src/climb/chains.ts"
import type { Table } from "../../src/climb/table.testing.ts"
import { type Setup, setupOf } from "../../src/domain/Setup.ts"
import { normalCdf } from "../../src/parity/distributions.ts"
import type { Rng } from "./rng.ts"

// A simulated archive of 600 cases and 24 setups: 8 models, about a hundred times apart in price, each with 3 efforts. The setups' true
// differences to the incumbent asked again are known.

/** True differences of the 24 setups. */
export type World = "realistic" | "easy" | "trap" | "null"
export type Scores = "binary" | "bounded"
export const worlds: ReadonlyArray<World> = ["realistic", "easy", "trap", "null"]
export const scoreTypes: ReadonlyArray<Scores> = ["bounded", "binary"]

export const cases = 600
export const margin = 0.05
export const alpha = 0.05
/** Dollars a case of the incumbent. */
const incumbent = 1

const efforts = ["low", "medium", "high"] as const
const factor = [0.7, 1, 1.25]
const ladder = Array.from({ length: 8 }, (_, model) => 0.008 * 100 ** (model / 7))
/** Dollars a case, model by model, the efforts of a model together. */
export const costs = ladder.flatMap((usd) => factor.map((times) => usd * times))
export const setups: ReadonlyArray<Setup> = ladder.flatMap((_, model) =>
  efforts.map((reasoningEffort) => setupOf("simulated", `model-${model}`, { reasoningEffort }))
)
export const priced = chainsOf(setups.map((setup, k) => ({ setup, usdPerCase: costs[k]! })))
/** Setups from the cheapest up. */
export const byCost = costs.map((_, k) => k).sort((a, b) => costs[a]! - costs[b]!)

const shares = [0.4, 0.3, 0.2, 0.1]
const easiness = [0.25, 0, -0.25, -0.5]
const sdCase = 0.8
const sdSetup = 0.5
const rhoSession = 0.25
/** How a setup's own noise divides: by session, by case, from run to run. */
const parts = [0.25, 0.35, 0.4].map(Math.sqrt)

const scoreOf = (latent: number, type: Scores) =>
  type === "binary" ? (latent > 0 ? 1 : 0) : 1 / (1 + Math.exp(-2.5 * latent))

/** Mean score of a quality, over slices and noise; by the midpoint rule on normal quantiles. */
const meanOf = (quality: number, type: Scores): number => {
  const sd = Math.hypot(sdCase, sdSetup)
  return shares.reduce((sum, share, h) => {
    const centre = quality + easiness[h]!
    if (type === "binary") return sum + share * normalCdf(centre / sd)
    let mean = 0
    const points = 400
    for (let i = 0; i < points; i++) {
      const x = -6 + (12 * (i + 0.5)) / points
      mean += (scoreOf(centre + sd * x, type) * Math.exp(-0.5 * x * x) * 12) / points / Math.sqrt(2 * Math.PI)
    }
    return sum + share * mean
  }, 0)
}
const grid = Array.from({ length: 701 }, (_, i) => -3 + i / 100)
const means = { binary: grid.map((q) => meanOf(q, "binary")), bounded: grid.map((q) => meanOf(q, "bounded")) }
/** The quality that has a mean score; between the points of a grid. */
const qualityOf = (mean: number, type: Scores): number => {
  const known = means[type]
  const above = known.findIndex((one) => one >= mean)
  if (above <= 0) return above === 0 ? grid[0]! : grid.at(-1)!
  const [low, high] = [known[above - 1]!, known[above]!]
  return grid[above - 1]! + ((mean - low) / (high - low)) * 0.01
}
const incumbentMean = { binary: 0.88, bounded: 0.85 }

/** True differences of the setups in a world. */
export const differencesOf = (world: World, rng: Rng): ReadonlyArray<number> => {
  const each = (of: (k: number) => number) => setups.map((_, k) => of(k))
  const rank = (k: number) => byCost.indexOf(k)
  switch (world) {
    case "realistic": {
      const base = ladder.map((_, model) => -0.3 * (1 - model / 7) ** 2.2 + 0.03 * rng.normal())
      const low = ladder.map(() => -0.02 + 0.015 * rng.normal())
      const high = ladder.map(() => 0.012 + 0.01 * rng.normal())
      return each((k) => {
        const model = Math.floor(k / 3)
        return Math.min(base[model]! + [low[model]!, 0, high[model]!][k % 3]!, 0.02)
      })
    }
    case "trap":
      return each((k) => (rank(k) >= 16 ? 0 : -margin - 0.002))
    case "null":
      return each(() => -margin - 1e-4)
    case "easy":
      return each((k) => (rank(k) === 5 ? 0 : rank(k) >= 14 ? -0.01 : -0.15))
  }
}

/** One archive of a world with the answers that all setups would give. */
export const deskOf = (
  differences: ReadonlyArray<number>,
  type: Scores,
  rng: Rng
): Table & { readonly scores: ReadonlyArray<Float64Array>; readonly tokens: Float64Array } => {
  const sizes: Array<number> = []
  for (let left = cases; left > 0; left -= sizes.at(-1)!) sizes.push(Math.min(rng.geometric(1 / 4), 25, left))
  const session = sizes.flatMap((size, g) => Array.from({ length: size }, () => g))
  const slice = session.map(() => rng.choice(shares))
  const sessionEase = sizes.map(() => Math.sqrt(rhoSession) * rng.normal())
  const ease = session.map(
    (g, i) => easiness[slice[i]!]! + sdCase * (sessionEase[g]! + Math.sqrt(1 - rhoSession) * rng.normal())
  )
  const draw = (quality: number) => {
    const ofSession = sizes.map(() => rng.normal())
    return Float64Array.from(session, (g, i) =>
      scoreOf(
        quality +
          ease[i]! +
          sdSetup * (parts[0]! * ofSession[g]! + parts[1]! * rng.normal() + parts[2]! * rng.normal()),
        type
      )
    )
  }
  const scores = differences.map((difference) => draw(qualityOf(incumbentMean[type] + difference, type)))
  const reference = draw(qualityOf(incumbentMean[type], type))
  const tokens = Float64Array.from(session, () => Math.exp(-0.245 + 0.7 * rng.normal()))
  const paid = Float64Array.from(tokens, (one) => one * incumbent)
  const at = new Map(setups.map(({ id }, k) => [id, k]))
  const known = scores.map((score, k) => ({ score, cost: tokens.map((one) => one * costs[k]!) }))
  return {
    cluster: session.map(String),
    slice: slice.map(String),
    reference,
    referenceCost: paid,
    incumbentCost: paid,
    of: ({ id }) => known[at.get(id)!]!,
    scores,
    tokens
  }
}
