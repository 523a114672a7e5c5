import * as Effect from "effect/Effect"

import { Fault } from "../../domain/Fault.ts"
import type { Ask } from "./ask.ts"
import { countIn, type Row, textIn } from "./cells.ts"
import { labelPointer, labelsOf } from "./labels.ts"
import { type Spend, spendColumns, spendIn } from "./money.ts"
import type { Priced } from "./priced.ts"
import { type TokenSums, tokenColumns, tokenSums } from "./tokens.ts"

/** What calls can be grouped by, beside `label:NAME`. */
export const dimensions = ["engineer", "team", "project", "model", "slice", "week", "month", "day", "session"] as const
export type Dimension = (typeof dimensions)[number] | `label:${string}`

/** Calls that have the same values, with the tokens and the spend of them. */
export interface Group extends Spend {
  /** A value for each dimension, in their order; `null`: the calls do not tell. A week is the date of its Monday. */
  readonly values: ReadonlyArray<string | null>
  readonly calls: number
  readonly tokens: TokenSums
}

/** An archive's calls by group. */
export interface Groups {
  readonly by: ReadonlyArray<Dimension>
  /** In order of time where the first dimension is one, else the dearest first. */
  readonly groups: ReadonlyArray<Group>
  /** Groups there are beyond those listed. */
  readonly more: number
  /** There where no call carries a label that was asked for: these labels, and those that calls carry, the commonest first. */
  readonly notThere?: { readonly labels: ReadonlyArray<string>; readonly there: ReadonlyArray<string> }
}

/** Groups that are listed at most. */
export const listedGroups = 10_000

const expressions: Readonly<Record<(typeof dimensions)[number], string>> = {
  engineer: "engineer",
  team: "team",
  project: "project",
  model: "model",
  slice: "slice",
  week: "strftime(date_trunc('week', started), '%Y-%m-%d')",
  month: "strftime(started, '%Y-%m')",
  day: "strftime(started, '%Y-%m-%d')",
  session: `"sessionId"`
}
const times: ReadonlyArray<string> = ["week", "month", "day"]

const isDimension = (text: string): text is Dimension =>
  (/^label:./s.test(text) || dimensions.some((name) => name === text)) && text !== "label:"

const expressionOf = (dimension: Dimension): string => {
  const known = dimensions.find((name) => name === dimension)
  return known === undefined
    ? `json_extract_string(labels, ${labelPointer(dimension.slice("label:".length))})`
    : expressions[known]
}

/** Reads what `--by` says: names, or several with commas between; a label's name may hold commas when it comes last. Fails, kind `usage`, on a name that is none. */
export const dimensionsOf = (given: ReadonlyArray<string>): Effect.Effect<ReadonlyArray<Dimension>, Fault> => {
  const names = given.flatMap((text) => text.split(",")).map((text) => text.trim())
  const wrong = names.find((name) => !isDimension(name))
  return wrong === undefined
    ? Effect.succeed([...new Set(names.filter(isDimension))])
    : Effect.fail(
        new Fault({
          kind: "usage",
          sentence: `calls cannot be grouped by ${JSON.stringify(wrong)}`,
          mend: `Group by ${dimensions.join(", ")} or label:NAME; several are separated by commas.`
        })
      )
}

/** The calls of an archive by one dimension or several: tokens of each kind, and what they cost. */
export const groupsOf = Effect.fnUntraced(function* (ask: Ask, priced: Priced, by: ReadonlyArray<Dimension>) {
  const names = by.map((_, at) => `by${at}`)
  const order = times.includes(by[0] ?? "")
    ? `${names.map((name) => `${name} NULLS LAST`).join(", ")}`
    : `sum(coalesce(repriced, "billedNanoUsd")) DESC NULLS LAST, count(*) DESC, ${names.join(", ")}`
  const columns = [
    ...new Set([
      "model",
      "provider",
      "started",
      "billing",
      `"billedNanoUsd"`,
      `"inputTokens"`,
      `"outputTokens"`,
      `"promptTokens"`,
      `"contextTokens"`,
      `"textTokens"`,
      `"reasoningTokens"`,
      `"uncachedTokens"`,
      `"cacheReadTokens"`,
      `"cacheWrite5mTokens"`,
      `"cacheWrite1hTokens"`,
      `"cacheWriteOtherTokens"`,
      ...(by.includes("slice") ? ["slice"] : []),
      ...(by.includes("session") ? [`"sessionId"`] : []),
      ...(by.some((name) => name.startsWith("label:")) ? ["labels"] : []),
      ...by.filter((name) => ["engineer", "team", "project"].includes(name))
    ])
  ]
  const rows: ReadonlyArray<Row> = yield* ask(`
    SELECT ${by.map((one, at) => `${expressionOf(one)} AS by${at}`).join(", ")}, ${[...spendColumns, ...tokenColumns].join(", ")},
      count(*) OVER () AS "groups"
    FROM (${priced.sql(columns, by.includes("slice") ? "sliced" : "calls")})
    GROUP BY ${names.join(", ")} ORDER BY ${order} LIMIT ${listedGroups}`)
  const groups: Groups = {
    by,
    groups: rows.map((row) => ({
      values: names.map((name) => textIn(row, name)),
      calls: countIn(row, "calls"),
      tokens: tokenSums(row),
      ...spendIn(row)
    })),
    more: Math.max(0, countIn(rows[0] ?? {}, "groups") - rows.length)
  }
  const absent =
    groups.more > 0
      ? []
      : by.filter((one, at) => one.startsWith("label:") && groups.groups.every(({ values }) => values[at] === null))
  if (absent.length === 0 || groups.groups.length === 0) return groups
  const calls = groups.groups.reduce((total, group) => total + group.calls, 0)
  const there = (yield* labelsOf(ask, calls)).toSorted((a, b) => b.calls - a.calls).map(({ name }) => name)
  return { ...groups, notThere: { labels: absent.map((one) => one.slice("label:".length)), there } }
})
