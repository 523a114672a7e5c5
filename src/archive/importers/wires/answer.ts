import * as Result from "effect/Result"

import type { CallResponse, Usage } from "../../../domain/Call.ts"
import { isObject, type Json } from "../../../providers/wires/json.ts"
import { type Pieces, piecesOf, readStream, streamOf } from "../../../providers/wires/streamed.ts"
import { noUsage } from "../../../providers/wires/usage.ts"
import { withUnreadable } from "../../counts.ts"
import type { JsonObject } from "../../json.ts"
import { arrayIn, objectIn, textIn, unpacked } from "../../json.ts"
import type { ReadWire, Shape } from "../wires.ts"
import { shapeOfResponse, translations } from "../wires.ts"

/** An answer as a log holds it: one body, the pieces of a stream, none, or a text that is neither. */
export type Logged =
  | { readonly _tag: "Body"; readonly body: JsonObject }
  | { readonly _tag: "Stream"; readonly pieces: Pieces }
  | { readonly _tag: "None" }
  | { readonly _tag: "Unknown" }

/** A piece of a stream, taken out of what some loggers put around it: `{ event, data }`. */
const pieceOf = (value: unknown): Json | undefined => {
  const object = objectIn(value)
  const inner = object !== undefined && "data" in object && !("type" in object) ? unpacked(object["data"]) : value
  return isObject(inner) ? inner : undefined
}

const streamIn = (list: ReadonlyArray<unknown>): Logged => {
  const events = list.flatMap((one) => pieceOf(one) ?? [])
  return events.length === 0 ? { _tag: "Unknown" } : { _tag: "Stream", pieces: { events, broken: 0 } }
}

/** Fields in which logs put a body around which they tell of status and headers. */
const wrappers = ["body", "body_raw", "events", "chunks"]

/** How an answer was logged: JSON or its text, a recorded stream as text or list, or one of these within `{ status, body | body_raw | events }`. */
export const loggedIn = (value: unknown): Logged => {
  if (value === undefined || value === null || value === "") return { _tag: "None" }
  const list = arrayIn(value)
  if (list !== undefined) return streamIn(list)
  if (typeof value === "string") {
    const json = unpacked(value)
    if (json !== value) return loggedIn(json)
    const pieces = piecesOf(value)
    return pieces === undefined || pieces.events.length === 0 ? { _tag: "Unknown" } : { _tag: "Stream", pieces }
  }
  const body = objectIn(value)
  if (body === undefined) return { _tag: "Unknown" }
  if (shapeOfResponse(body) === undefined && !("error" in body)) {
    const inside = wrappers.map((name) => body[name]).find((one) => one !== undefined && one !== null && one !== "")
    if (inside !== undefined) return loggedIn(inside)
  }
  return { _tag: "Body", body }
}

/** What an answer is, judged by itself. */
export const shapeOfLogged = (logged: Logged): Shape | undefined => {
  if (logged._tag === "Body") return shapeOfResponse(logged.body)
  if (logged._tag !== "Stream") return undefined
  const stream = streamOf(logged.pieces.events)
  return stream === undefined || typeof stream !== "string" ? stream : { wire: stream }
}

/** A failure that a log tells of, with its HTTP status where that is one of failure; its text without keys. */
export const failureIn = (said: unknown, status?: number): CallResponse["error"] => {
  const failed = status !== undefined && Number.isSafeInteger(status) && status >= 400
  const object = objectIn(said)
  // Hosts also write an empty one beside a whole answer.
  const empty = object !== undefined && Object.keys(object).length === 0
  const tells = said !== undefined && said !== null && said !== "" && said !== false && !empty
  if (!tells && !failed) return undefined
  const code = textIn(object?.["code"])
  return {
    type: textIn(object?.["type"]) ?? "error",
    ...(code === undefined ? {} : { code }),
    ...(failed ? { httpStatus: status } : {}),
    message: textIn(object?.["message"]) ?? textIn(said) ?? `HTTP status ${status}`
  }
}

/** The error that an answer's body holds, as every wire writes one. */
export const errorIn = (logged: Logged): unknown => (logged._tag === "Body" ? logged.body["error"] : undefined)

/** An answer in the canonical form. */
export interface ReadAnswer {
  readonly response: CallResponse
  readonly usage: Usage
}

const readLogged = (wire: ReadWire, logged: Logged): Result.Result<ReadAnswer, string> | undefined => {
  if (logged._tag === "Stream") return readStream(wire, logged.pieces)
  if (logged._tag !== "Body") return undefined
  const { body } = logged
  return Result.map(translations[wire].readResponse(body), ({ response, usage }) => ({
    response,
    usage: withUnreadable(usage, [body["usage"], body])
  }))
}

/** Reads an answer. `error`: the log says that the call failed; what arrived before is kept. Fails with a sentence. */
export const readAnswer = (
  wire: ReadWire,
  logged: Logged,
  error: CallResponse["error"]
): Result.Result<ReadAnswer, string> => {
  const read = readLogged(wire, logged)
  if (error === undefined) return read ?? Result.fail("there is none")
  const arrived = read !== undefined && Result.isSuccess(read) ? read.success : undefined
  return Result.succeed({
    response: { ...(arrived?.response ?? { blocks: [] }), stopReason: "error", complete: false, error },
    usage: arrived?.usage ?? noUsage
  })
}
