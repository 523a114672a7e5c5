import type { Block } from "../../../domain/Message.ts"
import { readCacheControl, writeCacheControl } from "../cacheControl.ts"
import {
  compact,
  isArray,
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
import { dataUrl, readDataUrl, whyMissing } from "../media.ts"

const wire = "openai.chat"

/** Content that is not understood: kept as it came. */
export const opaque = (label: string, raw: Json): Block => ({ type: "opaque", label, origin: { wire, data: raw } })

const known = {
  text: new Set(["type", "text", "cache_control"]),
  refusal: new Set(["type", "refusal", "cache_control"]),
  image_url: new Set(["type", "image_url", "cache_control"]),
  input_audio: new Set(["type", "input_audio", "cache_control"]),
  file: new Set(["type", "file", "cache_control"])
}
const inner = {
  image_url: new Set(["url", "detail"]),
  input_audio: new Set(["data", "format"]),
  file: new Set(["file_data", "filename", "file_id"])
}

/** What a part holds beside its content: the cache mark and the fields without a canonical name. */
const beside = (
  raw: JsonObject,
  fields: ReadonlySet<string>,
  more: { readonly [key: string]: Json | undefined } = {}
) => {
  const mark = raw["cache_control"]
  const cacheControl = readCacheControl(mark)
  const rest = restOf(raw, fields)
  const odd = mark !== undefined && cacheControl === undefined ? { ...rest, cache_control: mark } : rest
  return { ...(cacheControl === undefined ? {} : { cacheControl }), ...keep(wire, compact({ rest: odd, ...more })) }
}

const readImage = (raw: JsonObject, image: JsonObject): Block => {
  const { detail, url } = image
  if (!isText(url) || !(detail === undefined || isText(detail))) return opaque("image_url", raw)
  const data = readDataUrl(url)
  return {
    type: "image",
    source: data === undefined ? { kind: "url", url } : { kind: "inline", base64: data.base64 },
    ...(data === undefined ? {} : { mediaType: data.mediaType }),
    ...(detail === undefined ? {} : { detail }),
    ...beside(raw, known.image_url, { inner: restOf(image, inner.image_url) })
  }
}

const readFile = (raw: JsonObject, file: JsonObject): Block => {
  const { file_data, file_id, filename } = file
  const data = isText(file_data) ? readDataUrl(file_data) : undefined
  const source =
    data !== undefined && file_id === undefined
      ? ({ kind: "inline", base64: data.base64 } as const)
      : isText(file_id) && file_data === undefined
        ? ({ kind: "file", fileId: file_id, provider: "openai" } as const)
        : undefined
  if (source === undefined || !(filename === undefined || isText(filename))) return opaque("file", raw)
  return {
    type: "document",
    source,
    ...(data === undefined ? {} : { mediaType: data.mediaType }),
    ...(filename === undefined ? {} : { title: filename }),
    ...beside(raw, known.file, { inner: restOf(file, inner.file) })
  }
}

/** Reads one part of a message's `content` array. */
export const readPart = (raw: Json): Block => {
  if (!isObject(raw)) return opaque("part", raw)
  const { type } = raw
  if (type === "text" && isText(raw["text"])) return { type: "text", text: raw["text"], ...beside(raw, known.text) }
  if (type === "refusal" && isText(raw["refusal"])) {
    return { type: "refusal", text: raw["refusal"], ...beside(raw, known.refusal, { part: true }) }
  }
  if (type === "image_url" && isObject(raw["image_url"])) return readImage(raw, raw["image_url"])
  if (type === "file" && isObject(raw["file"])) return readFile(raw, raw["file"])
  if (type === "input_audio" && isObject(raw["input_audio"])) {
    const { data, format } = raw["input_audio"]
    if (isText(data) && isText(format)) {
      return {
        type: "audio",
        source: { kind: "inline", base64: data },
        mediaType: `audio/${format}`,
        ...beside(raw, known.input_audio, { inner: restOf(raw["input_audio"], inner.input_audio) })
      }
    }
  }
  return opaque(isText(type) ? type : "part", raw)
}

/** How parts are written: `own` for a request that came by this wire. */
export interface PartsContext {
  readonly losses: Losses
  readonly own: boolean
  readonly role: "system" | "user" | "assistant" | "tool"
}

const text = (words: string): JsonObject => ({ type: "text", text: words })
const withInner = (block: Block, fields: JsonObject): JsonObject => {
  const more = kept(block, wire)["inner"]
  return isObject(more) ? { ...more, ...fields } : fields
}

const content = (block: Block, context: PartsContext): JsonObject | undefined => {
  const { losses, role } = context
  const elsewhere = (what: string) => {
    losses.add(what, `OpenAI's chat wire takes none in a message of the ${role}`)
    return text(`[${what} left out]`)
  }
  switch (block.type) {
    case "text":
      return text(block.text)
    case "refusal":
      return role === "assistant" ? { type: "refusal", refusal: block.text } : text(block.text)
    case "image": {
      if (role !== "user" && !context.own) return elsewhere("image")
      const { source } = block
      if (source.kind !== "inline" && source.kind !== "url") {
        losses.add("image", whyMissing(source))
        return text("[image left out]")
      }
      const url = source.kind === "url" ? source.url : dataUrl(block.mediaType ?? "image/png", source.base64)
      return {
        type: "image_url",
        image_url: withInner(block, { url, ...(block.detail === undefined ? {} : { detail: block.detail }) })
      }
    }
    case "audio": {
      if (block.source.kind === "inline" && (role === "user" || context.own)) {
        const format = (block.mediaType ?? "audio/wav").replace(/^audio\//, "")
        return { type: "input_audio", input_audio: withInner(block, { data: block.source.base64, format }) }
      }
      losses.add("audio", whyMissing(block.source))
      return text(block.transcript ?? "[audio left out]")
    }
    case "document": {
      const { source, title } = block
      const named = title === undefined ? {} : { filename: title }
      if (source.kind === "text") return text(title === undefined ? source.text : `${title}\n\n${source.text}`)
      if (role !== "user" && !context.own) return elsewhere("document")
      if (source.kind === "inline") {
        const file_data = dataUrl(block.mediaType ?? "application/pdf", source.base64)
        const file = context.own ? { file_data, ...named } : { file_data, filename: title ?? "document.pdf" }
        return { type: "file", file: withInner(block, file) }
      }
      if (source.kind === "file" && source.provider === "openai") {
        return { type: "file", file: withInner(block, { file_id: source.fileId, ...named }) }
      }
      losses.add("document", whyMissing(source))
      return text("[document left out]")
    }
    case "compaction":
      losses.add("compaction", "OpenAI's chat wire has no such block")
      return block.summary === undefined ? undefined : text(block.summary)
    default:
      return undefined
  }
}

/** Writes a block as a part of `content`; `undefined` where nothing can stand for it. */
export const writePart = (block: Block, context: PartsContext): Json | undefined => {
  const { losses } = context
  if (block.type === "opaque") {
    if (block.origin?.wire === wire) return block.origin.data
    losses.add(`block ${block.label}`, "OpenAI's chat wire does not know it")
    return undefined
  }
  losses.fields(block)
  const part = content(block, context)
  if (part === undefined) return undefined
  if (block.cacheControl !== undefined && !context.own) {
    losses.add("cache control", "OpenAI's chat wire caches by itself; it changes cost alone")
  }
  return {
    ...part,
    ...(block.cacheControl === undefined || !context.own
      ? {}
      : { cache_control: writeCacheControl(block.cacheControl) }),
    ...restKept(block, wire)
  }
}

/** Reads a `content`: its blocks, and its form on the wire. */
export const readContent = (
  raw: Json | undefined
): { readonly blocks: ReadonlyArray<Block>; readonly form: "text" | "parts" | "null" | "absent" | "odd" } => {
  if (isText(raw)) return { blocks: [{ type: "text", text: raw }], form: "text" }
  if (raw === undefined) return { blocks: [], form: "absent" }
  if (raw === null) return { blocks: [], form: "null" }
  return isArray(raw) ? { blocks: raw.map(readPart), form: "parts" } : { blocks: [opaque("content", raw)], form: "odd" }
}

/** The form `content` takes where none was recorded: text where one plain text is all there is. */
export const plainForm = (blocks: ReadonlyArray<Block>, role: PartsContext["role"]): "text" | "parts" | "null" => {
  const [only] = blocks
  if (only === undefined) return role === "assistant" ? "null" : "text"
  return blocks.length === 1 && only.type === "text" && only.cacheControl === undefined && only.origin === undefined
    ? "text"
    : "parts"
}

/** Writes blocks as a `content`, in the form it was recorded in where they still fit it. `undefined`: the key is left out. */
export const writeContent = (
  blocks: ReadonlyArray<Block>,
  recorded: Json | undefined,
  context: PartsContext
): Json | undefined => {
  const [only] = blocks
  if (recorded === "odd" && blocks.length === 1 && only?.type === "opaque") return writePart(only, context)
  if (only === undefined) {
    if (recorded === "parts") return []
    if (recorded === "absent") return undefined
    return context.role === "assistant" || recorded === "null" ? null : ""
  }
  const plain = blocks.length === 1 && only.type === "text" && only.origin?.wire !== wire
  if (plain && recorded !== "parts" && (only.cacheControl === undefined || !context.own)) {
    writePart(only, context) // names what is lost
    return only.text
  }
  return blocks.flatMap((block) => writePart(block, context) ?? [])
}
