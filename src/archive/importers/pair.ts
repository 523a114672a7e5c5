import * as Result from "effect/Result"

import type { ArchivedCall, CallResponse, Timing, Usage } from "../../domain/Call.ts"
import { digestOf } from "../../domain/digest.ts"
import { noUsage } from "../../providers/wires/usage.ts"
import { billIn, unbilled } from "../billed.ts"
import type { Found, Importer } from "../contract.ts"
import { eachLine } from "../contract.ts"
import { withUnreadable } from "../counts.ts"
import { fidelityOf, wholeBody } from "../fidelity.ts"
import type { JsonObject } from "../json.ts"
import { countIn, numberIn, objectIn, textIn, unpacked } from "../json.ts"
import { LabelSet } from "../labels.ts"
import { openBody, scrubbed } from "../secrets.ts"
import { between, momentOf } from "../times.ts"
import type { ReadWire } from "./wires.ts"
import { shapeOfRequest, shapeOfResponse, translations } from "./wires.ts"

/** Names under which home-made logs keep the same thing. */
const names = {
  id: ["id", "request_id", "requestId", "uuid"],
  start: ["created_at", "createdAt", "started_at", "startedAt", "start_time", "startTime", "timestamp", "time", "ts"],
  end: ["ended_at", "endedAt", "end_time", "endTime", "completed_at"],
  latency: ["latency_ms", "latencyMs", "duration_ms", "durationMs"],
  ttft: ["ttft_ms", "ttftMs"],
  session: ["session", "session_id", "sessionId", "conversation_id", "conversationId", "thread_id", "threadId"],
  trajectory: ["trajectory", "trajectory_id", "trajectoryId"],
  step: ["step", "step_index", "stepIndex"],
  cost: ["cost_usd", "costUsd", "response_cost"],
  status: ["status_code", "statusCode", "http_status"],
  user: ["user", "engineer", "user_id", "userId"]
} as const

const found = (row: JsonObject, which: keyof typeof names): unknown =>
  names[which].map((name) => row[name]).find((value) => value !== undefined && value !== null)

/** Keys of a row that are read as something, and so are no labels. */
const spoken = new Set<string>([
  ...Object.values(names).flat(),
  "request",
  "response",
  "error",
  "labels",
  "metadata",
  "provider"
])

const labelsOf = (row: JsonObject, request: JsonObject): Readonly<Record<string, string>> => {
  const labels = new LabelSet()
  labels.addAll(row["labels"], "labels").addAll(row["metadata"], "metadata")
  labels.addAll(Object.fromEntries(Object.entries(row).filter(([name]) => !spoken.has(name))), "row")
  const asked = objectIn(request["metadata"]) ?? {}
  const { user_id: endUser, ...tags } = asked
  return labels
    .addAll(tags, "request.metadata")
    .add("engineer", found(row, "user"))
    .add("endUser", request["user"], request["safety_identifier"], endUser).all
}

/** The failure that a row tells of: an error beside or instead of the answer, or an HTTP status that is none of success. */
const errorOf = (row: JsonObject, response: JsonObject | undefined): CallResponse["error"] => {
  const said = [row["error"], response?.["error"]].find(
    (value) => value !== undefined && value !== null && value !== ""
  )
  const status = countIn(found(row, "status"))
  if (said === undefined && (status === undefined || status < 400)) return undefined
  const object = objectIn(said)
  const code = textIn(object?.["code"])
  return {
    type: textIn(object?.["type"]) ?? "error",
    ...(code === undefined ? {} : { code }),
    ...(status === undefined || status < 400 ? {} : { httpStatus: status }),
    message: scrubbed(textIn(object?.["message"]) ?? textIn(said) ?? `HTTP status ${status}`)
  }
}

const timingOf = (row: JsonObject, response: JsonObject | undefined): Timing => {
  const logged = momentOf(found(row, "start"))
  const start = logged ?? momentOf(response?.["created"]) ?? momentOf(response?.["created_at"])
  const end = momentOf(found(row, "end"))
  const latencyMs = numberIn(found(row, "latency")) ?? between(logged, end)
  const ttftMs = numberIn(found(row, "ttft"))
  return {
    startedAt: start?.iso ?? null,
    ...(end === undefined ? {} : { endedAt: end.iso }),
    ...(latencyMs === undefined ? {} : { latencyMs }),
    ...(ttftMs === undefined ? {} : { ttftMs }),
    basis: logged === undefined || logged.zoneAssumed ? "derived" : "reported"
  }
}

const billedOf = (
  row: JsonObject
): { readonly billed: ArchivedCall["billed"]; readonly notes: ReadonlyArray<string> } => {
  const { nanoUsd, note } = billIn(found(row, "cost"))
  return {
    billed: nanoUsd === null ? unbilled : { nanoUsd: nanoUsd.toString(), basis: "client-estimate", billing: "metered" },
    notes: note === undefined ? [] : [note]
  }
}

const answerOf = (
  wire: ReadWire,
  body: JsonObject | undefined,
  error: CallResponse["error"]
): Result.Result<{ readonly response: CallResponse; readonly usage: Usage }, string> => {
  const read = body === undefined ? undefined : translations[wire].readResponse(body)
  if (error !== undefined) {
    const arrived = read !== undefined && Result.isSuccess(read) ? read.success : undefined
    return Result.succeed({
      response: { ...(arrived?.response ?? { blocks: [] }), stopReason: "error", complete: false, error },
      usage: arrived?.usage ?? noUsage
    })
  }
  return read ?? Result.fail("there is none")
}

/** The wire of a pair: the response decides, else the request; a reason where it is not read. */
const wireOf = (request: JsonObject, response: JsonObject | undefined): Result.Result<ReadWire, string> => {
  const shape = (response === undefined ? undefined : shapeOfResponse(response)) ?? shapeOfRequest(request)
  if (shape === undefined) return Result.fail("a request and a response of no known shape")
  return "wire" in shape ? Result.succeed(shape.wire) : Result.fail(`${shape.unread}, which is not read yet`)
}

const readPair = (file: string, line: number, row: JsonObject): Found => {
  const skip = (reason: string): Found => ({ _tag: "Skip", line, reason })
  const asked = objectIn(unpacked(row["request"]))
  const body = unpacked(row["response"])
  const answer = objectIn(body)
  if (asked === undefined) return skip("half a pair: no request")
  const error = errorOf(row, answer)
  if (answer === undefined && error === undefined)
    return skip(
      body === undefined || body === null
        ? "half a pair: no response"
        : "the response is no JSON object (a stream that was not put together, perhaps)"
    )
  const wire = wireOf(asked, answer)
  if (Result.isFailure(wire)) return skip(wire.failure)
  const read = translations[wire.success].readRequest(openBody(asked))
  if (Result.isFailure(read)) return skip(`the request cannot be read: ${read.failure}`)
  const answered = answerOf(wire.success, answer, error)
  if (Result.isFailure(answered)) return skip(`the response cannot be read: ${answered.failure}`)
  const provider = textIn(row["provider"])
  const request = provider === undefined ? read.success : { ...read.success, provider }
  const { response } = answered.success
  const usage = withUnreadable(answered.success.usage, [answer?.["usage"], answer])
  const timing = timingOf(row, answer)
  const { billed, notes } = billedOf(row)
  const nativeId = textIn(found(row, "id"))
  // An id of a home-made log may be a row number: with the content beside it, two logs do not swallow each other's rows.
  const content = digestOf([asked, answer ?? null])
  const dedupeKey = `pair:${nativeId ?? textIn(found(row, "start")) ?? ""}:${content}`
  const sessionId = textIn(found(row, "session")) ?? textIn(found(objectIn(row["metadata"]) ?? {}, "session"))
  const trajectoryId = textIn(found(row, "trajectory"))
  const stepIndex = countIn(found(row, "step"))
  const call: ArchivedCall = {
    schema: "archived-call/1",
    id: digestOf(dedupeKey),
    request,
    response,
    usage,
    billed,
    timing,
    provenance: {
      importer: "pair",
      file,
      line,
      native: {
        ...(nativeId === undefined ? {} : { id: nativeId }),
        ...(response.id === undefined ? {} : { responseId: response.id })
      },
      identity: nativeId === undefined ? "content" : "native"
    },
    grouping: {
      ...(sessionId === undefined ? {} : { sessionId }),
      ...(trajectoryId === undefined ? {} : { trajectoryId }),
      ...(stepIndex === undefined ? {} : { stepIndex }),
      attempt: 0
    },
    labels: labelsOf(row, asked),
    signals: [],
    fidelity: fidelityOf({ request, response, usage, billed, timing }, { ...wholeBody, notes })
  }
  return { _tag: "Call", call, dedupeKey }
}

const isBody = (value: unknown) => {
  const body = objectIn(unpacked(value))
  return body !== undefined && (shapeOfRequest(body) !== undefined || shapeOfResponse(body) !== undefined)
}

const readLine = (file: string, line: number, json: unknown): Found => {
  const row = objectIn(json)
  if (row === undefined) return { _tag: "Skip", line, reason: "not a JSON object" }
  return "request" in row || "response" in row
    ? readPair(file, line, row)
    : { _tag: "Other", type: textIn(row["type"]) ?? textIn(row["event"]) ?? "unknown object" }
}

/**
 * Pairs of request and response bodies, as a team logs them itself: `{request, response}` a row, in the shape of
 * OpenAI chat completions, Anthropic messages or Ollama chat, with id, time, user, session, latency and labels beside them.
 */
export const pair: Importer = {
  id: "pair",
  about: "rows of {request, response} bodies: OpenAI chat, Anthropic messages, Ollama chat",
  sniff: (sample) =>
    sample.first.some((value) => {
      const row = objectIn(value)
      return row !== undefined && !("custom_id" in row) && isBody(row["request"]) && "response" in row
    }),
  start: () =>
    eachLine((file, line) =>
      "error" in line ? [{ _tag: "Skip", line: line.line, reason: line.error }] : [readLine(file, line.line, line.json)]
    )
}
