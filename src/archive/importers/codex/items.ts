import type { ToolDef } from "../../../domain/Call.ts"
import type { Block, Message, ToolResultBlock } from "../../../domain/Message.ts"
import type { Json, JsonObject as JsonBody } from "../../../providers/wires/json.ts"
import { readAssistantItem, readItems } from "../../../providers/wires/openaiResponses/items.ts"
import type { JsonObject } from "../../json.ts"
import { arrayIn, objectIn, textIn } from "../../json.ts"

/** What an item of a rollout is: made by the model, a tool's result, said to the model, or nothing that it sees. */
export type Item =
  | { readonly _tag: "Made"; readonly raw: JsonObject }
  | { readonly _tag: "Result"; readonly raw: JsonObject; readonly callId: string; readonly failed: boolean }
  | { readonly _tag: "Said"; readonly raw: JsonObject }
  | { readonly _tag: "Unseen" }

const unseen = new Set(["ghost_snapshot", "additional_tools", "compaction_trigger", "configuration_update", "other"])
const made = new Set([
  ...["reasoning", "function_call", "custom_tool_call", "local_shell_call", "web_search_call", "tool_search_call"],
  ...["image_generation_call", "mcp_call", "code_interpreter_call", "file_search_call"]
])
/** All types of items, by which old rollouts without envelopes are told. */
export const itemTypes: ReadonlySet<string> = new Set([
  ...made,
  ...["message", "function_call_output", "custom_tool_call_output", "agent_message", "compaction", "context_compaction"]
])

/** Codex's own notes on an item, which are no part of it. */
const own = new Set(["internal_chat_message_metadata_passthrough", "metadata"])

const bare = (raw: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(raw).filter(([name, value]) => !own.has(name) && !(name === "content" && value === null))
  )

/** A result's output as the wire takes it: text or parts; Codex also wrote `{ content, success }`. */
const outputOf = (raw: unknown): { readonly output: unknown; readonly failed: boolean } => {
  const object = objectIn(raw)
  if (object === undefined) return { output: typeof raw === "string" || Array.isArray(raw) ? raw : "", failed: false }
  const content = object["content"]
  return {
    output: typeof content === "string" || Array.isArray(content) ? content : JSON.stringify(object),
    failed: object["success"] === false
  }
}

/** A shell call of the built-in tool as a function's, so that it has its result. */
const shellCall = (raw: JsonObject): JsonObject => ({
  type: "function_call",
  name: "local_shell",
  call_id: textIn(raw["call_id"]) ?? textIn(raw["id"]) ?? "",
  arguments: JSON.stringify(objectIn(raw["action"]) ?? {})
})

/** Tells what an item is, in the form that the Responses wire has for it. */
export const itemIn = (payload: JsonObject): Item => {
  const raw = bare(payload)
  const type = textIn(raw["type"]) ?? "message"
  if (unseen.has(type)) return { _tag: "Unseen" }
  if (type === "local_shell_call") return { _tag: "Made", raw: shellCall(raw) }
  if (type === "function_call_output" || type === "custom_tool_call_output") {
    const callId = textIn(raw["call_id"])
    if (callId === undefined) return { _tag: "Unseen" }
    const { failed, output } = outputOf(raw["output"])
    return { _tag: "Result", raw: { ...raw, call_id: callId, output }, callId, failed }
  }
  if (type === "agent_message")
    return { _tag: "Said", raw: { type: "message", role: "user", content: arrayIn(raw["content"]) ?? [] } }
  if (type === "message") return { _tag: raw["role"] === "assistant" ? "Made" : "Said", raw }
  return { _tag: made.has(type) ? "Made" : "Said", raw }
}

/** What the model made: text, thinking and calls. */
export const blocksOf = (raw: JsonObject, model: string): ReadonlyArray<Block> =>
  // Parsed JSON.
  readAssistantItem(raw as JsonBody, model)

/** Context that Codex writes in the name of the user. */
const harness =
  /^\s*(?:<(?:environment_context|user_instructions|permissions instructions|turn_context|turn_aborted|skills?|model_switch|subagent_notification|user_shell_command|INSTRUCTIONS)\b|# AGENTS\.md instructions)/

const marked = (message: Message): Message => {
  const [first] = message.blocks
  return message.role === "user" && first?.type === "text" && harness.test(first.text)
    ? { ...message, injectedBy: "harness" }
    : message
}

/** Items as messages; none where one of them cannot be read. */
export const messagesOf = (raws: ReadonlyArray<JsonObject>, model: string): ReadonlyArray<Message> => {
  const read = readItems(raws as ReadonlyArray<Json & JsonBody>, model)
  return typeof read === "string" ? [] : read.filter((message) => message.blocks.length > 0).map(marked)
}

/** A tool's result as a block. */
export const resultOf = ({ failed, raw }: Extract<Item, { _tag: "Result" }>): ToolResultBlock | undefined => {
  const block = messagesOf([raw], "")[0]?.blocks[0]
  if (block?.type !== "tool_result") return undefined
  return failed ? { ...block, isError: true } : block
}

/** True for a message with which a person began a turn. */
export const beginsTurn = (message: Message): boolean => message.role === "user" && message.injectedBy === undefined

/** Tools that a client brought along, as far as they can be read: `dynamic_tools`, or the tools of an `additional_tools` item. */
export const toolsIn = (value: unknown): ReadonlyArray<ToolDef> =>
  (arrayIn(value) ?? []).flatMap((one): ReadonlyArray<ToolDef> => {
    const tool = objectIn(one)
    const name = textIn(tool?.["name"])
    const schema = objectIn(tool?.["inputSchema"] ?? tool?.["input_schema"] ?? tool?.["parameters"])
    if (tool === undefined || name === undefined || schema === undefined) return []
    const description = textIn(tool["description"])
    return [
      {
        name,
        ...(description === undefined ? {} : { description }),
        inputSchema: schema as JsonBody,
        kind: "function",
        basis: "recorded"
      }
    ]
  })
