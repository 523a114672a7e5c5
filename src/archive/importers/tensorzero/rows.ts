import type { JsonObject } from "../../json.ts"
import { arrayIn, countIn, objectIn, textIn, unpacked } from "../../json.ts"
import type { Moment } from "../../times.ts"
import { momentOf } from "../../times.ts"

/** What a row of TensorZero's tables is. */
export type RowKind = "model" | "inference" | "feedback" | "demonstration" | "datapoint" | "batch" | "page" | "other"

const has = (row: JsonObject, ...names: ReadonlyArray<string>) => names.every((name) => name in row)

/** Told by the columns; the API's objects have the same names. */
export const kindOfRow = (row: JsonObject): RowKind => {
  if (pageOf(row) !== undefined) return "page"
  if (has(row, "dataset_name", "function_name")) return "datapoint"
  if (has(row, "batch_id"))
    return has(row, "model_name") && (has(row, "raw_request") || has(row, "function_name")) ? "batch" : "other"
  if (has(row, "inference_id", "model_name")) return "model"
  if (has(row, "function_name", "variant_name", "episode_id") && (has(row, "input") || has(row, "output")))
    return "inference"
  if (has(row, "target_id", "value") && (has(row, "metric_name") || has(row, "target_type"))) return "feedback"
  return has(row, "inference_id", "value", "id") ? "demonstration" : "other"
}

/** Rows within a document: ClickHouse's `FORMAT JSON`, and the answers of the API. */
export const pageOf = (row: JsonObject): ReadonlyArray<unknown> | undefined =>
  "meta" in row && "data" in row
    ? arrayIn(row["data"])
    : ["inferences", "model_inferences", "datapoints"]
        .map((name) => arrayIn(row[name]))
        .find((list) => list !== undefined)

/** Names that only TensorZero's rows have, for telling a file. */
export const isTelling = (row: JsonObject): boolean => {
  const kind = kindOfRow(row)
  if (kind === "page") return (pageOf(row) ?? []).some((one) => isTelling(objectIn(one) ?? {}))
  if (kind === "model") return has(row, "model_provider_name") || has(row, "raw_request")
  if (kind === "feedback")
    return has(row, "id") && (has(row, "tags") || has(row, "timestamp") || has(row, "target_type"))
  if (kind === "demonstration") return has(row, "tags") && !has(row, "request") && !has(row, "input")
  return kind !== "other"
}

/** The moment in an id of version 7: its first 48 bits are milliseconds since 1970. */
export const momentIn = (id: unknown): Moment | undefined => {
  const text = textIn(id)?.replaceAll("-", "") ?? ""
  return /^[0-9a-f]{12}7[0-9a-f]{19}$/i.test(text) ? momentOf(Number.parseInt(text.slice(0, 12), 16)) : undefined
}

/** The moment of a row: of its id, else its column. */
export const momentOfRow = (row: JsonObject): Moment | undefined => momentIn(row["id"]) ?? momentOf(row["timestamp"])

/** Tags that users and TensorZero gave. */
export const tagsOf = (row: JsonObject): JsonObject => objectIn(unpacked(row["tags"])) ?? {}

/** Milliseconds, of a number or its text. */
export const millisecondsIn = (row: JsonObject, name: string): number | undefined => countIn(row[name])
