import { hash } from "node:crypto"
import type { ArchivedCall, CallRequest } from "../domain/Call.ts"

import { CanonicalWriter } from "../domain/canonical.ts"
import { digestOf, digestOfText, digestWith } from "../domain/digest.ts"
import type { Block, Message } from "../domain/Message.ts"
import { type Words, wordsIn } from "./digestTable.ts"
import { Recent } from "./recent.ts"

/** What names a message by its content. */
export interface MessageIdentity {
  /** Digest of its canonical JSON, binary content in it. */
  readonly digest: string
  /** Bytes of its canonical JSON. */
  readonly length: number
  /** The digest's first twelve bytes, as a `DigestTable` knows it. */
  readonly words: Words
  /** The same of what was said: a mark that asks the provider to cache up to here moves along as a conversation goes on, and does not count. */
  readonly said: Words
}

const identities = new WeakMap<Message, MessageIdentity>()

/** Of messages that are one text, by role and text: conversations send the same ones again and again. */
const said = new Map<Message["role"], Recent<MessageIdentity>>()
const lettersKept = 1 << 22

/** Writes what is digested here; it holds the message or part that was identified last. */
export const writer = new CanonicalWriter()

/** The digest of a message and its length; worked out once for one object, which must not be changed afterwards. */
export const messageIdentity = (message: Message): MessageIdentity => {
  const text = soleText(message)
  if (text === undefined) return identities.get(message) ?? identify(message)
  const recent = said.get(message.role) ?? new Recent<MessageIdentity>(lettersKept)
  said.set(message.role, recent)
  const known = recent.get(text)
  if (known !== undefined) return known
  const identity = identityFrom(message, writeMessage(message))
  recent.set(text, identity)
  return identity
}

const identify = (message: Message): MessageIdentity => {
  const identity = identityFrom(message, writeMessage(message))
  identities.set(message, identity)
  return identity
}

const identityFrom = (message: Message, digest: string): MessageIdentity => {
  const length = writer.plain ? writer.length : JSON.stringify(message).length
  const marked = writer.cacheControl ? digestOf({ ...message, blocks: message.blocks.map(unmarked) }) : digest
  const words = wordsIn(digest)
  return { digest, length, words, said: marked === digest ? words : wordsIn(marked) }
}

/** The message that `writer` holds. */
let held: Message | undefined

/** Leaves the canonical JSON of a message with `writer`, where it is plain. */
export const ensureWritten = (message: Message): void => {
  if (held !== message) writeMessage(message)
}

/** Leaves the canonical JSON of a part that is no message with `writer`, where it is plain. */
export const writePart = (value: unknown): void => {
  held = undefined
  writer.write(value)
}

const writeMessage = (message: Message): string => {
  held = message
  const json = quickJson(message)
  return json !== undefined && writer.take(json) ? hash("sha256", json) : digestWith(writer, message)
}

/** The text of a message that is nothing but a role and a text. */
const soleText = (message: Message): string | undefined => {
  const [block, ...more] = message.blocks
  if (more.length > 0 || block?.type !== "text" || typeof block.text !== "string") return undefined
  return Object.keys(message).length === 2 && Object.keys(block).length === 2 ? block.text : undefined
}

/** The canonical JSON of a message of mere texts: most are, and the system's own JSON of a copy in order is quicker. */
const quickJson = (message: Message): string | undefined => {
  const { blocks, role } = message
  if (Object.keys(message).length !== 2) return undefined
  const ordered = textsInOrder(blocks)
  return ordered && JSON.stringify({ blocks: ordered, role })
}

const textsInOrder = (blocks: ReadonlyArray<Block>) => {
  const ordered: Array<{ readonly text: string; readonly type: "text" }> = []
  for (const block of blocks) {
    if (block.type !== "text" || Object.keys(block).length !== 2 || typeof block.text !== "string") return undefined
    ordered.push({ text: block.text, type: "text" })
  }
  return ordered
}

const unmarked = (block: Block): Block => {
  const { cacheControl: _, ...rest } = block
  return rest.type === "tool_result" ? { ...rest, content: rest.content.map(unmarked) } : rest
}

/** Tool sets of more bytes than this count by their digest, and stand in the archive once. */
const longTools = 1024

/** A call's tools: as they stand in a digest, and whether they are kept apart. */
export interface ToolsIdentity {
  /** Canonical JSON: the tools, or their digest where they are kept apart. */
  readonly inDigest: string
  /** Set where they are kept apart. */
  readonly digest?: string
  readonly length: number
}

const toolSets = new WeakMap<ReadonlyArray<unknown>, ToolsIdentity>()
const recentTools = new Recent<ToolsIdentity>(lettersKept)

/** The identity of a tool set, worked out once for one list, and for others that were written alike of late. */
export const toolsIdentity = (tools: CallRequest["tools"]): ToolsIdentity => {
  if (tools === null) return { inDigest: "null", length: 0 }
  if (tools.length === 0) return { inDigest: "[]", length: 2 }
  const known = toolSets.get(tools)
  if (known !== undefined) return known
  const json = JSON.stringify(tools)
  const identity = recentTools.get(json) ?? identifyTools(tools, json)
  toolSets.set(tools, identity)
  return identity
}

const identifyTools = (tools: ReadonlyArray<unknown>, json: string): ToolsIdentity => {
  held = undefined
  const digest = digestWith(writer, tools)
  const length = writer.plain ? writer.length : json.length
  const identity =
    writer.plain && length <= longTools
      ? { inDigest: writer.text, length }
      : { inDigest: `"${digest}"`, digest, length }
  recentTools.set(json, identity)
  return identity
}

/** What names a call's parts by their content. */
export interface Identity {
  /**
   * Digest of what was asked: messages, tools, model and parameters. Left out is what does not change the question: the endpoint and the
   * provider that took it, and whether the answer was streamed.
   */
  readonly request: string
  /** Digest of the question alone: messages, tools and the form of the answer; neither model nor parameters. */
  readonly question: string
  /** Digest of what was asked and of the blocks that were answered. */
  readonly content: string
}

/**
 * The digests of a call. They depend on nothing but content: not on times, ids, files or the archive's name. `messages` is what stands for the
 * messages, as canonical JSON: their digests in order, or what a long history has in their place. `writer` holds
 * `{"request":DIGEST,"response":BLOCKS}` afterwards: `blocksPiece` is what it has of the blocks.
 */
export const identityOf = (call: ArchivedCall, messages: string, tools: ToolsIdentity): Identity => {
  const { question, request } = textsOf(call.request, messages, tools)
  const digest = digestOfText(request)
  return {
    request: digest,
    question: digestOfText(question),
    content: contentOf(digest, call.response.blocks)
  }
}

const blocksFrom = '{"request":"","response":'.length + 64

/** The canonical JSON of the answer's blocks, after `identityOf`. */
export const blocksPiece = (): string | Uint8Array => {
  const { piece } = writer
  return typeof piece === "string" ? piece.slice(blocksFrom, -1) : piece.subarray(blocksFrom, piece.length - 1)
}

const contentOf = (request: string, blocks: ArchivedCall["response"]["blocks"]): string => {
  held = undefined
  const response = textsInOrder(blocks)
  const json = response && JSON.stringify({ request, response })
  return json !== undefined && writer.take(json)
    ? hash("sha256", json)
    : digestWith(writer, { request, response: blocks })
}

/** The canonical JSON of what was asked and of the question alone, put together from its parts: keys in order. */
const textsOf = (asked: CallRequest, messages: string, tools: ToolsIdentity) => {
  const { model, parallelToolCalls, promptTemplate, responseFormat, serverState, toolChoice, wire } = asked
  const part = (key: string, value: unknown) => (value === undefined ? "" : `,"${key}":${canonicalText(value)}`)
  const parallel = part("parallelToolCalls", parallelToolCalls)
  const rest =
    part("promptTemplate", promptTemplate) +
    part("responseFormat", responseFormat) +
    part("serverState", serverState) +
    part("toolChoice", toolChoice)
  const offered = `,"tools":${tools.inDigest}`
  return {
    question: `{"messages":${messages}${parallel}${rest}${offered}}`,
    request: `{"messages":${messages},"model":${canonicalText(model)}${parallel},"params":${paramsText(asked.params)}${rest}${offered},"wire":"${wire}"}`
  }
}

/** Canonical JSON; of what is not plain (half surrogate pairs) the digest, which stands for it as well. */
const canonicalText = (value: unknown): string => {
  held = undefined
  return writer.write(value) ? writer.text : `"${digestOf(value)}"`
}

const recentParams = new Recent<string>(1 << 18)

const paramsText = (params: CallRequest["params"]): string => {
  const json = JSON.stringify(params)
  const known = recentParams.get(json)
  if (known !== undefined) return known
  const { stream: _, extra, ...chosen } = params
  const text = canonicalText({ ...chosen, ...withoutStreaming(extra) })
  recentParams.set(json, text)
  return text
}

const withoutStreaming = (extra: CallRequest["params"]["extra"]) => {
  if (extra === undefined) return {}
  const { stream_options: _, ...rest } = extra
  return Object.keys(rest).length === 0 ? {} : { extra: rest }
}
