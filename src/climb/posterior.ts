/** What a pilot saw of one chain: the mean difference of its cases to the reference, with its standard error. */
export interface Seen {
  readonly mean: number
  readonly se: number
}

/** What is believed of a chain's true difference. */
export interface Belief {
  readonly mean: number
  readonly variance: number
}

/** Prior of a difference: rises with the logarithm of the price; what chains share, what price explains, and each one's own. */
const prior = { mean: -0.08, slope: 0.05, shared: 0.1, priced: 0.05, own: 0.05 }
/** Errors of two chains correlate through the noise floor that they share. */
const throughFloor = 0.5

const standardised = (values: ReadonlyArray<number>): ReadonlyArray<number> => {
  const mean = values.reduce((a, b) => a + b, 0) / values.length
  const sd = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
  return values.map((value) => (sd < 1e-12 ? 0 : (value - mean) / sd))
}

/** Solves A x = b for several b by Cholesky; A symmetric and positive definite. */
const solve = (matrix: ReadonlyArray<ReadonlyArray<number>>, sides: ReadonlyArray<ReadonlyArray<number>>) => {
  const n = matrix.length
  const low = matrix.map(() => new Float64Array(n))
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i]![j]!
      for (let k = 0; k < j; k++) sum -= low[i]![k]! * low[j]![k]!
      low[i]![j] = i === j ? Math.sqrt(sum) : sum / low[j]![j]!
    }
  }
  return sides.map((side) => {
    const x = Float64Array.from(side)
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < i; k++) x[i]! -= low[i]![k]! * x[k]!
      x[i]! /= low[i]![i]!
    }
    for (let i = n - 1; i >= 0; i--) {
      for (let k = i + 1; k < n; k++) x[i]! -= low[k]![i]! * x[k]!
      x[i]! /= low[i]![i]!
    }
    return x
  })
}

/**
 * What is believed of the chains that were seen: a Gaussian process whose prior knows that dearer models are better on the whole and that all chains
 * are measured against one noise floor. `usdPerCase`: the prices of all chains, seen or not; `seen`: by place in it.
 */
export const beliefs = (
  usdPerCase: ReadonlyArray<number>,
  seen: ReadonlyMap<number, Seen>
): ReadonlyMap<number, Belief> => {
  const z = standardised(usdPerCase.map((usd) => Math.log(Math.max(usd, 1e-12))))
  const at = [...seen.keys()]
  const cov = (i: number, j: number) =>
    prior.shared ** 2 + prior.priced ** 2 * z[i]! * z[j]! + (i === j ? prior.own ** 2 : 0)
  const meanAt = (i: number) => prior.mean + prior.slope * z[i]!
  const se = at.map((i) => Math.max(seen.get(i)!.se, 1e-6))
  const noisy = at.map((i, a) => at.map((j, b) => cov(i, j) + (a === b ? se[a]! ** 2 : throughFloor * se[a]! * se[b]!)))
  const signal = at.map((i) => at.map((j) => cov(i, j)))
  const [gain, ...columns] = solve(noisy, [at.map((i) => seen.get(i)!.mean - meanAt(i)), ...signal])
  return new Map(
    at.map((i, a) => {
      const row = signal[a]!
      const mean = row.reduce((sum, c, b) => sum + c * gain![b]!, meanAt(i))
      const variance = row.reduce((left, c, b) => left - c * columns[a]![b]!, cov(i, i))
      return [i, { mean, variance: Math.max(variance, 0) }]
    })
  )
}
