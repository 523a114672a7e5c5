import * as Result from "effect/Result"

import type { CallRequest, Timing } from "../../domain/Call.ts"
import { digestOf } from "../../domain/digest.ts"
import type { Found, Importer, Line } from "../contract.ts"
import type { JsonObject } from "../json.ts"
import { countIn, numberIn, objectIn, textIn } from "../json.ts"
import { callOf } from "../spans/record.ts"
import { momentOf } from "../times.ts"
import { billedOf, bodyIn, countsOf, fieldIn, labelsOf } from "./portkey/row.ts"
import { addressOf, targetOf } from "./wires/address.ts"
import { Chain } from "./wires/chain.ts"
import { isBody, readGatewayRow } from "./wires/gateway.ts"

const isRow = (row: JsonObject): boolean =>
  ("ai_org" in row && "ai_model" in row) ||
  (["ai_org", "ai_model", "ai_provider"].some((name) => name in row) &&
    [
      ...["request", "response", "request.body", "response.body", "is_success", "cost_currency", "response_time"],
      ...["req_units", "res_units", "total_units", "request_tokens", "response_tokens", "response_status_code"]
    ].some((name) => name in row))

const timingOf = (row: JsonObject): { readonly timing: Timing; readonly notes: ReadonlyArray<string> } => {
  const start = momentOf(row["created_at"])
  const latencyMs = numberIn(row["response_time"])
  const assumed = start?.zoneAssumed === true
  return {
    timing: {
      startedAt: start?.iso ?? null,
      ...(latencyMs === undefined || latencyMs < 0 ? {} : { latencyMs }),
      basis: assumed ? "derived" : "reported"
    },
    notes: assumed ? ["times were logged without a zone and are taken as UTC"] : []
  }
}

const isFailure = (value: unknown) => value === 0 || value === false || value === "0" || value === "false"

const templateOf = (row: JsonObject): Pick<CallRequest, "promptTemplate"> => {
  const name = textIn(fieldIn(row, "prompt"))
  const version = textIn(fieldIn(row, "promptVersion"))
  return name === undefined ? {} : { promptTemplate: { name, ...(version === undefined ? {} : { version }) } }
}

const readRow = (file: string, line: number, row: JsonObject, chain: Chain): Found => {
  const address = addressOf(row["request_url"] ?? objectIn(row["request"])?.["url"])
  const target = address === undefined ? undefined : targetOf(address, "POST")
  if (target !== undefined && "other" in target && /embeddings|moderations|images|audio|models$/.test(target.other))
    return { _tag: "Other", type: target.other }
  const request = bodyIn(row, "request")
  const response = bodyIn(row, "response")
  const status = countIn(fieldIn(row, "status"))
  const failed = isFailure(row["is_success"]) && (status === undefined || status < 400)
  const there = [isBody(request), isBody(response)]
  const { notes: timeNotes, timing } = timingOf(row)
  const { billed, notes: billNotes } = billedOf(row)
  const read = readGatewayRow(
    {
      request,
      response,
      ...(failed ? { error: { message: "the gateway logged the request as failed" } } : {}),
      ...(status === undefined ? {} : { status }),
      ...(target !== undefined && "wire" in target ? { wire: target.wire } : {}),
      model: textIn(fieldIn(row, "model")) ?? address?.model,
      provider: textIn(fieldIn(row, "provider"))?.toLowerCase(),
      counts: countsOf(row),
      notes: there.includes(true) ? [] : ["the export holds no bodies: choose the fields request and response for it"]
    },
    chain
  )
  if (Result.isFailure(read)) return { _tag: "Skip", line, reason: read.failure }
  const { answered, asked, carried = 0, conversation, created, exchange } = read.success
  const nativeId = textIn(row["id"])
  const traceId = textIn(row["trace_id"])
  const sessionId = conversation ?? traceId
  return callOf({
    importer: "portkey",
    file,
    line,
    dedupeKey: `portkey:${nativeId ?? digestOf([asked ?? null, answered, traceId ?? null, row["created_at"] ?? created ?? null])}`,
    ...(nativeId === undefined ? { identity: "content" as const } : {}),
    exchange: {
      ...exchange,
      request: {
        ...exchange.request,
        ...(address === undefined ? {} : { endpoint: address.endpoint }),
        ...templateOf(row)
      }
    },
    billed,
    timing,
    native: {
      ...(nativeId === undefined ? {} : { id: nativeId }),
      ...(traceId === undefined ? {} : { traceId }),
      ...(exchange.response.id === undefined ? {} : { responseId: exchange.response.id })
    },
    grouping: { ...(sessionId === undefined ? {} : { sessionId }), attempt: 0 },
    labels: labelsOf(row, asked),
    notes: [...timeNotes, ...billNotes],
    // The same log exported with more fields takes the place of the one with fewer.
    rank: there.filter(Boolean).length + carried
  })
}

const readLine = (file: string, line: Line, chain: Chain): ReadonlyArray<Found> => {
  if ("error" in line) return [{ _tag: "Skip", line: line.line, reason: line.error }]
  const row = objectIn(line.json)
  if (row === undefined) return [{ _tag: "Skip", line: line.line, reason: "not a JSON object" }]
  if (!isRow(row)) return [{ _tag: "Other", type: textIn(row["type"]) ?? textIn(row["object"]) ?? "unknown object" }]
  const pair = { file, request: bodyIn(row, "request"), response: bodyIn(row, "response") }
  return chain.inTurn(pair, () => readRow(file, line.line, row, chain))
}

/**
 * Portkey's log exports: a request a line, with the fields that were chosen for it. Cost is logged in cents; a row without request and response
 * gives its counts.
 */
export const portkey: Importer = {
  id: "portkey",
  about: "Portkey log exports (JSON lines)",
  sniff: (sample) =>
    sample.first.some((value) => {
      const row = objectIn(value)
      return row !== undefined && isRow(row)
    }),
  start: ({ following }) => {
    const chain = new Chain({ following })
    return {
      open: (file) => ({ line: (line) => readLine(file, line, chain), end: () => [] }),
      end: () => chain.end()
    }
  }
}
