import type { Block } from "../../../domain/Message.ts"
import type { JsonObject } from "../../json.ts"
import { arrayIn, objectIn, textIn, unpacked } from "../../json.ts"
import { withCallIds } from "../../spans/messages.ts"
import { blocksIn } from "../../spans/parts.ts"

/** Content of TensorZero's as it was read. */
export interface Content {
  readonly parts: ReadonlyArray<unknown>
  /** True where some of it is the arguments of a template, whose text is not in the row. */
  readonly templated: boolean
}

/** One of its blocks as a part that others write too, and whether it is the arguments of a template. */
const partOf = (raw: unknown): { readonly part: unknown; readonly templated?: true } => {
  const block = objectIn(raw)
  if (block === undefined) return { part: raw }
  switch (block["type"]) {
    case "text": {
      const said = block["text"] ?? block["value"]
      if (typeof said === "string") return { part: { type: "text", text: said } }
      const given = block["arguments"] ?? said
      return given === undefined
        ? { part: raw }
        : { part: { type: "text", text: JSON.stringify(given) }, templated: true }
    }
    case "raw_text":
      return typeof block["value"] === "string" ? { part: { type: "text", text: block["value"] } } : { part: raw }
    case "template":
      return { part: { type: "text", text: JSON.stringify(block["arguments"] ?? {}) }, templated: true }
    case "thought":
      return { part: { ...block, type: "thinking" } }
    case "tool_call":
      return {
        part: {
          type: "tool_call",
          id: block["id"],
          name: block["raw_name"] ?? block["name"],
          arguments: block["raw_arguments"] ?? block["arguments"]
        }
      }
    case "image":
    case "file":
      return { part: fileOf(block) }
    case "unknown":
      return { part: unpacked(block["data"]) }
    default:
      return { part: raw }
  }
}

/** A file lies in TensorZero's object storage; its address is told where it came with one. */
const fileOf = (block: JsonObject): unknown => {
  const pointer = objectIn(block["file"]) ?? objectIn(block["image"]) ?? block
  const url = textIn(pointer["source_url"]) ?? textIn(pointer["url"])
  const type = textIn(pointer["mime_type"]) ?? ""
  const data = textIn(block["data"]) ?? textIn(pointer["data"])
  return {
    type:
      type.startsWith("image/") || block["type"] === "image" ? "image" : type.startsWith("audio/") ? "audio" : "file",
    ...(type === "" ? {} : { mime_type: type }),
    ...(url === undefined ? (data === undefined ? {} : { data }) : { url })
  }
}

/** Reads content: a list of blocks, the JSON of one, or a text. */
export const contentIn = (raw: unknown): Content => {
  const value = unpacked(raw)
  if (typeof value === "string") return { parts: value === "" ? [] : [{ type: "text", text: value }], templated: false }
  const list = arrayIn(value)
  const object = objectIn(value)
  // Older rows hold the arguments of the only template in place of the content.
  if (object !== undefined && !("type" in object))
    return { parts: [{ type: "text", text: JSON.stringify(object) }], templated: true }
  const read = (list ?? (object === undefined ? [] : [object])).map(partOf)
  return { parts: read.map(({ part }) => part), templated: read.some(({ templated }) => templated === true) }
}

/** An answer's blocks: of a chat function's output, or the text of a JSON function's `{raw, parsed}`. `undefined` where there is none. */
export const outputIn = (raw: unknown): ReadonlyArray<Block> | undefined => {
  const value = unpacked(raw)
  if (value === undefined || value === null || value === "") return undefined
  const object = objectIn(value)
  if (object !== undefined && ("raw" in object || "parsed" in object)) {
    const { parsed, raw: written } = object
    if (typeof written === "string") return [{ type: "text", text: written }]
    return parsed === undefined || parsed === null ? [] : [{ type: "text", text: JSON.stringify(parsed) }]
  }
  return withCallIds(blocksIn(contentIn(value).parts))
}
