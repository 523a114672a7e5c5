import * as Result from "effect/Result"

import type { CallRequest, CallResponse, StopReason } from "../../../domain/Call.ts"
import type { Block, Message, ToolResultBlock } from "../../../domain/Message.ts"
import { compact, isArray, isObject, isText, type Json, type JsonObject, keep, restOf } from "../json.ts"
import { ollamaUsage } from "../usage.ts"
import type { Answered } from "../wire.ts"
import { readAsked } from "./params.ts"

const wire = "ollama.chat"
const plainFields = new Set(["role", "content"])
const callFields = new Set(["id", "function"])
const functionFields = new Set(["name", "arguments"])
const toolFields = new Set(["role", "content", "tool_name", "tool_call_id"])

/** Calls have no ids here: results answer them in order, by name where they tell one. */
class Ids {
  #made = 0
  #open: Array<{ readonly id: string; readonly name: string }> = []

  called(raw: Json | undefined, name: string): { readonly id: string; readonly idSynthetic?: true } {
    if (isText(raw) && raw !== "") return { id: raw }
    const id = `call_${this.#made++}`
    this.#open.push({ id, name })
    return { id, idSynthetic: true }
  }

  answered(name: string | undefined): string {
    const byName = this.#open.findIndex((call) => call.name === name)
    const [call] = this.#open.splice(byName === -1 ? 0 : byName, 1)
    return call?.id ?? `call_${this.#made++}`
  }
}

const readCall = (raw: Json, ids: Ids): Block => {
  const inner = isObject(raw) ? raw["function"] : undefined
  if (!isObject(raw) || !isObject(inner) || !isText(inner["name"]) || inner["arguments"] === undefined) {
    return { type: "opaque", label: "tool_calls", origin: { wire, data: raw } }
  }
  const { arguments: args, name } = inner
  const { id } = raw
  return {
    type: "tool_use",
    ...ids.called(id, name),
    name,
    input: args,
    kind: "function",
    ...keep(
      wire,
      compact({
        rest: restOf(raw, callFields),
        function: restOf(inner, functionFields),
        id: isText(id) && id !== "" ? undefined : id
      })
    )
  }
}

/** Reads one message's blocks: thinking, text, pictures, calls. Which fields were used, and how `content` stood there if not as text. */
const readBlocks = (raw: JsonObject, model: string, ids: Ids) => {
  const used = new Set(plainFields)
  const blocks: Array<Block> = []
  const { content, images, thinking, tool_calls } = raw
  if (isText(thinking) && thinking !== "") {
    used.add("thinking")
    blocks.push({ type: "thinking", text: thinking, producer: { provider: "ollama", model } })
  }
  if (isText(content)) {
    if (content !== "") blocks.push({ type: "text", text: content })
  } else if (content !== undefined && content !== null) {
    blocks.push({ type: "opaque", label: "content", origin: { wire, data: content } })
  }
  if (isArray(images) && images.length > 0 && images.every(isText)) {
    used.add("images")
    for (const base64 of images) blocks.push({ type: "image", source: { kind: "inline", base64 } })
  }
  if (isArray(tool_calls) && tool_calls.length > 0) {
    used.add("tool_calls")
    for (const call of tool_calls) blocks.push(readCall(call, ids))
  }
  const form = content === undefined ? "absent" : content === null ? "null" : undefined
  return { blocks, used, form }
}

const readResult = (raw: JsonObject, ids: Ids): ToolResultBlock => {
  const { content, tool_call_id, tool_name } = raw
  const named = isText(tool_name) ? { name: tool_name } : {}
  const odd = { ...restOf(raw, toolFields), ...(tool_name === undefined || isText(tool_name) ? {} : { tool_name }) }
  const more = isText(content) ? odd : { ...odd, ...(content === undefined ? {} : { content }) }
  return {
    type: "tool_result",
    toolUseId: isText(tool_call_id) ? tool_call_id : ids.answered(named.name),
    ...named,
    content: isText(content) ? [{ type: "text", text: content }] : [],
    executedBy: "client",
    ...keep(
      wire,
      compact({
        rest: Object.keys(more).length === 0 ? undefined : more,
        named: isText(tool_name) ? undefined : false,
        id: tool_call_id,
        content: isText(content) ? undefined : "absent"
      })
    )
  }
}

const roles = new Set(["system", "user", "assistant"])

/** Reads a chat request. Consecutive tool results become one message. Fails with a sentence that names the place. */
export const readRequest = (body: unknown): Result.Result<CallRequest, string> => {
  if (!isObject(body)) return Result.fail("the request is no JSON object")
  const { messages: raw, model } = body
  if (!isText(model)) return Result.fail("`model` is no text")
  if (!isArray(raw)) return Result.fail("`messages` is no array")
  const ids = new Ids()
  const messages: Array<Message> = []
  for (const [index, one] of raw.entries()) {
    if (!isObject(one)) return Result.fail(`\`messages[${index}]\` is no object`)
    const { role } = one
    if (role === "tool") {
      const block = readResult(one, ids)
      const before = messages.at(-1)
      if (before?.role === "tool") messages[messages.length - 1] = { ...before, blocks: [...before.blocks, block] }
      else messages.push({ role, blocks: [block] })
    } else if (isText(role) && roles.has(role)) {
      const { blocks, form, used } = readBlocks(one, model, ids)
      messages.push({
        role: role as Message["role"],
        ...(role === "system" ? { placement: "inline" } : {}),
        blocks,
        ...keep(wire, compact({ content: form, rest: restOf(one, used) }))
      })
    } else return Result.fail(`\`messages[${index}].role\` is none that a message of Ollama's chat has`)
  }
  return Result.succeed({ wire, model, messages, ...readAsked(body) })
}

const stops: { readonly [raw: string]: StopReason } = { stop: "end", length: "length" }

/** Reads an answer. Fails with a sentence where it is none. */
export const readResponse = (body: unknown): Result.Result<Answered, string> => {
  if (!isObject(body)) return Result.fail("the answer is no JSON object")
  const { done, done_reason: raw, message, model } = body
  if (!isObject(message)) return Result.fail("the answer has no `message`")
  const { blocks } = readBlocks(message, isText(model) ? model : "", new Ids())
  const reason = isText(raw) ? (Object.hasOwn(stops, raw) ? stops[raw]! : "unknown") : done === true ? "end" : "unknown"
  const response: CallResponse = {
    ...(isText(model) ? { model } : {}),
    blocks,
    stopReason: reason === "end" && blocks.some((block) => block.type === "tool_use") ? "tool_use" : reason,
    ...(isText(raw) ? { stopReasonRaw: raw } : {}),
    complete: done !== false
  }
  return Result.succeed({ response, usage: ollamaUsage(body) })
}
