import * as Effect from "effect/Effect"

import type { Fidelity } from "../domain/Call.ts"
import type { Fault } from "../domain/Fault.ts"
import { usd } from "../domain/Money.ts"
import { Archives } from "../store/Archives.ts"

/** What an archive holds, as plain JSON: times ISO 8601, money as decimal text in US dollars, `null` for what is not known. */
export interface ArchiveSummary {
  readonly name: string
  readonly digest: string
  readonly calls: number
  /** Calls that ended in an error or were cut off: they are kept and counted, but are no cases. */
  readonly incomplete: number
  readonly from: string | null
  readonly to: string | null
  /** Calls without a time. */
  readonly untimed: number
  readonly fidelity: Readonly<Record<Fidelity["grade"], number>>
  /** By importer. */
  readonly formats: Readonly<Record<string, number>>
  /** The commonest first. */
  readonly models: ReadonlyArray<{ readonly model: string; readonly provider: string | null; readonly calls: number }>
  /** Label names with how many calls carry them and how many values they have; one with a handful of values can name slices. */
  readonly labels: ReadonlyArray<{
    readonly name: string
    readonly calls: number
    readonly values: number
    /** Five values at most, the commonest first. */
    readonly common: ReadonlyArray<string>
  }>
  readonly sessions: { readonly count: number; readonly callsWithout: number }
  /** Sums over the calls whose usage is known. */
  readonly tokens: {
    readonly uncachedInput: number
    readonly cacheRead: number
    readonly cacheWrite5m: number
    readonly cacheWrite1h: number
    readonly cacheWriteOther: number
    readonly input: number
    /** Output other than reasoning, of the calls that say how much of it was reasoning. */
    readonly outputText: number
    readonly reasoning: number
    readonly output: number
    /** Calls that tell neither input nor output; and those that do not tell the one, or the other. */
    readonly callsWithoutUsage: number
    readonly callsWithoutInput: number
    readonly callsWithoutOutput: number
    /** Calls whose output is not split into text and reasoning. */
    readonly callsWithoutSplit: number
  }
  /** What the archive says was billed; `usd` is `null` when no call says. */
  readonly billed: {
    readonly usd: string | null
    readonly calls: number
    readonly callsWithout: number
    readonly cachedResponses: number
  }
  /** Records that were not imported, by reason without its details, the commonest first. */
  readonly skips: ReadonlyArray<{ readonly reason: string; readonly count: number }>
}

type Row = Readonly<Record<string, unknown>>

const number = (value: unknown): number => (typeof value === "number" || typeof value === "bigint" ? Number(value) : 0)
const text = (value: unknown): string | null => (typeof value === "string" ? value : null)
const countsBy = (rows: ReadonlyArray<Row>, key: string): Readonly<Record<string, number>> =>
  Object.fromEntries(rows.map((row) => [text(row[key]) ?? "", number(row["calls"])]))

const totals = `
  SELECT count(*) AS calls, count(*) FILTER (NOT complete) AS incomplete,
    arg_min(startedAt, started) AS "from", arg_max(startedAt, started) AS "to", count(*) FILTER (started IS NULL) AS untimed,
    count(DISTINCT sessionId) AS sessions, count(*) FILTER (sessionId IS NULL) AS callsWithoutSession,
    sum(uncachedTokens) AS uncachedInput, sum(cacheReadTokens) AS cacheRead, sum(cacheWrite5mTokens) AS cacheWrite5m,
    sum(cacheWrite1hTokens) AS cacheWrite1h, sum(cacheWriteOtherTokens) AS cacheWriteOther, sum(inputTokens) AS input,
    sum(textTokens) AS outputText, sum(reasoningTokens) AS reasoning, sum(outputTokens) AS output,
    count(*) FILTER (inputTokens IS NULL AND outputTokens IS NULL) AS callsWithoutUsage,
    count(*) FILTER (inputTokens IS NULL) AS callsWithoutInput, count(*) FILTER (outputTokens IS NULL) AS callsWithoutOutput,
    count(*) FILTER (outputTokens IS NOT NULL AND reasoningTokens IS NULL) AS callsWithoutSplit,
    CAST(sum(billedNanoUsd) AS VARCHAR) AS billed, count(billedNanoUsd) AS billedCalls,
    count(*) FILTER (billing = 'cached-response') AS cachedResponses
  FROM calls`

const labels = `
  WITH entries AS (SELECT unnest(map_entries(CAST(labels AS MAP(VARCHAR, VARCHAR)))) AS entry FROM calls),
    counted AS (SELECT entry.key AS name, entry.value AS value, count(*) AS calls FROM entries GROUP BY ALL)
  SELECT name, CAST(sum(calls) AS BIGINT) AS calls, count(*) AS values,
    to_json(list(value ORDER BY calls DESC, value)[:5])::VARCHAR AS common
  FROM counted GROUP BY name ORDER BY name`

/** What stands after the first colon is the detail of one record. */
const skips = `
  SELECT trim(split_part(reason, ':', 1)) AS reason, count(*) AS count FROM (SELECT DISTINCT file, line, reason FROM skips)
  GROUP BY 1 ORDER BY count DESC, 1`

const commonOf = (value: unknown): ReadonlyArray<string> => {
  const list: unknown = JSON.parse(text(value) ?? "[]")
  return Array.isArray(list) ? list.map(String) : []
}

/** What an archive holds. Fails with a sentence when there is no archive of that name. */
export const archiveSummary = Effect.fn("archive.archiveSummary")(function* (
  name: string
): Effect.fn.Return<ArchiveSummary, Fault, Archives> {
  const archives = yield* Archives
  const ask = (sql: string) => archives.query(name, sql)
  const [all = {}] = yield* ask(totals)
  const fidelity = countsBy(yield* ask("SELECT fidelity, count(*) AS calls FROM calls GROUP BY fidelity"), "fidelity")
  const formats = yield* ask("SELECT importer, count(*) AS calls FROM calls GROUP BY importer ORDER BY importer")
  const models = yield* ask(
    "SELECT model, provider, count(*) AS calls FROM calls GROUP BY model, provider ORDER BY calls DESC, model, provider"
  )
  const named = yield* ask(labels)
  const skipped = yield* ask(skips)
  const calls = number(all["calls"])
  const billed = text(all["billed"])
  return {
    name,
    digest: yield* archives.digest(name),
    calls,
    incomplete: number(all["incomplete"]),
    from: text(all["from"]),
    to: text(all["to"]),
    untimed: number(all["untimed"]),
    fidelity: { A: fidelity["A"] ?? 0, B: fidelity["B"] ?? 0, C: fidelity["C"] ?? 0, D: fidelity["D"] ?? 0 },
    formats: countsBy(formats, "importer"),
    models: models.map((row) => ({
      model: text(row["model"]) ?? "",
      provider: text(row["provider"]),
      calls: number(row["calls"])
    })),
    labels: named.map((row) => ({
      name: text(row["name"]) ?? "",
      calls: number(row["calls"]),
      values: number(row["values"]),
      common: commonOf(row["common"])
    })),
    sessions: { count: number(all["sessions"]), callsWithout: number(all["callsWithoutSession"]) },
    tokens: {
      uncachedInput: number(all["uncachedInput"]),
      cacheRead: number(all["cacheRead"]),
      cacheWrite5m: number(all["cacheWrite5m"]),
      cacheWrite1h: number(all["cacheWrite1h"]),
      cacheWriteOther: number(all["cacheWriteOther"]),
      input: number(all["input"]),
      outputText: number(all["outputText"]),
      reasoning: number(all["reasoning"]),
      output: number(all["output"]),
      callsWithoutUsage: number(all["callsWithoutUsage"]),
      callsWithoutInput: number(all["callsWithoutInput"]),
      callsWithoutOutput: number(all["callsWithoutOutput"]),
      callsWithoutSplit: number(all["callsWithoutSplit"])
    },
    billed: {
      usd: billed === null ? null : usd(BigInt(billed)),
      calls: number(all["billedCalls"]),
      callsWithout: calls - number(all["billedCalls"]),
      cachedResponses: number(all["cachedResponses"])
    },
    skips: skipped.map((row) => ({ reason: text(row["reason"]) ?? "", count: number(row["count"]) }))
  }
})
