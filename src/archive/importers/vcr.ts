import { Buffer } from "node:buffer"

import type { Found, Importer, Line } from "../contract.ts"
import type { JsonObject } from "../json.ts"
import { arrayIn, numberIn, objectIn } from "../json.ts"
import { momentOf } from "../times.ts"
import { type Exchange, Exchanges } from "./wires/exchange.ts"
import { headersIn } from "./wires/headers.ts"

/** A body as cassettes hold it: a text, or an object with the text in it (`string`), or its bytes (`base64`, `base64_string`). */
const bodyOf = (body: unknown): unknown => {
  const object = objectIn(body)
  if (object === undefined) return body
  if (object["string"] !== undefined) return bodyOf(object["string"])
  const packed = object["base64"] ?? object["base64_string"]
  return typeof packed === "string" ? Buffer.from(packed, "base64").toString("utf8") : object
}

/** An interaction in the shape of VCR's own files, in Python and in Ruby. */
const ofCassette = (row: JsonObject): Exchange => {
  const request = objectIn(row["request"]) ?? {}
  const response = objectIn(row["response"]) ?? {}
  const status = numberIn(objectIn(response["status"])?.["code"]) ?? numberIn(response["status"])
  const end = momentOf(row["recorded_at"])
  return {
    method: request["method"],
    url: request["uri"] ?? request["url"],
    requestHeaders: headersIn(request["headers"]),
    responseHeaders: headersIn(response["headers"]),
    request: bodyOf(request["body"]),
    response: bodyOf(response["body"]),
    ...(status === undefined ? {} : { status }),
    ...(end === undefined ? {} : { end })
  }
}

/** An interaction whose bodies were taken out and unpacked. */
const ofDecoded = (row: JsonObject): Exchange => {
  const status = numberIn(row["status"])
  return {
    method: row["method"],
    url: row["uri"] ?? row["url"],
    requestHeaders: headersIn(row["request_headers"]),
    responseHeaders: headersIn(row["response_headers"]),
    request: bodyOf(row["request_body"]),
    response: bodyOf(row["response_body"]),
    ...(status === undefined ? {} : { status })
  }
}

const isDecoded = (row: JsonObject) => "request_body" in row && ("uri" in row || "url" in row) && "method" in row

const isInteraction = (row: JsonObject): boolean => {
  const request = objectIn(row["request"])
  return request !== undefined && "uri" in request && "method" in request && "response" in row
}

/** The interactions in a value: itself, or those of a whole cassette in JSON. */
const interactionsIn = (json: unknown): ReadonlyArray<unknown> | undefined => {
  const row = objectIn(json)
  if (row === undefined) return undefined
  return isDecoded(row) || isInteraction(row) ? [row] : arrayIn(row["interactions"] ?? row["http_interactions"])
}

const readLine = (exchanges: Exchanges, file: string, line: Line): ReadonlyArray<Found> => {
  if ("error" in line) return [{ _tag: "Skip", line: line.line, reason: line.error }]
  const interactions = interactionsIn(line.json)
  if (interactions === undefined) return [{ _tag: "Skip", line: line.line, reason: "not a recorded interaction" }]
  return interactions.flatMap((one, at): ReadonlyArray<Found> => {
    const row = objectIn(one)
    const within = interactions.length === 1 ? {} : { within: `interaction ${at + 1}` }
    if (row === undefined)
      return [{ _tag: "Skip", line: line.line, reason: `interaction ${at + 1}: not a JSON object` }]
    const member = line.member === undefined ? {} : { member: line.member }
    const place = { importer: "vcr", file, line: line.line, ...member, ...within }
    return exchanges.read(isDecoded(row) ? ofDecoded(row) : ofCassette(row), place)
  })
}

/**
 * VCR cassettes: exchanges with a provider that tests recorded, in YAML or JSON, or with their bodies unpacked. Headers are not stored.
 */
export const vcr: Importer = {
  id: "vcr",
  about: "recorded HTTP cassettes (VCR)",
  sniff: (sample) =>
    sample.first.some((value) => {
      const row = objectIn(value)
      return (
        row !== undefined &&
        (isDecoded(row) || isInteraction(row) || arrayIn(row["interactions"] ?? row["http_interactions"]) !== undefined)
      )
    }),
  start: ({ following }) => {
    const exchanges = new Exchanges({ following })
    return {
      open: (file) => ({ line: (line) => readLine(exchanges, file, line), end: () => [] }),
      end: () => exchanges.end()
    }
  }
}
