import type { Block, Message, ToolResultBlock } from "../../../domain/Message.ts"
import { compact, isArray, isObject, isText, type Json, type JsonObject, keep, parse, restOf } from "../json.ts"
import { opaque, plainForm, readContent } from "./parts.ts"

const wire = "openai.responses"

/** Fields that every item may have beside what it says. */
const heads = ["type", "id", "status"]
const messageFields = new Set([...heads, "role", "content"])
const callFields = new Set([...heads, "call_id", "name", "arguments"])
const customCallFields = new Set([...heads, "call_id", "name", "input"])
const resultFields = new Set([...heads, "call_id", "output"])
const reasoningFields = new Set([...heads, "summary", "content", "encrypted_content"])
const compactionFields = new Set([...heads, "encrypted_content"])

/** Type, id and status of an item: what a provider gave it, nothing that another wire would miss. `plain` is the type it has anyway. */
const headOf = (raw: JsonObject, plain: string | undefined): JsonObject | undefined =>
  compact({ type: raw["type"] === plain ? undefined : raw["type"], id: raw["id"], status: raw["status"] })

const parsed = (text: string) => {
  if (text === "") return { input: {} } // what models write for a function without parameters
  const json = parse(text)
  return "value" in json ? { input: json.value } : { input: {}, inputError: json.error }
}

const readCall = (raw: JsonObject): Block | undefined => {
  const { arguments: args, call_id, name } = raw
  if (!isText(call_id) || !isText(name) || !isText(args)) return undefined
  return {
    type: "tool_use",
    id: call_id,
    name,
    ...parsed(args),
    inputRaw: args,
    kind: "function",
    ...keep(wire, compact({ head: headOf(raw, "function_call"), rest: restOf(raw, callFields) }))
  }
}

const readCustomCall = (raw: JsonObject): Block | undefined => {
  const { call_id, input, name } = raw
  if (!isText(call_id) || !isText(name) || !isText(input)) return undefined
  return {
    type: "tool_use",
    id: call_id,
    name,
    input,
    kind: "custom",
    ...keep(wire, compact({ head: headOf(raw, "custom_tool_call"), rest: restOf(raw, customCallFields) }))
  }
}

/** The texts of a list of `{ type, text }` and nothing else. */
const textsIn = (raw: Json | undefined, type: string): ReadonlyArray<string> | undefined => {
  if (!isArray(raw)) return undefined
  const texts = raw.flatMap((part) =>
    isObject(part) && part["type"] === type && isText(part["text"]) && Object.keys(part).length === 2
      ? [part["text"]]
      : []
  )
  return texts.length === raw.length ? texts : undefined
}

/** Thinking: what the provider tells of it, what it gives encrypted, and with open models the thinking itself. */
const readReasoning = (raw: JsonObject, model: string): Block => {
  const { content, encrypted_content: encrypted, summary } = raw
  const summaries = textsIn(summary, "summary_text")
  const thoughts = textsIn(content, "reasoning_text")
  const text = thoughts === undefined || thoughts.length === 0 ? null : thoughts.join("\n\n")
  return {
    type: "thinking",
    text,
    ...(summaries === undefined || summaries.length === 0 ? {} : { summary: summaries }),
    ...(isText(encrypted) ? { encrypted } : {}),
    ...(text === null ? { redacted: true } : {}),
    producer: { provider: "openai", model },
    ...keep(
      wire,
      compact({
        head: headOf(raw, "reasoning"),
        summary: summaries === undefined ? summary : undefined,
        unsummed: summary === undefined ? true : undefined,
        content: content === undefined || thoughts?.length === 1 ? undefined : content,
        encrypted: encrypted === undefined || isText(encrypted) ? undefined : encrypted,
        rest: restOf(raw, reasoningFields)
      })
    )
  }
}

/** A call of a tool that the provider offers; most of them also ran there, and hold their result. */
const readHosted = (raw: JsonObject, type: string): Block => {
  const { action, arguments: args, call_id, id, name } = raw
  return {
    type: "tool_use",
    id: isText(call_id) ? call_id : isText(id) ? id : "",
    name: type === "mcp_call" && isText(name) ? name : type.slice(0, -"_call".length),
    input: isText(args) ? parsed(args).input : (action ?? raw["operation"] ?? {}),
    kind: "provider",
    origin: { wire, data: { raw } }
  }
}

const readHostedResult = (raw: JsonObject): Block => ({
  type: "tool_result",
  toolUseId: isText(raw["call_id"]) ? raw["call_id"] : "",
  content: [],
  executedBy: "provider",
  origin: { wire, data: { raw } }
})

/** The parts of an assistant's message, tied together so that they become one message again. */
const readAnswer = (raw: JsonObject): ReadonlyArray<Block> => {
  const { blocks, form } = readContent(raw["content"], "assistant")
  const [first, ...others] = blocks
  if (first === undefined || blocks.some((block) => block.type === "opaque")) return [opaque("message", raw)]
  const item = compact({
    head: headOf(raw, undefined),
    inner: restOf(raw, messageFields),
    content: form === plainForm(blocks) ? undefined : form
  })
  const tie = (block: Block, more: JsonObject | undefined): Block => {
    const data = isObject(block.origin?.data) ? { ...block.origin.data, ...more } : more
    return { ...block, ...keep(wire, data) }
  }
  return [tie(first, item), ...others.map((block) => tie(block, { joined: true }))]
}

const readResult = (raw: JsonObject): ToolResultBlock | undefined => {
  const { call_id, type } = raw
  if (!isText(call_id)) return undefined
  const { blocks, form } = readContent(raw["output"], "user")
  return {
    type: "tool_result",
    toolUseId: call_id,
    content: blocks,
    executedBy: "client",
    ...keep(
      wire,
      compact({
        custom: type === "custom_tool_call_output" ? true : undefined,
        head: headOf(raw, isText(type) ? type : undefined),
        content: form === plainForm(blocks) ? undefined : form,
        rest: restOf(raw, resultFields)
      })
    )
  }
}

/** Reads what an assistant's item says; a model's thinking in it is `model`'s. */
export const readAssistantItem = (raw: JsonObject, model: string): ReadonlyArray<Block> => {
  const { type } = raw
  const label = isText(type) ? type : "item"
  if (raw["role"] === "assistant") return readAnswer(raw)
  if (type === "reasoning") return [readReasoning(raw, model)]
  if (type === "compaction" && isText(raw["encrypted_content"])) {
    const data = compact({ head: headOf(raw, "compaction"), rest: restOf(raw, compactionFields) })
    return [{ type: "compaction", opaque: raw["encrypted_content"], ...keep(wire, data) }]
  }
  const call = type === "function_call" ? readCall(raw) : type === "custom_tool_call" ? readCustomCall(raw) : undefined
  if (call !== undefined) return [call]
  if (label.endsWith("_call") && label !== "function_call" && label !== "custom_tool_call")
    return [readHosted(raw, label)]
  if (label.endsWith("_output") && isText(raw["call_id"])) return [readHostedResult(raw)]
  return [opaque(label, raw)]
}

const said = new Set(["system", "developer", "user"])

const readMessage = (raw: JsonObject): Message => {
  const { blocks, form } = readContent(raw["content"], "user")
  const role = raw["role"] as "system" | "developer" | "user"
  return {
    role,
    ...(role === "user" ? {} : { placement: "inline" }),
    blocks,
    ...keep(
      wire,
      compact({
        head: headOf(raw, undefined),
        content: form === plainForm(blocks) ? undefined : form,
        rest: restOf(raw, messageFields)
      })
    )
  }
}

/**
 * Reads the items of an `input`: what the assistant said and called in a row becomes one message, so do results in a row. Fails with a
 * sentence that names the place.
 */
export const readItems = (items: ReadonlyArray<Json>, model: string): ReadonlyArray<Message> | string => {
  const messages: Array<Message> = []
  const add = (role: "assistant" | "tool", blocks: ReadonlyArray<Block>) => {
    const before = messages.at(-1)
    if (before?.role === role) messages[messages.length - 1] = { ...before, blocks: [...before.blocks, ...blocks] }
    else messages.push({ role, blocks })
  }
  for (const [index, raw] of items.entries()) {
    if (!isObject(raw)) return `\`input[${index}]\` is no object`
    const { role, type } = raw
    const result = type === "function_call_output" || type === "custom_tool_call_output" ? readResult(raw) : undefined
    if (result !== undefined) add("tool", [result])
    else if (isText(role) && said.has(role)) messages.push(readMessage(raw))
    else if (role !== undefined && role !== "assistant" && (type === undefined || type === "message"))
      return `\`input[${index}].role\` is ${JSON.stringify(role)}, which no Responses message has`
    else add("assistant", readAssistantItem(raw, model))
  }
  return messages
}
