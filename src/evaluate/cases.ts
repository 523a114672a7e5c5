import type { CaseRow } from "../domain/Case.ts"
import { digestOfText } from "../domain/digest.ts"
import type { CallRow } from "../store/Archives.ts"

/** What becomes a case, settled in the suite. */
export interface Selection {
  readonly since?: string
  readonly until?: string
  readonly fidelity: ReadonlyArray<CallRow["fidelity"]>
  readonly models?: ReadonlyArray<string>
  /** Allowed values by label. */
  readonly labels?: Readonly<Record<string, ReadonlyArray<string>>>
  /** The incumbent's model: its calls alone are compared with. */
  readonly incumbent: string
  sliceOf(row: CallRow): string
  readonly cluster: "session" | "trajectory" | "call" | `label:${string}`
  readonly sample?: { readonly size: number; readonly by?: "slice"; readonly seed: number }
  /** Seed of the run's one session order. */
  readonly seed: number
  /** Reference answers by the key that `keyOf` gives. */
  readonly references?: { readonly answers: ReadonlyMap<string, unknown>; keyOf(row: CallRow): string | undefined }
}

export interface Selected {
  /** In the run's one random session order, the cases of a session together and by time. */
  readonly rows: ReadonlyArray<CaseRow>
  /** Calls that became no case, by reason. */
  readonly left: Readonly<Record<string, number>>
  /** Sessions that became part of another's cluster, because they ask something that the other asks too. */
  readonly merged: number
}

/** Cases of one session that a sample takes at most; their weight makes up for the rest. */
const sessionCap = 12

const reasonLeftOut = (row: CallRow, selection: Selection): string | undefined => {
  const { fidelity, labels, models, since, until } = selection
  if (row.model !== selection.incumbent) return `not the incumbent's (${row.model})`
  if (models !== undefined && !models.includes(row.model)) return "model not selected"
  if (!row.complete) return "no complete answer was recorded"
  if (!fidelity.includes(row.fidelity)) return `fidelity ${row.fidelity}`
  if ((since !== undefined || until !== undefined) && row.startedAt === null) return "no time was recorded"
  if (since !== undefined && row.startedAt !== null && row.startedAt < since) return "before since"
  if (until !== undefined && row.startedAt !== null && row.startedAt >= until) return "from until on"
  const label = Object.entries(labels ?? {}).find(([name, values]) => !values.includes(row.labels[name] ?? ""))
  return label === undefined ? undefined : `label ${label[0]} not selected`
}

const ownCluster = (row: CallRow, cluster: Selection["cluster"]): string => {
  if (cluster === "call") return `call ${row.id}`
  if (cluster.startsWith("label:")) {
    const value = row.labels[cluster.slice("label:".length)]
    return value === undefined ? `call ${row.id}` : value
  }
  const own = cluster === "session" ? (row.sessionId ?? row.trajectoryId) : (row.trajectoryId ?? row.sessionId)
  return own ?? `call ${row.id}`
}

/**
 * Identical requests always share a cluster: clusters that have a question in common are one (union-find). Parameters do not count, for a
 * setup may set them, and what differed in them in the archive is then one and the same request.
 */
const clustersOf = (rows: ReadonlyArray<CallRow>, cluster: Selection["cluster"]) => {
  const parent = new Map<string, string>()
  const root = (name: string): string => {
    let at = name
    for (let up = parent.get(at); up !== undefined; up = parent.get(at)) at = up
    return at
  }
  const own = rows.map((row) => ownCluster(row, cluster))
  const first = new Map<string, string>()
  rows.forEach((row, i) => {
    const seen = first.get(row.questionDigest)
    if (seen === undefined) first.set(row.questionDigest, own[i]!)
    else {
      const [a, b] = [root(seen), root(own[i]!)].sort()
      if (a !== b) parent.set(b!, a!)
    }
  })
  const clusters = own.map(root)
  return { clusters, merged: new Set(own).size - new Set(clusters).size }
}

const byCluster = (rows: ReadonlyArray<CaseRow>) => {
  const groups = new Map<string, Array<CaseRow>>()
  for (const row of rows) {
    const group = groups.get(row.cluster)
    if (group === undefined) groups.set(row.cluster, [row])
    else group.push(row)
  }
  return groups
}

/** A random order that depends on the seed and the names alone. */
const shuffled = (names: Iterable<string>, seed: number): ReadonlyArray<string> =>
  [...names]
    .map((name) => [digestOfText(`${seed}\n${name}`), name] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, name]) => name)

const commonest = (values: ReadonlyArray<string>): string => {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))[0]![0]
}

/**
 * Whole sessions at random until the wanted number of cases is reached; with `by: "slice"` in each stratum of sessions (by their commonest
 * slice) in proportion to its cases, five sessions at least. At most 12 cases a session; weights are inverse inclusion probabilities.
 */
const sampled = (rows: ReadonlyArray<CaseRow>, sample: NonNullable<Selection["sample"]>): ReadonlyArray<CaseRow> => {
  const sessions = byCluster(rows)
  const strata = new Map<string, Array<string>>()
  for (const [cluster, cases] of sessions) {
    const stratum = sample.by === "slice" ? commonest(cases.map((row) => row.slice)) : ""
    strata.set(stratum, [...(strata.get(stratum) ?? []), cluster])
  }
  return [...strata].flatMap(([, clusters]) => {
    const sizes = clusters.map((cluster) => sessions.get(cluster)!.length)
    const wanted = (sample.size * sizes.reduce((a, b) => a + b, 0)) / rows.length
    const taken: Array<string> = []
    let cases = 0
    for (const cluster of shuffled(clusters, sample.seed)) {
      if (cases >= wanted && taken.length >= 5) break
      taken.push(cluster)
      cases += Math.min(sessionCap, sessions.get(cluster)!.length)
    }
    return taken.flatMap((cluster) => {
      const all = sessions.get(cluster)!
      const kept = new Set(
        shuffled(
          all.map((row) => row.id),
          sample.seed
        ).slice(0, sessionCap)
      )
      const weight = (clusters.length / taken.length) * (all.length / kept.size)
      return all.filter((row) => kept.has(row.id)).map((row) => ({ ...row, weight }))
    })
  })
}

/**
 * Which call of the whole archive each is with its very request, and with its very content: counted before anything is left out, so that
 * a selection changes no case's id and no answer's key.
 */
const placesOf = (calls: ReadonlyArray<CallRow>) => {
  const asked = new Map<string, number>()
  const same = new Map<string, number>()
  return new Map(
    calls.map((row) => {
      const repeat = asked.get(row.requestDigest) ?? 0
      asked.set(row.requestDigest, repeat + 1)
      const copies = same.get(row.contentDigest) ?? 0
      same.set(row.contentDigest, copies + 1)
      return [row, { repeat, copies }] as const
    })
  )
}

/** Makes cases of an archive's calls: which, in what slice and cluster, sampled how, and in the run's one random session order. Pure. */
export const selectCases = (calls: ReadonlyArray<CallRow>, selection: Selection): Selected => {
  const left: Record<string, number> = {}
  const places = placesOf(calls)
  const chosen = calls.filter((row) => {
    const reason = reasonLeftOut(row, selection)
    if (reason !== undefined) left[reason] = (left[reason] ?? 0) + 1
    return reason === undefined
  })
  const { clusters, merged } = clustersOf(chosen, selection.cluster)
  const all = chosen.map((row, i): CaseRow => {
    const { copies, repeat } = places.get(row)!
    const id = row.contentDigest.slice(0, 32)
    const key = selection.references?.keyOf(row)
    const expected = key === undefined ? undefined : selection.references?.answers.get(key)
    return {
      id: copies === 0 ? id : `${id}-${copies}`,
      callId: row.id,
      slice: selection.sliceOf(row),
      cluster: clusters[i]!,
      weight: 1,
      requestDigest: row.requestDigest,
      repeat,
      model: row.model,
      usage: row.usage,
      outputTokens: row.usage.output?.total ?? 0,
      startedAt: row.startedAt,
      ...(expected === undefined ? {} : { expected }),
      labels: row.labels
    }
  })
  const kept = selection.sample === undefined ? all : sampled(all, selection.sample)
  if (kept.length < all.length) left["not in the sample"] = all.length - kept.length
  const sessions = byCluster(kept)
  return { rows: shuffled(sessions.keys(), selection.seed).flatMap((cluster) => sessions.get(cluster)!), left, merged }
}

/** Cases and clusters by slice, by name. */
export const sliceCounts = (rows: ReadonlyArray<CaseRow>) =>
  [...new Set(rows.map((row) => row.slice))].sort().map((slice) => {
    const within = rows.filter((row) => row.slice === slice)
    return { slice, cases: within.length, clusters: new Set(within.map((row) => row.cluster)).size }
  })
