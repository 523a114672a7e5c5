import * as Result from "effect/Result"

import type { CallRequest, CallResponse } from "../../domain/Call.ts"
import type { Loss } from "../../domain/Output.ts"
import type { Prepared, Unsendable } from "../contract.ts"
import { Reported } from "../failure.ts"
import { isArray, isObject, isText, type Json, type JsonObject, restOf } from "../wires/json.ts"
import { thinks } from "../wires/openaiModels.ts"
import { writeRequest } from "../wires/openaiResponses.ts"

/** What a provider tells of its thinking so that it can be sent back, where it keeps nothing itself. */
const encrypted = "reasoning.encrypted_content"

/** Fields by which a provider is asked to keep or to fetch what it kept, or to answer later. */
const kept = new Set(["previous_response_id", "conversation", "background", "store", "include", "stream_options"])

/** Items that are whole without the id under which the provider kept them. */
const whole = /^(message|reasoning|compaction|(function_call|custom_tool_call)(_output)?)$/

const withoutId = new Set(["id"])

const holdsThinking = (item: JsonObject) =>
  isText(item["encrypted_content"]) || (isArray(item["content"]) && item["content"].length > 0)

const keptThinking: Loss = { what: "thinking", why: "its provider keeps it; it is not in the request" }

/** Items as they can be sent where nothing is kept: ids are left out, and thinking of which only the id is there. */
const freeItems = (items: ReadonlyArray<Json>, losses: Array<Loss>): ReadonlyArray<Json> | Unsendable => {
  const free: Array<Json> = []
  for (const item of items) {
    if (!isObject(item)) {
      free.push(item)
      continue
    }
    const type = isText(item["type"]) ? item["type"] : "message"
    if (type === "item_reference")
      return {
        message: `the item ${String(item["id"])} of the request is kept at its provider and is not in the archive`
      }
    if (type === "reasoning" && !holdsThinking(item)) {
      if (!losses.includes(keptThinking)) losses.push(keptThinking)
    } else free.push(whole.test(type) ? (restOf(item, withoutId) ?? item) : item)
  }
  return free
}

const keptBefore = ({ serverState }: CallRequest): string | undefined => {
  if (serverState === undefined || serverState.resolved) return undefined
  const { conversationId, previousResponseId } = serverState
  const under = previousResponseId ?? conversationId
  return `the history before this request is kept at its provider${under === undefined ? "" : ` under ${under}`} and is not in the archive`
}

/**
 * Writes a Responses request that stands by itself: the provider keeps nothing of it (`store: false`) and is sent all of the history.
 * A request whose history only a provider has cannot be sent.
 */
export const prepareResponse = (request: CallRequest): Result.Result<Prepared, Unsendable> => {
  const before = keptBefore(request)
  if (before !== undefined) return Result.fail({ message: before })
  return Result.flatMap(writeRequest(request), ({ body: written, losses }) => {
    const body = written as JsonObject
    const all = [...losses]
    const input = isArray(body["input"]) ? freeItems(body["input"], all) : undefined
    if (isObject(input)) return Result.fail(input as Unsendable)
    const included = isArray(body["include"]) ? body["include"] : []
    const include = thinks(request.model) && !included.includes(encrypted) ? [...included, encrypted] : included
    return Result.succeed({
      body: {
        ...restOf(body, kept),
        ...(input === undefined ? {} : { input }),
        ...(include.length === 0 ? {} : { include }),
        store: false
      },
      losses: all
    })
  })
}

/** A response that failed tells why, by the provider's own code; its input was read. */
export const failedResponse = ({ error }: CallResponse): Reported | undefined =>
  error === undefined ? undefined : new Reported(error, true)
