import * as Result from "effect/Result"

import type { CallRequest, Timing } from "../../domain/Call.ts"
import { digestOf } from "../../domain/digest.ts"
import type { Found, Importer, Line } from "../contract.ts"
import type { JsonObject } from "../json.ts"
import { arrayIn, numberIn, objectIn, textIn, unpacked } from "../json.ts"
import { callOf } from "../spans/record.ts"
import { between, momentOf } from "../times.ts"
import { withoutMarks } from "./helicone/assets.ts"
import {
  billedOf,
  bodyIn,
  countsOf,
  labelsOf,
  modelOf,
  propertiesOf,
  propertyIn,
  signalsOf,
  statusOf,
  whyBodiless
} from "./helicone/row.ts"
import { addressOf, targetOf } from "./wires/address.ts"
import { Chain } from "./wires/chain.ts"
import { readGatewayRow } from "./wires/gateway.ts"

/** Columns that no other log has beside its bodies. */
const telling = ["helicone_user", "request_properties", "signed_body_url", "request_id", "request_path", "llmSchema"]

const isRow = (row: JsonObject): boolean =>
  "request_body" in row && "response_body" in row
    ? !("uri" in row) && telling.some((name) => name in row)
    : "request_id" in row && "request_created_at" in row && "response_status" in row

const timingOf = (row: JsonObject): { readonly timing: Timing; readonly notes: ReadonlyArray<string> } => {
  const start = momentOf(row["request_created_at"])
  const end = momentOf(row["response_created_at"])
  const latencyMs = numberIn(row["delay_ms"]) ?? between(start, end)
  const ttftMs = numberIn(row["time_to_first_token"])
  const assumed = start?.zoneAssumed === true
  return {
    timing: {
      startedAt: start?.iso ?? null,
      ...(end === undefined ? {} : { endedAt: end.iso }),
      ...(latencyMs === undefined || latencyMs < 0 ? {} : { latencyMs }),
      ...(ttftMs === undefined || ttftMs <= 0 ? {} : { ttftMs }),
      basis: assumed ? "derived" : "reported"
    },
    notes: assumed ? ["times were logged without a zone and are taken as UTC"] : []
  }
}

/** The text or events of a stream that was kept beside what Helicone made of it, where that is no answer. */
const answerIn = (row: JsonObject): unknown => {
  const body = bodyIn(row["response_body"])
  const object = objectIn(unpacked(body))
  const streamed = object?.["streamed_data"]
  return streamed === undefined || (object !== undefined && ("choices" in object || "content" in object))
    ? body
    : streamed
}

/** Events that users log with Helicone's own logger. */
const eventIn = (request: unknown): string | undefined => {
  const type = textIn(objectIn(unpacked(request))?.["_type"])
  return type === "tool" || type === "vector_db" || type === "data" ? type : undefined
}

const templateOf = (row: JsonObject, properties: JsonObject): Pick<CallRequest, "promptTemplate"> => {
  const name = textIn(row["prompt_id"]) ?? propertyIn(properties, "helicone-prompt-id")
  const version = textIn(row["prompt_version"])
  return name === undefined ? {} : { promptTemplate: { name, ...(version === undefined ? {} : { version }) } }
}

const readRow = (file: string, line: number, row: JsonObject, chain: Chain): Found => {
  const skip = (reason: string): Found => ({ _tag: "Skip", line, reason })
  const request = bodyIn(row["request_body"])
  const event = eventIn(request)
  if (event !== undefined) return { _tag: "Other", type: `Helicone event of kind ${event}` }
  const { error, pending, status } = statusOf(row)
  if (pending) return skip("a request that was still under way when it was exported")
  const address = addressOf(row["request_path"]) ?? addressOf(row["target_url"])
  const target = address === undefined ? undefined : targetOf(address, "POST")
  if (target !== undefined && "other" in target && /embeddings|moderations|images|audio|models$/.test(target.other))
    return { _tag: "Other", type: target.other }
  const response = answerIn(row)
  const provider = textIn(row["provider"])?.toLowerCase() ?? address?.provider
  const { notes: timeNotes, timing } = timingOf(row)
  const { billed, notes: billNotes } = billedOf(row)
  const bodiless = request === undefined || response === undefined ? [whyBodiless(row)] : []
  const read = readGatewayRow(
    {
      request,
      response,
      ...(error === undefined ? {} : { error }),
      ...(status === undefined ? {} : { status }),
      ...(target !== undefined && "wire" in target ? { wire: target.wire } : {}),
      model: modelOf(row) ?? address?.model,
      provider,
      counts: countsOf(row),
      notes: error !== undefined && request !== undefined ? [] : bodiless
    },
    chain
  )
  if (Result.isFailure(read)) return skip(read.failure)
  const { answered, asked, carried = 0, conversation, exchange } = read.success
  const properties = propertiesOf(row)
  const nativeId = textIn(row["request_id"])
  const sessionId = propertyIn(properties, "helicone-session-id") ?? conversation
  const path = propertyIn(properties, "helicone-session-path")
  const { response: answer } = exchange
  return callOf({
    importer: "helicone",
    file,
    line,
    dedupeKey: `helicone:${nativeId ?? digestOf([asked ?? null, answered, row["request_created_at"] ?? null])}`,
    ...(nativeId === undefined ? { identity: "content" as const } : {}),
    exchange: {
      ...exchange,
      request: {
        ...exchange.request,
        messages: withoutMarks(exchange.request.messages),
        ...(address === undefined ? {} : { endpoint: address.endpoint }),
        ...templateOf(row, properties)
      },
      response: error?.type === "cancelled" ? { ...answer, stopReason: "cancelled" } : answer
    },
    billed,
    timing,
    native: {
      ...(nativeId === undefined ? {} : { id: nativeId }),
      ...(answer.id === undefined ? {} : { responseId: answer.id })
    },
    grouping: {
      ...(sessionId === undefined ? {} : { sessionId }),
      ...(path === undefined ? {} : { agent: path }),
      attempt: 0
    },
    labels: labelsOf(row, asked),
    signals: signalsOf(row),
    notes: [...timeNotes, ...billNotes],
    // An export with bodies takes the place of the same call exported without them.
    rank: (request === undefined ? 0 : 1) + (response === undefined ? 0 : 1) + carried
  })
}

/** The rows of a line: a row, or a page of the API. */
const rowsIn = (json: unknown): ReadonlyArray<unknown> => arrayIn(objectIn(json)?.["data"]) ?? [json]

const readLine = (file: string, line: Line, chain: Chain): ReadonlyArray<Found> => {
  if ("error" in line) return [{ _tag: "Skip", line: line.line, reason: line.error }]
  return rowsIn(line.json).flatMap((one): ReadonlyArray<Found> => {
    const row = objectIn(one)
    if (row === undefined) return [{ _tag: "Skip", line: line.line, reason: "not a JSON object" }]
    if (!isRow(row)) return [{ _tag: "Other", type: textIn(row["type"]) ?? "unknown object" }]
    const pair = { file, request: bodyIn(row["request_body"]), response: answerIn(row) }
    return chain.inTurn(pair, () => readRow(file, line.line, row, chain))
  })
}

/**
 * Helicone's exports and the pages of its API: a request a row, with its bodies where they were exported. Sessions, properties, feedback and
 * scores come with it; a row without bodies gives its counts and its cost.
 */
export const helicone: Importer = {
  id: "helicone",
  about: "Helicone exports (JSON, JSON lines), with bodies or without",
  sniff: (sample) =>
    sample.first.some((value) =>
      rowsIn(value).some((one) => {
        const row = objectIn(one)
        return row !== undefined && isRow(row)
      })
    ),
  start: ({ following }) => {
    const chain = new Chain({ following })
    return {
      open: (file) => ({ line: (line) => readLine(file, line, chain), end: () => [] }),
      end: () => chain.end()
    }
  }
}
