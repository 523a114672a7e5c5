import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"

import { Fault } from "../domain/Fault.ts"
import { fullDisk } from "./disk.ts"

/** Named values of a statement: `$name` in the SQL. */
export type Values = Readonly<Record<string, string | number | bigint | boolean | null>>

/** Rows of a user's statement, as `query` gives them. */
export interface Read {
  readonly columns: ReadonlyArray<string>
  readonly rows: ReadonlyArray<Record<string, unknown>>
  readonly more: boolean
}

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
  /**
   * Runs a user's own statement, which must be one that only reads; gives its first rows. What is wrong with it is a `Fault` of kind `input`, with
   * DuckDB's words.
   */
  read(sql: string, limit: number): Effect.Effect<Read, Fault>
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
      sentence: full ? fullDisk : said.split("\n")[0]!,
      ...(full ? { mend: "Free some space and run the same command again." } : {})
    })
  }

/**
 * Opens a database file (or `:memory:`, which `write` makes) for the scope. A file has one writer, and no reader beside it; who comes
 * too late gets a `Fault` of kind `infrastructure`. Several may read. `alone`: for reading, with settings of its own.
 */
export const openDuck = (file: string, mode: "read" | "write" | "alone"): Effect.Effect<Duck, Fault, Scope.Scope> =>
  Effect.gen(function* () {
    if (mode === "alone" && writing.has(file)) return yield* busy(file)
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
      read: (sql, limit) => run(() => readOnly(connection, file, sql, limit)),
      each: (sql, visit, values) => run(() => visitChunks(connection, sql, visit, values)),
      transaction: (statements) => run(() => inTransaction(connection, statements))
    }
  })

/**
 * Filling an index takes no more memory than this: what does not fit is put aside in the archive's own folder. One thread takes the least, and is
 * hardly slower than two.
 */
const filling = {
  memory_limit: "128MB",
  threads: "1",
  preserve_insertion_order: "false",
  write_buffer_row_group_count: "1",
  allocator_flush_threshold: "8MB",
  allocator_bulk_deallocation_flush_threshold: "8MB"
}

const load = async (file: string, mode: "read" | "write" | "alone"): Promise<DuckDBInstance> => {
  // Loaded when it is needed: the native library takes longer to load than `--help` may.
  const { DuckDBInstance } = await import("@duckdb/node-api")
  if (file === ":memory:") return DuckDBInstance.create(file, options)
  if (mode === "alone") return DuckDBInstance.create(file, { ...options, access_mode: "READ_ONLY" })
  return DuckDBInstance.fromCache(
    file,
    mode === "read" ? { ...options, access_mode: "READ_ONLY" } : { ...options, ...filling, access_mode: "READ_WRITE" }
  )
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

/** Statements that a user may run. No EXPLAIN: with ANALYZE it runs what it explains. */
const reading = new Set(["SELECT"])

const readOnly = async (connection: DuckDBConnection, file: string, sql: string, limit: number): Promise<Read> => {
  const { StatementType } = await import("@duckdb/node-api")
  const wrong = (sentence: string, mend?: string) =>
    new Fault({ kind: "input", sentence, ...(mend === undefined ? {} : { mend }) })
  const one = "Write one SELECT; tables: calls, sliced, signals, templates, skips, imports."
  try {
    if (sql.replace(/--.*|\/\*[\s\S]*?\*\//g, "").trim() === "") throw wrong("the SQL is empty", one)
    const extracted = await connection.extractStatements(sql)
    if (extracted.count !== 1) throw wrong(`the SQL is ${extracted.count} statements`, one)
    const prepared = await extracted.prepare(0)
    if (!reading.has(StatementType[prepared.statementType])) throw wrong("the SQL does more than to read", one)
    const reader = await prepared.streamAndReadUntil(limit + 1)
    const rows = reader.getRowObjectsJS().map(plainRow)
    if (!reader.done) {
      connection.interrupt()
      await reader.readAll().catch(() => undefined)
    }
    return { columns: reader.deduplicatedColumnNames(), rows: rows.slice(0, limit), more: rows.length > limit }
  } catch (cause) {
    if (cause instanceof Fault) throw cause
    const fault = failed(file, "input")(cause)
    if (fault.kind === "infrastructure") throw fault
    const said = cause instanceof Error ? cause.message : String(cause)
    const [first = "", hint] = said
      .replace(/^Failed to (extract|prepare) statements?: /, "")
      .split(/\n+(?=Did you mean|Candidate|LINE)/)
    throw wrong(first.trim(), hint?.trim().replace(/\s*\n\s*/g, " "))
  }
}

const plainRow = (row: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)]))

const rowsOf = async (connection: DuckDBConnection, sql: string, values: Values | undefined) => {
  const read = await connection.runAndReadAll(sql, bound(values))
  return read.getRowObjectsJS().map(plainRow)
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
  const next = async () => {
    const chunk = await result.fetchChunk()
    return chunk === null || chunk.rowCount === 0 ? undefined : chunk
  }
  try {
    for (let chunk = await next(); chunk !== undefined; chunk = await next()) visit(chunk.getColumns())
  } catch (cause) {
    // A result that is not read to its end keeps the database open until it is collected as garbage.
    connection.interrupt()
    for (let more = true; more; ) {
      more = await next().then(
        (chunk) => chunk !== undefined,
        () => false
      )
    }
    throw cause
  }
}

const inTransaction = async (connection: DuckDBConnection, statements: ReadonlyArray<string>) => {
  await connection.run("BEGIN TRANSACTION")
  try {
    for (const statement of statements) await connection.run(statement)
    await connection.run("COMMIT")
  } catch (cause) {
    // A commit that failed (a full disk) has rolled back by itself, and what it said counts.
    await connection.run("ROLLBACK").catch(() => undefined)
    throw cause
  }
}

/** A text as an SQL literal. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** A path in a `read_json`, taken as it is and not as a pattern. */
const pathLiteral = (file: string) => literal(file.replace(/[[*?]/g, "[$&]"))

/**
 * A file of JSON lines as a table expression with explicit columns. `longest`: bytes of the longest line, where it is known; DuckDB takes room for
 * several lines as long as it must expect, and expects 16 MB where it is not told.
 */
export const jsonLines = (file: string, columns: Readonly<Record<string, string>>, longest?: number): string => {
  const spec = Object.entries(columns).map(([name, type]) => `${literal(name)}: ${literal(type)}`)
  const most = longest === undefined ? "" : `, maximum_object_size = ${Math.max(1 << 20, longest + 2)}`
  return `read_json(${pathLiteral(file)}, format = 'newline_delimited', columns = {${spec.join(", ")}}${most})`
}

/** A file of JSON lines as a table expression with one column, `json`. */
export const jsonObjects = (file: string): string => `read_ndjson_objects(${pathLiteral(file)})`
