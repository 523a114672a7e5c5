import type { Usage } from "../domain/Call.ts"
import type { CaseRow } from "../domain/Case.ts"
import { digestOfText } from "../domain/digest.ts"

/** What sessions may be stratified by. */
export type Stratum = "slice" | "time" | "cost"

/** How cases are sampled. */
export interface Sampling {
  /** About how many cases are wanted: so many are expected, a stratum's least sessions aside. */
  readonly size: number
  readonly by?: Stratum | ReadonlyArray<Stratum>
  readonly seed: number
}

/** Cases of one session that a sample takes at most; their weight makes up for the rest. */
const sessionCap = 12
/** Sessions that a stratum has, and that are taken of it, at least; a slice that has fewer is taken whole. */
const leastSessions = 5
/** Strata of time, and of cost, at most. */
const mostBins = 4

/** A random order that depends on the seed and the names alone. */
export const shuffled = (names: Iterable<string>, seed: number): ReadonlyArray<string> =>
  [...names]
    .map((name) => [digestOfText(`${seed}\n${name}`), name] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, name]) => name)

/** Rows by their cluster, each in the order in which they came. */
export const byCluster = (rows: ReadonlyArray<CaseRow>): ReadonlyMap<string, ReadonlyArray<CaseRow>> => {
  const groups = new Map<string, Array<CaseRow>>()
  for (const row of rows) {
    const group = groups.get(row.cluster)
    if (group === undefined) groups.set(row.cluster, [row])
    else group.push(row)
  }
  return groups
}

/** A session as far as sampling goes. */
interface Session {
  readonly cluster: string
  readonly cases: ReadonlyArray<CaseRow>
  /** The commonest of its cases. */
  readonly slice: string
  /** When it began; empty where no case says. */
  readonly time: string
  readonly cost: number
}

const commonest = (values: ReadonlyArray<string>): string => {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))[0]![0]
}

/**
 * About what a call cost against others of one model, in uncached input tokens: a cache read a tenth, a cache write five quarters, an output token
 * five. It only sorts sessions, so a list price that is otherwise does no harm. What is not known counts nothing.
 */
const relativeCost = ({ input, output }: Usage): number =>
  (input === null
    ? 0
    : input.uncached +
      0.1 * input.cacheRead +
      1.25 * (input.cacheWrite5m + input.cacheWrite1h + input.cacheWriteOther)) +
  5 * (output?.total ?? 0)

const sum = <A>(values: ReadonlyArray<A>, of: (value: A) => number): number =>
  values.reduce((total, value) => total + of(value), 0)

const sessionsOf = (rows: ReadonlyArray<CaseRow>): ReadonlyArray<Session> =>
  [...byCluster(rows)]
    .map(([cluster, cases]) => ({
      cluster,
      cases,
      slice: commonest(cases.map((row) => row.slice)),
      time: cases.reduce(
        (first, { startedAt }) => (startedAt !== null && (first === "" || startedAt < first) ? startedAt : first),
        ""
      ),
      cost: sum(cases, ({ usage, weight }) => weight * relativeCost(usage))
    }))
    .sort((a, b) => (a.cluster < b.cluster ? -1 : 1))

/** Cases that a session gives. */
const given = ({ cases }: Session): number => Math.min(sessionCap, cases.length)

/** Sessions to take of a stratum that is to give so many cases. */
const toTake = (sessions: number, cases: number, wanted: number): number => (sessions * wanted) / cases

/**
 * Cuts sessions in order into bins with equal shares of something. A bin is closed only where it has five sessions to give and five to take; one that
 * is left over and has not joins the last.
 */
const cut = (
  sessions: ReadonlyArray<Session>,
  share: (session: Session) => number,
  wanted: (session: Session) => number
): ReadonlyArray<ReadonlyArray<Session>> => {
  const total = sum(sessions, share)
  const done: Array<ReadonlyArray<Session>> = []
  let now: Array<Session> = []
  let [seen, cases, want] = [0, 0, 0]
  const isEnough = () => now.length >= leastSessions && toTake(now.length, cases, want) >= leastSessions
  for (const session of sessions) {
    now.push(session)
    seen += share(session)
    cases += given(session)
    want += wanted(session)
    if (done.length + 1 < mostBins && seen >= (total * (done.length + 1)) / mostBins && isEnough()) {
      done.push(now)
      now = []
      ;[cases, want] = [0, 0]
    }
  }
  const last = done.at(-1)
  if (last === undefined || isEnough()) return now.length === 0 ? done : [...done, now]
  return [...done.slice(0, -1), [...last, ...now]]
}

/**
 * Strata of sessions: by slice, each slice in at most four by the time they began at, equally many in each, and each of those in at most four by
 * cost, with about equal shares of it: so the dearest are few in their stratum and taken more often.
 */
const strataOf = (
  sessions: ReadonlyArray<Session>,
  by: ReadonlySet<Stratum>,
  wanted: (session: Session) => number
): ReadonlyArray<ReadonlyArray<Session>> => {
  const slices = by.has("slice") ? [...Map.groupBy(sessions, ({ slice }) => slice).values()] : [sessions]
  const timed = by.has("time")
    ? slices.flatMap((some) =>
        cut(
          some.toSorted((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0)),
          () => 1,
          wanted
        )
      )
    : slices
  return by.has("cost")
    ? timed.flatMap((some) =>
        cut(
          some.toSorted((a, b) => b.cost - a.cost),
          ({ cost }) => cost,
          wanted
        )
      )
    : timed
}

/**
 * A sample of whole sessions, drawn at random in each stratum without replacement: as many as are expected to give the stratum's share of the wanted
 * cases, five at least, and at most 12 cases of each. A stratum's share is that of its cases; by cost, half of it that of its cost, so that no weight is
 * more than twice what it would be else.
 *
 * A case's weight is one over its probability of being taken (times the weight it came with): weighted sums are unbiased for the archive's totals over
 * the seeds (Horvitz and Thompson 1952). Weights sum to the number of cases in expectation, and exactly where all sessions of a stratum have equally
 * many. The same seed takes the same cases in whatever order the rows come.
 */
export const sampled = (rows: ReadonlyArray<CaseRow>, { by = [], seed, size }: Sampling): ReadonlyArray<CaseRow> => {
  const sessions = sessionsOf(rows)
  const strata = new Set(typeof by === "string" ? [by] : by)
  const cost = strata.has("cost") ? sum(sessions, (session) => session.cost) : 0
  const wanted = (session: Session): number => {
    const share = session.cases.length / rows.length
    return size * (cost === 0 ? share : (share + session.cost / cost) / 2)
  }
  return strataOf(sessions, strata, wanted).flatMap((stratum) => {
    const wish = toTake(stratum.length, sum(stratum, given), sum(stratum, wanted))
    const count = Math.max(leastSessions, Math.ceil(wish - 1e-9))
    const taken = new Set(
      shuffled(
        stratum.map(({ cluster }) => cluster),
        seed
      ).slice(0, count)
    )
    return stratum
      .filter(({ cluster }) => taken.has(cluster))
      .flatMap(({ cases }) => {
        const kept = new Set(
          shuffled(
            cases.map(({ id }) => id),
            seed
          ).slice(0, sessionCap)
        )
        const inverse = (stratum.length / taken.size) * (cases.length / kept.size)
        return cases.filter(({ id }) => kept.has(id)).map((row) => ({ ...row, weight: row.weight * inverse }))
      })
  })
}

/**
 * Cases without those whose prompt is nearly another's in the same slice: of each such group one, chosen at random by the seed, stands for all with the
 * sum of their weights. It stays in its own cluster. `sketchOf` gives what nearly equal prompts have in common.
 */
export const withoutNearDuplicates = (
  rows: ReadonlyArray<CaseRow>,
  sketchOf: (row: CaseRow) => string,
  seed: number
): ReadonlyArray<CaseRow> => {
  const groups = Map.groupBy(rows, (row) => `${row.slice}\n${sketchOf(row)}`)
  const weights = new Map<string, number>()
  for (const alike of groups.values()) {
    const [one] = shuffled(
      alike.map(({ id }) => id),
      seed
    )
    weights.set(
      one!,
      sum(alike, ({ weight }) => weight)
    )
  }
  return rows.flatMap((row) => {
    const weight = weights.get(row.id)
    return weight === undefined ? [] : [{ ...row, weight }]
  })
}
