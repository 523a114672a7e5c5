import * as Result from "effect/Result"

import type { ArchivedCall, CallRequest, CallResponse, Usage } from "../../domain/Call.ts"
import { digestOf } from "../../domain/digest.ts"
import { readRequest, readResponse } from "../../providers/wires/openaiChat.ts"
import { unbilled } from "../billed.ts"
import type { Found, Importer, Line, Reader } from "../contract.ts"
import { fidelityOf, wholeBody } from "../fidelity.ts"
import type { JsonObject } from "../json.ts"
import { arrayIn, objectIn, textIn } from "../json.ts"
import { LabelSet } from "../labels.ts"
import { openBody } from "../secrets.ts"
import { between, momentOf } from "../times.ts"
import { attached, expanded, type Kept, keptIn } from "./inspect/attached.ts"
import { chatAnswer, chatMessage, chatSettings } from "./inspect/chat.ts"
import { eventsOf, type ModelEvent } from "./inspect/events.ts"
import { signalsOf } from "./inspect/scores.ts"
import { inspectUsage } from "./inspect/usage.ts"
import { shapeOfRequest, shapeOfResponse, translations } from "./wires.ts"

interface Exchange {
  readonly request: CallRequest
  readonly response: CallResponse
  readonly usage: Usage
}

const mediaTakenOut = "<base64-data-removed>"

/** The exchange as it went over the wire, where the log kept it whole and in a shape that is read. */
const rawExchange = (event: JsonObject, kept: Kept): Exchange | undefined => {
  const call = objectIn(attached(event["call"], kept.attachments))
  const sent = objectIn(call?.["request"])
  const answer = objectIn(call?.["response"])
  if (call === undefined || sent === undefined || answer === undefined) return undefined
  const pooled = expanded(call["call_refs"], kept.calls)
  if (pooled === undefined) return undefined
  const key = textIn(call["call_key"]) ?? "messages"
  const body =
    arrayIn(call["call_refs"]) === undefined
      ? sent
      : { ...sent, [key]: pooled.map((one) => attached(one, kept.attachments)) }
  if (JSON.stringify(body).includes(mediaTakenOut)) return undefined
  const shape = shapeOfResponse(answer) ?? shapeOfRequest(body)
  if (shape === undefined || !("wire" in shape)) return undefined
  // Inspect writes settings that were not given as null.
  const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null))
  const asked = translations[shape.wire].readRequest(openBody(given))
  const answered = translations[shape.wire].readResponse(answer)
  return Result.isSuccess(asked) && Result.isSuccess(answered)
    ? { request: asked.success, ...answered.success }
    : undefined
}

/** The exchange in Inspect's own words. */
const ownExchange = (event: JsonObject, kept: Kept, model: string): Result.Result<Exchange, string> => {
  const pooled = arrayIn(event["input_refs"]) === undefined ? undefined : expanded(event["input_refs"], kept.messages)
  if (arrayIn(event["input_refs"]) !== undefined && pooled === undefined)
    return Result.fail("its input refers to messages that the log does not hold")
  const messages = (pooled ?? arrayIn(event["input"]) ?? []).map((one) => chatMessage(attached(one, kept.attachments)))
  const settings = chatSettings(objectIn(attached(event, kept.attachments)) ?? {})
  const asked = readRequest({ ...settings, model, messages })
  if (Result.isFailure(asked)) return Result.fail(asked.failure)
  const output = objectIn(attached(event["output"], kept.attachments)) ?? {}
  const answered = readResponse(chatAnswer(output))
  if (Result.isFailure(answered)) return Result.fail(answered.failure)
  return Result.succeed({ request: asked.success, ...answered.success, usage: inspectUsage(output["usage"]) })
}

/** An answer that did not come. */
const failed = (event: JsonObject, kept: Kept, model: string, error: string): Result.Result<Exchange, string> => {
  const asked = ownExchange(
    { ...event, output: { choices: [{ message: { role: "assistant", content: "" } }] } },
    kept,
    model
  )
  return Result.map(asked, ({ request, usage }) => ({
    request,
    usage,
    response: {
      blocks: [],
      stopReason: "error" as const,
      complete: false,
      error: { type: "error", message: error }
    }
  }))
}

/** What the calls of one evaluation have in common. */
interface Evaluation {
  readonly id: string
  readonly task: string
  readonly labels: ArchivedCall["labels"]
  readonly version?: string
}

const evaluationOf = (header: JsonObject): Evaluation => {
  const spec = objectIn(header["eval"]) ?? {}
  const task = textIn(spec["task"]) ?? "task"
  const version = textIn(objectIn(spec["packages"])?.["inspect_ai"])
  return {
    id: textIn(spec["eval_id"]) ?? textIn(spec["run_id"]) ?? digestOf([task, spec["created"] ?? null]).slice(0, 16),
    task,
    labels: new LabelSet()
      .add("taskType", task)
      .add("dataset", objectIn(spec["dataset"])?.["name"])
      .add("tags", spec["tags"])
      .addAll(spec["metadata"], "eval").all,
    ...(version === undefined ? {} : { version })
  }
}

const callOf = (
  at: { readonly file: string; readonly line: Line },
  evaluation: Evaluation,
  sample: { readonly trajectory: string; readonly labels: ArchivedCall["labels"]; readonly kept: Kept },
  { agent, at: place, event, judges }: ModelEvent,
  stepIndex: number
): Found => {
  const [provider, ...rest] = (textIn(event["model"]) ?? "unknown").split("/")
  const model = rest.length === 0 ? provider! : rest.join("/")
  const error = textIn(event["error"])
  const raw = error === undefined ? rawExchange(event, sample.kept) : undefined
  const read =
    error !== undefined
      ? failed(event, sample.kept, model, error)
      : raw === undefined
        ? ownExchange(event, sample.kept, model)
        : Result.succeed(raw)
  if (Result.isFailure(read))
    return { _tag: "Skip", line: at.line.line, reason: `a model event of a sample cannot be read: ${read.failure}` }
  const { response, usage } = read.success
  const request = rest.length === 0 ? read.success.request : { ...read.success.request, provider: provider! }
  const start = momentOf(event["timestamp"])
  const end = momentOf(event["completed"])
  const latencyMs = between(start, end)
  const timing = {
    startedAt: start?.iso ?? null,
    ...(end === undefined ? {} : { endedAt: end.iso }),
    ...(latencyMs === undefined ? {} : { latencyMs }),
    basis: "reported" as const
  }
  const uuid = textIn(event["uuid"])
  const dedupeKey = `${sample.trajectory}:${uuid ?? place}`
  const parts = { request, response, usage, billed: unbilled, timing }
  const trajectoryId = judges ? `${sample.trajectory}:scorer` : sample.trajectory
  const call: ArchivedCall = {
    schema: "archived-call/1",
    id: digestOf(dedupeKey),
    ...parts,
    provenance: {
      importer: "inspect",
      file: at.file,
      line: at.line.line,
      ...(at.line.member === undefined ? {} : { member: at.line.member }),
      producer: { name: "inspect_ai", ...(evaluation.version === undefined ? {} : { version: evaluation.version }) },
      native: {
        id: dedupeKey,
        ...(response.id === undefined ? {} : { responseId: response.id }),
        ...(uuid === undefined ? {} : { uuid })
      },
      identity: "native"
    },
    grouping: {
      sessionId: sample.trajectory,
      trajectoryId,
      stepIndex,
      ...(judges ? { parentTrajectoryId: sample.trajectory } : {}),
      ...(agent === undefined ? {} : { agent }),
      agentRole: judges ? "judge" : "main",
      attempt: 0
    },
    labels: sample.labels,
    signals: [],
    fidelity: fidelityOf(parts, {
      ...wholeBody,
      ...(raw === undefined
        ? { notes: ["the call is recorded in Inspect's own form, not as it went over the wire"] }
        : {})
    })
  }
  return { _tag: "Call", call, dedupeKey }
}

const readSample = (file: string, line: Line, evaluation: Evaluation, sample: JsonObject): ReadonlyArray<Found> => {
  const trajectory = `inspect:${evaluation.id}:${textIn(sample["id"]) ?? "?"}:${textIn(sample["epoch"]) ?? "1"}`
  const { calls, others } = eventsOf(sample)
  const labels = new LabelSet().add("sample", sample["id"]).add("epoch", sample["epoch"])
  labels.addAll(evaluation.labels, "eval").addAll(sample["metadata"], "sample")
  const shared = { trajectory, labels: labels.all, kept: keptIn(sample) }
  let [step, judged] = [0, 0]
  return [
    ...calls.map((one): Found => {
      if (one.event["cache"] === "read") return { _tag: "Other", type: "inspect answer from its cache" }
      if (one.event["pending"] === true)
        return { _tag: "Skip", line: line.line, reason: "a model event that had not ended" }
      return callOf({ file, line }, evaluation, shared, one, one.judges ? judged++ : step++)
    }),
    ...[...others].map(([type, count]): Found => ({ _tag: "Other", type, count })),
    ...signalsOf(sample).map((signal): Found => ({ _tag: "Verdict", of: trajectory, signal })),
    ...(calls.length === 0
      ? [{ _tag: "Skip" as const, line: line.line, reason: "a sample whose model events were not logged" }]
      : [])
  ]
}

const isLog = (row: JsonObject) =>
  objectIn(row["eval"]) !== undefined && "status" in row && ("version" in row || "samples" in row || "plan" in row)
const isSample = (row: JsonObject) =>
  "epoch" in row && "id" in row && ("messages" in row || "events" in row || "transcript" in row)

class LogReader implements Reader {
  readonly #file: string
  #evaluation: Evaluation | undefined

  constructor(file: string) {
    this.#file = file
  }

  line(line: Line): ReadonlyArray<Found> {
    if ("error" in line) return [{ _tag: "Skip", line: line.line, reason: line.error }]
    const row = objectIn(line.json)
    if (row === undefined) return [{ _tag: "Other", type: "no object" }]
    if (isLog(row)) {
      const evaluation = evaluationOf(row)
      this.#evaluation = evaluation
      return (arrayIn(row["samples"]) ?? []).flatMap((sample) => this.#sample(line, objectIn(sample)))
    }
    return isSample(row) ? this.#sample(line, row) : [{ _tag: "Other", type: "inspect part that is no sample" }]
  }

  #sample(line: Line, sample: JsonObject | undefined): ReadonlyArray<Found> {
    if (sample === undefined) return [{ _tag: "Skip", line: line.line, reason: "a sample that is no object" }]
    return this.#evaluation === undefined
      ? [{ _tag: "Skip", line: line.line, reason: "a sample without the header of its log" }]
      : readSample(this.#file, line, this.#evaluation, sample)
  }

  end() {
    return []
  }
}

/**
 * Inspect's evaluation logs, `.eval` (packed) and `.json`: each model event is a call, with the scores of its sample as signals. The raw
 * exchange is preferred where the log kept it whole; what scorers asked are calls of a judge; answers from Inspect's cache are no calls.
 */
export const inspect: Importer = {
  id: "inspect",
  about: "Inspect evaluation logs (.eval, .json)",
  sniff: (sample) =>
    sample.first.some((value) => {
      const row = objectIn(value)
      return row !== undefined && isLog(row)
    }),
  start: () => ({ open: (file) => new LogReader(file), end: () => [] })
}
