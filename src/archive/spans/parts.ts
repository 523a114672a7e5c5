import type * as Schema from "effect/Schema"

import type { Block } from "../../domain/Message.ts"
import { readDataUrl } from "../../providers/wires/media.ts"
import type { JsonObject } from "../json.ts"
import { arrayIn, objectIn, textIn } from "../json.ts"

type Json = Schema.Json
type ToolUse = Extract<Block, { type: "tool_use" }>
type ToolResult = Extract<Block, { type: "tool_result" }>
type Source = Extract<Block, { type: "image" }>["source"]

/** Content that is not understood, kept as it came. */
const opaque = (label: string, raw: unknown): Block => ({
  type: "opaque",
  label: label === "" ? "part" : label,
  origin: { wire: "unknown", data: raw as Json }
})

const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined)
const firstText = (...values: ReadonlyArray<unknown>) =>
  values.map(textOf).find((value) => value !== undefined && value !== "")
const first = (...values: ReadonlyArray<unknown>) => values.find((value) => value !== undefined && value !== null)

/** Arguments of a call, an object or its JSON. */
const argumentsOf = (raw: unknown): Pick<ToolUse, "input" | "inputRaw" | "inputError"> => {
  if (raw === undefined || raw === null || raw === "") return { input: {} }
  if (typeof raw !== "string") return { input: raw as Json }
  try {
    return { input: JSON.parse(raw) as Json, inputRaw: raw }
  } catch {
    return { input: {}, inputRaw: raw, inputError: "not JSON" }
  }
}

/**
 * A tool call in any of the shapes that logs have: OpenAI's `{id, function: {name, arguments}}`, LangChain's `{id, name, args}`, the AI SDK's
 * `{toolCallId, toolName, input}`, Anthropic's and OpenTelemetry's parts, Gemini's and Bedrock's inner objects. `undefined` for anything else.
 * A call without an id has the id "", for its reader to fill.
 */
export const toolCallIn = (raw: unknown): ToolUse | undefined => {
  const outer = objectIn(raw)
  const object = objectIn(outer?.["tool_call"]) ?? objectIn(outer?.["toolUse"]) ?? outer
  if (object === undefined) return undefined
  const inner = objectIn(object["function"]) ?? object
  const name = firstText(inner["name"], object["toolName"], object["tool_name"], object["function.name"])
  if (name === undefined) return undefined
  const id = first(object["call_id"], object["id"], object["toolCallId"], object["tool_call_id"], object["toolUseId"])
  const args = first(inner["arguments"], inner["args"], inner["input"], object["server_tool_call"])
  const failed = textOf(object["error"])
  return {
    type: "tool_use",
    id: textIn(id) ?? "",
    name,
    ...argumentsOf(args),
    ...(failed === undefined ? {} : { inputError: failed }),
    kind: "function"
  }
}

/** What a tool gave back, as blocks: a text, parts, the AI SDK's `{type, value}`, or any JSON, which the model saw as text. */
export const resultContent = (raw: unknown): { readonly content: ReadonlyArray<Block>; readonly isError?: true } => {
  if (raw === undefined || raw === null) return { content: [] }
  if (typeof raw === "string") return { content: [{ type: "text", text: raw }] }
  const list = arrayIn(raw)
  if (list !== undefined && list.length > 0 && list.every(isPart)) return { content: list.map((part) => blockIn(part)) }
  const object = objectIn(raw)
  const type = textOf(object?.["type"])
  if (
    object !== undefined &&
    type !== undefined &&
    "value" in object &&
    /^(error-)?(text|json)$|^content$/.test(type)
  ) {
    const inner = resultContent(object["value"])
    return type.startsWith("error-") ? { content: inner.content, isError: true } : inner
  }
  const parts = arrayIn(object?.["content"])
  if (parts !== undefined && parts.length > 0 && parts.every(isPart))
    return { content: parts.map((part) => blockIn(part)) }
  return { content: [{ type: "text", text: JSON.stringify(raw) }] }
}

const isPart = (value: unknown) => {
  const object = objectIn(value)
  return object !== undefined && (textOf(object["type"]) !== undefined || textOf(object["text"]) !== undefined)
}

const resultIn = (object: JsonObject, executedBy: "client" | "provider"): ToolResult => {
  const inner = objectIn(object["toolResult"]) ?? object
  const id = first(
    inner["tool_use_id"],
    inner["toolCallId"],
    inner["tool_call_id"],
    inner["toolUseId"],
    inner["call_id"]
  )
  const told = first(inner["content"], inner["output"], inner["result"], inner["response"])
  const given = resultContent(told ?? inner["server_tool_call_response"])
  const name = firstText(inner["name"], inner["toolName"])
  const failed = inner["status"] === "error" ? true : undefined
  const isError = given.isError ?? first(inner["is_error"], inner["isError"], failed)
  return {
    type: "tool_result",
    toolUseId: textIn(id) ?? textIn(inner["id"]) ?? "",
    ...(name === undefined ? {} : { name }),
    content: given.content,
    ...(typeof isError === "boolean" ? { isError } : {}),
    executedBy
  }
}

const placeholder = /^(@@@langfuseMedia|__REDACTED__|<base64|\[REDACTED)/

/** Where a picture or file lies: its bytes in base64, a data URL, an address. */
const sourceOf = (raw: unknown): { readonly source: Source; readonly mediaType?: string } | undefined => {
  const text = firstText(raw)
  if (text === undefined) return undefined
  if (placeholder.test(text)) return { source: { kind: "missing", reason: "placeholder" } }
  const data = readDataUrl(text)
  if (data !== undefined) return { source: { kind: "inline", base64: data.base64 }, mediaType: data.mediaType }
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(text)
    ? { source: { kind: "url", url: text } }
    : { source: { kind: "inline", base64: text } }
}

const missing = { source: { kind: "missing", reason: "placeholder" } } as const

const mediaIn = (object: JsonObject, label: string): Block => {
  const inline = objectIn(first(object["inlineData"], object["inline_data"], object["fileData"], object["file_data"]))
  const source = objectIn(object["source"])
  const file = objectIn(object["file"])
  const audio = objectIn(object["input_audio"]) ?? objectIn(object["audio"])
  const image = objectIn(object["image_url"]) ?? objectIn(object["image"])
  const holder = inline ?? source ?? file ?? audio ?? image ?? object
  const fileId = firstText(holder["file_id"], holder["fileId"])
  const given = first(
    ...["data", "file_data", "bytes", "url", "uri", "fileUri", "file_uri", "image.url", "audio.url"].map(
      (n) => holder[n]
    ),
    ...["image_url", "image", "content"].map((name) => textOf(object[name]))
  )
  const nested = objectIn(objectIn(holder["image"]) ?? objectIn(holder["audio"]))
  const found =
    fileId === undefined
      ? (sourceOf(given ?? nested?.["url"]) ?? missing)
      : { source: { kind: "file", fileId, provider: "unknown" } as const }
  const mediaType =
    firstText(
      ...["media_type", "mediaType", "mimeType", "mime_type", "image.mime_type"].flatMap((n) => [holder[n], object[n]])
    ) ?? ("mediaType" in found ? found.mediaType : undefined)
  const typed = mediaType === undefined ? {} : { mediaType }
  const kind = firstText(object["modality"]) ?? `${mediaType ?? ""} ${label}`
  if (/image/.test(kind)) {
    const detail = textOf(image?.["detail"])
    return { type: "image", source: found.source, ...typed, ...(detail === undefined ? {} : { detail }) }
  }
  if (/audio/.test(kind)) {
    const format = textOf(audio?.["format"])
    return { type: "audio", source: found.source, ...(format === undefined ? typed : { mediaType: `audio/${format}` }) }
  }
  const title = firstText(object["filename"], file?.["filename"], object["title"])
  const plain = source?.["type"] === "text" ? textOf(source["data"]) : undefined
  if (plain !== undefined)
    return { type: "document", source: { kind: "text", text: plain }, ...(title === undefined ? {} : { title }) }
  return { type: "document", source: found.source, ...typed, ...(title === undefined ? {} : { title }) }
}

const thinkingIn = (object: JsonObject): Block => {
  const summary = (arrayIn(object["summary"]) ?? []).flatMap((one) => firstText(objectIn(one)?.["text"]) ?? [])
  const text = firstText(object["thinking"], object["reasoning"], object["text"], object["content"])
  const signature = firstText(object["signature"])
  const encrypted = firstText(object["encrypted_content"], object["data"])
  return {
    type: "thinking",
    text: text ?? null,
    ...(summary.length === 0 ? {} : { summary }),
    ...(signature === undefined ? {} : { signature }),
    ...(encrypted === undefined ? {} : { encrypted, redacted: true })
  }
}

const withId = (call: ToolUse | undefined, label: string, raw: unknown, kind: ToolUse["kind"] = "function"): Block =>
  call === undefined ? opaque(label, raw) : { ...call, kind }

/**
 * One part of a message's content as a block, whichever library wrote it: OpenAI chat and Responses, Anthropic, Gemini, Bedrock, LangChain,
 * the AI SDK, OpenTelemetry's parts, OpenInference. What is not understood is kept as an opaque block. Tool calls and results without an id have the id "".
 */
export const blockIn = (raw: unknown): Block => {
  if (typeof raw === "string") return { type: "text", text: raw }
  const object = objectIn(raw)
  if (object === undefined) return opaque("part", raw)
  const inner = objectIn(object["message_content"])
  if (inner !== undefined) return blockIn(inner)
  const type = textOf(object["type"]) ?? ""
  const text = textOf(object["text"]) ?? textOf(object["content"])
  switch (type) {
    case "text":
    case "input_text":
    case "output_text":
    case "summary_text":
      return text === undefined ? opaque(type, raw) : { type: "text", text }
    case "refusal":
      return { type: "refusal", text: firstText(object["refusal"], text) ?? "" }
    case "thinking":
    case "reasoning":
    case "redacted_thinking":
    case "redacted-reasoning":
      return thinkingIn(object)
    case "tool_use":
    case "tool_call":
    case "tool-call":
    case "function_call":
    case "function":
      return withId(toolCallIn(object), type, raw)
    case "custom_tool_call": {
      const call = toolCallIn(object)
      return call === undefined
        ? opaque(type, raw)
        : { ...call, input: (object["input"] ?? "") as Json, kind: "custom" }
    }
    case "server_tool_use":
    case "server_tool_call":
      return withId(toolCallIn(object), type, raw, "provider")
    case "tool_result":
    case "tool-result":
    case "tool_call_response":
    case "function_call_output":
    case "custom_tool_call_output":
      return resultIn(object, "client")
    case "server_tool_call_response":
      return resultIn(object, "provider")
    case "compaction": {
      const summary = firstText(object["content"], object["summary"])
      return { type: "compaction", ...(summary === undefined ? {} : { summary }) }
    }
    case "image_url":
    case "image":
    case "input_image":
    case "input_audio":
    case "audio":
    case "file":
    case "input_file":
    case "document":
    case "blob":
    case "uri":
    case "media":
      return mediaIn(object, type)
    default:
      return untyped(object, type, text)
  }
}

/** Parts that say what they are by their one key: Gemini's and Bedrock's. */
const untyped = (object: JsonObject, type: string, text: string | undefined): Block => {
  const call = first(object["functionCall"], object["function_call"], object["toolUse"])
  if (call !== undefined)
    return withId(toolCallIn(objectIn(object["toolUse"]) === undefined ? call : object), "functionCall", object)
  const answered = objectIn(first(object["functionResponse"], object["function_response"]))
  if (answered !== undefined) return resultIn(answered, "client")
  if (objectIn(object["toolResult"]) !== undefined) return resultIn(object, "client")
  const thought = objectIn(object["reasoningContent"])
  if (thought !== undefined)
    return thinkingIn(objectIn(thought["reasoningText"]) ?? { data: thought["redactedContent"] })
  if (
    ["inlineData", "inline_data", "fileData", "file_data", "image", "document"].some((name) => objectIn(object[name]))
  )
    return mediaIn(object, Object.keys(object)[0] ?? "file")
  if (type === "" && text !== undefined)
    return object["thought"] === true ? { type: "thinking", text } : { type: "text", text }
  return opaque(type === "" ? "part" : type, object)
}

/** A whole content: a text, a list of parts, one part, or nothing. */
export const blocksIn = (raw: unknown): ReadonlyArray<Block> => {
  if (raw === undefined || raw === null) return []
  if (typeof raw === "string") return raw === "" ? [] : [{ type: "text", text: raw }]
  return (arrayIn(raw) ?? [raw]).flatMap((part) => (part === undefined || part === null ? [] : [blockIn(part)]))
}
