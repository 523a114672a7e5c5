import type { Block, Message, ToolResultBlock } from "../../../domain/Message.ts"
import type { Json } from "../../../providers/wires/json.ts"
import type { JsonObject } from "../../json.ts"
import { arrayIn, objectIn, textIn } from "../../json.ts"

const wire = "google.generate"

/** A content as Gemini's SDK takes it: a text, a part, or a list of those; as parts. */
export const partsIn = (content: unknown): ReadonlyArray<JsonObject> =>
  (arrayIn(content) ?? [content]).flatMap((one): ReadonlyArray<JsonObject> => {
    const part = objectIn(one)
    if (part !== undefined) return [part]
    return typeof one === "string" && one !== "" ? [{ text: one }] : []
  })

/** What of a part has no name in the canonical form: kept for the wire it came from. Parsed JSON. */
const beside = (part: JsonObject, ...known: ReadonlyArray<string>) =>
  Object.keys(part).every((name) => known.includes(name)) ? {} : { origin: { wire, data: part as Json } as const }

const mediaOf = (part: JsonObject, mediaType: string, source: Extract<Block, { type: "image" }>["source"]): Block => {
  const type = /^image\//.test(mediaType) ? "image" : /^audio\//.test(mediaType) ? "audio" : "document"
  return { type, source, mediaType, ...beside(part, "inlineData", "fileData") }
}

const resultText = (response: unknown): { readonly text: string; readonly failed: boolean } => {
  const object = objectIn(response)
  const output = object?.["output"]
  if (typeof output === "string") return { text: output, failed: false }
  const error = object?.["error"]
  if (typeof error === "string" && output === undefined) return { text: error, failed: true }
  return { text: response === undefined || response === null ? "" : JSON.stringify(response), failed: false }
}

/** Reads one part. `id` names a call or a result that has no id of its own. */
export const blockOf = (part: JsonObject, model: string, id: string): ReadonlyArray<Block> => {
  const text = part["text"]
  if (typeof text === "string") {
    if (part["thought"] === true)
      return [{ type: "thinking", text, producer: { provider: "google", model }, ...beside(part, "text", "thought") }]
    return text === "" ? [] : [{ type: "text", text, ...beside(part, "text") }]
  }
  const call = objectIn(part["functionCall"])
  const named = textIn(call?.["name"])
  if (call !== undefined && named !== undefined) {
    const own = textIn(call["id"])
    return [
      {
        type: "tool_use",
        id: own ?? id,
        ...(own === undefined ? { idSynthetic: true } : {}),
        name: named,
        input: (objectIn(call["args"]) ?? {}) as Json,
        kind: "function",
        ...beside(part, "functionCall")
      }
    ]
  }
  const response = objectIn(part["functionResponse"])
  if (response !== undefined) {
    const { failed, text: told } = resultText(response["response"])
    const name = textIn(response["name"])
    return [
      {
        type: "tool_result",
        toolUseId: textIn(response["id"]) ?? id,
        ...(name === undefined ? {} : { name }),
        content: told === "" ? [] : [{ type: "text", text: told }],
        ...(failed ? { isError: true } : {}),
        executedBy: "client",
        ...beside(part, "functionResponse")
      }
    ]
  }
  const inline = objectIn(part["inlineData"])
  if (inline !== undefined && typeof inline["data"] === "string")
    return [
      mediaOf(part, textIn(inline["mimeType"]) ?? "application/octet-stream", {
        kind: "inline",
        base64: inline["data"]
      })
    ]
  const file = objectIn(part["fileData"])
  const uri = textIn(file?.["fileUri"])
  if (uri !== undefined)
    return [mediaOf(part, textIn(file?.["mimeType"]) ?? "application/octet-stream", { kind: "url", url: uri })]
  const label = Object.keys(part)[0]
  return label === undefined ? [] : [{ type: "opaque", label, origin: { wire, data: part as Json } }]
}

const isResult = (block: Block): block is ToolResultBlock => block.type === "tool_result"

/** What was said to the model in one record: tool results first, in a message of their own. */
export const toldBy = (content: unknown, id: string, injected: boolean): ReadonlyArray<Message> => {
  const blocks = partsIn(content).flatMap((part, at) => blockOf(part, "", `${id}-${at}`))
  const results = blocks.filter(isResult)
  const rest = blocks.filter((block) => !isResult(block))
  return [
    ...(results.length === 0 ? [] : [{ role: "tool" as const, blocks: results }]),
    ...(rest.length === 0
      ? []
      : [
          {
            role: "user" as const,
            blocks: rest,
            ...(injected ? { injectedBy: "harness" as const } : {}),
            ...(results.length === 0 ? {} : { joinPrevious: true })
          }
        ])
  ]
}

/** The ids of the calls that a content answers. */
export const answeredIn = (content: unknown): ReadonlyArray<string> =>
  partsIn(content).flatMap((part) => textIn(objectIn(part["functionResponse"])?.["id"]) ?? [])
