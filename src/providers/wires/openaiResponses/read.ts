import * as Result from "effect/Result"

import type { CallRequest, CallResponse, StopReason, Usage } from "../../../domain/Call.ts"
import type { Block, Message } from "../../../domain/Message.ts"
import { isArray, isObject, isText, type Json, type JsonObject, keep } from "../json.ts"
import { responsesUsage } from "../usage.ts"
import type { Answered } from "../wire.ts"
import { readAssistantItem, readItems } from "./items.ts"
import { readAsked } from "./params.ts"

const wire = "openai.responses"

const instructed = (text: string): Message => ({
  role: "system",
  placement: "top",
  blocks: [{ type: "text", text }]
})

const readInput = (
  input: Json | undefined,
  model: string
): { readonly messages: ReadonlyArray<Message>; readonly whole: boolean } | string => {
  if (isText(input))
    return {
      messages: [{ role: "user", blocks: [{ type: "text", text: input }], ...keep(wire, { input: "text" }) }],
      whole: true
    }
  if (!isArray(input)) return { messages: [], whole: false }
  const messages = readItems(input, model)
  return isText(messages) ? messages : { messages, whole: messages.length > 0 }
}

/** What may stand for an input that is not in the request. */
const elsewhere = ["previous_response_id", "conversation", "prompt"]

/**
 * Reads a Responses request. `instructions` become a system message at the top; what the assistant said and called in a row becomes one
 * message, so do tool results in a row. History that the provider keeps is told by `serverState`. Fails with a sentence that names the place.
 */
export const readRequest = (body: unknown): Result.Result<CallRequest, string> => {
  if (!isObject(body)) return Result.fail("the request is no JSON object")
  const { input, instructions, model } = body
  if (!isText(model)) return Result.fail("`model` is no text")
  if (
    !isText(input) &&
    !isArray(input) &&
    (input !== undefined || !elsewhere.some((name) => isObject(body[name]) || isText(body[name])))
  )
    return Result.fail("`input` is neither text nor an array")
  const read = readInput(input, model)
  if (isText(read)) return Result.fail(read)
  const { messages, whole } = read
  const told = isText(instructions)
  return Result.succeed({
    wire,
    model,
    messages: told ? [instructed(instructions), ...messages] : messages,
    ...readAsked(body, ["model", ...(told ? ["instructions"] : []), ...(whole ? ["input"] : [])])
  })
}

const isCall = (block: Block) => block.type === "tool_use" && block.kind !== "provider"

const whyEnded = (body: JsonObject, blocks: ReadonlyArray<Block>): StopReason => {
  const { incomplete_details: details, status } = body
  if (status === "failed") return "error"
  if (status === "cancelled") return "cancelled"
  if (status === "incomplete") {
    const reason = isObject(details) ? details["reason"] : undefined
    return reason === "max_output_tokens" ? "length" : reason === "content_filter" ? "content_filter" : "unknown"
  }
  // Logs of a stream's end, and hosts of the same wire, may leave the status out.
  if (status !== "completed" && status !== undefined && status !== null) return "unknown"
  if (blocks.some(isCall)) return "tool_use"
  return blocks.some((block) => block.type === "refusal") ? "refusal" : "end"
}

const errorOf = (raw: Json | undefined): CallResponse["error"] => {
  if (!isObject(raw)) return undefined
  const { code, message, type } = raw
  return {
    type: isText(type) ? type : isText(code) ? code : "error",
    ...(isText(code) ? { code } : {}),
    message: isText(message) ? message : "the provider gave no reason"
  }
}

/** Uses of the tools that ran at the provider, by their name. */
const hostedUses = (blocks: ReadonlyArray<Block>): Usage["serverTools"] => {
  const uses = new Map<string, number>()
  for (const block of blocks)
    if (block.type === "tool_use" && block.kind === "provider") uses.set(block.name, (uses.get(block.name) ?? 0) + 1)
  return uses.size === 0 ? undefined : Object.fromEntries(uses)
}

/** Reads a response. Fails with a sentence where it is none. */
export const readResponse = (body: unknown): Result.Result<Answered, string> => {
  if (!isObject(body)) return Result.fail("the answer is no JSON object")
  const { id, incomplete_details: details, model, output, status } = body
  const error = errorOf(body["error"])
  if (!isArray(output) && error === undefined) return Result.fail("the answer has no `output`")
  const producer = isText(model) ? model : ""
  const blocks = (isArray(output) ? output : [])
    .filter(isObject)
    .flatMap((item) => readAssistantItem(item, producer))
    .filter((block) => block.type !== "text" || block.text !== "")
  const reason = isObject(details) && isText(details["reason"]) ? details["reason"] : status
  const stopReason = error === undefined ? whyEnded(body, blocks) : "error"
  const serverTools = hostedUses(blocks)
  const usage = responsesUsage(body["usage"])
  return Result.succeed({
    response: {
      ...(isText(id) ? { id } : {}),
      ...(isText(model) ? { model } : {}),
      blocks,
      stopReason,
      ...(isText(reason) ? { stopReasonRaw: reason } : {}),
      complete:
        error === undefined &&
        status !== "in_progress" &&
        status !== "queued" &&
        stopReason !== "cancelled" &&
        stopReason !== "error",
      ...(error === undefined ? {} : { error })
    },
    usage: serverTools === undefined ? usage : { ...usage, serverTools }
  })
}

/** Fields that a response repeats of its request, with what they say where nothing was asked. */
const echoed: ReadonlyArray<readonly [name: string, unset: ReadonlyArray<Json>]> = [
  ["model", []],
  ["instructions", [null]],
  ["tools", [[]]],
  ["tool_choice", ["auto"]],
  ["parallel_tool_calls", [true]],
  ["text", []],
  ["reasoning", []],
  ["max_output_tokens", [null]],
  ["temperature", [null]],
  ["top_p", [null]],
  ["previous_response_id", [null]],
  ["conversation", [null]],
  ["metadata", []],
  ["truncation", [null]],
  ["user", [null]],
  ["store", []],
  ["prompt", [null]],
  ["service_tier", [null]]
]

/**
 * The request of a response, as far as it repeats it: model, instructions, tools and parameters (the wire's defaults among them), and no
 * input. For logs that kept only the answer. Fails with a sentence where it names no model.
 */
export const requestOfResponse = (body: unknown): Result.Result<CallRequest, string> => {
  if (!isObject(body)) return Result.fail("the answer is no JSON object")
  if (!isText(body["model"])) return Result.fail("the answer names no model")
  const asked = Object.fromEntries(
    echoed.flatMap(([name, unset]) => {
      const value = body[name]
      return value === undefined || unset.some((one) => JSON.stringify(one) === JSON.stringify(value))
        ? []
        : [[name, value] as const]
    })
  )
  const read = readRequest({ ...asked, input: [] })
  return Result.map(read, ({ params, ...request }) => {
    const { input: _input, ...extra } = params.extra ?? {}
    const { extra: _extra, ...named } = params
    return { ...request, params: Object.keys(extra).length === 0 ? named : { ...named, extra } }
  })
}
