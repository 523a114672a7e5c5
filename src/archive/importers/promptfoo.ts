import * as Result from "effect/Result"

import type { ArchivedCall, CallResponse } from "../../domain/Call.ts"
import { digestOf } from "../../domain/digest.ts"
import { billIn, unbilled } from "../billed.ts"
import type { Found, Importer, Line } from "../contract.ts"
import { eachLine } from "../contract.ts"
import type { JsonObject } from "../json.ts"
import { arrayIn, numberIn, objectIn, textIn } from "../json.ts"
import { LabelSet, labelText } from "../labels.ts"
import { callOf, errorNamed } from "../spans/record.ts"
import { momentOf } from "../times.ts"
import { exchangeOf } from "./promptfoo/exchange.ts"
import { askedIn, settingsOf } from "./promptfoo/providers.ts"
import { signalsOf } from "./promptfoo/signals.ts"

/** What the rows of a file have in common. */
interface Evaluation {
  readonly id: string | undefined
  readonly config: unknown
  readonly timestamp: unknown
  readonly version: string | undefined
}

const isRow = (row: JsonObject): boolean =>
  ("provider" in row || "promptIdx" in row) &&
  "prompt" in row &&
  "success" in row &&
  ("response" in row || "error" in row)

const idOf = (provider: unknown): string | undefined => textIn(objectIn(provider)?.["id"]) ?? textIn(provider)

/** Values of a test that are short enough to tell it by. */
const short = (values: unknown): JsonObject =>
  Object.fromEntries(
    Object.entries(objectIn(values) ?? {}).filter(([, value]) => (labelText(value)?.length ?? 201) <= 200)
  )

const labelsOf = (evaluation: Evaluation, row: JsonObject): ArchivedCall["labels"] => {
  const test = objectIn(row["testCase"])
  const prompt = objectIn(row["prompt"])
  const label = textIn(prompt?.["label"])
  return new LabelSet()
    .add("application", "promptfoo")
    .add("evaluation", evaluation.id)
    .add("taskType", objectIn(evaluation.config)?.["description"])
    .add("test", test?.["description"])
    .add("prompt", label === undefined || label === prompt?.["raw"] || label.length > 100 ? undefined : label)
    .add("providerLabel", objectIn(row["provider"])?.["label"])
    .add("testIdx", row["testIdx"])
    .add("promptIdx", row["promptIdx"])
    .addAll(short(test?.["metadata"]), "metadata")
    .addAll({ vars: short(row["vars"] ?? test?.["vars"]) }, "test").all
}

/** A call that failed; where a test failed, `error` tells of the test. */
const failureOf = (row: JsonObject): CallResponse["error"] => {
  const response = objectIn(row["response"])
  const own = textIn(response?.["error"])
  const told = own ?? (row["failureReason"] === 2 || response === undefined ? textIn(row["error"]) : undefined)
  return told === undefined || (response?.["output"] !== undefined && own === undefined)
    ? undefined
    : errorNamed("error", told)
}

const billOf = (row: JsonObject, cached: boolean) => {
  if (cached)
    return { billed: { nanoUsd: "0", basis: "client-estimate", billing: "cached-response" } as const, notes: [] }
  const cost = objectIn(row["response"])?.["cost"] ?? row["cost"]
  // Where it knows no price promptfoo writes 0.
  const bill = billIn(numberIn(cost) === 0 ? undefined : cost)
  return bill.nanoUsd === null
    ? { billed: unbilled, notes: bill.note === undefined ? [] : [bill.note] }
    : {
        billed: { nanoUsd: bill.nanoUsd.toString(), basis: "client-estimate", billing: "metered" } as const,
        notes: []
      }
}

const isTransformed = (row: JsonObject): boolean => {
  const options = objectIn(objectIn(row["testCase"])?.["options"])
  const changes = [options?.["transform"], options?.["postprocess"], objectIn(row["provider"])?.["transform"]]
  return changes.some((change) => change !== undefined && change !== null)
}

const readRow = (file: string, line: number, evaluation: Evaluation, row: JsonObject, at: number): Found => {
  const skip = (reason: string): Found => ({ _tag: "Skip", line, reason })
  const id = idOf(row["provider"])
  if (id === undefined) return skip("a result that names no provider")
  const asked = askedIn(id)
  if (asked.kind === "none") return { _tag: "Other", type: "result that no model was asked for" }
  const label = textIn(objectIn(row["provider"])?.["label"])
  const failed = failureOf(row)
  const settings = settingsOf(evaluation.config, id, label, objectIn(row["prompt"])?.["config"])
  const read = exchangeOf(row, asked, settings, isTransformed(row), failed)
  if (Result.isFailure(read)) return skip(read.failure)
  const cached = objectIn(row["response"])?.["cached"] === true
  const { billed, notes } = billOf(row, cached)
  const start = momentOf(evaluation.timestamp)
  const latencyMs = numberIn(row["latencyMs"])
  const native = textIn(row["id"])
  const places = [row["testIdx"], row["promptIdx"]].map((place) => textIn(place))
  const place = places.includes(undefined) ? `#${at}` : places.join(":")
  const conversation = textIn(objectIn(objectIn(row["testCase"])?.["metadata"])?.["conversationId"])
  return callOf({
    importer: "promptfoo",
    file,
    line,
    dedupeKey:
      native !== undefined
        ? `promptfoo:${native}`
        : `promptfoo:${evaluation.id ?? ""}:${place}:${id}:${digestOf([row["prompt"] ?? null, row["response"] ?? null]).slice(0, 16)}`,
    ...(native === undefined && evaluation.id === undefined ? { identity: "content" as const } : {}),
    exchange: read.success,
    billed,
    timing: {
      startedAt: start?.iso ?? null,
      ...(latencyMs === undefined || latencyMs < 0 || cached ? {} : { latencyMs }),
      basis: "derived"
    },
    native: {
      ...(native === undefined ? {} : { id: native }),
      ...(evaluation.id === undefined ? {} : { evalId: evaluation.id })
    },
    producer: { name: "promptfoo", ...(evaluation.version === undefined ? {} : { version: evaluation.version }) },
    grouping: {
      ...(conversation === undefined ? {} : { sessionId: `${evaluation.id ?? "promptfoo"}:${conversation}` }),
      attempt: 0
    },
    labels: labelsOf(evaluation, row),
    signals: signalsOf(row),
    notes: [
      ...notes,
      ...(start === undefined ? [] : ["its time is that of the whole evaluation"]),
      ...(cached ? ["the answer came from promptfoo's cache: it is that of an earlier call"] : [])
    ]
  })
}

/** The rows of a document: results within results, or a summary by itself. */
const rowsIn = (document: JsonObject): ReadonlyArray<unknown> | undefined => {
  const results = document["results"]
  return arrayIn(objectIn(results)?.["results"]) ?? arrayIn(results)
}

const evaluationIn = (document: JsonObject): Evaluation => ({
  id: textIn(document["evalId"]),
  config: document["config"],
  timestamp:
    objectIn(document["results"])?.["timestamp"] ??
    document["timestamp"] ??
    objectIn(document["metadata"])?.["evaluationCreatedAt"],
  version: textIn(objectIn(document["metadata"])?.["promptfooVersion"])
})

const read = (file: string, line: Line): ReadonlyArray<Found> => {
  if ("error" in line) return [{ _tag: "Skip", line: line.line, reason: line.error }]
  const value = objectIn(line.json)
  if (value === undefined) return [{ _tag: "Skip", line: line.line, reason: "not a JSON object" }]
  const rows = rowsIn(value)
  if (rows === undefined) {
    const alone = { id: textIn(value["evalId"]), config: undefined, timestamp: undefined, version: undefined }
    return isRow(value)
      ? [readRow(file, line.line, alone, value, line.line)]
      : [{ _tag: "Other", type: textIn(value["type"]) ?? "unknown object" }]
  }
  const evaluation = evaluationIn(value)
  return rows.map((one, at): Found => {
    const row = objectIn(one)
    return row === undefined
      ? { _tag: "Skip", line: line.line, reason: "a result that is no object" }
      : readRow(file, line.line, evaluation, row, at)
  })
}

/**
 * promptfoo's results: an evaluation as JSON, of version 2 or later, or its rows as JSON lines. Each row is a call with its assertions as
 * signals; settings come from the evaluation's configuration where the file holds it.
 */
export const promptfoo: Importer = {
  id: "promptfoo",
  about: "promptfoo results (eval -o results.json or .jsonl)",
  sniff: ({ first }) =>
    first.some((value) => {
      const object = objectIn(value)
      if (object === undefined) return false
      if ("evalId" in object && "results" in object) return true
      const [row] = rowsIn(object) ?? []
      return isRow(objectIn(row) ?? object)
    }),
  start: () => eachLine(read)
}
