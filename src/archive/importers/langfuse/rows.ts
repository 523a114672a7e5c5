import type { JsonObject } from "../../json.ts"
import { arrayIn, objectIn, textIn, unpacked } from "../../json.ts"
import { momentOf } from "../../times.ts"

/** Types of observations; of these only a GENERATION is a call of a model. */
const types = new Set([
  ...["GENERATION", "SPAN", "EVENT", "AGENT", "TOOL", "CHAIN", "RETRIEVER", "EVALUATOR", "EMBEDDING", "GUARDRAIL"]
])

const camel = new Map<string, string>()

/** The API's name of a field. */
const camelOf = (name: string): string => {
  const known = camel.get(name)
  if (known !== undefined) return known
  const made = name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
  camel.set(name, made)
  return made
}

const isThere = (value: unknown) => value !== undefined && value !== null && value !== ""

/** A field of a row, by its name in the tables and exports (snake case) or in the API (camel case). */
export const fieldIn = (row: JsonObject, ...names: ReadonlyArray<string>): unknown => {
  for (const name of names) {
    if (isThere(row[name])) return row[name]
    const other = row[camelOf(name)]
    if (isThere(other)) return other
  }
  return undefined
}

/** A field as text. */
export const fieldText = (row: JsonObject, ...names: ReadonlyArray<string>): string | undefined =>
  textIn(fieldIn(row, ...names))

/** A field that is an object, or the JSON of one. */
export const fieldObject = (row: JsonObject, ...names: ReadonlyArray<string>): JsonObject =>
  objectIn(unpacked(fieldIn(row, ...names))) ?? {}

/** What a row is, by its shape. */
export type RowKind = "observation" | "score" | "trace" | "ingestion" | "page" | "document" | "other"

const hasAny = (row: JsonObject, ...names: ReadonlyArray<string>) => names.some((name) => name in row)

/** Tells rows of Langfuse's tables and documents of its API apart. */
export const kindOfRow = (row: JsonObject): RowKind => {
  if (objectIn(row["trace"]) !== undefined && arrayIn(row["observations"]) !== undefined) return "document"
  if (arrayIn(row["data"])?.some((one) => objectIn(one) !== undefined) && objectIn(row["meta"]) !== undefined)
    return "page"
  if (/-(create|update)$/.test(textIn(row["type"]) ?? "") && objectIn(row["body"]) !== undefined) return "ingestion"
  if (types.has(textIn(row["type"]) ?? "") && hasAny(row, "trace_id", "traceId")) return "observation"
  if (
    ["API", "ANNOTATION", "EVAL"].includes(textIn(row["source"]) ?? "") &&
    textIn(row["name"]) !== undefined &&
    hasAny(row, "value", "string_value", "stringValue", "data_type", "dataType")
  )
    return "score"
  if (hasAny(row, "trace_id", "traceId") && hasAny(row, "usage_details", "usageDetails", "provided_model_name"))
    return "observation"
  return textIn(row["id"]) !== undefined &&
    hasAny(row, "timestamp") &&
    hasAny(row, "session_id", "sessionId", "user_id", "userId", "tags", "bookmarked", "observations")
    ? "trace"
    : "other"
}

/** The metadata of a row; ClickHouse's own rows keep its names and its values apart. */
export const metadataOf = (row: JsonObject): JsonObject => {
  const names = arrayIn(row["metadata_names"])
  const values = arrayIn(row["metadata_values"])
  if (names === undefined || values === undefined) return fieldObject(row, "metadata")
  return Object.fromEntries(
    names.flatMap((name, at) => (typeof name === "string" ? [[name, unpacked(values[at])]] : []))
  )
}

/** When a version of a row was written, in milliseconds; 0 where it does not say. */
export const versionOf = (row: JsonObject): number =>
  momentOf(fieldIn(row, "event_ts"))?.ms ?? momentOf(fieldIn(row, "updated_at"))?.ms ?? 0

/** True for the version of a row that says it was deleted. */
export const isDeleted = (row: JsonObject): boolean => [1, "1", true].includes(row["is_deleted"] as number)

/** An observation's id: its span's in the newer table. */
export const idOf = (row: JsonObject): string | undefined => fieldText(row, "id", "span_id")

/** The trace that a row belongs to. */
export const traceOf = (row: JsonObject): string | undefined => fieldText(row, "trace_id")

/** The project that a row belongs to, where it names one. */
export const projectOf = (row: JsonObject): string | undefined => fieldText(row, "project_id")

/** A trace; ids are unique within a project. */
export interface TraceId {
  /** `undefined` where no row of it names one. */
  readonly project: string | undefined
  readonly traceId: string
}

/** The trajectory that a trace is, told from those of other projects. */
export const trajectoryOf = ({ project, traceId }: TraceId): string =>
  project === undefined || traceId === "" ? traceId : `${project}/${traceId}`

/** What tells a call from its copies. */
export const keyOf = (trace: TraceId, id: string): string => `langfuse:${trajectoryOf(trace)}:${id}`
