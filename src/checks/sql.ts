import * as Schema from "effect/Schema"

import { check } from "./contract.ts"
import { codeIn } from "./fence.ts"

/** One build of the parser a dialect, each some hundred kilobytes: loaded when it is first used. */
const builds = {
  bigquery: () => import("node-sql-parser/build/bigquery.js"),
  mariadb: () => import("node-sql-parser/build/mariadb.js"),
  mysql: () => import("node-sql-parser/build/mysql.js"),
  postgresql: () => import("node-sql-parser/build/postgresql.js"),
  redshift: () => import("node-sql-parser/build/redshift.js"),
  snowflake: () => import("node-sql-parser/build/snowflake.js"),
  sqlite: () => import("node-sql-parser/build/sqlite.js"),
  transactsql: () => import("node-sql-parser/build/transactsql.js")
}
type Dialect = keyof typeof builds

const dialects = Object.keys(builds) as ReadonlyArray<Dialect>

interface SyntaxFault {
  readonly message: string
  readonly location: { readonly start: { readonly line: number; readonly column: number } }
}
const isSyntaxFault = (cause: unknown): cause is SyntaxFault =>
  cause instanceof Error && "location" in cause && typeof cause.location === "object" && cause.location !== null

/** The fault of a text of SQL statements as a sentence with its place; `undefined`: it can be parsed. */
const faultOf = async (sql: string, dialect: Dialect): Promise<string | undefined> => {
  const { default: build } = await builds[dialect]()
  try {
    new build.Parser().astify(sql, { database: dialect })
    return undefined
  } catch (cause) {
    if (!isSyntaxFault(cause)) throw cause
    const found = /but (.*) found\.$/s.exec(cause.message)?.[1] ?? "something else"
    const { column, line } = cause.location.start
    const near = (sql.split("\n")[line - 1] ?? "").slice(Math.max(0, column - 21), column + 20).trim()
    return `line ${line}, column ${column}: ${found} does not belong here, near ${JSON.stringify(near)}`
  }
}

/**
 * Passes when the output is SQL of the dialect, one statement or several: its first fenced block, else the whole text. Only syntax is
 * checked, no table or column is looked up. The parser forgives some things (backquotes in PostgreSQL), and
 * what it does not know of a dialect fails: the originals then show it.
 */
export const sql = check({
  id: "sql",
  about: "the text, or its fenced block, is SQL of a dialect",
  options: Schema.Struct({ dialect: Schema.Literals(dialects) }),
  make:
    ({ dialect }) =>
    async ({ output }) => {
      const text = codeIn(output.text, ["sql", dialect]).trim()
      if (text === "") return { pass: false, message: "There is no SQL: the answer is empty" }
      const fault = await faultOf(text, dialect)
      return fault === undefined
        ? { pass: true, message: `${dialect} can be parsed` }
        : { pass: false, message: `The SQL is not valid ${dialect}: ${fault}` }
    }
})
