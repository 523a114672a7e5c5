import type { JsonObject } from "../../json.ts"
import { arrayIn, objectIn, textIn, unpacked } from "../../json.ts"

/** A message with its parts, and where it was found. */
export interface Held {
  readonly info: JsonObject
  readonly parts: ReadonlyArray<JsonObject>
  readonly file: string
  readonly line: number
}

/** What a value of opencode's store is. */
export type Row =
  /** A whole session, as `opencode export` writes it. */
  | { readonly kind: "export"; readonly info: JsonObject; readonly messages: ReadonlyArray<unknown> }
  /** A message with its parts, as the server lists them. */
  | { readonly kind: "listed"; readonly info: JsonObject; readonly parts: ReadonlyArray<unknown> }
  | { readonly kind: "session" | "message" | "part"; readonly value: JsonObject }

/** A row of a table: what it holds is JSON in its column `data`, its ids are columns of their own. */
const fromTable = (row: JsonObject): JsonObject => {
  const ids = { id: row["id"], sessionID: row["session_id"], messageID: row["message_id"] }
  const there = Object.fromEntries(Object.entries(ids).filter(([, value]) => value !== undefined))
  return { ...objectIn(unpacked(row["data"])), ...there }
}

const sessionFromTable = (row: JsonObject): JsonObject => ({
  id: row["id"],
  projectID: row["project_id"],
  parentID: row["parent_id"] ?? undefined,
  directory: row["directory"],
  version: row["version"],
  time: { created: row["time_created"] }
})

/** Tells what a value is; `undefined` for what is none of opencode's. */
export const rowIn = (value: unknown): Row | undefined => {
  const row = objectIn(value)
  if (row === undefined) return undefined
  const info = objectIn(row["info"])
  const messages = arrayIn(row["messages"])
  if (info !== undefined && messages !== undefined) {
    const own = messages.some((one) => objectIn(one)?.["parts"] !== undefined) || "projectID" in info
    return own ? { kind: "export", info, messages } : undefined
  }
  const parts = arrayIn(row["parts"])
  if (info !== undefined && parts !== undefined && textIn(info["sessionID"]) !== undefined)
    return { kind: "listed", info, parts }
  const has = (...names: ReadonlyArray<string>) => names.every((name) => textIn(row[name]) !== undefined)
  if (has("id", "message_id", "session_id") && "data" in row) return { kind: "part", value: fromTable(row) }
  if (has("id", "session_id") && "data" in row) return { kind: "message", value: fromTable(row) }
  if (has("id", "project_id", "directory") && "time_created" in row) {
    return { kind: "session", value: sessionFromTable(row) }
  }
  if (has("id", "messageID", "sessionID", "type")) return { kind: "part", value: row }
  if (has("id", "sessionID", "role")) return { kind: "message", value: row }
  const isSession = has("id", "projectID") && objectIn(row["time"]) !== undefined
  return isSession ? { kind: "session", value: row } : undefined
}

/** What else lies in opencode's storage folder, by the folder it lies in; `undefined` for other files. */
export const besideIn = (file: string): string | undefined =>
  /[\\/]storage[\\/](project|session_diff|session_share|share|todo|permission|migration|snapshot)[\\/]/.exec(file)?.[1]
