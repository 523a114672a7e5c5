import type { JsonObject } from "../../json.ts"
import { arrayIn, objectIn, textIn, unpacked } from "../../json.ts"

/** A row of LiteLLM's table SpendLogs, as a database dump or an API has it. */
export const isSpendLog = (row: JsonObject): boolean => "request_id" in row && "spend" in row && "call_type" in row

/** The value, but nothing where the table has its empty default. */
const filled = (value: unknown): unknown => {
  const read = unpacked(value)
  const object = objectIn(read)
  if (object !== undefined && Object.keys(object).length === 0) return undefined
  return read === "" || read === null || arrayIn(read)?.length === 0 ? undefined : read
}

const conversationOf = (row: JsonObject) => {
  const asked = objectIn(filled(row["proxy_server_request"]))
  const body = objectIn(unpacked(asked?.["body"])) ?? asked
  const messages = arrayIn(body?.["messages"]) ?? filled(row["messages"])
  if (messages === undefined) return {}
  const { messages: _, model: __, metadata: ___, stream, ...parameters } = body ?? {}
  return {
    messages,
    ...(body === undefined ? {} : { model_parameters: parameters }),
    ...(stream === true ? { stream: true } : {})
  }
}

/**
 * A SpendLogs row in the shape of a standard logging payload: the same call under the same id. The table bills; the conversation is in it only
 * where the gateway was told to store prompts, and then cut short where it is long.
 */
export const asPayload = (row: JsonObject): JsonObject => {
  const metadata = objectIn(unpacked(row["metadata"])) ?? {}
  const owner = (name: string, column: string) => metadata[name] ?? filled(row[column])
  return {
    id: textIn(row["request_id"]),
    trace_id: filled(row["session_id"]),
    call_type: row["call_type"],
    status: row["status"] ?? metadata["status"],
    custom_llm_provider: filled(row["custom_llm_provider"]),
    model: row["model"],
    model_group: filled(row["model_group"]),
    ...conversationOf(row),
    response: filled(row["response"]),
    response_cost: row["spend"],
    cache_hit: row["cache_hit"],
    prompt_tokens: row["prompt_tokens"],
    completion_tokens: row["completion_tokens"],
    total_tokens: row["total_tokens"],
    startTime: row["startTime"],
    endTime: row["endTime"],
    completionStartTime: row["completionStartTime"],
    request_tags: row["request_tags"],
    end_user: filled(row["end_user"]),
    error_information: metadata["error_information"],
    metadata: {
      ...metadata,
      user_api_key_user_id: owner("user_api_key_user_id", "user"),
      user_api_key_team_id: owner("user_api_key_team_id", "team_id"),
      user_api_key_org_id: owner("user_api_key_org_id", "organization_id")
    }
  }
}
