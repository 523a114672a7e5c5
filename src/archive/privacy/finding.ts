/** Something in a text that is to be replaced: its range in UTF-16 units and what it is. */
export interface Finding {
  readonly start: number
  readonly end: number
  /** Lower case, digits and hyphens: what stands in the placeholder and in the counts. */
  readonly kind: string
  /** Told by what stands around it, not by its own shape: where both are found, the other one gives the kind. */
  readonly weak?: boolean
}

/** The findings in order, those that overlap made one. */
export const merged = (findings: ReadonlyArray<Finding>): ReadonlyArray<Finding> => {
  if (findings.length < 2) return findings
  const sorted = [...findings].sort((a, b) => a.start - b.start || b.end - a.end)
  const all: Array<Finding> = []
  for (const next of sorted) {
    const last = all.at(-1)
    if (last === undefined || next.start >= last.end) {
      all.push(next)
      continue
    }
    const named = last.weak === true && next.weak !== true ? next : last
    all[all.length - 1] = { ...named, start: last.start, end: Math.max(last.end, next.end) }
  }
  return all
}
