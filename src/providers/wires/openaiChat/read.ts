import * as Result from "effect/Result"

import type { CallRequest, CallResponse, StopReason } from "../../../domain/Call.ts"
import type { Block, Message, ToolResultBlock, ToolUseBlock } from "../../../domain/Message.ts"
import { compact, isArray, isObject, isText, type Json, type JsonObject, keep, parse, restOf } from "../json.ts"
import { openaiUsage } from "../usage.ts"
import type { Answered } from "../wire.ts"
import { readAsked } from "./params.ts"
import { opaque, plainForm, readContent } from "./parts.ts"

const wire = "openai.chat"

const plainFields = new Set(["role", "content", "name"])
const toolFields = new Set(["role", "content", "tool_call_id"])
const olderFields = new Set(["role", "content", "name"])
const callFields = new Set(["id", "type", "function"])
const functionFields = new Set(["name", "arguments"])
/** Fields in which hosts give the thinking, by their precedence. */
const thinkingFields = ["reasoning_content", "reasoning"] as const

const parsed = (text: string) => {
  if (text === "") return { input: {} } // what models write for a function without parameters
  const json = parse(text)
  return "value" in json ? { input: json.value } : { input: {}, inputError: json.error }
}

const readCall = (raw: Json, id: (raw: Json | undefined) => { id: string; idSynthetic?: true }): Block => {
  if (!isObject(raw)) return opaque("tool_calls", raw)
  const inner = raw["function"]
  if (raw["type"] === "custom" && isObject(raw["custom"])) {
    const { input, name } = raw["custom"]
    if (isText(name) && isText(input) && isText(raw["id"])) {
      return { type: "tool_use", id: raw["id"], name, input, kind: "custom", origin: { wire, data: { raw } } }
    }
  }
  if (!isObject(inner) || !isText(inner["name"])) return opaque("tool_calls", raw)
  const args = inner["arguments"]
  const given = isText(args) ? { ...parsed(args), inputRaw: args } : { input: args ?? {} }
  return {
    type: "tool_use",
    ...id(raw["id"]),
    name: inner["name"],
    ...given,
    kind: "function",
    ...keep(
      wire,
      compact({
        rest: restOf(raw, callFields),
        function: restOf(inner, functionFields),
        type: raw["type"] === "function" ? undefined : (raw["type"] ?? "absent"),
        arguments: args === undefined ? "absent" : undefined,
        id: isText(raw["id"]) ? undefined : (raw["id"] ?? "absent")
      })
    )
  }
}

const readOlderCall = (raw: JsonObject, id: string): Block | undefined => {
  const { arguments: args, name } = raw
  if (!isText(name) || !isText(args)) return undefined
  const rest = restOf(raw, functionFields)
  return {
    type: "tool_use",
    id,
    idSynthetic: true,
    name,
    ...parsed(args),
    inputRaw: args,
    kind: "function",
    ...keep(wire, compact({ older: true, function: rest }))
  }
}

/** Reads an assistant's message: its blocks in the canonical order (thinking, content, refusal, calls), and which fields they came from. */
const readAssistant = (
  raw: JsonObject,
  model: string,
  ids: Ids
): { readonly blocks: ReadonlyArray<Block>; readonly used: ReadonlySet<string>; readonly form: string | undefined } => {
  const used = new Set<string>(plainFields)
  const thinking: Array<Block> = []
  for (const field of thinkingFields) {
    const text = raw[field]
    if (!isText(text) || text === "") continue
    used.add(field)
    thinking.push({ type: "thinking", text, producer: { provider: "openai", model }, ...keep(wire, { field }) })
  }
  const { blocks, form } = readContent(raw["content"])
  const tail: Array<Block> = []
  const { function_call, refusal, tool_calls } = raw
  if (isText(refusal) && refusal !== "") {
    used.add("refusal")
    tail.push({ type: "refusal", text: refusal })
  }
  if (isArray(tool_calls) && tool_calls.length > 0) {
    used.add("tool_calls")
    for (const call of tool_calls) tail.push(readCall(call, ids.called))
  }
  if (isObject(function_call)) {
    const call = readOlderCall(function_call, ids.next())
    if (call !== undefined) {
      used.add("function_call")
      tail.push(call)
    }
  }
  return {
    blocks: [...thinking, ...blocks, ...tail],
    used,
    form: form === plainForm(blocks, "assistant") ? undefined : form
  }
}

/** Ids for calls that have none, and which call a result without id answers. */
class Ids {
  #made = 0
  #open: Array<string> = []

  readonly next = (): string => {
    const id = `call_${this.#made++}`
    this.#open.push(id)
    return id
  }
  readonly called = (raw: Json | undefined): { id: string; idSynthetic?: true } =>
    isText(raw) ? { id: raw } : { id: this.next(), idSynthetic: true }
  readonly answered = (): string => this.#open.shift() ?? `call_${this.#made++}`
}

const readResult = (raw: JsonObject, ids: Ids): ToolResultBlock => {
  const older = raw["role"] === "function"
  const { blocks, form } = readContent(raw["content"])
  const { name, tool_call_id } = raw
  const known = isText(tool_call_id) && !older
  return {
    type: "tool_result",
    toolUseId: known ? tool_call_id : ids.answered(),
    ...(isText(name) ? { name } : {}),
    content: blocks,
    executedBy: "client",
    ...keep(
      wire,
      compact({
        content: form === plainForm(blocks, "tool") ? undefined : form,
        rest: restOf(raw, older ? olderFields : toolFields),
        older: older ? true : undefined,
        id: known || older ? undefined : (tool_call_id ?? "absent")
      })
    )
  }
}

const roles = new Set(["system", "developer", "user", "assistant"])

const readMessage = (raw: JsonObject, model: string, ids: Ids): Message => {
  const { name, role } = raw
  const head = { role: role as Message["role"], ...(isText(name) ? { name } : {}) }
  const placed = role === "system" || role === "developer" ? { placement: "inline" as const } : {}
  const odd = name !== undefined && !isText(name) ? { name } : undefined
  if (role === "assistant") {
    const { blocks, form, used } = readAssistant(raw, model, ids)
    const rest = restOf(raw, used)
    const more = odd === undefined ? rest : { ...rest, ...odd }
    return { ...head, blocks, ...keep(wire, compact({ content: form, rest: more })) }
  }
  const { blocks, form } = readContent(raw["content"])
  const rest = restOf(raw, plainFields)
  const more = odd === undefined ? rest : { ...rest, ...odd }
  const recorded = form === plainForm(blocks, "user") ? undefined : form
  return { ...head, ...placed, blocks, ...keep(wire, compact({ content: recorded, rest: more })) }
}

/** Reads a chat completion request. Consecutive tool results become one message. Fails with a sentence that names the place. */
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
    if (role === "tool" || role === "function") {
      const block = readResult(one, ids)
      const before = messages.at(-1)
      if (before?.role === "tool") messages[messages.length - 1] = { ...before, blocks: [...before.blocks, block] }
      else messages.push({ role: "tool", blocks: [block] })
    } else if (isText(role) && roles.has(role)) messages.push(readMessage(one, model, ids))
    else return Result.fail(`\`messages[${index}].role\` is none that a chat completion has`)
  }
  return Result.succeed({ wire, model, messages, ...readAsked(body) })
}

const stops: { readonly [raw: string]: StopReason } = {
  stop: "end",
  length: "length",
  tool_calls: "tool_use",
  function_call: "tool_use",
  content_filter: "content_filter",
  // what hosts of the same wire say
  eos: "end",
  end_turn: "end",
  max_tokens: "length",
  model_length: "length",
  stop_sequence: "stop_sequence",
  abort: "cancelled",
  error: "error",
  insufficient_system_resource: "error"
}

const isCall = (block: Block): block is ToolUseBlock => block.type === "tool_use"

const stopReason = (raw: Json | undefined, blocks: ReadonlyArray<Block>): StopReason => {
  const reason = isText(raw) && Object.hasOwn(stops, raw) ? stops[raw]! : "unknown"
  if (reason === "end" && blocks.some(isCall)) return "tool_use" // a forced call ends with "stop"
  return reason === "end" && blocks.some((block) => block.type === "refusal") ? "refusal" : reason
}

const readChoice = (choice: JsonObject, model: string): ReadonlyArray<Block> => {
  const { message } = choice
  if (!isObject(message)) return []
  const { blocks } = readAssistant(message, model, new Ids())
  return blocks.filter((block) => block.type !== "text" || block.text !== "")
}

/** Reads a chat completion. Further choices are alternatives. Fails with a sentence where it is none. */
export const readResponse = (body: unknown): Result.Result<Answered, string> => {
  if (!isObject(body)) return Result.fail("the answer is no JSON object")
  const { choices, id, model } = body
  if (!isArray(choices)) return Result.fail("the answer has no `choices`")
  const [first, ...others] = choices
  // Azure leaves the message out where its filter took all of the answer.
  const filtered = isObject(first) && first["message"] === undefined && first["finish_reason"] === "content_filter"
  if (!isObject(first) || !(filtered || isObject(first["message"])))
    return Result.fail("the answer's first choice has no `message`")
  const producer = isText(model) ? model : ""
  const blocks = readChoice(first, producer)
  const raw = first["finish_reason"]
  const response: CallResponse = {
    ...(isText(id) ? { id } : {}),
    ...(isText(model) ? { model } : {}),
    blocks,
    ...(others.length === 0
      ? {}
      : { alternatives: others.map((other) => (isObject(other) ? readChoice(other, producer) : [])) }),
    stopReason: stopReason(raw, blocks),
    ...(isText(raw) ? { stopReasonRaw: raw } : {}),
    complete: true
  }
  // Gemini's own endpoint for this wire counts thoughts in the total alone.
  const thinksBeside = /gemini/i.test(producer) || blocks.some((block) => block.type === "thinking")
  return Result.succeed({ response, usage: openaiUsage(body["usage"], thinksBeside) })
}
