import { type Groups, sizesOf, sumsBy } from "./groups.ts"

/**
 * The intra-cluster correlation of `values` from the one-way analysis of variance with unequal cluster sizes
 * (Donner and Koval 1980), held to [0, 1]. NaN where it is not identified: no cluster with two items, a single
 * cluster, or values that do not vary.
 */
export const anovaIcc = (values: Float64Array, clusters: Groups<string | number>): number => {
  const n = values.length
  const count = clusters.count
  if (count < 2 || n === count) return NaN
  const sizes = sizesOf(clusters)
  const means = sumsBy(values, clusters)
  let mean = 0
  let squaredSizes = 0
  for (let g = 0; g < count; g++) {
    mean += means[g]! / n
    means[g]! /= sizes[g]!
    squaredSizes += sizes[g]! ** 2
  }
  let between = 0
  for (let g = 0; g < count; g++) between += sizes[g]! * (means[g]! - mean) ** 2
  between /= count - 1
  let within = 0
  for (let i = 0; i < n; i++) within += (values[i]! - means[clusters.index[i]!]!) ** 2
  within /= n - count
  const typicalSize = (n - squaredSizes / n) / (count - 1)
  const total = between + (typicalSize - 1) * within
  return total <= 1e-18 ? NaN : Math.min(1, Math.max(0, (between - within) / total))
}
