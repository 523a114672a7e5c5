import { normalCdf, normalQuantile, normalSf } from "./distributions.ts"
import { root } from "./root.ts"

/**
 * How the error is spent over information time: `obf` late, like O'Brien and Fleming (Lan and DeMets 1983), `pocock` evenly,
 * `hsd` in between (Hwang, Shih and DeCani 1990 with gamma -2).
 */
export type Spending = "obf" | "pocock" | "hsd"

const gamma = -2

/** The error spent by information time `t` in [0, 1] of a one-sided `alpha`. */
export const spend = (t: number, alpha: number, spending: Spending = "obf"): number => {
  const time = Math.min(1, Math.max(0, t))
  if (time === 0) return 0
  switch (spending) {
    case "obf":
      return 2 * normalCdf(normalQuantile(alpha / 2) / Math.sqrt(time))
    case "pocock":
      return alpha * Math.log(1 + (Math.E - 1) * time)
    case "hsd":
      return (alpha * Math.expm1(-gamma * time)) / Math.expm1(-gamma)
  }
}

/** Points of the grid; its steps stay well below the spread of an increment. */
const points = 501

/** How many standard deviations out a path is followed. */
const reach = 8

/** Paths of the B-value that have crossed no boundary: where they are, and how likely (quadrature weights in). */
interface Inside {
  readonly at: Float64Array
  readonly mass: Float64Array
}

const origin: Inside = { at: new Float64Array([0]), mass: new Float64Array([1]) }

/** P(inside before, above `boundary` after an increment of standard deviation `sd` and mean `drift`). */
const crossing = ({ at, mass }: Inside, boundary: number, sd: number, drift: number): number =>
  at.reduce((sum, x, i) => sum + mass[i]! * normalSf((boundary - x - drift) / sd), 0)

/** The paths after the increment that lie in [low, high], by Simpson's rule (Armitage, McPherson and Rowe 1969). */
const advance = ({ at, mass }: Inside, low: number, high: number, sd: number, drift: number): Inside => {
  const step = (high - low) / (points - 1)
  const next = Float64Array.from({ length: points }, (_, j) => low + j * step)
  const density = next.map((y, j) => {
    let sum = 0
    for (let i = 0; i < at.length; i++) sum += mass[i]! * Math.exp(-0.5 * ((y - at[i]! - drift) / sd) ** 2)
    const simpson = j === 0 || j === points - 1 ? 1 : j % 2 === 1 ? 4 : 2
    return (sum * simpson * step) / (3 * sd * Math.sqrt(2 * Math.PI))
  })
  return { at: next, mass: density }
}

/**
 * One-sided boundaries z_1 … z_J at information times 0 < t_1 < … <= 1: a claim at look j needs Z_j >= z_j, that is
 * p_j <= 1 - Phi(z_j) (Lan and DeMets 1983). Infinity where a look has less than 1e-12 to spend. Times may differ from the
 * plan, but must not be chosen in view of the scores. Throws a RangeError on times that do not increase within (0, 1].
 */
export const lanDeMets = (
  times: ReadonlyArray<number>,
  alpha: number,
  spending: Spending = "obf"
): ReadonlyArray<number> => {
  const boundaries: Array<number> = []
  let inside = origin
  let before = 0
  for (const t of times) {
    if (!(t > before && t <= 1)) throw new RangeError(`information time ${t} after ${before}`)
    const wide = Math.sqrt(t)
    const sd = Math.sqrt(t - before)
    const due = spend(t, alpha, spending) - spend(before, alpha, spending)
    const skipped = due < 1e-12
    const boundary = skipped
      ? reach * wide
      : root((b) => crossing(inside, b, sd, 0) - due, -reach * wide, (reach + 1) * wide)
    boundaries.push(skipped ? Infinity : boundary / wide)
    if (t < 1) inside = advance(inside, -reach * wide, boundary, sd, 0)
    before = t
  }
  return boundaries
}

/** Probability, with a flat prior, that the final look passes `zFinal`, given `z` at information time `t` in (0, 1]. */
export const predictivePower = (z: number, t: number, zFinal: number): number =>
  t >= 1 ? (z >= zFinal ? 1 : 0) : normalCdf((z / Math.sqrt(t) - zFinal) / Math.sqrt((1 - t) / t))

/** Probability of crossing a boundary at any look, when the B-value drifts by `drift` over the whole of the information. */
const powerOf = (times: ReadonlyArray<number>, boundaries: ReadonlyArray<number>, drift: number): number => {
  let inside = origin
  let before = 0
  let crossed = 0
  times.forEach((t, j) => {
    const wide = Math.sqrt(t)
    const sd = Math.sqrt(t - before)
    const moved = drift * (t - before)
    const boundary = boundaries[j]! * wide
    crossed += crossing(inside, boundary, sd, moved)
    if (t < 1) inside = advance(inside, -reach * wide, Math.min(boundary, drift * t + reach * wide), sd, moved)
    before = t
  })
  return crossed
}

/** How many times the items of a fixed sample a design of `looks` even looks needs at most, for the same power. */
export const inflation = (looks: number, alpha: number, power: number, spending: Spending = "obf"): number => {
  const times = Array.from({ length: looks }, (_, j) => (j + 1) / looks)
  const boundaries = lanDeMets(times, alpha, spending)
  const fixed = normalQuantile(1 - alpha) + normalQuantile(power)
  const drift = root((x) => powerOf(times, boundaries, x) - power, 0.99 * fixed, 2 * fixed, 1e-6)
  return (drift / fixed) ** 2
}
