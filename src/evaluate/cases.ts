import type { CaseRow } from "../domain/Case.ts"
import type { CallRow } from "../store/Archives.ts"
import { byCluster, type Sampling, sampled, shuffled, withoutNearDuplicates } from "./sampling.ts"

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
  readonly sample?: Sampling
  /** What nearly equal prompts have in common, by the call's id, where of those only one is to be taken; a call without it is like no other. */
  readonly sketches?: ReadonlyMap<string, string>
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

/**
 * Which call of the whole archive each is with its very request, and with its very content: counted before anything is left out, so that
 * a selection changes no case's id and no answer's key.
 */
const placesOf = (calls: ReadonlyArray<CallRow>) => {
  const asked = new Map<string, number>()
  const same = new Map<string, number>()
  /** Of the first there is nothing to be said. */
  const later = new Map<CallRow, { readonly repeat: number; readonly copies: number }>()
  for (const row of calls) {
    const repeat = asked.get(row.requestDigest) ?? 0
    asked.set(row.requestDigest, repeat + 1)
    const copies = same.get(row.contentDigest) ?? 0
    same.set(row.contentDigest, copies + 1)
    if (repeat > 0 || copies > 0) later.set(row, { repeat, copies })
  }
  return (row: CallRow) => later.get(row) ?? first
}
const first = { repeat: 0, copies: 0 }

/** Calls that may become cases, before any sample, by the same rules as `selectCases`. */
export const eligible = (calls: ReadonlyArray<CallRow>, selection: Selection): ReadonlyArray<CallRow> =>
  calls.filter((row) => reasonLeftOut(row, selection) === undefined)

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
    const { copies, repeat } = places(row)
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
  const { sample, seed, sketches } = selection
  const distinct =
    sketches === undefined ? all : withoutNearDuplicates(all, (row) => sketches.get(row.callId) ?? row.id, seed)
  if (distinct.length < all.length) left["near-duplicate of another"] = all.length - distinct.length
  const kept = sample === undefined ? distinct : sampled(distinct, sample)
  if (kept.length < distinct.length) left["not in the sample"] = distinct.length - kept.length
  const sessions = byCluster(kept)
  return { rows: shuffled(sessions.keys(), seed).flatMap((cluster) => sessions.get(cluster)!), left, merged }
}

/** Cases and clusters by slice, by name. */
export const sliceCounts = (rows: ReadonlyArray<CaseRow>) =>
  [...new Set(rows.map((row) => row.slice))].sort().map((slice) => {
    const within = rows.filter((row) => row.slice === slice)
    return { slice, cases: within.length, clusters: new Set(within.map((row) => row.cluster)).size }
  })
