/** A stratum needs this many clusters of its own before its mean and variance are worth having. */
const minClusters = 5

/** The label of what too small strata are merged into. */
const rest = "__other__"

const clustersIn = (stratum: ReadonlyArray<string>, cluster: ReadonlyArray<string | number>) => {
  const seen = new Map<string, Set<string | number>>()
  for (let i = 0; i < stratum.length; i++) {
    const known = seen.get(stratum[i]!)
    if (known === undefined) seen.set(stratum[i]!, new Set([cluster[i]!]))
    else known.add(cluster[i]!)
  }
  return seen
}

/**
 * Merges strata that hold fewer than 5 distinct clusters into one, `"__other__"`; where that one is too small itself it
 * joins the stratum with the most items (of equals, the first by name). Answers the stratum of each item.
 */
export const collapseStrata = (
  stratum: ReadonlyArray<string>,
  cluster: ReadonlyArray<string | number>
): ReadonlyArray<string> => {
  const isSmall = (of: Map<string, Set<unknown>>, label: string) => (of.get(label)?.size ?? minClusters) < minClusters
  const before = clustersIn(stratum, cluster)
  const merged = stratum.map((label) => (isSmall(before, label) ? rest : label))
  if (!isSmall(clustersIn(merged, cluster), rest)) return merged
  const items = new Map<string, number>()
  for (const label of merged) if (label !== rest) items.set(label, (items.get(label) ?? 0) + 1)
  const [largest] = [...items].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
  return largest === undefined ? merged : merged.map((label) => (label === rest ? largest[0] : label))
}
