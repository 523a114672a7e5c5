import * as Result from "effect/Result"

import type { Answer } from "../domain/Answer.ts"
import type { CallRequest } from "../domain/Call.ts"
import { tooDeep } from "./depth.ts"

const parsed = (text: string, revive?: typeof digitsKept): Result.Result<unknown, string> => {
  try {
    return Result.succeed(JSON.parse(text, revive))
  } catch (cause) {
    return Result.fail(cause instanceof Error ? cause.message : String(cause))
  }
}

/** The largest exponent of ten that is written out. */
const zerosKept = 10_000

/** A number that is beyond a double, such as `1e400`, with all its digits. Throws where they are too many. */
const beyondDouble = (source: string): bigint => {
  const [, whole = "", part = "", exponent = "0"] = /^(-?\d+)(?:\.(\d+))?(?:[eE]([-+]?\d+))?$/.exec(source) ?? []
  const zeros = Number(exponent) - part.length
  if (zeros < 0 || zeros > zerosKept) throw new RangeError(`the number ${source.slice(0, 40)} is beyond what is read`)
  return BigInt(`${whole}${part}${"0".repeat(zeros)}`)
}

const digitsKept = (_key: string, value: unknown, context?: { readonly source?: string }): unknown => {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value
  const source = context?.source ?? ""
  if (/^-?\d+$/.test(source)) return BigInt(source)
  return Number.isFinite(value) ? value : beyondDouble(source)
}

const parsedExactly = (text: string): Result.Result<unknown, string> => {
  const read = parsed(text)
  // A whole number that JSON.parse rounds has 16 digits or more, one that it cannot hold so many or an exponent of three.
  const mayLose = /\d{16}|\d[eE]\+?\d{3}/.test(text)
  return Result.isSuccess(read) && mayLose && !tooDeep(read.success) ? parsed(text, digitsKept) : read
}

/** The insides of ``` fences, an unclosed last one too, in order. */
export const fenced = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(/```[^\n`]*\r?\n([\s\S]*?)(?:```|$)/g)].map((match) => match[1] ?? "")

const readBy = (text: string, parsed: (text: string) => Result.Result<unknown, string>) => {
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
 * Reads a text as JSON: the whole of it, or the first fenced block in it that is JSON.
 * Fails with what the parser says, as a sentence without a subject: `is not JSON: …`.
 */
export const readJson = (text: string): Result.Result<unknown, string> => readBy(text, parsed)

/** As {@link readJson}, but whole numbers beyond 2^53, which a number would round or cannot hold, are bigints. */
export const readExactJson: typeof readJson = (text) => readBy(text, parsedExactly)

/**
 * The JSON of an answer: of its text; or, where the request asked for structured output by way of a tool and the answer
 * is one call without text, the arguments of that call. A text is read by `read`.
 */
export const jsonOf = (
  answer: Answer,
  request: CallRequest,
  read: typeof readJson = readJson
): Result.Result<unknown, string> => {
  const format = request.responseFormat
  const [call, ...more] = answer.toolCalls
  return format?.type === "json_schema" && format.via === "tool" && call !== undefined && more.length === 0
    ? call.error === undefined
      ? Result.succeed(call.arguments)
      : Result.fail(`is not JSON: ${call.error}`)
    : read(answer.text)
}
