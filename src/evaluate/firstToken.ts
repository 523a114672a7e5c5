import type { FirstToken, Times, TimesBeside } from "../domain/Standing.ts"

const quantile = (sorted: Float64Array, share: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!

/** Median and 95th percentile of the values that are known (NaN: unknown); `undefined`: none is. */
export const timesOf = (values: Float64Array): Times | undefined => {
  const known = values.filter((value) => !Number.isNaN(value)).sort()
  return known.length === 0 ? undefined : { p50: quantile(known, 0.5), p95: quantile(known, 0.95), cases: known.length }
}

const beside = (setup: Float64Array, incumbent: Float64Array): TimesBeside | undefined => {
  const both = (_value: number, at: number) => !Number.isNaN(setup[at]!) && !Number.isNaN(incumbent[at]!)
  const [ours, theirs] = [timesOf(setup.filter(both)), timesOf(incumbent.filter(both))]
  return ours === undefined || theirs === undefined ? undefined : { setup: ours, incumbent: theirs }
}

/**
 * Times to first token of a setup, and beside them the incumbent's on the cases where both are known. Milliseconds, a place a case in each; NaN:
 * unknown. `undefined`: the setup's are not known at all.
 */
export const firstTokenOf = (known: {
  readonly setup: Float64Array
  readonly archived: Float64Array
  readonly again: Float64Array
}): FirstToken | undefined => {
  const setup = timesOf(known.setup)
  if (setup === undefined) return undefined
  const [archived, again] = [beside(known.setup, known.archived), beside(known.setup, known.again)]
  return { setup, ...(archived === undefined ? {} : { archived }), ...(again === undefined ? {} : { again }) }
}
