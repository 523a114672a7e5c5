import type * as Schema from "effect/Schema"

import type { BinaryRef, Block } from "../../../domain/Message.ts"
import type { JsonObject } from "../../json.ts"
import { arrayIn, objectIn, textIn } from "../../json.ts"

type Json = Schema.Json

const wire = "bedrock.converse"

const opaque = (label: string, raw: unknown): Block => ({
  type: "opaque",
  label: label === "" ? "part" : label,
  origin: { wire, data: raw as Json }
})

/** Where the bytes of a picture or document lie. The log may keep them apart, in S3. */
const sourceOf = (raw: unknown): typeof BinaryRef.Type => {
  const source = objectIn(raw) ?? {}
  const bytes = textIn(source["bytes"])
  if (bytes !== undefined)
    return bytes.startsWith("s3://") ? { kind: "url", url: bytes } : { kind: "inline", base64: bytes }
  const uri = textIn(objectIn(source["s3Location"])?.["uri"]) ?? textIn(source["s3Uri"])
  return uri === undefined ? { kind: "missing", reason: "placeholder" } : { kind: "url", url: uri }
}

const kinds: Readonly<Record<string, string>> = {
  ...{ pdf: "application/pdf", csv: "text/csv", html: "text/html", txt: "text/plain", md: "text/markdown" },
  doc: "application/msword",
  docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  xls: "application/vnd.ms-excel",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
}

const typed = (format: unknown, of: (name: string) => string | undefined) => {
  const name = textIn(format)
  const mediaType = name === undefined ? undefined : of(name)
  return mediaType === undefined ? {} : { mediaType }
}

const documentOf = (raw: JsonObject): Block => {
  const source = objectIn(raw["source"])
  const text = source?.["text"]
  const title = textIn(raw["name"])
  return {
    type: "document",
    source: typeof text === "string" ? { kind: "text", text } : sourceOf(source),
    ...typed(raw["format"], (name) => (Object.hasOwn(kinds, name) ? kinds[name] : undefined)),
    ...(title === undefined ? {} : { title })
  }
}

const thinkingOf = (raw: JsonObject): Block => {
  const said = objectIn(raw["reasoningText"])
  const hidden = textIn(raw["redactedContent"])
  if (said === undefined)
    return { type: "thinking", text: null, ...(hidden === undefined ? {} : { encrypted: hidden }), redacted: true }
  const signature = textIn(said["signature"])
  return {
    type: "thinking",
    text: textIn(said["text"]) ?? "",
    ...(signature === undefined ? {} : { signature })
  }
}

/** What a tool gave back. Its JSON is what the model saw as text. */
const resultOf = (raw: JsonObject): Block => ({
  type: "tool_result",
  toolUseId: textIn(raw["toolUseId"]) ?? "",
  content: (arrayIn(raw["content"]) ?? []).map((one): Block => {
    const part = objectIn(one)
    return part !== undefined && "json" in part ? { type: "text", text: JSON.stringify(part["json"]) } : blockOf(one)
  }),
  ...(raw["status"] === "error" ? { isError: true } : {}),
  executedBy: "client"
})

const blockOf = (raw: unknown): Block => {
  const part = objectIn(raw)
  if (part === undefined) return typeof raw === "string" ? { type: "text", text: raw } : opaque("part", raw)
  const { text } = part
  if (typeof text === "string") return { type: "text", text }
  const inner = (name: string) => objectIn(part[name])
  const call = inner("toolUse")
  if (call !== undefined) {
    const id = textIn(call["toolUseId"]) ?? ""
    return {
      type: "tool_use",
      id: id === "" ? "call_1" : id,
      ...(id === "" ? { idSynthetic: true } : {}),
      name: textIn(call["name"]) ?? "tool",
      input: (call["input"] ?? {}) as Json,
      kind: "function"
    }
  }
  const result = inner("toolResult")
  if (result !== undefined) return resultOf(result)
  const image = inner("image")
  if (image !== undefined)
    return { type: "image", source: sourceOf(image["source"]), ...typed(image["format"], (name) => `image/${name}`) }
  const document = inner("document")
  if (document !== undefined) return documentOf(document)
  const audio = inner("audio")
  if (audio !== undefined)
    return { type: "audio", source: sourceOf(audio["source"]), ...typed(audio["format"], (name) => `audio/${name}`) }
  const thinking = inner("reasoningContent")
  if (thinking !== undefined) return thinkingOf(thinking)
  return opaque(Object.keys(part)[0] ?? "part", raw)
}

const lifetimes: Readonly<Record<string, "5m" | "1h">> = { "5m": "5m", "1h": "1h" }

/** Reads a list of Converse's content blocks; a cache point marks the block before it. What is not understood is kept as an opaque block. */
export const blocksOf = (raw: unknown): ReadonlyArray<Block> => {
  const blocks: Array<Block> = []
  for (const one of arrayIn(raw) ?? (typeof raw === "string" && raw !== "" ? [raw] : [])) {
    const point = objectIn(objectIn(one)?.["cachePoint"])
    const before = blocks.at(-1)
    if (point === undefined || before === undefined) blocks.push(blockOf(one))
    else {
      const named = textIn(point["ttl"]) ?? ""
      const ttl = Object.hasOwn(lifetimes, named) ? lifetimes[named]! : "provider"
      blocks[blocks.length - 1] = { ...before, cacheControl: { ttl } }
    }
  }
  return blocks
}
