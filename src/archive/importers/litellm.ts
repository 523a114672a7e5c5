import * as Result from "effect/Result"

import type { ArchivedCall, Timing, Usage } from "../../domain/Call.ts"
import { digestOf } from "../../domain/digest.ts"
import { noUsage } from "../../providers/wires/usage.ts"
import { billIn, unbilled } from "../billed.ts"
import type { Found, Importer } from "../contract.ts"
import { eachLine } from "../contract.ts"
import { withUnreadable } from "../counts.ts"
import { fidelityOf } from "../fidelity.ts"
import type { JsonObject } from "../json.ts"
import { objectIn, textIn, unpacked } from "../json.ts"
import { between, momentOf } from "../times.ts"
import { Bills } from "./litellm/bills.ts"
import { labelsOf, sessionOf } from "./litellm/labels.ts"
import { requestOfRow } from "./litellm/request.ts"
import { answerOfRow } from "./litellm/response.ts"
import { asPayload, isSpendLog } from "./litellm/spendLogs.ts"
import { placesOf, usageOf } from "./litellm/usage.ts"

/** Call types that are model calls but in a shape that is not read. */
const unreadCalls = /^a?(text_completion|generate_content(_stream)?|pass_through_endpoint|realtime)$|^allm_passthrough/
const chatCalls = /^(a?completion(_with_retries)?|acompletion_with_fallbacks|a?anthropic_messages|a?responses)$/

const isPayload = (row: JsonObject) =>
  "call_type" in row && ("messages" in row || "model_parameters" in row || "response" in row) && !isSpendLog(row)

const isFailure = (row: JsonObject) => textIn(row["status"])?.toLowerCase() === "failure"
const isTrue = (value: unknown) => value === true || value === "True" || value === "true"

const timingOf = (row: JsonObject): { readonly timing: Timing; readonly notes: ReadonlyArray<string> } => {
  const start = momentOf(row["startTime"])
  const end = momentOf(row["endTime"])
  const latencyMs = between(start, end)
  const ttftMs = row["stream"] === true ? between(start, momentOf(row["completionStartTime"])) : undefined
  const assumed = start?.zoneAssumed === true || end?.zoneAssumed === true
  return {
    timing: {
      startedAt: start?.iso ?? null,
      ...(end === undefined ? {} : { endedAt: end.iso }),
      ...(latencyMs === undefined ? {} : { latencyMs }),
      ...(ttftMs === undefined ? {} : { ttftMs }),
      basis: assumed ? "derived" : "reported"
    },
    notes: assumed ? ["times were logged without a zone and are taken as UTC"] : []
  }
}

/**
 * What the gateway billed. LiteLLM writes 0 where it had no price, so a 0 that its own calculation did not confirm is
 * not a price; an answer from its cache was not billed.
 */
const billedOf = (
  row: JsonObject
): { readonly billed: ArchivedCall["billed"]; readonly notes: ReadonlyArray<string> } => {
  if (isTrue(row["cache_hit"]))
    return { billed: { nanoUsd: "0", basis: "gateway", billing: "cached-response" }, notes: [] }
  const hidden = objectIn(unpacked(row["hidden_params"]))
  const unconfirmed =
    (row["response_cost_failure_debug_info"] ?? null) !== null ||
    (hidden !== undefined && "response_cost" in hidden && hidden["response_cost"] === null)
  const { nanoUsd, note } = billIn(row["response_cost"])
  const said = nanoUsd !== null && !(nanoUsd === 0n && unconfirmed && !isFailure(row))
  return {
    billed: said ? { nanoUsd: nanoUsd.toString(), basis: "gateway", billing: "metered" } : unbilled,
    notes: note === undefined ? [] : [note]
  }
}

/** LiteLLM's counts, else those of the answer's own wire. Zeroes that LiteLLM fills in for a failed call are no counts. */
const usageOfRow = (row: JsonObject, metadata: JsonObject, answered: Usage | undefined): Usage => {
  const usage = usageOf(row, metadata, answered)
  const blank = isFailure(row) && usage?.input?.total === 0 && (usage.output?.total ?? 0) === 0
  if (blank) return answered ?? noUsage
  if (usage === undefined) return withUnreadable(answered ?? noUsage, placesOf(row, metadata))
  return withUnreadable(answered?.raw === undefined ? usage : { ...usage, raw: answered.raw }, placesOf(row, metadata))
}

/** The open questions of traces, as text. */
type Together = Map<string, string>

/**
 * Which try of one question this is: failures with the same trace and the same messages count up until one succeeds.
 * The same question asked again after an answer is a call of its own.
 */
const attemptOf = (together: Together, trace: string | undefined, messages: unknown, failed: boolean, id: string) => {
  const key = `litellm ${trace}`
  const open = trace === undefined ? undefined : together.get(key)
  if (trace === undefined || (open === undefined && !failed)) return { attempt: 0 }
  const question = digestOf(messages)
  const [asked, count, first] = open?.split(" ") ?? []
  const again = asked === question
  if (failed) together.set(key, `${question} ${again ? Number(count) + 1 : 1} ${again ? first : id}`)
  else if (again) together.delete(key)
  return again && first !== undefined ? { attempt: Number(count), attemptOf: first } : { attempt: 0 }
}

/** A payload is the call itself; a billing row with its conversation may be cut short; most billing rows hold none. */
const ranks = { payload: 2, conversation: 1, bill: 0 } as const

const readRow = (
  file: string,
  line: number,
  row: JsonObject,
  together: Together,
  rank: (typeof ranks)[keyof typeof ranks]
): Found => {
  const skip = (reason: string): Found => ({ _tag: "Skip", line, reason })
  const asked = requestOfRow(row)
  if (Result.isFailure(asked)) return skip(asked.failure)
  const answered = answerOfRow(row)
  if (Result.isFailure(answered)) return skip(answered.failure)
  const { request, recorded } = asked.success
  const { response, state } = answered.success
  const metadata = objectIn(unpacked(row["metadata"])) ?? {}
  const usage = usageOfRow(row, metadata, answered.success.usage)
  const { timing, notes } = timingOf(row)
  const { billed, notes: ofBill } = billedOf(row)
  const nativeId = textIn(row["id"]) ?? textIn(row["call_id"]) ?? textIn(row["litellm_call_id"])
  const dedupeKey = `litellm:${nativeId ?? digestOf([request, response, row["startTime"] ?? null])}`
  const id = digestOf(dedupeKey)
  const traceId = textIn(row["trace_id"])
  const callId = textIn(row["call_id"]) ?? textIn(row["litellm_call_id"])
  const sessionId = sessionOf(row, metadata)
  const call: ArchivedCall = {
    schema: "archived-call/1",
    id,
    request,
    response,
    usage,
    billed,
    timing,
    provenance: {
      importer: "litellm",
      file,
      line,
      native: {
        ...(nativeId === undefined ? {} : { id: nativeId }),
        ...(response.id === undefined ? {} : { responseId: response.id }),
        ...(traceId === undefined ? {} : { traceId }),
        ...(callId === undefined ? {} : { callId })
      },
      identity: nativeId === undefined ? "content" : "native"
    },
    grouping: {
      ...(sessionId === undefined ? {} : { sessionId }),
      ...attemptOf(together, traceId, request.messages, isFailure(row), id)
    },
    labels: labelsOf(row, metadata),
    signals: [],
    fidelity: fidelityOf(
      { request, response, usage, billed, timing },
      {
        ...recorded,
        ...(state === undefined ? {} : { response: state }),
        notes: [...(recorded.notes ?? []), ...notes, ...ofBill]
      }
    )
  }
  return { _tag: "Call", call, dedupeKey, rank }
}

const readSpendLog = (file: string, line: number, row: JsonObject, together: Together): Found => {
  if (textIn(row["request_id"]) === undefined)
    return { _tag: "Skip", line, reason: "a LiteLLM SpendLogs row without a request_id" }
  const type = textIn(row["call_type"]) ?? ""
  if (!chatCalls.test(type) && !unreadCalls.test(type)) return { _tag: "Other", type }
  const payload = asPayload(row)
  const whole = "messages" in payload && chatCalls.test(type)
  const { messages: _, model_parameters: __, response: ___, ...bill } = payload
  return readRow(file, line, whole ? payload : bill, together, whole ? ranks.conversation : ranks.bill)
}

const readLine = (file: string, line: number, json: unknown, together: Together): Found => {
  const row = objectIn(json)
  if (row === undefined) return { _tag: "Skip", line, reason: "not a JSON object" }
  if (isSpendLog(row)) return readSpendLog(file, line, row, together)
  const type = textIn(row["call_type"])
  if (!isPayload(row) && !("messages" in row && "response" in row))
    return type !== undefined || "messages" in row || "response" in row || "model_parameters" in row
      ? { _tag: "Skip", line, reason: "a LiteLLM row without messages or response" }
      : { _tag: "Other", type: textIn(row["type"]) ?? textIn(row["event"]) ?? "unknown object" }
  if (type !== undefined && unreadCalls.test(type))
    return { _tag: "Skip", line, reason: `a call of type ${type}, whose shape is not read yet` }
  if (type !== undefined && type !== "" && !chatCalls.test(type)) return { _tag: "Other", type }
  return readRow(file, line, row, together, ranks.payload)
}

/**
 * LiteLLM's StandardLoggingPayload: one call a row, as its S3, GCS, Azure and custom loggers write them, in JSON lines,
 * in an array, or one object a file; and the rows of its table SpendLogs, which bill a call and mostly hold no conversation (grade D). The unit is
 * one attempt, told apart by `id`, which both share: where both are imported the payload stays. Failed attempts are calls with an error.
 */
export const litellm: Importer = {
  id: "litellm",
  about: "LiteLLM standard logging payloads and SpendLogs rows",
  sniff: (sample) =>
    sample.first.some((value) => {
      const row = objectIn(value)
      return row !== undefined && (isPayload(row) || isSpendLog(row))
    }),
  start: () => {
    const together: Together = new Map()
    const bills = new Bills()
    return eachLine((file, line) => {
      if ("error" in line) return [{ _tag: "Skip", line: line.line, reason: line.error }]
      const found = readLine(file, line.line, line.json, together)
      if (found._tag !== "Call") return [found]
      return found.rank === ranks.payload ? [bills.payload(found)] : bills.bill(found)
    })
  }
}
