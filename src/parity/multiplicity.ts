const proper = (p: ReadonlyArray<number>, alpha: number) => {
  if (!(alpha > 0 && alpha < 1)) throw new RangeError(`alpha is ${alpha}`)
  for (const one of p) if (!(one >= 0 && one <= 1)) throw new RangeError(`a p-value of ${one}`)
}

/**
 * Which hypotheses to reject so that the chance of any false rejection is at most alpha (Holm 1979): smallest p first, each at alpha over
 * the number that is left, until one fails. All of these throw a RangeError on p-values outside [0, 1] and on a senseless alpha.
 */
export const holm = (p: ReadonlyArray<number>, alpha: number): ReadonlyArray<boolean> => {
  proper(p, alpha)
  const order = p.map((_, i) => i).sort((i, j) => p[i]! - p[j]!)
  const failed = order.findIndex((i, k) => p[i]! > alpha / (p.length - k))
  const rejected = new Set(failed === -1 ? order : order.slice(0, failed))
  return p.map((_, i) => rejected.has(i))
}

/**
 * Tests in an order fixed without the data, each at full alpha, up to the first that fails (Maurer, Hothorn and Lehmacher 1995; Westfall
 * and Krishen 2001): the gate inside a chain, walked from the strongest setup down to the cheapest.
 */
export const fixedSequence = (p: ReadonlyArray<number>, alpha: number): ReadonlyArray<boolean> => {
  proper(p, alpha)
  const failed = p.findIndex((one) => one > alpha)
  return p.map((_, i) => failed === -1 || i < failed)
}

/**
 * Tests the cheapest first, the j-th at alpha times its weight, and names the first that passes: its place, or -1 for none. A search
 * for one success needs its alpha split (union bound), so the weights sum to at most 1. Throws a RangeError where they do not.
 */
export const weightedCheapestFirst = (
  p: ReadonlyArray<number>,
  alpha: number,
  weights: ReadonlyArray<number>
): number => {
  proper(p, alpha)
  if (weights.length !== p.length) throw new RangeError(`${p.length} p-values, but ${weights.length} weights`)
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  if (!(weights.every((weight) => weight >= 0) && total <= 1 + 1e-12)) {
    throw new RangeError(`weights of ${weights.join(", ")}: they must not be negative, nor sum to more than 1`)
  }
  return p.findIndex((one, j) => weights[j]! > 0 && one <= alpha * weights[j]!)
}
