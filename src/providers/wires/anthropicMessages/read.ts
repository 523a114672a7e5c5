import * as Result from "effect/Result"

import type { CallRequest, CallResponse, StopReason } from "../../../domain/Call.ts"
import type { Block, Message } from "../../../domain/Message.ts"
import { compact, isArray, isObject, isText, type Json, type JsonObject, keep, restOf } from "../json.ts"
import { anthropicUsage } from "../usage.ts"
import type { Answered } from "../wire.ts"
import { plainForm, readBlock, readContent } from "./blocks.ts"
import { readAsked } from "./params.ts"

const wire = "anthropic.messages"
const fields = new Set(["role", "content"])

const isResult = (block: Block) => block.type === "tool_result" && block.executedBy === "client"

/** Runs of tool results and of other blocks, in order. */
const runsOf = (blocks: ReadonlyArray<Block>): ReadonlyArray<ReadonlyArray<Block>> => {
  const runs: Array<Array<Block>> = []
  for (const block of blocks) {
    const last = runs.at(-1)
    if (last !== undefined && isResult(last[0]!) === isResult(block)) last.push(block)
    else runs.push([block])
  }
  return runs
}

const readMessage = (raw: JsonObject, model: string): ReadonlyArray<Message> => {
  const { blocks, form } = readContent(raw["content"], model)
  const role = raw["role"] as "user" | "assistant" | "system"
  const details = keep(
    wire,
    compact({ content: form === plainForm(blocks) ? undefined : form, rest: restOf(raw, fields) })
  )
  if (role === "system") return [{ role, placement: "inline", blocks, ...details }]
  const runs = role === "user" ? runsOf(blocks) : [blocks]
  if (runs.length <= 1) {
    return [
      { role: blocks[0] !== undefined && role === "user" && isResult(blocks[0]) ? "tool" : role, blocks, ...details }
    ]
  }
  return runs.map((run, index) => ({
    role: isResult(run[0]!) ? ("tool" as const) : role,
    blocks: run,
    ...(index === 0 ? details : { joinPrevious: true })
  }))
}

const readSystem = (raw: Json, model: string): Message => {
  const { blocks, form } = readContent(raw, model)
  return {
    role: "system",
    placement: "top",
    blocks,
    ...keep(wire, compact({ content: form === plainForm(blocks) ? undefined : form }))
  }
}

/**
 * Reads a messages request. The system prompt becomes a message at the top; tool results become messages of their own, which
 * `joinPrevious` ties to the text they shared a message with. Fails with a sentence that names the place.
 */
export const readRequest = (body: unknown): Result.Result<CallRequest, string> => {
  if (!isObject(body)) return Result.fail("the request is no JSON object")
  const { messages: raw, model, system } = body
  if (!isText(model)) return Result.fail("`model` is no text")
  if (!isArray(raw)) return Result.fail("`messages` is no array")
  const messages: Array<Message> = system === undefined ? [] : [readSystem(system, model)]
  for (const [index, one] of raw.entries()) {
    if (!isObject(one)) return Result.fail(`\`messages[${index}]\` is no object`)
    const { role } = one
    if (role !== "user" && role !== "assistant" && role !== "system") {
      return Result.fail(`\`messages[${index}].role\` is none that an Anthropic message has`)
    }
    messages.push(...readMessage(one, model))
  }
  return Result.succeed({ wire, model, messages, ...readAsked(body) })
}

const stops: { readonly [raw: string]: StopReason } = {
  end_turn: "end",
  max_tokens: "length",
  stop_sequence: "stop_sequence",
  tool_use: "tool_use",
  pause_turn: "pause",
  refusal: "refusal",
  model_context_window_exceeded: "context_window",
  compaction: "compaction"
}

/** Reads an answer. Fails with a sentence where it is none. */
export const readResponse = (body: unknown): Result.Result<Answered, string> => {
  if (!isObject(body)) return Result.fail("the answer is no JSON object")
  const { content, id, model, stop_reason: raw } = body
  if (!isArray(content)) return Result.fail("the answer has no `content` blocks")
  const producer = isText(model) ? model : ""
  const response: CallResponse = {
    ...(isText(id) ? { id } : {}),
    ...(isText(model) ? { model } : {}),
    blocks: content.map((block) => readBlock(block, producer)),
    stopReason: isText(raw) && Object.hasOwn(stops, raw) ? stops[raw]! : "unknown",
    ...(isText(raw) ? { stopReasonRaw: raw } : {}),
    complete: true
  }
  return Result.succeed({ response, usage: anthropicUsage(body["usage"]) })
}
