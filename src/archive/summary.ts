import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

import type { Fidelity } from "../domain/Call.ts"
import type { Fault } from "../domain/Fault.ts"
import { type PriceBook, priceBook } from "../pricing/book.ts"
import { Archives, type DiskUsed } from "../store/Archives.ts"
import { readSlices } from "./slices/file.ts"
import type { Ask } from "./summary/ask.ts"
import { countIn, textIn } from "./summary/cells.ts"
import { type GradeSummary, gradesOf } from "./summary/grades.ts"
import { type Dimension, groupsOf } from "./summary/groups.ts"
import { type LabelSummary, labelsOf } from "./summary/labels.ts"
import type { Amount } from "./summary/money.ts"
import { type OutcomeSummary, outcomesOf } from "./summary/outcomes.ts"
import { type PriceUsed, pricedCalls, pricesUsed } from "./summary/priced.ts"
import {
  type ModelPart,
  type MonthPart,
  type SessionPart,
  type SlicePart,
  type Spending,
  spendingOf,
  type Unpriced
} from "./summary/spending.ts"
import { type TokenSums, tokenColumns, tokenSums } from "./summary/tokens.ts"

/**
 * What an archive holds, as plain JSON: times ISO 8601, money as decimal text in US dollars, `null` for what is not known. Sums of tokens are
 * numbers, and decimal texts where a number would not be exact (from 2^53 on).
 */
export interface ArchiveSummary {
  readonly name: string
  /** Of the ids of all calls; `null` above 100,000 calls, where it takes longer than all the rest. */
  readonly digest: string | null
  readonly calls: number
  /** Calls that ended in an error or were cut off: they are kept and counted, but are no cases. */
  readonly incomplete: number
  readonly from: string | null
  readonly to: string | null
  /** From the first call to the last; `null` where no call carries a time. */
  readonly days: number | null
  /** Calls without a time. */
  readonly untimed: number
  readonly trajectories: { readonly count: number; readonly callsWithout: number }
  readonly sessions: { readonly count: number; readonly callsWithout: number }
  readonly fidelity: Readonly<Record<Fidelity["grade"], number>>
  readonly grades: ReadonlyArray<GradeSummary>
  /** By importer. */
  readonly formats: Readonly<Record<string, number>>
  /** The commonest first. */
  readonly models: ReadonlyArray<ModelPart>
  /** By share of spend. */
  readonly slices: ReadonlyArray<SlicePart>
  readonly months: ReadonlyArray<MonthPart>
  readonly topSessions: ReadonlyArray<SessionPart>
  readonly tokens: TokenSums
  /** What the archive says was billed, and who says it. */
  readonly billed: Amount & {
    readonly cachedResponses: number
    /** Calls by who says what they were billed: an invoice, a gateway, the provider, the client's own estimate. */
    readonly bases: Readonly<Record<string, number>>
  }
  /** What the same calls cost at the price book, each at its day. */
  readonly repriced: Amount & {
    readonly unpriced: ReadonlyArray<Unpriced>
    readonly prices: ReadonlyArray<PriceUsed>
  }
  /** The amount that shares and ranks go by: the one that more calls have. A call that has the other one alone counts with that. */
  readonly leading: Spending["leading"]
  /** What shares are of: the leading amount of each call, or the other one; `byOther` counts these. */
  readonly ranked: Spending["ranked"]
  readonly forecast: Spending["forecast"]
  readonly outcomes: ReadonlyArray<OutcomeSummary>
  /** One with a handful of values can name slices. */
  readonly labels: ReadonlyArray<LabelSummary>
  /** Bytes on the disk. */
  readonly disk: DiskUsed
  /** Records that were not imported, by reason without its details, the commonest first. */
  readonly skips: ReadonlyArray<{ readonly reason: string; readonly count: number }>
}

const totals = `
  SELECT count(*) AS calls, count(*) FILTER (NOT complete) AS incomplete,
    arg_min("startedAt", started) AS "from", arg_max("startedAt", started) AS "to", count(*) FILTER (started IS NULL) AS untimed,
    count(*) FILTER ("sessionId" IS NULL) AS "callsWithoutSession",
    count(DISTINCT "trajectoryId") AS trajectories, count(*) FILTER ("trajectoryId" IS NULL) AS "callsWithoutTrajectory",
    count(*) FILTER (billing = 'cached-response') AS "cachedResponses", ${tokenColumns.join(", ")}
  FROM calls`

/** What stands after the first colon is the detail of one record. */
const skips = `
  SELECT trim(split_part(reason, ':', 1)) AS reason, count(*) AS count FROM (SELECT DISTINCT file, line, reason FROM skips)
  GROUP BY 1 ORDER BY count DESC, 1`

const digestUpTo = 100_000

const daysOf = (from: string | null, to: string | null): number | null => {
  const ms = Date.parse(to ?? "") - Date.parse(from ?? "")
  return Number.isNaN(ms) ? null : Number((ms / 86_400_000).toFixed(3))
}

/**
 * What an archive holds and what it cost, as billed and at a price book (without one: the public list). Fails with a sentence when there is no
 * archive of that name, or when its slices file is broken: as an import would.
 */
export const archiveSummary = Effect.fn("archive.archiveSummary")(function* (
  name: string,
  book?: PriceBook
): Effect.fn.Return<ArchiveSummary, Fault, Archives | Scope.Scope> {
  const archives = yield* Archives
  yield* readSlices(name)
  const ask: Ask = yield* archives.asking(name)
  const [all = {}] = yield* ask(totals)
  const calls = countIn(all, "calls")
  const period = { from: textIn(all, "from"), to: textIn(all, "to") }
  const priced = yield* pricedCalls(ask, book ?? (yield* priceBook({})))
  const {
    bases,
    billed,
    forecast,
    leading,
    models,
    months,
    ranked,
    repriced,
    sessions,
    slices,
    topSessions,
    unpriced
  } = yield* spendingOf(ask, priced, period)
  const grades = yield* gradesOf(ask)
  const [a, b, c, d] = grades.map((grade) => grade.calls)
  const formats = yield* ask("SELECT importer, count(*) AS calls FROM calls GROUP BY importer ORDER BY importer")
  return {
    name,
    digest: calls > digestUpTo ? null : yield* archives.digest(name),
    calls,
    incomplete: countIn(all, "incomplete"),
    ...period,
    days: daysOf(period.from, period.to),
    untimed: countIn(all, "untimed"),
    trajectories: { count: countIn(all, "trajectories"), callsWithout: countIn(all, "callsWithoutTrajectory") },
    sessions: { count: sessions, callsWithout: countIn(all, "callsWithoutSession") },
    fidelity: { A: a ?? 0, B: b ?? 0, C: c ?? 0, D: d ?? 0 },
    grades,
    formats: Object.fromEntries(formats.map((row) => [textIn(row, "importer") ?? "", countIn(row, "calls")])),
    models,
    slices,
    months,
    topSessions,
    tokens: tokenSums(all),
    billed: { ...billed, cachedResponses: countIn(all, "cachedResponses"), bases },
    repriced: { ...repriced, unpriced, prices: pricesUsed(priced) },
    leading,
    ranked,
    forecast,
    outcomes: yield* outcomesOf(ask),
    labels: yield* labelsOf(ask, calls),
    disk: yield* archives.diskUsed(name),
    skips: (yield* ask(skips)).map((row) => ({ reason: textIn(row, "reason") ?? "", count: countIn(row, "count") }))
  }
}, Effect.scoped)

/**
 * An archive's calls by one dimension or several, with their tokens by kind and what they cost. Fails with a sentence when there is no archive of
 * that name; by slice, also when its slices file is broken, as an import would.
 */
export const archiveGroups = Effect.fn("archive.archiveGroups")(function* (
  name: string,
  by: ReadonlyArray<Dimension>,
  book?: PriceBook
) {
  const archives = yield* Archives
  if (by.includes("slice")) yield* readSlices(name)
  const ask: Ask = yield* archives.asking(name)
  return yield* groupsOf(ask, yield* pricedCalls(ask, book ?? (yield* priceBook({}))), by)
}, Effect.scoped)
