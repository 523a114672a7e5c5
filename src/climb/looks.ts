import { normalSf } from "../parity/distributions.ts"
import { lanDeMets, type Spending } from "../parity/groupSequential.ts"
import { minClusters } from "../parity/verdict.ts"

/** Sessions below which there is one look. */
const fewSessions = 20

/** One look of a group-sequential test: where it ends, and what it asks for. */
export interface LookPlan {
  /** Share of the stretch's cases that is planned for it, in (0, 1]. */
  readonly share: number
  /** Session up to which it goes, without it. */
  readonly to: number
  /** One-sided level of a claim at it. */
  readonly level: number
  /** Boundary on the normal scale of the last look. */
  readonly final: number
}

/** Where looks at these shares of the cases end: at the first end of a session at or after each. `sizes`: cases by session. */
export const lookEnds = (sizes: ReadonlyArray<number>, shares: ReadonlyArray<number>): ReadonlyArray<number> => {
  const all = sizes.reduce((sum, size) => sum + size, 0)
  const ends: Array<number> = []
  let session = 0
  let cases = 0
  for (const share of shares) {
    const wanted = share >= 1 ? all : Math.ceil(share * all - 1e-9)
    while (cases < wanted && session < sizes.length) cases += sizes[session++]!
    ends.push(session)
  }
  return ends
}

const boundaries = new Map<string, ReadonlyArray<number>>()
const boundariesOf = (shares: ReadonlyArray<number>, alpha: number, spending: Spending): ReadonlyArray<number> => {
  const key = `${spending} ${alpha} ${shares.join(" ")}`
  const known = boundaries.get(key) ?? lanDeMets(shares, alpha, spending)
  boundaries.set(key, known)
  return known
}

/**
 * The looks of a stretch of sessions at these shares of its cases, for a one-sided error of `alpha` over all of them (Lan and DeMets 1983). Looks at
 * fewer than 5 sessions, which never decide, and looks that fall together with the next, where sessions are few and large, are left out; the last stays.
 * Of fewer than 20 sessions all are looked at at once: a part of them says next to nothing.
 */
export const looksOf = (
  sizes: ReadonlyArray<number>,
  shares: ReadonlyArray<number>,
  alpha: number,
  { from = 0, spending = "obf" }: { readonly from?: number; readonly spending?: Spending } = {}
): ReadonlyArray<LookPlan> => {
  const ends = lookEnds(sizes.slice(from), shares)
  const few = sizes.length - from < fewSessions
  const kept = shares.flatMap((share, i) =>
    i + 1 < shares.length && (few || ends[i]! < minClusters || ends[i] === ends[i + 1])
      ? []
      : [{ share, end: ends[i]! }]
  )
  const z = boundariesOf(
    kept.map(({ share }) => share),
    alpha,
    spending
  )
  return kept.map(({ end, share }, i) => ({
    share,
    to: from + end,
    level: z[i] === Infinity ? 0 : normalSf(z[i]!),
    final: z.at(-1)!
  }))
}
