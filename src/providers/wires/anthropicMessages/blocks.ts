import type { Block, ToolResultBlock } from "../../../domain/Message.ts"
import { readCacheControl, writeCacheControl } from "../cacheControl.ts"
import {
  compact,
  isArray,
  isFlag,
  isObject,
  isText,
  type Json,
  type JsonObject,
  keep,
  kept,
  restKept,
  restOf
} from "../json.ts"
import type { Losses } from "../losses.ts"
import { whyMissing } from "../media.ts"
import { sameModel } from "../params.ts"

const wire = "anthropic.messages"

/** Content that is not understood: kept as it came. */
export const opaque = (label: string, raw: Json): Block => ({ type: "opaque", label, origin: { wire, data: raw } })

const fields = (...names: ReadonlyArray<string>) => new Set(["type", "cache_control", ...names])
const known = {
  text: fields("text"),
  source: fields("source"),
  document: fields("source", "title"),
  thinking: fields("thinking", "signature"),
  redacted: fields("data"),
  call: fields("id", "name", "input"),
  result: fields("tool_use_id", "content", "is_error")
}

const beside = (
  raw: JsonObject,
  names: ReadonlySet<string>,
  more: { readonly [key: string]: Json | undefined } = {}
) => {
  const mark = raw["cache_control"]
  const cacheControl = readCacheControl(mark)
  const rest = restOf(raw, names)
  const odd = mark !== undefined && cacheControl === undefined ? { ...rest, cache_control: mark } : rest
  return { ...(cacheControl === undefined ? {} : { cacheControl }), ...keep(wire, compact({ rest: odd, ...more })) }
}

const readSource = (raw: Json | undefined) => {
  if (!isObject(raw)) return undefined
  const size = Object.keys(raw).length
  const { data, file_id, media_type, type, url } = raw
  if (type === "base64" && isText(data) && isText(media_type) && size === 3) {
    return { source: { kind: "inline", base64: data }, mediaType: media_type } as const
  }
  if (type === "url" && isText(url) && size === 2) return { source: { kind: "url", url } } as const
  if (type === "file" && isText(file_id) && size === 2) {
    return { source: { kind: "file", fileId: file_id, provider: "anthropic" } } as const
  }
  return undefined
}

const readDocument = (raw: JsonObject): Block | undefined => {
  const { source, title } = raw
  if (!(title === undefined || isText(title))) return undefined
  const more = { ...(title === undefined ? {} : { title }), ...beside(raw, known.document) }
  const plain =
    isObject(source) && source["type"] === "text" && source["media_type"] === "text/plain" ? source : undefined
  if (plain !== undefined && isText(plain["data"]) && Object.keys(plain).length === 3) {
    return { type: "document", source: { kind: "text", text: plain["data"] }, ...more }
  }
  const read = readSource(source)
  return read === undefined ? undefined : { type: "document", ...read, ...more }
}

/** Reads a `content` that is text or blocks. */
export const readContent = (
  raw: Json | undefined,
  model: string
): { readonly blocks: ReadonlyArray<Block>; readonly form: "text" | "parts" | "absent" | "odd" } => {
  if (isText(raw)) return { blocks: [{ type: "text", text: raw }], form: "text" }
  if (isArray(raw)) return { blocks: raw.map((block) => readBlock(block, model)), form: "parts" }
  return raw === undefined ? { blocks: [], form: "absent" } : { blocks: [opaque("content", raw)], form: "odd" }
}

/** The form a `content` takes where none was recorded. */
export const plainForm = (blocks: ReadonlyArray<Block>): "text" | "parts" => {
  const [only] = blocks
  const plain = blocks.length === 1 && only?.type === "text" && only.cacheControl === undefined
  return plain && only.origin === undefined ? "text" : "parts"
}

const readResult = (raw: JsonObject, model: string): Block | undefined => {
  const { is_error, tool_use_id } = raw
  if (!isText(tool_use_id)) return undefined
  const { blocks, form } = readContent(raw["content"], model)
  const rest = is_error === undefined || isFlag(is_error) ? {} : { error: is_error }
  return {
    type: "tool_result",
    toolUseId: tool_use_id,
    content: blocks,
    ...(isFlag(is_error) ? { isError: is_error } : {}),
    executedBy: "client",
    ...beside(raw, known.result, { content: form === plainForm(blocks) ? undefined : form, ...rest })
  }
}

/** Reads one block. `model` is what thinking in it was produced by. */
export const readBlock = (raw: Json, model: string): Block => {
  if (!isObject(raw)) return opaque("block", raw)
  const { id, name, type } = raw
  const label = isText(type) ? type : "block"
  const producer = { provider: "anthropic", model }
  let block: Block | undefined
  if (type === "text" && isText(raw["text"])) block = { type, text: raw["text"], ...beside(raw, known.text) }
  else if (type === "image") {
    const read = readSource(raw["source"])
    block = read && { type, ...read, ...beside(raw, known.source) }
  } else if (type === "document") block = readDocument(raw)
  else if (type === "thinking" && isText(raw["thinking"])) {
    const { signature } = raw
    const more = isText(signature) ? { signature } : {}
    const odd = { signature: signature === undefined || isText(signature) ? undefined : signature }
    block = { type, text: raw["thinking"], ...more, producer, ...beside(raw, known.thinking, odd) }
  } else if (type === "redacted_thinking" && isText(raw["data"])) {
    block = {
      type: "thinking",
      text: null,
      encrypted: raw["data"],
      redacted: true,
      producer,
      ...beside(raw, known.redacted)
    }
  } else if (type === "tool_use" && isText(id) && isText(name) && raw["input"] !== undefined) {
    block = { type, id, name, input: raw["input"], kind: "function", ...beside(raw, known.call) }
  } else if (type === "tool_result") block = readResult(raw, model)
  else if (type === "server_tool_use" && isText(id) && isText(name)) {
    block = { type: "tool_use", id, name, input: raw["input"] ?? {}, kind: "provider", ...keep(wire, { raw }) }
  } else if (label.endsWith("_tool_result") && isText(raw["tool_use_id"])) {
    block = {
      type: "tool_result",
      toolUseId: raw["tool_use_id"],
      content: [],
      executedBy: "provider",
      ...keep(wire, { raw })
    }
  }
  return block ?? opaque(label, raw)
}

/** How blocks are written: `own` for a request that came by this wire. */
export interface BlocksContext {
  readonly losses: Losses
  readonly own: boolean
  readonly model: string
  /** Ids of calls and results, mapped where the wire takes none of their letters. */
  readonly ids: { called(id: string): string; answered(id: string): string }
}

const pictures = new Set(["image/jpeg", "image/png", "image/gif", "image/webp"])
const text = (words: string): JsonObject => ({ type: "text", text: words })

const writeBinary = (
  block: Block & { readonly type: "image" | "document" | "audio" },
  { losses, own }: BlocksContext
): JsonObject => {
  const { mediaType, source, type } = block
  if (type === "image") losses.detail(block.detail, "Anthropic")
  const title = type === "document" && block.title !== undefined ? { title: block.title } : {}
  if (source.kind === "text") {
    return { type, source: { type: "text", media_type: "text/plain", data: source.text }, ...title }
  }
  const fits =
    own ||
    (type === "image" ? pictures.has(mediaType ?? "image/png") : (mediaType ?? "application/pdf") === "application/pdf")
  if (type !== "audio" && source.kind === "inline" && fits) {
    const media_type = mediaType ?? (type === "image" ? "image/png" : "application/pdf")
    return { type, source: { type: "base64", media_type, data: source.base64 }, ...title }
  }
  if (type !== "audio" && source.kind === "url") return { type, source: { type: "url", url: source.url }, ...title }
  if (type !== "audio" && source.kind === "file" && source.provider === "anthropic") {
    return { type, source: { type: "file", file_id: source.fileId }, ...title }
  }
  losses.add(type, source.kind === "inline" ? `Anthropic takes no ${mediaType ?? type}` : whyMissing(source))
  return text(type === "audio" && block.transcript !== undefined ? block.transcript : `[${type} left out]`)
}

const writeThinking = (
  block: Block & { readonly type: "thinking" },
  { losses, model }: BlocksContext
): JsonObject | undefined => {
  const { encrypted, producer, signature, text: words } = block
  const here = producer === undefined || (producer.provider === "anthropic" && sameModel(producer.model, model))
  if (here && encrypted !== undefined) return { type: "redacted_thinking", data: encrypted }
  const odd = kept(block, wire)["signature"]
  if (here && words !== null && (signature !== undefined || block.origin?.wire === wire || producer !== undefined)) {
    return {
      type: "thinking",
      thinking: words,
      ...(signature === undefined ? (odd === undefined ? {} : { signature: odd }) : { signature })
    }
  }
  losses.add("thinking", "thinking of another model or wire is not sent")
  return undefined
}

/** Blocks as a `content`, in the form it was recorded in where they still fit it. `undefined`: the key is left out. */
export const writeContent = (
  blocks: ReadonlyArray<Block>,
  recorded: Json | undefined,
  context: BlocksContext
): Json | undefined => {
  const [only] = blocks
  if (recorded === "odd" && blocks.length === 1 && only?.type === "opaque") return writeBlock(only, context)
  if (only === undefined && recorded === "absent") return undefined
  const plain =
    blocks.length === 1 && only?.type === "text" && only.cacheControl === undefined && only.origin?.wire !== wire
  if (plain && recorded !== "parts") {
    context.losses.fields(only)
    return only.text
  }
  return blocks.flatMap((block) => writeBlock(block, context) ?? [])
}

const writeResult = (block: ToolResultBlock, context: BlocksContext): JsonObject | undefined => {
  const { content: recorded, error, raw } = kept(block, wire)
  if (isObject(raw)) return raw
  if (block.executedBy === "provider") {
    context.losses.add("hosted tool result", "only its own provider can run the tool")
    return undefined
  }
  const content = writeContent(block.content, recorded, context)
  return {
    type: "tool_result",
    tool_use_id: context.ids.answered(block.toolUseId),
    ...(content === undefined ? {} : { content }),
    ...(block.isError === undefined ? (error === undefined ? {} : { is_error: error }) : { is_error: block.isError })
  }
}

const writeCall = (block: Block & { readonly type: "tool_use" }, context: BlocksContext): JsonObject | undefined => {
  const { losses } = context
  const { raw } = kept(block, wire)
  if (isObject(raw)) return raw
  if (block.kind === "provider") {
    losses.add(`hosted tool ${block.name}`, "only its own provider can run it")
    return undefined
  }
  const head = { type: "tool_use", id: context.ids.called(block.id), name: block.name }
  if (block.inputError !== undefined) {
    losses.add("tool arguments", "they are no JSON; sent as { _raw: … }")
    return { ...head, input: { _raw: block.inputRaw ?? "" } }
  }
  if (block.kind === "custom") return { ...head, input: { input: block.input } }
  if (!context.own && !isObject(block.input)) {
    losses.add("tool arguments", "they are no object; sent as { _raw: … }")
    return { ...head, input: { _raw: block.input } }
  }
  return { ...head, input: block.input }
}

const content = (block: Block, context: BlocksContext): JsonObject | undefined => {
  switch (block.type) {
    case "text":
    case "refusal":
      return text(block.text)
    case "image":
    case "document":
    case "audio":
      return writeBinary(block, context)
    case "thinking":
      return writeThinking(block, context)
    case "tool_use":
      return writeCall(block, context)
    case "tool_result":
      return writeResult(block, context)
    case "compaction":
      context.losses.add("compaction", "only the wire it came by knows it")
      return block.summary === undefined ? undefined : text(block.summary)
    default:
      return undefined
  }
}

/** Texts of white space alone are refused. */
const isBlank = ({ text: words, type }: JsonObject) => type === "text" && isText(words) && words.trim() === ""

/** Writes one block; `undefined` where nothing can stand for it. */
export const writeBlock = (block: Block, context: BlocksContext): Json | undefined => {
  if (block.type === "opaque") {
    if (block.origin?.wire === wire) return block.origin.data
    context.losses.add(`block ${block.label}`, "Anthropic does not know it")
    return undefined
  }
  context.losses.fields(block)
  const written = content(block, context)
  if (written === undefined || (!context.own && isBlank(written))) return undefined
  return {
    ...written,
    ...(block.cacheControl === undefined ? {} : { cache_control: writeCacheControl(block.cacheControl) }),
    ...restKept(block, wire)
  }
}
