import * as Effect from "effect/Effect"

import { literal } from "../../store/duck.ts"
import type { Ask } from "./ask.ts"
import { countIn, nanoIn, type Row, textIn, toldTokensIn, usdIn, type Whole } from "./cells.ts"
import { type Forecast, forecastOf, recentDays, recentSince } from "./forecast.ts"
import { type Amount, leading, type Ranked, type Spend, spendIn } from "./money.ts"
import type { Priced } from "./priced.ts"

/** Part of an archive: its calls, tokens, and what they cost. */
export interface Part extends Spend {
  readonly calls: number
  /** Sums over the calls that tell; `null` where none does. */
  readonly tokens: { readonly input: Whole | null; readonly output: Whole | null }
}

export interface ModelPart extends Part {
  readonly model: string
  readonly provider: string | null
}

export interface SlicePart extends Part {
  readonly slice: string
  /** In [0,1]. */
  readonly shareOfCalls: number
  readonly ranked: Ranked
  /** In [0,1], of the `ranked` of all calls; `null` where nothing is known of it. */
  readonly shareOfSpend: number | null
}

export interface MonthPart extends Part {
  /** `2026-05`; `null`: calls without a time. */
  readonly month: string | null
}

export interface SessionPart extends Part {
  readonly session: string
  readonly from: string | null
  readonly to: string | null
  /** `null` where the session's calls name none, or several. */
  readonly engineer: string | null
  readonly project: string | null
  readonly ranked: Ranked
}

/** Calls that have no price, and why. */
export interface Unpriced {
  readonly model: string
  readonly provider: string | null
  readonly reason: string
  readonly calls: number
}

/** What an archive's calls cost, in all and by part. */
export interface Spending extends Spend {
  /** The amount that shares and ranks go by: the one that more calls have. A call that has the other one alone counts with that. */
  readonly leading: "billed" | "repriced" | null
  /** What shares are of. */
  readonly ranked: Ranked
  /** Calls by who says what they were billed: an invoice, a gateway, the provider, the client's own estimate. */
  readonly bases: Readonly<Record<string, number>>
  readonly unpriced: ReadonlyArray<Unpriced>
  /** The commonest first. */
  readonly models: ReadonlyArray<ModelPart>
  /** The dearest first, by `ranked`. */
  readonly slices: ReadonlyArray<SlicePart>
  readonly months: ReadonlyArray<MonthPart>
  readonly forecast: { readonly billed: Forecast; readonly repriced: Forecast }
  /** Sessions there are. */
  readonly sessions: number
  /** The ten dearest, by `ranked`. */
  readonly topSessions: ReadonlyArray<SessionPart>
}

/** Sessions that are listed: the dearest. */
const listedSessions = 10

/** The sets that one pass over the calls is grouped by; `grouping_id` tells a row's set by a bit for each column that is not in it. */
const sets = {
  all: 0b11111,
  month: 0b01111,
  model: 0b10011,
  slice: 0b11101,
  unpriced: 0b10010
} as const
const kindOfSessions = { billed: -1, repriced: -2, count: -3 } as const

/** Who says what a call was billed. */
const bases = ["invoice", "gateway", "provider-reported", "client-estimate"] as const

const columns = [
  "model",
  "provider",
  "slice",
  "started",
  `"billedNanoUsd"`,
  `"inputTokens"`,
  `"outputTokens"`,
  "billing",
  `"billedBasis"`,
  `"sessionId"`
] as const

const sums = {
  calls: "count(*)",
  billed: `sum("billedNanoUsd")`,
  billedCalls: `count("billedNanoUsd")`,
  repriced: "sum(repriced)",
  repricedCalls: "count(repriced)",
  billedFirst: `sum(coalesce("billedNanoUsd", repriced))`,
  repricedFirst: `sum(coalesce(repriced, "billedNanoUsd"))`,
  eitherCalls: `count(coalesce(repriced, "billedNanoUsd"))`,
  input: `sum("inputTokens")`,
  output: `sum("outputTokens")`
}
const sumNames = Object.keys(sums)

/** What is added up of small groups alone: who says what was billed, and what counts for today's rate. */
const ofSmall: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    bases.map((basis) => [basis, `sum("billedCalls") FILTER ("billedBasis" = ${literal(basis)})`] as const)
  ),
  recent: "sum(calls) FILTER (late)",
  recentBilled: "sum(billed) FILTER (late)",
  recentBilledCalls: `sum("billedCalls") FILTER (late)`,
  recentRepriced: "sum(repriced) FILTER (late)",
  recentRepricedCalls: `sum("repricedCalls") FILTER (late)`
}

const asTexts = (columns: Readonly<Record<string, string>>) =>
  Object.entries(columns)
    .map(([name, value]) => `CAST(${value} AS VARCHAR) AS "${name}"`)
    .join(", ")

/**
 * One pass over the calls makes small groups of them, and groups by session; the small ones are then added up in five ways, and of the sessions
 * the dearest are taken, by what was billed and by list prices, and all are counted. `since`: from when on calls count for today's rate.
 */
const groupsSql = (priced: Priced, since: string | null) => {
  const late = since === null ? "false" : `started >= TIMESTAMP ${literal(since.replace("T", " ").replace("Z", ""))}`
  const small = ["month", "provider", "model", "slice", "unpriced", `"billedBasis"`, "late"]
  const added = asTexts(Object.fromEntries(sumNames.map((name) => [name, `sum("${name}")`])))
  const taken = asTexts(Object.fromEntries(sumNames.map((name) => [name, `"${name}"`])))
  const nothing = Object.keys(ofSmall)
    .map((name) => `NULL AS "${name}"`)
    .join(", ")
  const none = "NULL AS month, NULL AS provider, NULL AS model, NULL AS slice, NULL AS unpriced"
  const ofSessions = `FROM groups WHERE single = 0 AND "sessionId" IS NOT NULL`
  const dearest = (by: "billed" | "repriced") => `
    (SELECT ${kindOfSessions[by]} AS kind, ${none}, "sessionId" AS session, ${taken}, ${nothing} ${ofSessions} AND "${by}First" IS NOT NULL
    ORDER BY groups."${by}First" DESC, "sessionId" LIMIT ${listedSessions})`
  return `WITH groups AS MATERIALIZED (
      SELECT grouping("sessionId") AS single, ${small.join(", ")}, "sessionId",
        ${Object.entries(sums)
          .map(([name, sum]) => `${sum} AS "${name}"`)
          .join(", ")}
      FROM (SELECT *, date_trunc('month', started) AS month, ${late} AS late FROM (${priced.sql(columns)}))
      GROUP BY GROUPING SETS ((${small.join(", ")}), ("sessionId")))
    SELECT grouping_id(month, provider, model, slice, unpriced) AS kind, strftime(month, '%Y-%m') AS month, provider, model, slice, unpriced,
      NULL AS session, ${added}, ${asTexts(ofSmall)}
    FROM groups WHERE single = 1 GROUP BY GROUPING SETS ((), (month), (provider, model), (slice), (provider, model, unpriced))
    UNION ALL ${dearest("billed")} UNION ALL ${dearest("repriced")}
    UNION ALL SELECT ${kindOfSessions.count} AS kind, ${none}, NULL AS session, ${asTexts({ ...Object.fromEntries(sumNames.map((name) => [name, "NULL"])), calls: "count(*)" })},
      ${nothing} ${ofSessions}`
}

/** What else is told of sessions, by their ids. */
const aboutSql = (ids: ReadonlyArray<string>) => {
  const only = (column: string) => `CASE WHEN min(${column}) = max(${column}) THEN min(${column}) END AS ${column}`
  return `SELECT "sessionId" AS session, arg_min("startedAt", started) AS "from", arg_max("startedAt", started) AS "to",
      ${only("engineer")}, ${only("project")}
    FROM calls WHERE "sessionId" IN (${ids.map(literal).join(", ")}) GROUP BY "sessionId"`
}

const dearestSessions = Effect.fnUntraced(function* (ask: Ask, rows: ReadonlyArray<Row>, by: Leading) {
  const ids = rows.map((row) => textIn(row, "session") ?? "")
  if (ids.length === 0) return []
  const about = new Map((yield* ask(aboutSql(ids))).map((row) => [textIn(row, "session"), row]))
  return rows.map((row): SessionPart => {
    const session = textIn(row, "session") ?? ""
    const told = about.get(session) ?? {}
    return {
      session,
      from: textIn(told, "from"),
      to: textIn(told, "to"),
      engineer: textIn(told, "engineer"),
      project: textIn(told, "project"),
      ranked: rankedIn(row, by),
      ...partIn(row)
    }
  })
})

const partIn = (row: Row): Part => ({
  calls: countIn(row, "calls"),
  tokens: { input: toldTokensIn(row, "input"), output: toldTokensIn(row, "output") },
  ...spendIn(row)
})

type Leading = Spending["leading"]

const rankedIn = (row: Row, by: Leading): Ranked => {
  const calls = countIn(row, "eitherCalls")
  return {
    usd: by === null ? null : usdIn(row, `${by}First`),
    calls,
    callsWithout: countIn(row, "calls") - calls,
    byOther: by === null ? 0 : calls - countIn(row, `${by}Calls`)
  }
}

const nanoOfAmount = ({ usd }: Amount): bigint => (usd === null ? 0n : BigInt(usd.replace(".", "")))

/** The ones with more calls first, then by name. */
const commonestFirst =
  <A extends Part>(name: (part: A) => string) =>
  (a: A, b: A): number =>
    b.calls - a.calls || (name(a) < name(b) ? -1 : 1)

/** The dearest first, then the ones with more calls, then by name. */
const dearestFirst = (a: SlicePart, b: SlicePart): number => {
  const [one, other] = [nanoOfAmount(a.ranked), nanoOfAmount(b.ranked)]
  return one === other ? commonestFirst(({ slice }: SlicePart) => slice)(a, b) : one > other ? -1 : 1
}

const shareOf = (part: bigint, whole: bigint): number | null =>
  whole === 0n ? null : Number((part * 1_000_000n) / whole) / 1_000_000

/** What the calls of an archive cost. `period`: from its first call to its last. */
export const spendingOf = Effect.fnUntraced(function* (
  ask: Ask,
  priced: Priced,
  period: { readonly from: string | null; readonly to: string | null }
) {
  const rows = yield* ask(groupsSql(priced, recentSince(period.from, period.to)))
  const of = (set: keyof typeof sets) => rows.filter((row) => countIn(row, "kind") === sets[set])
  const all = of("all")[0] ?? {}
  const spend = spendIn(all)
  const by = leading(spend)
  const ranked = rankedIn(all, by)
  const whole = { calls: countIn(all, "calls"), nano: nanoOfAmount(ranked) }
  const recent = (name: "Billed" | "Repriced") => ({
    nano: nanoIn(all, `recent${name}`),
    calls: countIn(all, `recent${name}Calls`),
    callsWithout: countIn(all, "recent") - countIn(all, `recent${name}Calls`)
  })
  const model = (row: Row) => ({ model: textIn(row, "model") ?? "", provider: textIn(row, "provider") })
  const spending: Spending = {
    ...spend,
    leading: by,
    ranked,
    bases: Object.fromEntries(
      bases.map((basis) => [basis, countIn(all, basis)] as const).filter(([, calls]) => calls > 0)
    ),
    unpriced: of("unpriced")
      .flatMap((row) => {
        const reason = textIn(row, "unpriced")
        return reason === null ? [] : [{ ...model(row), reason, calls: countIn(row, "calls") }]
      })
      .sort((a, b) => b.calls - a.calls || (`${a.model} ${a.reason}` < `${b.model} ${b.reason}` ? -1 : 1)),
    models: of("model")
      .map((row): ModelPart => ({ ...model(row), ...partIn(row) }))
      .sort(commonestFirst(({ model, provider }) => `${model} ${provider}`)),
    slices: of("slice")
      .map((row): SlicePart => {
        const part = partIn(row)
        const own = rankedIn(row, by)
        return {
          slice: textIn(row, "slice") ?? "",
          ...part,
          ranked: own,
          shareOfCalls: part.calls / whole.calls,
          shareOfSpend: by === null ? null : shareOf(nanoOfAmount(own), whole.nano)
        }
      })
      .sort(dearestFirst),
    months: of("month")
      .map((row): MonthPart => ({ month: textIn(row, "month"), ...partIn(row) }))
      .sort((a, b) => ((a.month ?? "9") < (b.month ?? "9") ? -1 : 1)),
    forecast: {
      billed: forecastOf(period, recent("Billed"), {
        unknown:
          spend.billed.calls === 0
            ? "the archive does not say what was billed"
            : `no call of its last ${recentDays} days says what was billed`
      }),
      repriced: forecastOf(period, recent("Repriced"), {
        unknown:
          spend.repriced.calls === 0
            ? "none of its calls has a price"
            : `no call of its last ${recentDays} days has a price`
      })
    },
    sessions: countIn(rows.find((row) => countIn(row, "kind") === kindOfSessions.count) ?? {}, "calls"),
    topSessions:
      by === null
        ? []
        : yield* dearestSessions(
            ask,
            rows.filter((row) => countIn(row, "kind") === kindOfSessions[by]),
            by
          )
  }
  return spending
})
