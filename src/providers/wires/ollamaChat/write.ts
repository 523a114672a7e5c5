import * as Result from "effect/Result"

import type { CallRequest } from "../../../domain/Call.ts"
import type { Block, Message, ToolResultBlock, ToolUseBlock } from "../../../domain/Message.ts"
import type { Prepared, Unsendable } from "../../contract.ts"
import { isObject, type Json, type JsonObject, kept, restKept } from "../json.ts"
import { Losses } from "../losses.ts"
import { whyMissing } from "../media.ts"
import { sameModel } from "../params.ts"
import { settle } from "../turns.ts"
import { writeAsked } from "./params.ts"

const wire = "ollama.chat"

interface Context {
  readonly losses: Losses
  readonly own: boolean
  readonly model: string
}

/** Bytes a picture counts for when the context is sized: about 1,500 tokens. */
const picture = 4500
/** Bytes that a template puts around a message: about 10 tokens. */
const turn = 30

const writeCall = (call: ToolUseBlock, { losses, own }: Context): Json => {
  losses.fields(call)
  const data = kept(call, wire)
  const inner = isObject(data["function"]) ? data["function"] : {}
  const args: Json =
    call.inputError !== undefined
      ? { _raw: call.inputRaw ?? "" }
      : call.kind === "custom"
        ? { input: call.input }
        : call.input
  if (call.inputError !== undefined) losses.add("tool arguments", "they are no JSON; sent as { _raw: … }")
  const recorded = data["id"] ?? (call.idSynthetic === true ? undefined : call.id)
  const id = own ? recorded : undefined
  if (!own) losses.add("tool id", "results follow their calls by order alone")
  return {
    ...(id === undefined ? {} : { id }),
    function: { name: call.name, arguments: args, ...inner },
    ...restKept(call, wire)
  }
}

/** A message in the making: the wire has one text, and pictures and calls beside it. */
class Draft {
  readonly texts: Array<string> = []
  readonly images: Array<string> = []
  readonly calls: Array<Json> = []
  thinking: string | undefined
  odd: Json | undefined

  add(block: Block, context: Context): void {
    const { losses, model } = context
    if (block.type !== "opaque") losses.fields(block)
    if (block.cacheControl !== undefined) losses.add("cache control", "Ollama caches by itself")
    switch (block.type) {
      case "text":
      case "refusal":
        if (this.calls.length > 0 && block.text !== "") losses.add("order", "text after a tool call is sent before it")
        this.texts.push(block.text)
        return
      case "thinking": {
        const { producer, text } = block
        const here = producer?.provider === "ollama" && sameModel(producer.model, model)
        if (here && text !== null) this.thinking = text
        else losses.add("thinking", "thinking of another model or wire is not sent")
        return
      }
      case "image":
        losses.detail(block.detail, "Ollama")
        if (block.source.kind === "inline") this.images.push(block.source.base64)
        else this.#leftOut("image", whyMissing(block.source), losses)
        return
      case "audio":
        if (block.transcript === undefined) this.#leftOut("audio", whyMissing(block.source), losses)
        else {
          losses.add("audio", "sent as its transcript")
          this.texts.push(block.transcript)
        }
        return
      case "document":
        if (block.source.kind === "text") this.texts.push(block.source.text)
        else this.#leftOut("document", whyMissing(block.source), losses)
        return
      case "tool_use":
        if (block.kind === "provider") losses.add(`hosted tool ${block.name}`, "only its own provider can run it")
        else this.calls.push(writeCall(block, context))
        return
      case "tool_result":
        losses.add("hosted tool result", "only its own provider can run the tool")
        return
      case "compaction":
        losses.add("compaction", "only the wire it came by knows it")
        if (block.summary !== undefined) this.texts.push(block.summary)
        return
      case "opaque":
        if (block.origin?.wire !== wire) losses.add(`block ${block.label}`, "Ollama does not know it")
        else if (block.label === "tool_calls") this.calls.push(block.origin.data)
        else this.odd = block.origin.data
    }
  }

  #leftOut(what: string, why: string, losses: Losses): void {
    losses.add(what, why)
    this.texts.push(`[${what} left out]`)
  }

  get empty(): boolean {
    return this.texts.every((text) => text === "") && this.images.length === 0 && this.calls.length === 0
  }

  get text(): string {
    return this.texts.join("\n")
  }
}

const writeMessage = (message: Message, context: Context): ReadonlyArray<JsonObject> => {
  const { losses, own } = context
  losses.fields(message)
  if (message.name !== undefined) losses.add("name", "Ollama's messages carry no name of who speaks")
  const draft = new Draft()
  for (const block of message.blocks) draft.add(block, context)
  if (!own && draft.empty) return []
  const form = kept(message, wire)["content"]
  const bare = draft.texts.length === 0
  const content =
    bare && form === "absent" ? {} : { content: bare && form === "null" ? null : (draft.odd ?? draft.text) }
  return [
    {
      role: message.role === "developer" ? "system" : message.role,
      ...content,
      ...(draft.thinking === undefined ? {} : { thinking: draft.thinking }),
      ...(draft.images.length === 0 ? {} : { images: draft.images }),
      ...(draft.calls.length === 0 ? {} : { tool_calls: draft.calls }),
      ...restKept(message, wire)
    }
  ]
}

const writeResult = (result: ToolResultBlock, names: ReadonlyMap<string, string>, context: Context): JsonObject => {
  const { losses } = context
  losses.fields(result)
  if (result.isError === true) losses.add("tool error flag", "Ollama does not mark failed tool results")
  const data = kept(result, wire)
  const name = data["named"] === false ? undefined : (result.name ?? names.get(result.toolUseId))
  const draft = new Draft()
  for (const block of result.content) draft.add(block, context)
  return {
    role: "tool",
    ...(data["content"] === "absent" ? {} : { content: draft.text }),
    ...(name === undefined ? {} : { tool_name: name }),
    ...(draft.images.length === 0 ? {} : { images: draft.images }),
    ...(data["id"] === undefined ? {} : { tool_call_id: data["id"] }),
    ...restKept(result, wire)
  }
}

const writeAll = (messages: ReadonlyArray<Message>, context: Context): ReadonlyArray<JsonObject> => {
  const names = new Map<string, string>()
  let begun = false
  return messages.flatMap((message) => {
    if (message.role === "tool") {
      return message.blocks.flatMap((block) =>
        block.type === "tool_result" ? [writeResult(block, names, context)] : []
      )
    }
    const system = message.role === "system" || message.role === "developer"
    if (system && begun && !context.own) {
      context.losses.add("system placement", "many of Ollama's templates heed only the first system message")
    }
    if (!system) begun = true
    for (const block of message.blocks) if (block.type === "tool_use") names.set(block.id, block.name)
    return writeMessage(message, context)
  })
}

/** Adds an instruction to the system prompt, which is made where there is none. */
const instructed = (messages: ReadonlyArray<JsonObject>, told: string): ReadonlyArray<JsonObject> => {
  const [first, ...others] = messages
  return first?.["role"] === "system" && typeof first["content"] === "string"
    ? [{ ...first, content: `${first["content"]}\n\n${told}` }, ...others]
    : [{ role: "system", content: told }, ...messages]
}

const bytesOf = (message: JsonObject): number => {
  const { content, images, thinking, tool_calls } = message
  return (
    (typeof content === "string" ? Buffer.byteLength(content) : 0) +
    (typeof thinking === "string" ? Buffer.byteLength(thinking) : 0) +
    (tool_calls === undefined ? 0 : Buffer.byteLength(JSON.stringify(tool_calls))) +
    (Array.isArray(images) ? images.length * picture : 0) +
    turn
  )
}

/**
 * Writes a chat request. One that came by this wire comes back as it was, but for `stream`, which is of the transport and which the sender adds, and
 * `options.num_ctx`: it is always set and large enough, for Ollama cuts what does not fit without a word. A recorded one that is large enough
 * stays; another one, or none, is named as a loss with what is sent. From another wire everything it cannot take is named as a loss.
 */
export const writeRequest = (request: CallRequest): Result.Result<Prepared, Unsendable> => {
  const losses = new Losses(wire)
  const own = request.wire === wire
  const { fields, told } = writeAsked(request, own, losses)
  const settled = own ? request.messages : settle(request.messages, losses)
  const written = writeAll(settled, { losses, own, model: request.model })
  if (written.length === 0) return Result.fail({ message: "the request has no messages" })
  const messages = told === undefined ? written : instructed(written, told)
  const bytes = messages.reduce((sum, message) => sum + bytesOf(message), 0)
  return Result.succeed({ body: { ...fields(bytes), model: request.model, messages }, losses: losses.all })
}
