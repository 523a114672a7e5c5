import type * as Result from "effect/Result"

import type { CallRequest, CallResponse, Usage } from "../../domain/Call.ts"
import * as anthropicMessages from "../../providers/wires/anthropicMessages.ts"
import * as ollamaChat from "../../providers/wires/ollamaChat.ts"
import * as openaiChat from "../../providers/wires/openaiChat.ts"
import * as openaiResponses from "../../providers/wires/openaiResponses.ts"
import type { StreamedWire } from "../../providers/wires/streamed.ts"
import type { JsonObject } from "../json.ts"
import { arrayIn, objectIn, textIn } from "../json.ts"

/** The wires whose bodies are read. */
export type ReadWire = StreamedWire

interface Translation {
  readRequest(body: unknown): Result.Result<CallRequest, string>
  readResponse(body: unknown): Result.Result<{ readonly response: CallResponse; readonly usage: Usage }, string>
}

/** The translation of each wire into the canonical form. */
export const translations: Readonly<Record<ReadWire, Translation>> = {
  "openai.chat": openaiChat,
  "openai.responses": openaiResponses,
  "anthropic.messages": anthropicMessages,
  "ollama.chat": ollamaChat
}

/** A shape that is recognised: one that is read, or the name of one that is not. */
export type Shape = { readonly wire: ReadWire } | { readonly unread: string }

const blocksOf = (request: JsonObject) =>
  (arrayIn(request["messages"]) ?? []).flatMap((message) => arrayIn(objectIn(message)?.["content"]) ?? []).map(objectIn)

/** True when the messages hold blocks that only Anthropic's wire has. */
export const hasAnthropicBlocks = (request: JsonObject): boolean =>
  blocksOf(request).some((block) => ["tool_use", "tool_result"].includes(textIn(block?.["type"]) ?? ""))

/** What a response body is; `undefined` when it could be anything. */
export const shapeOfResponse = (body: JsonObject): Shape | undefined => {
  const choices = arrayIn(body["choices"])
  if (body["object"] === "chat.completion.chunk") return { unread: "a chunk of a stream" }
  if (body["object"] === "text_completion") return { unread: "a text completion" }
  if (choices !== undefined)
    return choices.some((choice) => objectIn(choice)?.["delta"] !== undefined)
      ? { unread: "a chunk of a stream" }
      : { wire: "openai.chat" }
  if (body["object"] === "response" || arrayIn(body["output"]) !== undefined) return { wire: "openai.responses" }
  if (arrayIn(body["candidates"]) !== undefined) return { unread: "a Gemini answer" }
  if (body["object"] === "list" && arrayIn(body["data"]) !== undefined)
    return { unread: "a list (of embeddings, perhaps)" }
  if (body["type"] === "completion") return { unread: "an answer of Anthropic's older completions" }
  if (body["type"] === "message" || (arrayIn(body["content"]) !== undefined && "stop_reason" in body))
    return { wire: "anthropic.messages" }
  if (objectIn(body["message"]) !== undefined && ("done" in body || "eval_count" in body || "done_reason" in body))
    return { wire: "ollama.chat" }
  return undefined
}

/** Items of an `input` that only the Responses wire has; a list of texts or numbers is what embeddings are made of. */
const isInput = (input: unknown): boolean =>
  typeof input === "string" || (arrayIn(input)?.every((item) => objectIn(item) !== undefined) ?? false)

const embeds = (body: JsonObject): boolean =>
  /embed/i.test(textIn(body["model"]) ?? "") || "encoding_format" in body || "dimensions" in body

/** What a request body is, judged by itself. */
export const shapeOfRequest = (body: JsonObject): Shape | undefined => {
  if (arrayIn(body["contents"]) !== undefined) return { unread: "a Gemini request" }
  if (arrayIn(body["messages"]) === undefined) {
    const follows = textIn(body["previous_response_id"]) !== undefined
    if ("input" in body || follows)
      return !embeds(body) && (follows || isInput(body["input"]))
        ? { wire: "openai.responses" }
        : { unread: "a request for embeddings" }
    return "prompt" in body && !("messages" in body) ? { unread: "a text completion request" } : undefined
  }
  const tools = (arrayIn(body["tools"]) ?? []).map(objectIn)
  if (
    "system" in body ||
    hasAnthropicBlocks(body) ||
    tools.some((tool) => tool !== undefined && "input_schema" in tool)
  )
    return { wire: "anthropic.messages" }
  if (["options", "keep_alive", "think"].some((name) => name in body)) return { wire: "ollama.chat" }
  return /^claude-/.test(textIn(body["model"]) ?? "") && "max_tokens" in body && !("n" in body)
    ? { wire: "anthropic.messages" }
    : { wire: "openai.chat" }
}
