import { digestOfText } from "../domain/digest.ts"
import { jsonLines, literal } from "./duck.ts"
import { type CallColumn, callColumns, innerColumns } from "./indexColumns.ts"

/** The tables of an archive's index that are filled from lines at a commit, with DuckDB's types. */
const columns = {
  calls: callColumns,
  blobs: { sha256: "VARCHAR" },
  skips: { file: "VARCHAR", line: "BIGINT", reason: "VARCHAR", import: "INTEGER" },
  /** Signals as they were told: `byteOffset` is that of the call which brought it, NULL where it was told apart. */
  told: {
    scope: "VARCHAR",
    target: "VARCHAR",
    name: "VARCHAR",
    value: "VARCHAR",
    type: "VARCHAR",
    source: "VARCHAR",
    comment: "VARCHAR",
    at: "VARCHAR",
    byteOffset: "BIGINT"
  },
  templates: { key: "VARCHAR", tools: "VARCHAR", system: "VARCHAR", user: "VARCHAR" },
  sources: { file: "VARCHAR", bytes: "BIGINT", mtimeMs: "DOUBLE", head: "VARCHAR" },
  /** Calls of sessions, while they wait: no table. */
  members: {},
  /** Lines of calls that a fuller copy has replaced, while they wait. */
  dead: { byteOffset: "BIGINT" }
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>

/** A table that is filled from lines at a commit. */
export type Table = keyof typeof columns
export const tables = Object.keys(columns) as ReadonlyArray<Table>

/** Files of content whose committed lengths the index keeps, under these names for the first ones and numbered ones afterwards. */
export const contentFiles = ["calls.jsonl", "messages.jsonl", "derived.jsonl", "places"] as const
export type ContentFile = (typeof contentFiles)[number]

/** What was derived of calls, by the offset of the call's line; `known`: the call was in the index before. */
export const derivedColumns = {
  byteOffset: "BIGINT",
  known: "BOOLEAN",
  trajectoryId: "VARCHAR",
  stepIndex: "BIGINT",
  branch: "VARCHAR",
  parentCallId: "VARCHAR",
  parentTrajectoryId: "VARCHAR",
  structure: "VARCHAR",
  contextTokens: "BIGINT",
  sourceBasis: "VARCHAR",
  contextFound: "BOOLEAN",
  derivedOffset: "BIGINT",
  derivedLength: "BIGINT"
} as const

const definition = (table: Table) =>
  Object.entries(columns[table])
    .map(([name, type]) => `"${name}" ${type}`)
    .join(", ")

/** Makes the tables where they are not there. `started` is `startedAt` as a timestamp in UTC, NULL where it is none. */
export const schema: ReadonlyArray<string> = [
  ...tables
    .filter((table) => table !== "dead" && table !== "members")
    .map(
      (table) =>
        `CREATE TABLE IF NOT EXISTS ${table} (${definition(table)}${table === "calls" ? ", started TIMESTAMP" : ""})`
    ),
  "CREATE TABLE IF NOT EXISTS imports (import INTEGER, importedAt VARCHAR, calls BIGINT, skips BIGINT)",
  "CREATE TABLE IF NOT EXISTS committed (kind VARCHAR, file VARCHAR, bytes BIGINT)",
  "CREATE VIEW IF NOT EXISTS signals AS SELECT DISTINCT * EXCLUDE (byteOffset) FROM told"
]

/** A file of lines that wait for the commit. */
export interface Waiting {
  readonly file: string
  /** Bytes of its longest line. */
  readonly longest: number
}

const linesOf = (table: Table, { file, longest }: Waiting): string => jsonLines(file, columns[table], longest)

/** Fills a table from lines that wait. */
export const fill = (table: "blobs" | "skips" | "templates", waiting: Waiting): string =>
  `INSERT INTO ${table} SELECT ${namesOf(table)} FROM ${linesOf(table, waiting)}`

/** Fills `told`, what came with calls in `dead` left out. */
export const fillTold = (waiting: Waiting, dead: Waiting | undefined): string => `
  INSERT INTO told SELECT ${namesOf("told")} FROM ${linesOf("told", waiting)}
  ${dead === undefined ? "" : `WHERE byteOffset IS NULL OR byteOffset NOT IN (${offsetsIn(dead)})`}`

const offsetsIn = (dead: Waiting) => `SELECT byteOffset FROM ${linesOf("dead", dead)}`

const namesOf = (table: Table) =>
  Object.keys(columns[table])
    .map((name) => `"${name}"`)
    .join(", ")

/** Columns of `calls` that are no column of its lines. */
const worked = new Set<string>(["promptTokens", "contextFound", "derivedOffset", "derivedLength"])

/** Fills `calls` from a part of the lines that wait, those in `dead` left out, with what was derived of them where there are lines of that. */
export const fillCalls = (waiting: Waiting, dead: Waiting | undefined, derived: Waiting | undefined): string => {
  const all = Object.keys(callColumns) as ReadonlyArray<CallColumn>
  const own = Object.fromEntries(all.filter((name) => !worked.has(name)).map((name) => [name, callColumns[name]]))
  const either = (name: string) => {
    const parts = [
      ...(derived !== undefined && name in derivedColumns && name !== "byteOffset" ? [`d."${name}"`] : []),
      ...(name in own ? [`w."${name}"`] : [])
    ]
    return parts.length === 2 ? `coalesce(${parts.join(", ")})` : (parts[0] ?? "NULL")
  }
  const values = all.map((name) =>
    name === "promptTokens" ? `w.inputTokens - ${either("contextTokens")}` : either(name)
  )
  return `INSERT INTO calls (${all.map((name) => `"${name}"`).join(", ")}, started)
    SELECT ${values.join(", ")}, TRY_CAST(w.startedAt AS TIMESTAMP) FROM ${jsonLines(waiting.file, own, waiting.longest)} w
    ${derived === undefined ? "" : `LEFT JOIN ${jsonLines(derived.file, derivedColumns, derived.longest)} d ON w.byteOffset = d.byteOffset`}
    ${dead === undefined ? "" : `WHERE w.byteOffset NOT IN (${offsetsIn(dead)})`}`
}

/** Takes out of the index what was replaced. */
export const dropDead = (dead: Waiting): ReadonlyArray<string> =>
  ["calls", "told"].map((table) => `DELETE FROM ${table} WHERE byteOffset IN (${offsetsIn(dead)})`)

/** Takes what was derived of calls that were there before into the index. */
export const updateDerived = (derived: Waiting): string => {
  const names = Object.keys(derivedColumns).filter((name) => name !== "byteOffset" && name !== "known")
  return `UPDATE calls SET ${names.map((name) => `"${name}" = d."${name}"`).join(", ")}, promptTokens = inputTokens - d.contextTokens
    FROM ${jsonLines(derived.file, derivedColumns, derived.longest)} d WHERE d.known AND calls.byteOffset = d.byteOffset`
}

/** Takes the files that were read to their end into the index. */
export const fillSources = (sources: Waiting): ReadonlyArray<string> => [
  `DELETE FROM sources WHERE file IN (SELECT file FROM ${linesOf("sources", sources)})`,
  `INSERT INTO sources SELECT * FROM ${linesOf("sources", sources)}`
]

/** A row of `imports`: how many calls and skipped records an import added. */
export interface Import {
  readonly import: number
  /** ISO 8601. */
  readonly importedAt: string
  readonly calls: number
  readonly skips: number
}

/** Notes imports and the lengths that their commit makes true. */
export const noteCommit = (
  imports: ReadonlyArray<Import>,
  lengths: ReadonlyArray<readonly [kind: ContentFile, file: string, bytes: number]>
): ReadonlyArray<string> => [
  ...imports.map(
    (one) => `INSERT INTO imports VALUES (${one.import}, ${literal(one.importedAt)}, ${one.calls}, ${one.skips})`
  ),
  "DELETE FROM committed",
  `INSERT INTO committed VALUES ${lengths.map(([kind, file, bytes]) => `(${literal(kind)}, ${literal(file)}, ${bytes})`).join(", ")}`
]

/** The first twelve bytes of a text's digest as three columns of numbers; a text that is a digest stands for itself. */
export const wordsOf = (text: string): string => {
  const digest = `(CASE WHEN regexp_full_match(${text}, '[0-9a-f]{64}') THEN ${text} ELSE sha256(${text}) END)`
  return [1, 9, 17].map((from) => `CAST('0x' || substr(${digest}, ${from}, 8) AS UINTEGER)`).join(", ")
}

/** Columns of `calls` without those that serve the archive alone. */
export const plainCalls = `* EXCLUDE (${innerColumns.join(", ")})`

/** The digest of an archive: of its sorted call ids. */
export const digestOfIds = (ids: ReadonlyArray<string>): string => digestOfText([...ids].sort().join("\n"))
