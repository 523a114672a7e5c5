import type { Block } from "../../../domain/Message.ts"
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

const wire = "openai.responses"

/** Content that is not understood: kept as it came. */
export const opaque = (label: string, raw: Json): Block => ({ type: "opaque", label, origin: { wire, data: raw } })

/** Who speaks: the wire names texts by it. */
export type Speaker = "user" | "assistant"

const plainType = (speaker: Speaker) => (speaker === "assistant" ? "output_text" : "input_text")
const texts = new Set(["input_text", "output_text", "text"])
const known = {
  text: new Set(["type", "text"]),
  refusal: new Set(["type", "refusal"]),
  imageUrl: new Set(["type", "image_url", "detail"]),
  imageFile: new Set(["type", "file_id", "detail"]),
  fileId: new Set(["type", "file_id", "filename"]),
  fileData: new Set(["type", "file_data", "filename"]),
  fileUrl: new Set(["type", "file_url", "filename"]),
  input_audio: new Set(["type", "input_audio"])
}
const knownAudio = new Set(["data", "format"])

const beside = (
  raw: JsonObject,
  fields: ReadonlySet<string>,
  more: { readonly [key: string]: Json | undefined } = {}
) => keep(wire, compact({ rest: restOf(raw, fields), ...more }))

const readImage = (raw: JsonObject): Block => {
  const { detail, file_id, image_url: url } = raw
  if (!(detail === undefined || isText(detail))) return opaque("input_image", raw)
  const more = detail === undefined ? {} : { detail }
  if (isText(url)) {
    const data = readDataUrl(url)
    return {
      type: "image",
      source: data === undefined ? { kind: "url", url } : { kind: "inline", base64: data.base64 },
      ...(data === undefined ? {} : { mediaType: data.mediaType }),
      ...more,
      ...beside(raw, known.imageUrl)
    }
  }
  return isText(file_id)
    ? {
        type: "image",
        source: { kind: "file", fileId: file_id, provider: "openai" },
        ...more,
        ...beside(raw, known.imageFile)
      }
    : opaque("input_image", raw)
}

const readFile = (raw: JsonObject): Block => {
  const { file_data, file_id, file_url, filename } = raw
  if (!(filename === undefined || isText(filename))) return opaque("input_file", raw)
  const title = filename === undefined ? {} : { title: filename }
  const data = isText(file_data) ? readDataUrl(file_data) : undefined
  if (data !== undefined) {
    return {
      type: "document",
      source: { kind: "inline", base64: data.base64 },
      mediaType: data.mediaType,
      ...title,
      ...beside(raw, known.fileData)
    }
  }
  if (file_data !== undefined && file_data !== null) return opaque("input_file", raw)
  if (isText(file_id)) {
    const source = { kind: "file", fileId: file_id, provider: "openai" } as const
    return { type: "document", source, ...title, ...beside(raw, known.fileId) }
  }
  return isText(file_url)
    ? { type: "document", source: { kind: "url", url: file_url }, ...title, ...beside(raw, known.fileUrl) }
    : opaque("input_file", raw)
}

/** Reads one part of a `content` or of a tool's `output`. */
export const readPart = (raw: Json, speaker: Speaker): Block => {
  if (!isObject(raw)) return opaque("part", raw)
  const { text, type } = raw
  if (isText(type) && texts.has(type) && isText(text)) {
    return {
      type: "text",
      text,
      ...beside(raw, known.text, { part: type === plainType(speaker) ? undefined : type })
    }
  }
  if (type === "refusal" && isText(raw["refusal"])) {
    return { type: "refusal", text: raw["refusal"], ...beside(raw, known.refusal) }
  }
  if (type === "input_image") return readImage(raw)
  if (type === "input_file") return readFile(raw)
  if (type === "input_audio" && isObject(raw["input_audio"])) {
    const { data, format } = raw["input_audio"]
    if (isText(data) && isText(format)) {
      return {
        type: "audio",
        source: { kind: "inline", base64: data },
        mediaType: `audio/${format}`,
        ...beside(raw, known.input_audio, { inner: restOf(raw["input_audio"], knownAudio) })
      }
    }
  }
  return opaque(isText(type) ? type : "part", raw)
}

/** How parts are written: `own` for a request that came by this wire. */
export interface PartsContext {
  readonly losses: Losses
  readonly own: boolean
}

const content = (block: Block, speaker: Speaker, { losses, own }: PartsContext): JsonObject | undefined => {
  const text = (words: string): JsonObject => ({ type: plainType(speaker), text: words })
  const leftOut = (what: string, why: string) => {
    losses.add(what, why)
    return text(`[${what} left out]`)
  }
  const elsewhere = (what: string) => leftOut(what, "OpenAI takes none in a message of the assistant")
  switch (block.type) {
    case "text": {
      const { part } = kept(block, wire)
      return isText(part) ? { type: part, text: block.text } : text(block.text)
    }
    case "refusal":
      return speaker === "assistant" || own ? { type: "refusal", refusal: block.text } : text(block.text)
    case "image": {
      if (speaker === "assistant" && !own) return elsewhere("image")
      const { detail, source } = block
      const more = detail === undefined ? {} : { detail }
      if (source.kind === "file" && source.provider === "openai")
        return { type: "input_image", file_id: source.fileId, ...more }
      if (source.kind !== "inline" && source.kind !== "url") return leftOut("image", whyMissing(source))
      const url = source.kind === "url" ? source.url : dataUrl(block.mediaType ?? "image/png", source.base64)
      return { type: "input_image", image_url: url, ...more }
    }
    case "document": {
      const { source, title } = block
      if (source.kind === "text") return text(title === undefined ? source.text : `${title}\n\n${source.text}`)
      if (speaker === "assistant" && !own) return elsewhere("document")
      const named =
        title === undefined
          ? own || source.kind !== "inline"
            ? {}
            : { filename: "document.pdf" }
          : { filename: title }
      if (source.kind === "inline")
        return { type: "input_file", file_data: dataUrl(block.mediaType ?? "application/pdf", source.base64), ...named }
      if (source.kind === "url") return { type: "input_file", file_url: source.url, ...named }
      if (source.kind === "file" && source.provider === "openai")
        return { type: "input_file", file_id: source.fileId, ...named }
      return leftOut("document", whyMissing(source))
    }
    case "audio": {
      if (block.source.kind === "inline" && own) {
        const { inner } = kept(block, wire)
        const format = (block.mediaType ?? "audio/wav").replace(/^audio\//, "")
        return {
          type: "input_audio",
          input_audio: { ...(isObject(inner) ? inner : {}), data: block.source.base64, format }
        }
      }
      losses.add("audio", "few models take sound over the Responses wire")
      return text(block.transcript ?? "[audio left out]")
    }
    default:
      return undefined
  }
}

/** Writes a block as a part; `undefined` where nothing can stand for it. */
export const writePart = (block: Block, speaker: Speaker, context: PartsContext): Json | undefined => {
  const { losses, own } = context
  if (block.type === "opaque") {
    if (block.origin?.wire === wire) return block.origin.data
    losses.add(`block ${block.label}`, "OpenAI's Responses wire does not know it")
    return undefined
  }
  losses.fields(block)
  const part = content(block, speaker, context)
  if (part === undefined) return undefined
  if (block.cacheControl !== undefined && !own)
    losses.add("cache control", "OpenAI caches by itself; it changes cost alone")
  return { ...part, ...restKept(block, wire) }
}

/** Reads a `content` or `output`: its blocks, and its form on the wire. */
export const readContent = (
  raw: Json | undefined,
  speaker: Speaker
): { readonly blocks: ReadonlyArray<Block>; readonly form: "text" | "parts" | "absent" | "odd" } => {
  if (isText(raw)) return { blocks: [{ type: "text", text: raw }], form: "text" }
  if (raw === undefined) return { blocks: [], form: "absent" }
  return isArray(raw)
    ? { blocks: raw.map((part) => readPart(part, speaker)), form: "parts" }
    : { blocks: [opaque("content", raw)], form: "odd" }
}

/** The form a `content` takes where none was recorded: text where one plain text is all there is. */
export const plainForm = (blocks: ReadonlyArray<Block>): "text" | "parts" => {
  const [only] = blocks
  return blocks.length === 1 && only?.type === "text" && only.origin === undefined ? "text" : "parts"
}

/** Writes blocks as a `content`, in the form it was recorded in where they still fit it. `undefined`: the key is left out. */
export const writeContent = (
  blocks: ReadonlyArray<Block>,
  recorded: Json | undefined,
  speaker: Speaker,
  context: PartsContext
): Json | undefined => {
  const [only] = blocks
  if (recorded === "odd" && blocks.length === 1 && only?.type === "opaque") return writePart(only, speaker, context)
  if (only === undefined && recorded === "absent") return undefined
  const plain = blocks.length === 1 && only?.type === "text" && only.origin?.wire !== wire
  if (plain && recorded !== "parts") {
    writePart(only, speaker, context) // names what is lost
    return only.text
  }
  return blocks.flatMap((block) => writePart(block, speaker, context) ?? [])
}
