import type { JsonObject } from "../../json.ts"
import { objectIn, textIn, unpacked } from "../../json.ts"
import type { LabelSet } from "../../labels.ts"

const packed = /^(.*?)_?_session_([0-9a-f]{8}-[0-9a-f-]{27})$/

/** Who a request is for, and the session that Claude Code packs into its `user_id`: `user_…_session_UUID`, or JSON. */
const partsOf = (userId: unknown): { readonly user?: string; readonly session?: string } => {
  const object = objectIn(unpacked(userId))
  const text = typeof userId === "string" ? packed.exec(userId) : null
  const user = object === undefined ? (text?.[1] ?? textIn(userId)) : textIn(object["account_uuid"])
  const session = object === undefined ? text?.[2] : textIn(object["session_id"])
  return { ...(user === undefined ? {} : { user }), ...(session === undefined ? {} : { session }) }
}

/** The session that a request names itself; only Claude Code's do. */
export const sessionOfRequest = (asked: JsonObject): string | undefined =>
  partsOf(objectIn(asked["metadata"])?.["user_id"]).session

/** Adds what a request says of itself: its metadata, and whom it is for. */
export const addTags = (labels: LabelSet, asked: JsonObject): LabelSet => {
  const { user_id: userId, ...tags } = objectIn(asked["metadata"]) ?? {}
  return labels
    .addAll(tags, "request.metadata")
    .add("endUser", asked["user"], asked["safety_identifier"], partsOf(userId).user)
}
