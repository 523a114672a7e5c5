import { groupsOf, sizesOf } from "./groups.ts"
import { anovaIcc } from "./icc.ts"

/** The least intra-cluster correlation that the worst-case guard assumes where clusters hold several items. */
const guardIcc = 0.05

/** Items and how they were drawn. All columns have the length of `values`. */
export interface Sample {
  readonly values: Float64Array
  /** What was drawn together: items of one cluster are not independent. */
  readonly cluster: ReadonlyArray<string | number>
  /** Post-strata; one if left out. Clusters may cross strata. */
  readonly stratum?: ReadonlyArray<string>
  /** One over the probability of being drawn, > 0; equal if left out. */
  readonly weight?: Float64Array
  /** Each stratum's share of the population, up to a factor; the weighted share of the sample if left out. */
  readonly share?: ReadonlyMap<string, number>
  /** The intra-cluster correlation where it is known; estimated from the residuals if left out. */
  readonly icc?: number
}

/** A weighted mean with what is needed to judge it. */
export interface ClusterMean {
  readonly mean: number
  /** Cluster-robust variance of the mean (scalar CR2), its root, and its Satterthwaite degrees of freedom, 1 to clusters - 1. */
  readonly variance: number
  readonly se: number
  readonly df: number
  readonly items: number
  readonly clusters: number
  /** Intra-cluster correlation of the residuals in use; 0 where it is not identified. */
  readonly icc: number
  /** Standard deviation of an item about its stratum's mean; NaN where there are no more items than strata. */
  readonly sd: number
  /** Mean cluster size as an item sees it: sum of squared sizes over items. */
  readonly clusterSize: number
  /** Items' worth of independent evidence after weights (Kish), after weights and clusters, and as the worst-case guard counts it. */
  readonly kish: number
  readonly effective: number
  readonly guard: number
  /** Variance inflation by clusters: kish over effective. */
  readonly deff: number
  /** By cluster: total weight (they sum to 1), and CR2-adjusted weighted sum of residuals. */
  readonly share: Float64Array
  readonly score: Float64Array
  readonly min: number
  readonly max: number
}

/** Weights that sum to one: within a stratum as the items' own, between strata as the shares. */
const normalised = (sample: Sample, index: Int32Array, labels: ReadonlyArray<string>) => {
  const { weight } = sample
  const sums = new Float64Array(labels.length)
  for (let i = 0; i < index.length; i++) sums[index[i]!]! += weight === undefined ? 1 : weight[i]!
  const shares = sums.slice()
  if (sample.share !== undefined) {
    for (let h = 0; h < labels.length; h++) {
      const share = sample.share.get(labels[h]!)
      if (share === undefined || !(share > 0)) throw new RangeError(`no positive share for stratum "${labels[h]}"`)
      shares[h] = share
    }
  }
  let total = 0
  for (const share of shares) total += share
  for (let h = 0; h < shares.length; h++) shares[h]! /= total
  const omega = new Float64Array(index.length)
  for (let i = 0; i < omega.length; i++) {
    const h = index[i]!
    omega[i] = (shares[h]! * (weight === undefined ? 1 : weight[i]!)) / sums[h]!
  }
  return { omega, shares }
}

/** The items in order of their cluster, and where each cluster begins. */
const byCluster = (index: Int32Array, sizes: Float64Array) => {
  const start = new Int32Array(sizes.length + 1)
  for (let g = 0; g < sizes.length; g++) start[g + 1] = start[g]! + sizes[g]!
  const order = new Int32Array(index.length)
  const next = start.slice()
  for (let i = 0; i < index.length; i++) order[next[index[i]!]!++] = i
  return { order, start }
}

/** Total weights and squared weights of cluster x stratum, non-empty cells only, cluster after cluster. */
const cellsOf = (omega: Float64Array, stratum: Int32Array, strata: number, order: Int32Array, start: Int32Array) => {
  const first = new Int32Array(start.length)
  const h = new Int32Array(order.length)
  const sum = new Float64Array(order.length)
  const squares = new Float64Array(order.length)
  const cellOf = new Int32Array(strata).fill(-1)
  let count = 0
  for (let g = 0; g + 1 < start.length; g++) {
    first[g] = count
    for (let k = start[g]!; k < start[g + 1]!; k++) {
      const i = order[k]!
      let cell = cellOf[stratum[i]!]!
      if (cell < first[g]!) {
        cell = count++
        cellOf[stratum[i]!] = cell
        h[cell] = stratum[i]!
      }
      sum[cell]! += omega[i]!
      squares[cell]! += omega[i]! ** 2
    }
  }
  first[start.length - 1] = count
  return { first, h, sum, squares }
}

/** trace(S K S K) for S = [[0, -I], [-I, Q]] and K = [[aa, ar], [ar', rr]], all square of size n, row after row. */
const traceOfSquare = (q: Float64Array, aa: Float64Array, ar: Float64Array, rr: Float64Array, n: number): number => {
  const lowerLeft = new Float64Array(n * n)
  const lowerRight = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let left = -aa[i * n + j]!
      let right = -ar[i * n + j]!
      for (let k = 0; k < n; k++) {
        left += q[i * n + k]! * ar[j * n + k]!
        right += q[i * n + k]! * rr[k * n + j]!
      }
      lowerLeft[i * n + j] = left
      lowerRight[i * n + j] = right
    }
  }
  let trace = 0
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const across = j * n + i
      trace += ar[i * n + j]! * ar[across]! - 2 * rr[i * n + j]! * lowerLeft[across]!
      trace += lowerRight[i * n + j]! * lowerRight[across]!
    }
  }
  return trace
}

/**
 * The weighted, post-stratified mean of a sample of clusters, with scalar-CR2 variance and Bell-McCaffrey degrees of
 * freedom under an exchangeable working model (Bell and McCaffrey 2002; Imbens and Kolesár 2016; Pustejovsky and Tipton
 * 2018). With equal weights, one stratum and no correlation it is the textbook CR2. Throws a RangeError without items or
 * where a stratum has no share.
 */
export const clusterMean = (sample: Sample): ClusterMean => {
  const { values } = sample
  const n = values.length
  if (n === 0) throw new RangeError("a mean needs at least one item")
  const clusters = groupsOf(sample.cluster)
  const strata = groupsOf(sample.stratum ?? new Array<string>(n).fill(""))
  const { count } = clusters
  const H = strata.count
  const { omega, shares } = normalised(sample, strata.index, strata.labels)

  let mean = 0
  const means = new Float64Array(H)
  for (let i = 0; i < n; i++) {
    mean += omega[i]! * values[i]!
    means[strata.index[i]!]! += (omega[i]! * values[i]!) / shares[strata.index[i]!]!
  }
  const residuals = new Float64Array(n)
  const score = new Float64Array(count)
  let spread = 0
  let min = Infinity
  let max = -Infinity
  for (let i = 0; i < n; i++) {
    const residual = values[i]! - means[strata.index[i]!]!
    residuals[i] = residual
    score[clusters.index[i]!]! += omega[i]! * residual
    spread += omega[i]! * residual * residual
    min = Math.min(min, values[i]!)
    max = Math.max(max, values[i]!)
  }
  const estimated = sample.icc ?? anovaIcc(residuals, clusters)
  const rho = Number.isNaN(estimated) ? 0 : estimated
  const guardRho = count === n ? 0 : Math.max(rho, guardIcc)

  const sizes = sizesOf(clusters)
  const { order, start } = byCluster(clusters.index, sizes)
  const { first, h, sum, squares } = cellsOf(omega, strata.index, H, order, start)
  const Q = new Float64Array(H * H)
  for (let g = 0; g < count; g++) {
    for (let c = first[g]!; c < first[g + 1]!; c++) {
      Q[h[c]! * H + h[c]!]! += (1 - rho) * squares[c]!
      for (let k = first[g]!; k < first[g + 1]!; k++) Q[h[c]! * H + h[k]!]! += rho * sum[c]! * sum[k]!
    }
  }

  const share = new Float64Array(count)
  const aa = new Float64Array(H * H)
  const ar = new Float64Array(H * H)
  const rr = new Float64Array(H * H)
  const A = new Float64Array(H)
  const R = new Float64Array(H)
  let variance = 0
  let traceB = 0
  let frobenius = 0
  let sumOfS = 0
  let sumOfSquares = 0
  let guardSum = 0
  let clusterSize = 0
  for (let g = 0; g < count; g++) {
    const from = first[g]!
    const to = first[g + 1]!
    let total = 0
    let square = 0
    for (let c = from; c < to; c++) {
      total += sum[c]!
      square += squares[c]!
    }
    const s = (1 - rho) * square + rho * total * total
    let b = s
    for (let c = from; c < to; c++) {
      A[c - from] = (1 - rho) * squares[c]! + rho * total * sum[c]!
      R[c - from] = sum[c]! / shares[h[c]!]!
      b -= 2 * A[c - from]! * R[c - from]!
    }
    for (let c = from; c < to; c++) {
      for (let k = from; k < to; k++) b += R[c - from]! * Q[h[c]! * H + h[k]!]! * R[k - from]!
    }
    const factor = b > 1e-9 * s ? s / b : 0
    for (let c = from; c < to; c++) {
      for (let k = from; k < to; k++) {
        const at = h[c]! * H + h[k]!
        aa[at]! += factor * A[c - from]! * A[k - from]!
        ar[at]! += factor * A[c - from]! * R[k - from]!
        rr[at]! += factor * R[c - from]! * R[k - from]!
      }
    }
    variance += factor * score[g]! ** 2
    if (factor > 0) score[g]! *= Math.sqrt(factor)
    traceB += factor * b
    frobenius += factor * factor * s * (s + 2 * (b - s))
    share[g] = total
    sumOfS += s
    sumOfSquares += square
    guardSum += (1 - guardRho) * square + guardRho * total * total
    clusterSize += sizes[g]! ** 2 / n
  }
  frobenius += traceOfSquare(Q, aa, ar, rr, H)
  const df = frobenius > 0 ? (traceB * traceB) / frobenius : 1
  return {
    mean: Math.min(max, Math.max(min, mean)), // rounding must not carry it out of the values' range
    variance,
    se: Math.sqrt(variance),
    df: count > 1 ? Math.max(1, Math.min(df, count - 1)) : 1,
    items: n,
    clusters: count,
    icc: rho,
    sd: n > H ? Math.sqrt((spread * n) / (n - H)) : NaN,
    clusterSize,
    kish: 1 / sumOfSquares,
    effective: 1 / sumOfS,
    guard: 1 / guardSum,
    deff: sumOfS / sumOfSquares,
    share,
    score,
    min,
    max
  }
}
