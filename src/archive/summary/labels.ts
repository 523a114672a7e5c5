import * as Effect from "effect/Effect"

import { literal } from "../../store/duck.ts"
import type { Ask } from "./ask.ts"
import { countIn, type Row, textIn } from "./cells.ts"

/** A label that calls carry. */
export interface LabelSummary {
  readonly name: string
  readonly calls: number
  readonly values: number
  /** Five values at most, the commonest first. */
  readonly common: ReadonlyArray<string>
  /**
   * There where an archive is too large to count the label's values one by one: `values` and `common` are those of a sample of 50,000 calls. Above
   * two million calls `calls` is reckoned from the sample too, and a label that none of it carries is not listed.
   */
  readonly sampled?: true
}

/** How much is looked at. */
export interface Effort {
  /** Up to so many calls all values of all labels are counted; of a larger archive a sample tells which labels have few. */
  readonly looked: number
  readonly sample: number
  /** Labels with so few values in the sample are counted over all calls, and so many of these labels. */
  readonly few: number
  readonly counted: number
  /** Above so many calls only labels with a column of their own are counted over all calls; all else is told from the sample. */
  readonly most: number
}
const usual: Effort = { looked: 200_000, sample: 50_000, few: 1_000, counted: 12, most: 2_000_000 }

/** Labels that have a column of their own, which is read faster than the text of all labels. */
const copied = ["engineer", "team", "project", "environment", "repo", "taskType"] as const
const isCopied = (name: string): boolean => copied.some((one) => one === name)

const valuesOf = (source: string) => `
  WITH entries AS (SELECT unnest(map_entries(CAST(labels AS MAP(VARCHAR, VARCHAR)))) AS entry FROM ${source}),
    counted AS (SELECT entry.key AS name, entry.value AS value, count(*) AS calls FROM entries GROUP BY ALL)
  SELECT name, CAST(sum(calls) AS BIGINT) AS calls, count(*) AS values,
    to_json(list(value ORDER BY calls DESC, value)[:5])::VARCHAR AS common
  FROM counted GROUP BY name ORDER BY name`

/** A label of a call by its name, whatever characters that has: by a JSON pointer. */
export const labelPointer = (name: string): string => literal(`/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`)

/** All names with the calls that carry them, and values and the commonest of some: all in one go over the calls. `bits` tells which a row is of. */
const countedSql = (names: ReadonlyArray<string>) => {
  const columns = ["names", ...names.map((_, at) => `l${at}`)]
  const others = names.filter((name) => !isCopied(name))
  const found = names
    .map((name, at) => `, ${isCopied(name) ? `"${name}"` : `found[${others.indexOf(name) + 1}]`} AS l${at}`)
    .join("")
  const extracted =
    others.length === 0 ? "" : `, json_extract_string(labels, [${others.map(labelPointer).join(", ")}]) AS found`
  return `WITH small AS MATERIALIZED (
      SELECT grouping_id(${columns.join(", ")}) AS bits, ${columns.join(", ")}, count(*) AS calls
      FROM (SELECT names${found} FROM (SELECT json_keys(labels) AS names, ${copied.join(", ")}${extracted} FROM calls))
      GROUP BY GROUPING SETS (${columns.map((column) => `(${column})`).join(", ")})),
    known AS (SELECT bits, coalesce(${columns.slice(1).join(", ") || "NULL"}, '') AS value, calls FROM small
      WHERE names IS NULL AND coalesce(${columns.slice(1).join(", ") || "NULL"}) IS NOT NULL)
    SELECT bits, NULL AS name, NULL AS calls, count(*) AS values, to_json(list(value ORDER BY calls DESC, value)[:5])::VARCHAR AS common
    FROM known GROUP BY bits
    UNION ALL
    SELECT NULL, name, CAST(sum(calls) AS BIGINT), NULL, NULL FROM (SELECT unnest(names) AS name, calls FROM small WHERE names IS NOT NULL)
    GROUP BY name ORDER BY name`
}

/** Labels that have a column of their own, each counted over all calls. */
const copiedSql = copied
  .map(
    (name) => `SELECT '${name}' AS name, CAST(sum(calls) AS BIGINT) AS calls, count(*) AS values,
      to_json(list(value ORDER BY calls DESC, value)[:5])::VARCHAR AS common
    FROM (SELECT "${name}" AS value, count(*) AS calls FROM calls WHERE "${name}" IS NOT NULL GROUP BY 1)`
  )
  .join(" UNION ALL ")

const commonIn = (row: Row): ReadonlyArray<string> => {
  const list: unknown = JSON.parse(textIn(row, "common") ?? "[]")
  return Array.isArray(list) ? list.map(String) : []
}

const labelIn = (row: Row): LabelSummary => ({
  name: textIn(row, "name") ?? "",
  calls: countIn(row, "calls"),
  values: countIn(row, "values"),
  common: commonIn(row)
})

/** The labels of an archive by name: how many calls carry each, and how many values it has. */
export const labelsOf = Effect.fnUntraced(function* (ask: Ask, calls: number, effort: Effort = usual) {
  if (calls <= effort.looked) return (yield* ask(valuesOf("calls"))).map(labelIn)
  const every = Math.ceil(calls / effort.sample)
  const seen = (yield* ask(valuesOf(`(SELECT labels FROM calls WHERE rowid % ${every} = 0)`))).map(labelIn)
  if (calls > effort.most) {
    const exact = (yield* ask(copiedSql)).filter((row) => countIn(row, "values") > 0).map(labelIn)
    const others = seen.filter(({ name }) => !isCopied(name))
    return [
      ...exact,
      ...others.map((label): LabelSummary => ({ ...label, calls: Math.min(calls, label.calls * every), sampled: true }))
    ].sort((a, b) => (a.name < b.name ? -1 : 1))
  }
  const names = seen
    .filter(({ values }) => values <= effort.few)
    .sort((a, b) => b.calls - a.calls)
    .slice(0, effort.counted)
    .map(({ name }) => name)
  const rows = yield* ask(countedSql(names))
  // A row's set is told by the one column that is in it: the only bit that is not set, the last column's being the lowest.
  const counted = new Map(
    rows.flatMap((row) => {
      if (row["bits"] === null) return []
      const column = names.length - Math.log2(2 ** (names.length + 1) - 1 - countIn(row, "bits"))
      return [[names[column - 1], { values: countIn(row, "values"), common: commonIn(row) }] as const]
    })
  )
  return rows
    .filter((row) => row["bits"] === null)
    .map((row): LabelSummary => {
      const name = textIn(row, "name") ?? ""
      const exact = counted.get(name)
      if (exact !== undefined) return { name, calls: countIn(row, "calls"), ...exact }
      const { common = [], values = 0 } = seen.find((label) => label.name === name) ?? {}
      return { name, calls: countIn(row, "calls"), values, common, sampled: true }
    })
})
