import type { ArchivedCall } from "../domain/Call.ts"
import { digestOfText } from "../domain/digest.ts"
import { Fault } from "../domain/Fault.ts"
import type { CallRow } from "./Archives.ts"
import { jsonLines, literal } from "./duck.ts"
import type { Identity } from "./identity.ts"
import type { Place } from "./segment.ts"

/** The tables of an archive's index, with DuckDB's types. Tokens are NULL where they are not known, which is not zero. */
const columns = {
  calls: {
    id: "VARCHAR",
    model: "VARCHAR",
    provider: "VARCHAR",
    sessionId: "VARCHAR",
    trajectoryId: "VARCHAR",
    stepIndex: "BIGINT",
    startedAt: "VARCHAR",
    latencyMs: "DOUBLE",
    fidelity: "VARCHAR",
    stopReason: "VARCHAR",
    complete: "BOOLEAN",
    requestDigest: "VARCHAR",
    questionDigest: "VARCHAR",
    contentDigest: "VARCHAR",
    nativeId: "VARCHAR",
    /** Without what the provider said of it in its own words (`raw`). */
    usage: "JSON",
    inputTokens: "BIGINT",
    uncachedTokens: "BIGINT",
    cacheReadTokens: "BIGINT",
    cacheWrite5mTokens: "BIGINT",
    cacheWrite1hTokens: "BIGINT",
    cacheWriteOtherTokens: "BIGINT",
    outputTokens: "BIGINT",
    textTokens: "BIGINT",
    reasoningTokens: "BIGINT",
    billedNanoUsd: "HUGEINT",
    billedBasis: "VARCHAR",
    billing: "VARCHAR",
    labels: "JSON",
    importer: "VARCHAR",
    dedupeKey: "VARCHAR",
    import: "INTEGER",
    byteOffset: "BIGINT",
    byteLength: "BIGINT"
  },
  messages: { hash: "VARCHAR", byteOffset: "BIGINT", byteLength: "BIGINT" },
  blobs: { sha256: "VARCHAR" },
  skips: { file: "VARCHAR", line: "BIGINT", reason: "VARCHAR", import: "INTEGER" }
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>

/** A table that is filled from lines at a commit. */
export type Table = keyof typeof columns
export const tables: ReadonlyArray<Table> = ["calls", "messages", "blobs", "skips"]

/** Files whose committed lengths the index keeps. */
export const contentFiles = ["calls.jsonl", "messages.jsonl"] as const

const definition = (table: Table) =>
  Object.entries(columns[table])
    .map(([name, type]) => `"${name}" ${type}`)
    .join(", ")

/** Makes the tables where they are not there. `started` is `startedAt` as a timestamp in UTC, NULL where it is none. */
export const schema: ReadonlyArray<string> = [
  ...tables.map(
    (table) =>
      `CREATE TABLE IF NOT EXISTS ${table} (${definition(table)}${table === "calls" ? ", started TIMESTAMP" : ""})`
  ),
  "CREATE TABLE IF NOT EXISTS imports (import INTEGER, importedAt VARCHAR, calls BIGINT, skips BIGINT)",
  "CREATE TABLE IF NOT EXISTS committed (file VARCHAR, bytes BIGINT)"
]

/** Fills a table from a file of lines. */
export const fill = (table: Table, file: string): string => {
  const names = Object.keys(columns[table]).map((name) => `"${name}"`)
  const started = table === "calls"
  return `INSERT INTO ${table} (${names.join(", ")}${started ? ", started" : ""}) SELECT ${names.join(", ")}${
    started ? ", TRY_CAST(startedAt AS TIMESTAMP)" : ""
  } FROM ${jsonLines(file, columns[table])}`
}

/** Notes an import and the lengths that its commit makes true. */
export const noteCommit = (
  imported: { readonly import: number; readonly importedAt: string; readonly calls: number; readonly skips: number },
  lengths: ReadonlyArray<readonly [file: string, bytes: number]>
): ReadonlyArray<string> => [
  `INSERT INTO imports VALUES (${imported.import}, ${literal(imported.importedAt)}, ${imported.calls}, ${imported.skips})`,
  "DELETE FROM committed",
  `INSERT INTO committed VALUES ${lengths.map(([file, bytes]) => `(${literal(file)}, ${bytes})`).join(", ")}`
]

/** The index line of a call, as `fill` reads it. */
export const indexLine = (
  call: ArchivedCall,
  identity: Identity,
  at: Place & { readonly dedupeKey: string; readonly import: number }
) => {
  const { raw: _, ...usage } = call.usage
  return {
    id: call.id,
    model: call.request.model,
    provider: call.request.provider ?? null,
    sessionId: call.grouping.sessionId ?? null,
    trajectoryId: call.grouping.trajectoryId ?? null,
    stepIndex: call.grouping.stepIndex ?? null,
    startedAt: call.timing.startedAt,
    latencyMs: call.timing.latencyMs ?? null,
    fidelity: call.fidelity.grade,
    stopReason: call.response.stopReason,
    complete: call.response.complete,
    requestDigest: identity.request,
    questionDigest: identity.question,
    contentDigest: identity.content,
    nativeId: call.provenance.native["id"] ?? null,
    usage,
    inputTokens: usage.input?.total ?? null,
    uncachedTokens: usage.input?.uncached ?? null,
    cacheReadTokens: usage.input?.cacheRead ?? null,
    cacheWrite5mTokens: usage.input?.cacheWrite5m ?? null,
    cacheWrite1hTokens: usage.input?.cacheWrite1h ?? null,
    cacheWriteOtherTokens: usage.input?.cacheWriteOther ?? null,
    outputTokens: usage.output?.total ?? null,
    textTokens: usage.output?.text ?? null,
    reasoningTokens: usage.output?.reasoning ?? null,
    billedNanoUsd: wholeNano(call),
    billedBasis: call.billed.basis,
    billing: call.billed.billing,
    labels: call.labels,
    importer: call.provenance.importer,
    dedupeKey: at.dedupeKey,
    import: at.import,
    byteOffset: at.offset,
    byteLength: at.length
  } satisfies Record<keyof (typeof columns)["calls"], unknown>
}

/** Money that is no whole number of nano-dollars is an importer's mistake: it is refused rather than rounded. */
const wholeNano = (call: ArchivedCall): string | null => {
  const { nanoUsd } = call.billed
  if (nanoUsd === null || /^-?\d{1,37}$/.test(nanoUsd)) return nanoUsd
  throw new Fault({
    kind: "internal",
    file: call.provenance.file,
    ...(call.provenance.line === undefined ? {} : { line: call.provenance.line }),
    sentence: `the call's bill of "${nanoUsd}" is no whole number of nano-dollars`
  })
}

const rowFields = [
  "id",
  "model",
  "provider",
  "sessionId",
  "trajectoryId",
  "startedAt",
  "fidelity",
  "requestDigest",
  "questionDigest",
  "contentDigest",
  "nativeId",
  "complete",
  "usage",
  "labels"
] as const satisfies ReadonlyArray<keyof CallRow>

/** Index rows as JSON texts, by time, then id; calls without a time come last. Ten times faster than rows of values. */
export const selectRows = `SELECT to_json({${rowFields.map((name) => `'${name}': ${name}`).join(", ")},
  'billedNanoUsd': CAST(billedNanoUsd AS VARCHAR)})::VARCHAR FROM calls ORDER BY started NULLS LAST, id`

/** The digest of an archive: of its sorted call ids. */
export const digestOfIds = (ids: ReadonlyArray<string>): string => digestOfText([...ids].sort().join("\n"))
