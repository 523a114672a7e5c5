import * as Result from "effect/Result"

import type { Answer } from "../domain/Answer.ts"
import type { CallRequest } from "../domain/Call.ts"

const parsed = (text: string): Result.Result<unknown, string> => {
  try {
    return Result.succeed(JSON.parse(text))
  } catch (cause) {
    return Result.fail(cause instanceof Error ? cause.message : String(cause))
  }
}

/** The insides of ``` fences, an unclosed last one too, in order. */
export const fenced = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(/```[^\n`]*\r?\n([\s\S]*?)(?:```|$)/g)].map((match) => match[1] ?? "")

/**
 * Reads a text as JSON: the whole of it, or the first fenced block in it that is JSON.
 * Fails with what the parser says, as a sentence without a subject: `is not JSON: …`.
 */
export const readJson = (text: string): Result.Result<unknown, string> => {
  const trimmed = text.replace(/^\uFEFF/, "").trim()
  if (trimmed === "") return Result.fail("is empty")
  const whole = parsed(trimmed)
  if (Result.isSuccess(whole)) return whole
  const blocks = fenced(trimmed)
  for (const block of blocks) {
    const inside = parsed(block)
    if (Result.isSuccess(inside)) return inside
  }
  // A fence inside a JSON string ends the block early: try from the first fence to the last.
  const widest = /```[^\n`]*\r?\n([\s\S]*)```/.exec(trimmed)?.[1]
  const wide = widest === undefined ? whole : parsed(widest)
  if (Result.isSuccess(wide)) return wide
  const first = blocks[0]
  const why = first === undefined ? whole : parsed(first)
  return Result.fail(`is not JSON: ${Result.isFailure(why) ? why.failure : ""}`)
}

/**
 * The JSON of an answer: of its text; or, where the request asked for structured output by way of a tool and the answer
 * is one call without text, the arguments of that call.
 */
export const jsonOf = (answer: Answer, request: CallRequest): Result.Result<unknown, string> => {
  const format = request.responseFormat
  const [call, ...more] = answer.toolCalls
  return format?.type === "json_schema" && format.via === "tool" && call !== undefined && more.length === 0
    ? call.error === undefined
      ? Result.succeed(call.arguments)
      : Result.fail(`is not JSON: ${call.error}`)
    : readJson(answer.text)
}
