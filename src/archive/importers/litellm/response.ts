import * as Result from "effect/Result"

import type { CallResponse, Usage } from "../../../domain/Call.ts"
import type { Recorded } from "../../fidelity.ts"
import type { JsonObject } from "../../json.ts"
import { objectIn, textIn, unpacked } from "../../json.ts"
import { shapeOfResponse, translations } from "../wires.ts"

/** A row's answer, and how well it was kept where that is not to be seen in its text. */
export interface ReadAnswer {
  readonly response: CallResponse
  readonly usage?: Usage
  readonly state?: NonNullable<Recorded["response"]>
}

const noAnswer = (state: NonNullable<Recorded["response"]>): ReadAnswer => ({
  response: { blocks: [], stopReason: "unknown", complete: false },
  state
})

/** The error of a failed row; its traceback is not kept. */
const errorOf = (row: JsonObject): NonNullable<CallResponse["error"]> => {
  const information = objectIn(unpacked(row["error_information"])) ?? {}
  const code = textIn(information["error_code"])
  const status = code !== undefined && /^[1-5]\d\d$/.test(code) ? Number(code) : undefined
  return {
    type: textIn(information["error_class"]) ?? "error",
    ...(code === undefined ? {} : { code }),
    ...(status === undefined ? {} : { httpStatus: status }),
    message: textIn(row["error_str"]) ?? textIn(information["error_message"]) ?? "the gateway logged no message"
  }
}

const readBody = (value: unknown): Result.Result<ReadAnswer, string> => {
  const body = unpacked(value)
  if (typeof body === "string" && body !== "")
    return Result.succeed({
      response: { blocks: [{ type: "text", text: body }], stopReason: "unknown", complete: false },
      state: body === "redacted-by-litellm" ? "redacted" : "truncated"
    })
  const object = objectIn(body)
  if (object === undefined || Object.keys(object).length === 0)
    return Array.isArray(body) && body.length > 0
      ? Result.fail("the response is a list, not one answer")
      : Result.succeed(noAnswer("absent"))
  if (object["text"] === "redacted-by-litellm") return Result.succeed(noAnswer("redacted"))
  const shape = shapeOfResponse(object)
  if (shape === undefined) return Result.fail("the response has none of the known shapes")
  if ("unread" in shape) return Result.fail(`the response is ${shape.unread}, which is not read yet`)
  return Result.mapError(translations[shape.wire].readResponse(object), (why) => `the response cannot be read: ${why}`)
}

/** The answer of a row; a failed row's is its error, with whatever had arrived. */
export const answerOfRow = (row: JsonObject): Result.Result<ReadAnswer, string> => {
  if (textIn(row["status"])?.toLowerCase() !== "failure") return readBody(row["response"])
  const arrived = Result.getOrElse(readBody(row["response"]), () => noAnswer("absent"))
  return Result.succeed({
    response: { ...arrived.response, stopReason: "error", complete: false, error: errorOf(row) },
    ...(arrived.usage === undefined ? {} : { usage: arrived.usage }),
    state: "verbatim"
  })
}
