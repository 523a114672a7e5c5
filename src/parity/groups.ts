/** Labels as dense numbers: `index[i]` in 0..count-1 is the group of item i, groups numbered in order of appearance. */
export interface Groups<Label> {
  readonly index: Int32Array
  readonly labels: ReadonlyArray<Label>
  readonly count: number
}

/** Numbers labels densely. Labels are equal as in a Map: `1` and `"1"` are two groups. */
export const groupsOf = <Label extends string | number>(labels: ReadonlyArray<Label>): Groups<Label> => {
  const seen = new Map<Label, number>()
  const index = new Int32Array(labels.length)
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!
    const known = seen.get(label)
    if (known === undefined) {
      index[i] = seen.size
      seen.set(label, seen.size)
    } else index[i] = known
  }
  return { index, labels: [...seen.keys()], count: seen.size }
}

/** Sums of `values` by group. */
export const sumsBy = (values: ArrayLike<number>, groups: Groups<string | number>): Float64Array => {
  const sums = new Float64Array(groups.count)
  for (let i = 0; i < values.length; i++) sums[groups.index[i]!]! += values[i]!
  return sums
}

/** How many items each group has. */
export const sizesOf = (groups: Groups<string | number>): Float64Array => {
  const sizes = new Float64Array(groups.count)
  for (const g of groups.index) sizes[g]! += 1
  return sizes
}
