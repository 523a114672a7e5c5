/** How often two who put the same items into the same classes said what: `counts[a][b]` items that the first put into class `a` and the second into `b`. */
export interface Confusion<Class extends string = string> {
  readonly classes: ReadonlyArray<Class>
  readonly counts: ReadonlyArray<ReadonlyArray<number>>
}

/** The table of pairs of classes, first and second. A class that is not among `classes` is a RangeError. */
export const confusionOf = <Class extends string>(
  classes: ReadonlyArray<Class>,
  pairs: Iterable<readonly [first: Class, second: Class]>
): Confusion<Class> => {
  const counts = classes.map(() => classes.map(() => 0))
  for (const [first, second] of pairs) {
    const [a, b] = [classes.indexOf(first), classes.indexOf(second)]
    if (a === -1 || b === -1)
      throw new RangeError(`a pair of ${first} and ${second} has no place among ${classes.join(", ")}`)
    counts[a]![b]! += 1
  }
  return { classes, counts }
}

/**
 * Cohen's kappa (Cohen 1960): agreement beyond what chance alone would give, 1 at most. `linear`: classes are in order, and a
 * disagreement counts by how far they lie apart (Cohen 1968). `null` where it is not defined: no items, or both always say the same one class.
 */
export const kappa = ({ counts }: Confusion, weights: "none" | "linear" = "none"): number | null => {
  const total = counts.flat().reduce((a, b) => a + b, 0)
  const first = counts.map((row) => row.reduce((a, b) => a + b, 0))
  const second = counts.map((_, b) => counts.reduce((sum, row) => sum + row[b]!, 0))
  let seen = 0
  let chance = 0
  counts.forEach((row, a) => {
    row.forEach((count, b) => {
      const apart = weights === "linear" ? Math.abs(a - b) : a === b ? 0 : 1
      seen += apart * count
      chance += (apart * first[a]! * second[b]!) / total
    })
  })
  return total === 0 || chance === 0 ? null : 1 - seen / chance
}
