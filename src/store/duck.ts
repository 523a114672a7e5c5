import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"

import { Fault } from "../domain/Fault.ts"

/** Named values of a statement: `$name` in the SQL. */
export type Values = Readonly<Record<string, string | number | bigint | boolean | null>>

/** An open database. One statement at a time; interrupting the fiber stops the statement. */
export interface Duck {
  /**
   * Runs one statement; its rows as plain objects. Integers are numbers where they are safe, else `bigint`; timestamps are `Date`;
   * decimals are floating: cast money to VARCHAR. JSON columns are text.
   */
  query(sql: string, values?: Values): Effect.Effect<ReadonlyArray<Record<string, unknown>>, Fault>
  /** Runs one statement and gives its result piece by piece, by column: for results too large to hold. Values are DuckDB's own. */
  each(
    sql: string,
    visit: (columns: ReadonlyArray<ReadonlyArray<unknown>>) => void,
    values?: Values
  ): Effect.Effect<void, Fault>
  /** Statements that take no values and give no rows, all or none of them. */
  transaction(statements: ReadonlyArray<string>): Effect.Effect<void, Fault>
}

/** Nothing is loaded from elsewhere: what is needed is built in. */
const options = { autoinstall_known_extensions: "false", autoload_known_extensions: "false" }

/** Files that this process has open for writing: DuckDB's lock keeps out other processes only. */
const writing = new Set<string>()

const busy = (file: string) =>
  new Fault({
    kind: "infrastructure",
    file,
    sentence: "the database is in use: an import, or another reader, has it open",
    mend: "Wait until it is done and run the command again."
  })

const failed =
  (file: string, kind: Fault["kind"]) =>
  (cause: unknown): Fault => {
    if (cause instanceof Fault) return cause
    const said = cause instanceof Error ? cause.message : String(cause)
    if (/could not set lock|different configuration/i.test(said)) return busy(file)
    const full = /no space left|out of disk space/i.test(said)
    return new Fault({
      kind: full || /^IO Error/.test(said) ? "infrastructure" : kind,
      file,
      sentence: full ? "the disk is full" : said.split("\n")[0]!,
      ...(full ? { mend: "Free some space and run the same command again." } : {})
    })
  }

/**
 * Opens a database file (or `:memory:`, which `write` makes) for the scope. A file has one writer, and no reader beside it; who comes
 * too late gets a `Fault` of kind `infrastructure`. Several may read.
 */
export const openDuck = (file: string, mode: "read" | "write"): Effect.Effect<Duck, Fault, Scope.Scope> =>
  Effect.gen(function* () {
    if (mode === "write" && file !== ":memory:") {
      yield* Effect.acquireRelease(
        Effect.suspend(() => (writing.has(file) ? Effect.fail(busy(file)) : Effect.sync(() => writing.add(file)))),
        () => Effect.sync(() => writing.delete(file))
      )
    }
    const instance = yield* Effect.acquireRelease(
      Effect.tryPromise({ try: () => load(file, mode), catch: failed(file, "input") }),
      (one) => Effect.sync(() => one.closeSync())
    )
    const connection = yield* Effect.acquireRelease(
      Effect.tryPromise({ try: () => instance.connect(), catch: failed(file, "infrastructure") }),
      (one) => Effect.sync(() => one.closeSync())
    )
    const one = yield* Semaphore.make(1)
    const run = <A>(work: () => Promise<A>) =>
      Effect.callback<A, Fault>((resume) => {
        const ended = work().then(
          (value) => resume(Effect.succeed(value)),
          (cause: unknown) => resume(Effect.fail(failed(file, "internal")(cause)))
        )
        return Effect.suspend(() => {
          // DuckDB forgets an interruption that comes before the statement has begun to run: it is told until the statement ends.
          const telling = setInterval(() => connection.interrupt(), 10)
          connection.interrupt()
          return Effect.promise(() => ended.finally(() => clearInterval(telling)))
        })
      }).pipe(one.withPermit)
    return {
      query: (sql, values) => run(() => rowsOf(connection, sql, values)),
      each: (sql, visit, values) => run(() => visitChunks(connection, sql, visit, values)),
      transaction: (statements) => run(() => inTransaction(connection, statements))
    }
  })

const load = async (file: string, mode: "read" | "write"): Promise<DuckDBInstance> => {
  // Loaded when it is needed: the native library takes longer to load than `--help` may.
  const { DuckDBInstance } = await import("@duckdb/node-api")
  return file === ":memory:"
    ? DuckDBInstance.create(file, options)
    : DuckDBInstance.fromCache(file, { ...options, access_mode: mode === "read" ? "READ_ONLY" : "READ_WRITE" })
}

const bound = (values: Values | undefined) =>
  values === undefined
    ? undefined
    : Object.fromEntries(
        Object.entries(values).map(([name, value]) => [
          name,
          typeof value === "number" && Number.isSafeInteger(value) && Math.abs(value) > 0x7fff_ffff
            ? BigInt(value)
            : value
        ])
      )

const rowsOf = async (connection: DuckDBConnection, sql: string, values: Values | undefined) => {
  const read = await connection.runAndReadAll(sql, bound(values))
  return read
    .getRowObjectsJS()
    .map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)])))
}
const plain = (value: unknown): unknown => {
  if (typeof value === "bigint") {
    return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value
  }
  return Array.isArray(value) ? value.map(plain) : value
}

const visitChunks = async (
  connection: DuckDBConnection,
  sql: string,
  visit: (columns: ReadonlyArray<ReadonlyArray<unknown>>) => void,
  values: Values | undefined
) => {
  const result = await connection.stream(sql, bound(values))
  for (;;) {
    const chunk = await result.fetchChunk()
    if (chunk === null || chunk.rowCount === 0) return
    visit(chunk.getColumns())
  }
}

const inTransaction = async (connection: DuckDBConnection, statements: ReadonlyArray<string>) => {
  await connection.run("BEGIN TRANSACTION")
  try {
    for (const statement of statements) await connection.run(statement)
    await connection.run("COMMIT")
  } catch (cause) {
    await connection.run("ROLLBACK")
    throw cause
  }
}

/** A text as an SQL literal. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** A path in a `read_json`, taken as it is and not as a pattern. */
const pathLiteral = (file: string) => literal(file.replace(/[[*?]/g, "[$&]"))

/** A file of JSON lines as a table expression with explicit columns. */
export const jsonLines = (file: string, columns: Readonly<Record<string, string>>): string => {
  const spec = Object.entries(columns).map(([name, type]) => `${literal(name)}: ${literal(type)}`)
  return `read_json(${pathLiteral(file)}, format = 'newline_delimited', columns = {${spec.join(", ")}})`
}

/** A file of JSON lines as a table expression with one column, `json`. */
export const jsonObjects = (file: string): string => `read_ndjson_objects(${pathLiteral(file)})`
