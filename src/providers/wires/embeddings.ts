import * as Result from "effect/Result"

import type { CallRequest, Usage } from "../../domain/Call.ts"
import type { Unsendable } from "../contract.ts"
import { isArray, isObject } from "./json.ts"
import type { Answered } from "./wire.ts"

/** The text of a request for an embedding: that of its only block. Fails where it has more than one, or none. */
export const embeddedText = ({ messages }: CallRequest): Result.Result<string, Unsendable> => {
  const [block, ...more] = messages.flatMap(({ blocks }) => blocks)
  return block?.type === "text" && block.text !== "" && more.length === 0
    ? Result.succeed(block.text)
    : Result.fail({ message: "an embedding is of one text that is not empty" })
}

const usageOf = (tokens: unknown): Usage => ({
  basis: "reported",
  input:
    typeof tokens === "number" && Number.isInteger(tokens) && tokens >= 0
      ? { total: tokens, uncached: tokens, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, cacheWriteOther: 0 }
      : null,
  output: { total: 0, text: 0, reasoning: 0 }
})

const answered = (model: unknown, vector: unknown, tokens: unknown): Result.Result<Answered, string> => {
  if (!isArray(vector) || vector.length === 0 || !vector.every((one) => typeof one === "number"))
    return Result.fail("the answer holds no embedding")
  return Result.succeed({
    response: {
      ...(typeof model === "string" ? { model } : {}),
      blocks: [{ type: "text", text: JSON.stringify(vector) }],
      stopReason: "end",
      complete: true
    },
    usage: usageOf(tokens)
  })
}

/** Reads an answer of OpenAI's embeddings; the vector becomes a text of JSON. */
export const readOpenaiEmbedding = (body: unknown): Result.Result<Answered, string> => {
  if (!isObject(body)) return Result.fail("the answer is no JSON object")
  const [first] = isArray(body["data"]) ? body["data"] : []
  const tokens = isObject(body["usage"]) ? body["usage"]["prompt_tokens"] : undefined
  return answered(body["model"], isObject(first) ? first["embedding"] : undefined, tokens)
}

/** Reads an answer of Ollama's `/api/embed`; the vector becomes a text of JSON. */
export const readOllamaEmbedding = (body: unknown): Result.Result<Answered, string> => {
  if (!isObject(body)) return Result.fail("the answer is no JSON object")
  const [first] = isArray(body["embeddings"]) ? body["embeddings"] : []
  return answered(body["model"], first, body["prompt_eval_count"])
}
