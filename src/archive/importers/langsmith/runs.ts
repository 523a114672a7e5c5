import type { JsonObject } from "../../json.ts"
import { arrayIn, objectIn, textIn, unpacked } from "../../json.ts"

/** Types of runs that are one call of a model. */
const callTypes = new Set(["llm", "chat_model", "chat"])

/** A run's field that is an object, or (in exports of tables) the JSON of one. */
export const objectAt = (run: JsonObject, name: string): JsonObject => objectIn(unpacked(run[name])) ?? {}

/** The ids in a run's dotted order, outermost first: each part is a time and an id. */
const dottedIds = (run: JsonObject): ReadonlyArray<string> =>
  (textIn(run["dotted_order"]) ?? "").split(".").flatMap((part) => /^\d{8}T\d{6,}Z(.+)$/.exec(part)?.[1] ?? [])

/** A run's id; a patch may leave it out, the last id of its dotted order is the same. */
export const runId = (run: JsonObject): string | undefined =>
  textIn(run["id"]) ?? textIn(run["run_id"]) ?? dottedIds(run).at(-1)

/** The trace that a run belongs to: its own id for the outermost run. */
export const runTrace = (run: JsonObject): string | undefined =>
  textIn(run["trace_id"]) ?? dottedIds(run)[0] ?? runId(run)

/** The run that a run lies in. */
export const runParent = (run: JsonObject): string | undefined => {
  const parents = arrayIn(unpacked(run["parent_run_ids"]))
  return textIn(run["parent_run_id"]) ?? textIn(parents?.at(-1)) ?? dottedIds(run).at(-2)
}

/** True for a run that is one call of a model. */
export const isCallRun = (run: JsonObject): boolean => callTypes.has(textIn(run["run_type"])?.toLowerCase() ?? "")

/** True for an object that is a run, or a part of one. */
export const isRun = (object: JsonObject): boolean =>
  "run_type" in object ? "inputs" in object || "outputs" in object || "start_time" in object : "dotted_order" in object

/** The runs that an SDK sent in one request: new ones, and what became of earlier ones. */
export const batchIn = (object: JsonObject): ReadonlyArray<unknown> | undefined => {
  const parts = [object["post"], object["patch"]].map(arrayIn)
  return parts.some((part) => part !== undefined) ? parts.flatMap((part) => part ?? []) : undefined
}

/** One run of two parts: what the later part has wins, unless it is empty. */
export const mergedRun = (earlier: JsonObject, later: JsonObject): JsonObject => {
  const isEmpty = (value: unknown) =>
    value === undefined ||
    value === null ||
    value === "" ||
    (typeof value === "object" && Object.keys(value as object).length === 0)
  return { ...earlier, ...Object.fromEntries(Object.entries(later).filter(([, value]) => !isEmpty(value))) }
}
