import { Buffer } from "node:buffer"

import type { Found, Importer, Line } from "../contract.ts"
import type { JsonObject } from "../json.ts"
import { arrayIn, numberIn, objectIn, textIn } from "../json.ts"
import { momentOf } from "../times.ts"
import { type Exchange, Exchanges, type Place } from "./wires/exchange.ts"
import { headersIn } from "./wires/headers.ts"

/** A duration that was measured; captures write -1, and some 0, for one that was not. */
const measured = (value: unknown): number | undefined => {
  const ms = numberIn(value)
  return ms !== undefined && ms > 0 ? ms : undefined
}

const contentOf = (content: JsonObject | undefined): unknown => {
  const text = content?.["text"]
  if (typeof text !== "string") return undefined
  return content?.["encoding"] === "base64" ? Buffer.from(text, "base64").toString("utf8") : text
}

const exchangeOf = (entry: JsonObject): Exchange => {
  const request = objectIn(entry["request"]) ?? {}
  const response = objectIn(entry["response"]) ?? {}
  const responseHeaders = headersIn(response["headers"])
  const content = objectIn(response["content"])
  const start = momentOf(entry["startedDateTime"])
  const latencyMs = measured(entry["time"])
  const wait = measured(objectIn(entry["timings"])?.["wait"])
  const type = responseHeaders.get("content-type") ?? textIn(content?.["mimeType"]) ?? ""
  const isStream = /event-stream|ndjson/.test(type)
  const status = numberIn(response["status"])
  return {
    method: request["method"],
    url: request["url"],
    requestHeaders: headersIn(request["headers"]),
    responseHeaders,
    request: objectIn(request["postData"])?.["text"],
    response: contentOf(content),
    ...(status === undefined ? {} : { status }),
    ...(start === undefined ? {} : { start }),
    ...(latencyMs === undefined ? {} : { latencyMs }),
    ...(wait === undefined || !isStream ? {} : { ttftMs: wait })
  }
}

const isEntry = (value: JsonObject): boolean =>
  objectIn(value["request"])?.["url"] !== undefined && objectIn(value["response"])?.["content"] !== undefined

const entriesOf = (
  json: unknown
): { readonly entries: ReadonlyArray<unknown>; readonly log: JsonObject } | undefined => {
  const object = objectIn(json)
  if (object !== undefined && isEntry(object)) return { entries: [object], log: {} }
  const log = objectIn(object?.["log"])
  const entries = arrayIn(log?.["entries"])
  return log === undefined || entries === undefined ? undefined : { entries, log }
}

const readLine = (exchanges: Exchanges, file: string, line: Line): ReadonlyArray<Found> => {
  if ("error" in line) return [{ _tag: "Skip", line: line.line, reason: line.error }]
  const read = entriesOf(line.json)
  if (read === undefined) return [{ _tag: "Skip", line: line.line, reason: "not a HAR log" }]
  const creator = objectIn(read.log["creator"])
  const name = textIn(creator?.["name"])
  const version = textIn(creator?.["version"])
  return read.entries.flatMap((one, at): ReadonlyArray<Found> => {
    const entry = objectIn(one)
    const within = read.entries.length === 1 ? {} : { within: `entry ${at + 1}` }
    if (entry === undefined) return [{ _tag: "Skip", line: line.line, reason: `entry ${at + 1}: not a JSON object` }]
    const place: Place = {
      importer: "har",
      file,
      line: line.line,
      ...(line.member === undefined ? {} : { member: line.member }),
      ...within,
      ...(name === undefined ? {} : { producer: { name, ...(version === undefined ? {} : { version }) } })
    }
    return exchanges.read(exchangeOf(entry), place)
  })
}

/**
 * HAR 1.2, as browsers' developer tools, Proxyman, Charles and mitmproxy write it: the calls of language models among its entries, over
 * every wire that is read, streams put together. Headers and cookies are not stored.
 */
export const har: Importer = {
  id: "har",
  about: "HTTP captures (HAR) of browsers and proxies",
  sniff: (sample) => sample.first.some((value) => entriesOf(value) !== undefined),
  start: ({ following }) => {
    const exchanges = new Exchanges({ following })
    return {
      open: (file) => ({ line: (line) => readLine(exchanges, file, line), end: () => [] }),
      end: () => exchanges.end()
    }
  }
}
