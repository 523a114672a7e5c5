import * as Result from "effect/Result"

import type { CallResponse } from "../../domain/Call.ts"
import * as anthropicMessages from "./anthropicMessages.ts"
import { isArray, isObject, isText, type Json, parse } from "./json.ts"
import * as ollamaChat from "./ollamaChat.ts"
import * as openaiChat from "./openaiChat.ts"
import * as openaiResponses from "./openaiResponses.ts"
import { noUsage } from "./usage.ts"
import type { Answered } from "./wire.ts"

const assemblies = {
  "openai.chat": openaiChat.Assembly,
  "openai.responses": openaiResponses.Assembly,
  "anthropic.messages": anthropicMessages.Assembly,
  "ollama.chat": ollamaChat.Assembly
} as const

/** The wires whose streams are put together. */
export type StreamedWire = keyof typeof assemblies

/** What a recorded stream holds. */
export interface Pieces {
  /** The JSON of its events in order. */
  readonly events: ReadonlyArray<Json>
  /** Events that are no JSON: the record was cut there. */
  readonly broken: number
}

const gathered = (texts: Iterable<string>): Pieces => {
  const events: Array<Json> = []
  let broken = 0
  for (const text of texts) {
    const json = parse(text)
    if ("value" in json) events.push(json.value)
    else broken += 1
  }
  return { events, broken }
}

const lineEnd = /\r\n|\n|\r/

/** The data of server-sent events, one text an event; the mark of the end left out. */
function* dataOf(text: string): Generator<string> {
  let data: Array<string> = []
  const said = () => {
    const whole = data.join("\n").trim()
    data = []
    return whole
  }
  for (const line of [...text.split(lineEnd), ""]) {
    if (line.startsWith("data:")) data.push(line.slice(line.startsWith("data: ") ? 6 : 5))
    else if (line === "" && data.length > 0) {
      const event = said()
      if (event !== "" && event !== "[DONE]") yield event
    }
  }
}

const isEventStream = (text: string) => /^(?:\ufeff)?\s*(?:data|event|id|retry)?:/.test(text)

/**
 * The pieces of a stream that was recorded as one text: server-sent events, one JSON value a line, or one JSON array of chunks. `undefined`
 * for any other text, among it one whole JSON object.
 */
export const piecesOf = (text: string): Pieces | undefined => {
  if (isEventStream(text)) return gathered(dataOf(text))
  const start = text.trimStart()
  if (start.startsWith("[")) {
    const whole = parse(text)
    return "value" in whole && isArray(whole.value) ? { events: whole.value, broken: 0 } : undefined
  }
  if (!start.startsWith("{")) return undefined
  const lines = text.split(lineEnd).filter((line) => line.trim() !== "")
  const first = lines.length < 2 ? undefined : parse(lines[0]!)
  return first !== undefined && "value" in first ? gathered(lines) : undefined
}

/** What kind of stream these events are: a wire that is read, or the name of one that is not; `undefined` where they tell nothing. */
export const streamOf = (events: ReadonlyArray<unknown>): StreamedWire | { readonly unread: string } | undefined => {
  for (const event of events) {
    if (!isObject(event)) continue
    const { choices, type } = event
    if (event["object"] === "chat.completion.chunk") return "openai.chat"
    if (isArray(choices) && choices.some((one) => isObject(one) && isObject(one["delta"]))) return "openai.chat"
    if (isText(type) && type.startsWith("response.")) return "openai.responses"
    if (type === "message_start" || type === "content_block_start") return "anthropic.messages"
    if (type === "completion") return { unread: "a stream of Anthropic's older completions" }
    if (event["object"] === "text_completion") return { unread: "a stream of text completions" }
    if (isArray(event["candidates"])) return { unread: "a stream of Gemini's" }
    if (isObject(event["message"]) && "done" in event) return "ollama.chat"
  }
  return undefined
}

/** The failure that one of the events tells of. */
const errorIn = (events: ReadonlyArray<unknown>): CallResponse["error"] => {
  for (const event of events) {
    const error = isObject(event) ? event["error"] : undefined
    if (isText(error) && error !== "") return { type: "error", message: error }
    if (!isObject(error) || Object.keys(error).length === 0) continue
    const { code, message, type } = error
    return {
      type: isText(type) ? type : "error",
      ...(isText(code) ? { code } : {}),
      message: isText(message) ? message : "the provider gave no reason"
    }
  }
  return undefined
}

/**
 * The answer that a recorded stream makes. `response.complete` is false where the record was cut or the provider broke off; what came until
 * then is kept. Usage is what the last counts say, field by field; a stream that was not asked for usage has none. Fails with a sentence
 * where the events are no stream of this wire.
 */
export const readStream = (wire: StreamedWire, { broken, events }: Pieces): Result.Result<Answered, string> => {
  const assembly = new assemblies[wire]()
  for (const event of events) assembly.add(event)
  const answer = assembly.answer()
  const error = errorIn(events)
  if (error !== undefined) {
    const arrived: Answered = Result.isSuccess(answer)
      ? answer.success
      : { response: { blocks: [], stopReason: "error", complete: false }, usage: noUsage }
    return Result.succeed({
      ...arrived,
      response: { ...arrived.response, stopReason: "error", complete: false, error: arrived.response.error ?? error }
    })
  }
  if (broken === 0) return answer
  return Result.map(answer, ({ response, usage }) => ({ usage, response: { ...response, complete: false } }))
}
