import * as Result from "effect/Result"

import type { CallRequest } from "../../../domain/Call.ts"
import type { Block, Message, ToolResultBlock, ToolUseBlock } from "../../../domain/Message.ts"
import type { Prepared, Unsendable } from "../../contract.ts"
import { isObject, isText, type Json, type JsonObject, kept, restKept, same } from "../json.ts"
import { Losses } from "../losses.ts"
import { longToolName, withNames } from "../names.ts"
import { sameModel } from "../params.ts"
import { isDangling, settle } from "../turns.ts"
import { writeAsked } from "./params.ts"
import { type PartsContext, writeContent, writePart } from "./parts.ts"

const wire = "openai.chat"

interface Context {
  readonly losses: Losses
  readonly own: boolean
  readonly model: string
}

const parts = (context: Context, role: PartsContext["role"]): PartsContext => ({ ...context, role })

const defined = (fields: { readonly [key: string]: Json | undefined }): JsonObject =>
  Object.fromEntries(Object.entries(fields).filter((entry): entry is [string, Json] => entry[1] !== undefined))

const argumentsOf = (call: ToolUseBlock): string =>
  call.inputRaw ?? JSON.stringify(call.kind === "custom" ? { input: call.input } : call.input)

const writeCall = (call: ToolUseBlock, context: Context): Json => {
  const data = kept(call, wire)
  if (data["raw"] !== undefined) return data["raw"]
  context.losses.fields(call)
  const rest = restKept(call, wire)
  const { arguments: args, function: inner, id, type } = data
  const raw = call.inputRaw === undefined && data["arguments"] === undefined && call.origin?.wire === wire
  return defined({
    id: id === "absent" ? undefined : (id ?? call.id),
    type: type === "absent" ? undefined : (type ?? "function"),
    function: defined({
      name: call.name,
      arguments: args === "absent" ? undefined : raw ? call.input : argumentsOf(call),
      ...(isObject(inner) ? inner : {})
    }),
    ...rest
  })
}

/** What becomes of each block of an assistant's turn; the wire puts calls behind the content. */
const writeAssistant = (message: Message, context: Context): JsonObject | undefined => {
  const { losses, model } = context
  const content: Array<Block> = []
  const calls: Array<Json> = []
  const fields: { [key: string]: Json } = {}
  for (const block of message.blocks) {
    const data = kept(block, wire)
    if (block.type === "thinking") {
      const { field } = data
      if (isText(field) && block.text !== null && sameModel(block.producer?.model ?? model, model))
        fields[field] = block.text
      else losses.add("thinking", "thinking of another model or wire is not sent")
    } else if (block.type === "tool_use") {
      if (block.kind === "provider") losses.add(`hosted tool ${block.name}`, "only its own provider can run it")
      else if (data["older"] === true) {
        fields["function_call"] = {
          name: block.name,
          arguments: argumentsOf(block),
          ...(isObject(data["function"]) ? data["function"] : {})
        }
      } else calls.push(writeCall(block, context))
    } else if (block.type === "tool_result") losses.add("hosted tool result", "only its own provider can run the tool")
    else if (block.type === "opaque" && block.label === "tool_calls" && block.origin?.wire === wire)
      calls.push(block.origin.data)
    else if (block.type === "refusal" && data["part"] !== true) fields["refusal"] = block.text
    else {
      if (calls.length > 0) losses.add("order", "text after a tool call is sent before it")
      content.push(block)
    }
  }
  if (calls.length > 0) fields["tool_calls"] = calls
  const written = writeContent(content, kept(message, wire)["content"], parts(context, "assistant"))
  const nothing = written === null && Object.keys(fields).length === 0
  if (nothing && !context.own) return undefined // all of the turn was dropped
  return defined({
    role: "assistant",
    content: nothing && kept(message, wire)["content"] === undefined && message.blocks.length > 0 ? "" : written,
    name: message.name,
    ...fields,
    ...restKept(message, wire)
  })
}

/** A tool's message takes text alone: pictures and documents of other wires follow in a message of the user. */
const writeResults = (message: Message, context: Context): ReadonlyArray<JsonObject> => {
  const moved: Array<Json> = []
  const results = message.blocks.map((block): JsonObject => {
    if (block.type !== "tool_result")
      return { role: "user", content: writeContent([block], undefined, parts(context, "user")) ?? "" }
    return writeResult(block, context, moved)
  })
  return moved.length === 0 ? results : [...results, { role: "user", content: moved }]
}

const movable = new Set(["image", "document", "audio"])

const writeResult = (result: ToolResultBlock, context: Context, moved: Array<Json>): JsonObject => {
  const data = kept(result, wire)
  const { losses, own } = context
  losses.fields(result)
  if (result.isError === true) losses.add("tool error flag", "OpenAI's chat wire does not mark failed tool results")
  const staying = own ? result.content : result.content.filter((block) => !movable.has(block.type))
  for (const block of result.content) {
    if (own || !movable.has(block.type)) continue
    losses.add(`${block.type} in a tool result`, "sent in a message of the user after the results")
    const part = writePart(block, parts(context, "user"))
    if (part !== undefined) moved.push(part)
  }
  const content = writeContent(staying, data["content"], parts(context, "tool"))
  if (data["older"] === true) {
    return defined({ role: "function", name: result.name, content, ...restKept(result, wire) })
  }
  return defined({
    role: "tool",
    tool_call_id: data["id"] === "absent" ? undefined : (data["id"] ?? result.toolUseId),
    content,
    ...restKept(result, wire)
  })
}

const writeMessage = (message: Message, context: Context): ReadonlyArray<JsonObject> => {
  const { losses, own } = context
  losses.fields(message)
  if (message.role === "tool") return writeResults(message, context)
  if (message.role === "assistant") {
    const written = writeAssistant(message, context)
    return written === undefined ? [] : [written]
  }
  const role = message.role === "user" || own ? message.role : "system"
  const content = writeContent(
    message.blocks,
    kept(message, wire)["content"],
    parts(context, role === "user" ? "user" : "system")
  )
  if (!own && (content === "" || same(content, []))) return []
  return [defined({ role, content, name: message.name, ...restKept(message, wire) })]
}

/**
 * Writes a chat completion request. One that came by this wire comes back as it was (but for `stream` and its options, which are of the transport and which the sender adds;
 * and calls that go on without a result get one). From another wire everything that OpenAI cannot take is named as a loss.
 */
export const writeRequest = (request: CallRequest): Result.Result<Prepared, Unsendable> => {
  const losses = new Losses(wire)
  const own = request.wire === wire
  const asked = own ? request : withNames(request)
  const long = own ? undefined : longToolName(asked, 64)
  if (long !== undefined) {
    return Result.fail({ message: `the tool name ${long} has ${long.length} characters; OpenAI takes 64` })
  }
  const messages = own && !isDangling(asked.messages) ? asked.messages : settle(asked.messages, losses)
  if (messages.length === 0) return Result.fail({ message: "the request has no messages" })
  const context: Context = { losses, own, model: request.model }
  const last = messages.at(-1)
  if (!own && last?.role === "assistant")
    losses.add("prefill", "OpenAI answers with a message of its own instead of going on with the last one")
  const written = messages.flatMap((message) => writeMessage(message, context))
  const body: JsonObject = { ...writeAsked(asked, own, losses), model: request.model, messages: written }
  return Result.succeed({ body, losses: losses.all })
}
