import type { JsonObject } from "../../json.ts"
import { arrayIn, objectIn, textIn } from "../../json.ts"
import { itemTypes } from "./items.ts"

/** A line of a rollout, whatever its shape. */
export interface Row {
  readonly type: string
  readonly timestamp: unknown
  readonly payload: JsonObject
}

/** Types of lines that Codex wraps. */
const wrapped = new Set(
  "session_meta,response_item,event_msg,turn_context,compacted,token_usage_record,world_state,inter_agent_communication,inter_agent_communication_metadata,security_risk_score,retained_context,realtime_item".split(
    ","
  )
)

/** True for a line in an envelope. */
export const isWrapped = (row: JsonObject): boolean =>
  wrapped.has(textIn(row["type"]) ?? "") && objectIn(row["payload"]) !== undefined

/** True for the first line of a rollout from before envelopes: the session by itself. */
export const isBareHead = (row: JsonObject): boolean =>
  textIn(row["id"]) !== undefined && textIn(row["timestamp"]) !== undefined && "instructions" in row && !("type" in row)

/** True for a whole rollout in one document, as the first versions wrote it. */
export const isDocument = (row: JsonObject): boolean =>
  objectIn(row["session"]) !== undefined && arrayIn(row["items"]) !== undefined

/** The rows in a line: `{timestamp, type, payload}`, a bare item, a bare head (`first` line of the file), or a whole document. */
export const rowsIn = (row: JsonObject, first: boolean): ReadonlyArray<Row> => {
  const { timestamp } = row
  if (isWrapped(row)) return [{ type: textIn(row["type"])!, timestamp, payload: objectIn(row["payload"])! }]
  if (isDocument(row)) {
    const session = objectIn(row["session"])!
    const head: Row = { type: "session_meta", timestamp: session["timestamp"], payload: session }
    const items = arrayIn(row["items"])!
      .map(objectIn)
      .filter((item) => item !== undefined)
    return [head, ...items.flatMap((item) => rowsIn(item, false))]
  }
  if (first && isBareHead(row)) return [{ type: "session_meta", timestamp, payload: row }]
  const type = textIn(row["type"])
  if (type !== undefined && itemTypes.has(type)) return [{ type: "response_item", timestamp, payload: row }]
  return [{ type: type ?? textIn(row["record_type"]) ?? "unknown object", timestamp, payload: {} }]
}
