import type { Found, Importer, Line } from "../contract.ts"
import type { JsonObject } from "../json.ts"
import { numberIn, objectIn } from "../json.ts"
import { momentOf } from "../times.ts"
import { type Exchange, Exchanges } from "./wires/exchange.ts"
import { headersIn } from "./wires/headers.ts"

const bodies = ["body", "body_raw", "events"]

const isTrace = (row: JsonObject): boolean => {
  const request = objectIn(row["request"])
  const response = objectIn(row["response"])
  if (request === undefined || !("url" in request) || !("body" in request)) return false
  return row["response"] === null
    ? "timestamp" in request
    : bodies.some((name) => response !== undefined && name in response)
}

const exchangeOf = (row: JsonObject): Exchange => {
  const request = objectIn(row["request"]) ?? {}
  const response = objectIn(row["response"]) ?? {}
  const status = numberIn(response["status_code"] ?? response["status"])
  const start = momentOf(request["timestamp"])
  const end = momentOf(response["timestamp"])
  return {
    // Home-made logs of this shape leave it out; a body was posted.
    method: request["method"] ?? "POST",
    url: request["url"],
    requestHeaders: headersIn(request["headers"]),
    responseHeaders: headersIn(response["headers"]),
    request: request["body"],
    response: bodies.map((name) => response[name]).find((body) => body !== undefined && body !== null && body !== ""),
    ...(status === undefined ? {} : { status }),
    ...(start === undefined ? {} : { start }),
    ...(end === undefined ? {} : { end })
  }
}

const readLine = (exchanges: Exchanges, file: string, line: Line): ReadonlyArray<Found> => {
  if ("error" in line) return [{ _tag: "Skip", line: line.line, reason: line.error }]
  const row = objectIn(line.json)
  if (row === undefined || objectIn(row["request"]) === undefined)
    return [{ _tag: "Skip", line: line.line, reason: "not a pair of request and response" }]
  return exchanges.read(exchangeOf(row), { importer: "claude-trace", file, line: line.line })
}

/**
 * claude-trace: what Claude Code sends and gets, one `{ request, response }` a line with method, address, headers and bodies. A request
 * without a response is a skip. Headers are not stored.
 */
export const claudeTrace: Importer = {
  id: "claude-trace",
  about: "claude-trace logs of Claude Code's requests",
  sniff: (sample) =>
    sample.first.some((value) => {
      const row = objectIn(value)
      return row !== undefined && isTrace(row)
    }),
  start: ({ following }) => {
    const exchanges = new Exchanges({ following })
    return {
      open: (file) => ({ line: (line) => readLine(exchanges, file, line), end: () => [] }),
      end: () => exchanges.end()
    }
  }
}
