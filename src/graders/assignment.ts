/**
 * For every row the column it is paired with in the one-to-one pairing whose scores add up to most (-1: with none), exact for
 * any size: the Hungarian method with potentials (Kuhn 1955; Jonker and Volgenant 1987), O(n^3).
 * @param scores rows of equal length, each score at least 0; a pair that scores 0 is no pair.
 */
export const bestPairing = (scores: ReadonlyArray<ReadonlyArray<number>>): ReadonlyArray<number> => {
  const size = Math.max(scores.length, scores[0]?.length ?? 0)
  const cost = (row: number, column: number) => -(scores[row - 1]?.[column - 1] ?? 0)
  const rowPotential = new Float64Array(size + 1)
  const columnPotential = new Float64Array(size + 1)
  const rowOf = new Int32Array(size + 1)
  for (let row = 1; row <= size; row++) {
    const from = new Int32Array(size + 1)
    const slack = new Float64Array(size + 1).fill(Number.POSITIVE_INFINITY)
    const used = new Uint8Array(size + 1)
    let column = 0
    rowOf[0] = row
    do {
      used[column] = 1
      const at = rowOf[column]!
      let delta = Number.POSITIVE_INFINITY
      let next = 0
      for (let j = 1; j <= size; j++) {
        if (used[j] === 1) continue
        const reduced = cost(at, j) - rowPotential[at]! - columnPotential[j]!
        if (reduced < slack[j]!) {
          slack[j] = reduced
          from[j] = column
        }
        if (slack[j]! < delta) {
          delta = slack[j]!
          next = j
        }
      }
      for (let j = 0; j <= size; j++) {
        if (used[j] === 1) {
          rowPotential[rowOf[j]!]! += delta
          columnPotential[j]! -= delta
        } else slack[j]! -= delta
      }
      column = next
    } while (rowOf[column] !== 0)
    while (column !== 0) {
      const before = from[column]!
      rowOf[column] = rowOf[before]!
      column = before
    }
  }
  const columnOf = new Array<number>(scores.length).fill(-1)
  for (let column = 1; column <= size; column++) {
    const row = rowOf[column]! - 1
    if ((scores[row]?.[column - 1] ?? 0) > 0) columnOf[row] = column - 1
  }
  return columnOf
}

/** As {@link bestPairing}, but pairs keep the order of both sides: they never cross. */
export const bestOrderedPairing = (scores: ReadonlyArray<ReadonlyArray<number>>): ReadonlyArray<number> => {
  const rows = scores.length
  const columns = scores[0]?.length ?? 0
  const best = Array.from({ length: rows + 1 }, () => new Float64Array(columns + 1))
  for (let i = rows - 1; i >= 0; i--) {
    for (let j = columns - 1; j >= 0; j--) {
      best[i]![j] = Math.max(best[i + 1]![j]!, best[i]![j + 1]!, (scores[i]![j] ?? 0) + best[i + 1]![j + 1]!)
    }
  }
  const columnOf = new Array<number>(rows).fill(-1)
  for (let i = 0, j = 0; i < rows && j < columns; ) {
    const pair = scores[i]![j] ?? 0
    if (pair > 0 && best[i]![j] === pair + best[i + 1]![j + 1]!) columnOf[i++] = j++
    else if (best[i]![j] === best[i + 1]![j]) i++
    else j++
  }
  return columnOf
}
