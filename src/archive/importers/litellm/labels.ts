import type { JsonObject } from "../../json.ts"
import { objectIn, textIn, unpacked } from "../../json.ts"
import { LabelSet } from "../../labels.ts"

/** Objects in a row's metadata that are no labels: counts, prices and traces of the gateway itself. */
const machinery = new Set([
  "spend_logs_metadata",
  "requester_metadata",
  "usage_object",
  "additional_usage_values",
  "cost_breakdown",
  "error_information",
  "hidden_params",
  "model_map_information"
])

/** What users wrote into the metadata themselves, the nearest to the call first. */
const written = (metadata: JsonObject) => [
  ["spend_logs_metadata", objectIn(unpacked(metadata["spend_logs_metadata"])) ?? {}] as const,
  ["requester_metadata", objectIn(unpacked(metadata["requester_metadata"])) ?? {}] as const
]

/**
 * The labels of a LiteLLM row: each scalar of its metadata under its own name, what the requester wrote likewise, and
 * the well-known ones: engineer (user id, else e-mail, else alias of the virtual key), team, org, endUser and tags.
 * A well-known name that the metadata itself carries is taken from there.
 */
export const labelsOf = (row: JsonObject, metadata: JsonObject): Readonly<Record<string, string>> => {
  const labels = new LabelSet()
  labels.addAll(Object.fromEntries(Object.entries(metadata).filter(([name]) => !machinery.has(name))), "metadata")
  for (const [name, object] of written(metadata)) labels.addAll(object, name)
  return labels
    .add(
      "engineer",
      metadata["user_api_key_user_id"],
      metadata["user_api_key_user_email"],
      metadata["user_api_key_alias"]
    )
    .add("team", metadata["user_api_key_team_alias"], metadata["user_api_key_team_id"])
    .add("org", metadata["user_api_key_org_alias"], metadata["user_api_key_org_id"])
    .add("endUser", row["end_user"], metadata["user_api_key_end_user_id"])
    .add("tags", unpacked(row["request_tags"]))
    .add("model_group", row["model_group"]).all
}

/** The session of a row: what the requester called one, else the trace, which joins the calls of one request. */
export const sessionOf = (row: JsonObject, metadata: JsonObject): string | undefined => {
  const places = [metadata, ...written(metadata).map(([, object]) => object), row]
  for (const name of ["session_id", "litellm_session_id"]) {
    for (const place of places) {
      const session = textIn(place[name])
      if (session !== undefined) return session
    }
  }
  return textIn(row["trace_id"])
}
