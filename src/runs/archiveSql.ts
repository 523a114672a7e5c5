import * as Effect from "effect/Effect"

import { readSlices } from "../archive/slices/file.ts"
import { columns } from "../report/columns.ts"
import { counted } from "../report/figures.ts"
import { Archives } from "../store/Archives.ts"
import { innerColumns } from "../store/indexColumns.ts"

/** A value of a query as JSON has it: what is no safe number is decimal text, a time ISO 8601, bytes hex digits. */
const jsonOf = (value: unknown): unknown => {
  if (typeof value === "bigint") return value.toString()
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? String(value) : value.toISOString()
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex")
  if (Array.isArray(value)) return value.map(jsonOf)
  if (typeof value === "number" && !Number.isFinite(value)) return String(value)
  if (typeof value !== "object" || value === null) return value === undefined ? null : value
  return Object.fromEntries(Object.entries(value).map(([name, inside]) => [name, jsonOf(inside)]))
}

const cellOf = (value: unknown): string =>
  value === null
    ? "NULL"
    : typeof value === "string"
      ? value
      : typeof value === "object"
        ? JSON.stringify(value)
        : String(value)

/** Columns whose values are all figures stand at the right. */
const figures = (rows: ReadonlyArray<ReadonlyArray<unknown>>, names: ReadonlyArray<string>) =>
  names.flatMap((_, at) =>
    rows.length > 0 && rows.every((row) => row[at] === null || /^-?[\d.]+$/.test(cellOf(row[at]))) ? [at] : []
  )

/** Types whose values are told as text: decimals would lose digits as numbers. */
const asText = /^(DECIMAL|DATE$|TIME$|INTERVAL$)/

/** The query with the columns of such types as text. Without any, or where it cannot be taken apart (EXPLAIN, two columns of a name), as it is. */
const withTexts = Effect.fnUntraced(function* (name: string, sql: string) {
  const inner = `(\n${sql.replace(/[;\s]+$/, "")}\n)`
  const described = yield* Effect.result((yield* Archives).userQuery(name, `DESCRIBE SELECT * FROM ${inner}`))
  if (described._tag === "Failure") return sql
  const texts = described.success.rows
    .filter((row) => asText.test(String(row["column_type"])))
    .map((row) => `"${String(row["column_name"]).replaceAll('"', '""')}"`)
  if (texts.length === 0) return sql
  return `SELECT * REPLACE (${texts.map((column) => `CAST(${column} AS VARCHAR) AS ${column}`).join(", ")}) FROM ${inner}`
})

/** What a user's query over an archive's index gives: columns and rows, in its order. Whole numbers beyond 2^53 and decimals are texts. */
export const askedOfIndex = Effect.fnUntraced(function* (name: string, sql: string) {
  const archives = yield* Archives
  if (/\bslice/i.test(sql)) yield* readSlices(name)
  const { columns: names, more, rows } = yield* archives.userQuery(name, yield* withTexts(name, sql))
  const values = rows.map((row) => names.map((column) => jsonOf(row[column])))
  const shown = values.map((row) => row.map(cellOf))
  return {
    doc: { columns: names, rows: values, more },
    text: [
      ...columns([names, ...shown], { right: figures(values, names) }),
      more
        ? `… more than ${counted(rows.length, "row")}: narrow the query, or add LIMIT and OFFSET`
        : `(${counted(rows.length, "row")})`
    ].join("\n")
  }
})

const about: Readonly<Record<string, string>> = {
  calls: "a row a call: tokens, money (whole nano-dollars), times, labels; no content",
  sliced: "the same with the slice of each call",
  slices: "the slices of the archive's slices file",
  signals: "how calls, trajectories and sessions went",
  templates: "what prompts look like with their changing parts masked",
  skips: "records that were not imported",
  sources: "files that were read to their end",
  imports: "each import, with its time",
  blobs: "pictures, documents and long texts beside the lines"
}

/** Words as lines of so many characters, each behind two spaces. */
const wrapped = (words: ReadonlyArray<string>, most = 110): ReadonlyArray<string> => {
  const lines: Array<string> = []
  for (const word of words) {
    const longer = `${lines.at(-1) ?? ""}, ${word}`
    if (lines.length > 0 && longer.length <= most) lines[lines.length - 1] = longer
    else lines.push(`  ${word}`)
  }
  return lines
}

/** The tables and views that a user's query may name, with their columns. */
export const tablesOfIndex = Effect.fnUntraced(function* (name: string) {
  const rows = yield* (yield* Archives).query(
    name,
    `SELECT table_name AS "table", column_name AS "column", data_type AS type FROM information_schema.columns ORDER BY "table", ordinal_position`
  )
  const inner = new Set<string>(innerColumns)
  const tables = Object.entries(about).map(([table, said]) => ({
    table,
    about: said,
    columns: rows
      .filter((row) => row["table"] === table && !inner.has(String(row["column"])))
      .map((row) => ({ name: String(row["column"]), type: String(row["type"]) }))
  }))
  return {
    doc: { archive: name, tables },
    text: [
      `Tables and views of archive ${name}; the SQL is DuckDB's, read-only.`,
      ...tables.flatMap(({ about: said, columns: names, table }) => [
        "",
        `${table}: ${said}`,
        ...wrapped(names.map((column) => `${column.name} ${column.type}`))
      ]),
      "",
      `understudy archive ${name} --sql "SELECT model, count(*) AS calls FROM calls GROUP BY model ORDER BY calls DESC"`
    ].join("\n")
  }
})
