import { basename, dirname } from "node:path"

import * as Result from "effect/Result"

import type { ArchivedCall } from "../../domain/Call.ts"
import { digestOf } from "../../domain/digest.ts"
import type { Message } from "../../domain/Message.ts"
import { readRequest } from "../../providers/wires/openaiChat.ts"
import { noUsage } from "../../providers/wires/usage.ts"
import { unbilled } from "../billed.ts"
import type { Found, Importer, Line } from "../contract.ts"
import { eachLine } from "../contract.ts"
import { fidelityOf, type Recorded } from "../fidelity.ts"
import type { JsonObject } from "../json.ts"
import { arrayIn, objectIn, textIn, unpacked } from "../json.ts"
import { stepsOf } from "../steps.ts"

const isTrajectory = (row: JsonObject) =>
  arrayIn(row["history"]) !== undefined && ("trajectory" in row || "info" in row)
/** Old demonstrations are a history and nothing else. */
const isLoneHistory = (row: JsonObject) => arrayIn(row["history"]) !== undefined && Object.keys(row).length === 1

/** The name of a run's folder begins with the model: `gpt4__swe-bench…`. What tells it better is the configuration that some files carry. */
const modelOf = (file: string, row: JsonObject) => {
  const replay = objectIn(unpacked(row["replay_config"]))
  const configured = textIn(objectIn(objectIn(replay?.["agent"])?.["model"])?.["name"])
  if (configured !== undefined) return { model: configured, note: undefined }
  const folder = basename(dirname(file)).split("__")[0] ?? ""
  return folder !== "" && basename(dirname(file)).includes("__")
    ? { model: folder, note: "the model is taken from the folder's name" }
    : { model: "unknown", note: "the model is not recorded" }
}

/** A message of SWE-agent in the shape of OpenAI's chat wire; `undefined` where it is none. */
const chatMessage = (value: unknown): JsonObject | undefined => {
  const item = objectIn(value)
  const role = textIn(item?.["role"])
  if (item === undefined || role === undefined) return undefined
  const content = item["content"] ?? null
  const calls = arrayIn(item["tool_calls"])
  const ids = arrayIn(item["tool_call_ids"])
  return {
    role,
    content,
    ...(role === "assistant" && calls !== undefined && calls.length > 0 ? { tool_calls: calls } : {}),
    ...(role === "tool" && ids?.[0] !== undefined ? { tool_call_id: ids[0] } : {})
  }
}

const messagesOf = (values: ReadonlyArray<unknown>, model: string): Result.Result<ReadonlyArray<Message>, string> =>
  Result.map(
    readRequest({ model, messages: values.flatMap((value) => chatMessage(value) ?? []) }),
    (request) => request.messages
  )

/** The messages that were sent at each step, where the trajectory keeps them. */
const queriesOf = (row: JsonObject): ReadonlyArray<ReadonlyArray<unknown> | undefined> =>
  (arrayIn(row["trajectory"]) ?? []).map((step) => {
    const query = arrayIn(objectIn(step)?.["query"]) ?? arrayIn(objectIn(step)?.["messages"])
    return query?.some((one) => textIn(objectIn(one)?.["role"]) !== undefined) ? query : undefined
  })

const recordedOf = (asSent: boolean, counted: boolean, note: string | undefined): Recorded => ({
  system: "verbatim",
  tools: "absent",
  params: "absent",
  ...(asSent ? {} : { history: "unknown" as const }),
  notes: [
    "tool definitions and settings are not recorded",
    ...(counted ? ["tokens and cost are told for the run alone: they are signals of the trajectory"] : []),
    ...(asSent
      ? []
      : [
          "the log holds the history and not what was sent at each step, from which older output may have been left out"
        ]),
    ...(note === undefined ? [] : [note])
  ]
})

const skip = (line: number, reason: string): ReadonlyArray<Found> => [{ _tag: "Skip", line, reason }]

/** What is counted of a run as a whole; the cost in dollars. */
const runCounts = ["instance_cost", "tokens_sent", "tokens_received", "api_calls"]

const countsIn = (row: JsonObject): ReadonlyArray<readonly [name: string, value: number]> => {
  const stats = objectIn(objectIn(row["info"])?.["model_stats"])
  return runCounts.flatMap((name) => {
    const value = stats?.[name]
    return typeof value === "number" && Number.isFinite(value) ? [[name, value] as const] : []
  })
}

const signalsOf = (of: string, row: JsonObject): ReadonlyArray<Found> => {
  const status = textIn(objectIn(row["info"])?.["exit_status"])
  const told = [...(status === undefined ? [] : [["exit_status", status] as const]), ...countsIn(row)]
  return told.map(([name, value]) => ({
    _tag: "Verdict",
    of,
    signal: { name, value, source: "system", scope: "trajectory" }
  }))
}

const readTrajectory = (file: string, line: number, row: JsonObject): ReadonlyArray<Found> => {
  const history = arrayIn(row["history"]) ?? []
  const { model, note } = modelOf(file, row)
  const read = messagesOf(history, model)
  if (Result.isFailure(read)) return skip(line, `the history cannot be read: ${read.failure}`)
  const demos = history
    .filter((one) => textIn(objectIn(one)?.["role"]) === "assistant")
    .map((one) => objectIn(one)?.["is_demo"] === true)
  const steps = stepsOf(read.success).filter((_, index) => demos[index] !== true)
  if (steps.length === 0) return skip(line, "a trajectory without an answer of the model")
  const queries = queriesOf(row)
  const instance = basename(file).replace(/\.traj(\.json)?(\.gz|\.zst)?$/i, "")
  const content = digestOf(history).slice(0, 16)
  const trajectory = `swe-agent:${instance}:${content}`
  const labels = {
    instance,
    taskType: "swe-agent"
  }
  const version = textIn(objectIn(row["info"])?.["swe_agent_version"])
  const counted = countsIn(row).length > 0
  const calls = steps.map((step, index): Found => {
    // Steps and answers run side by side as long as none of either is missing.
    const query = queries.length === steps.length ? queries[index] : undefined
    const sent = query === undefined ? undefined : messagesOf(query, model)
    const asSent = sent !== undefined && Result.isSuccess(sent) && sent.success.length > 0
    const dedupeKey = `${trajectory}:${index}`
    const parts = {
      request: {
        wire: "openai.chat" as const,
        model,
        messages: asSent ? sent.success : step.history,
        tools: null,
        params: {}
      },
      response: { blocks: step.blocks, stopReason: step.stopReason, complete: true },
      usage: noUsage,
      billed: unbilled,
      timing: { startedAt: null, basis: "reported" as const }
    }
    const call: ArchivedCall = {
      schema: "archived-call/1",
      id: digestOf(dedupeKey),
      ...parts,
      provenance: {
        importer: "swe-agent",
        file,
        line,
        native: { id: dedupeKey },
        identity: "content",
        producer: { name: "SWE-agent", ...(version === undefined ? {} : { version }) }
      },
      grouping: { sessionId: trajectory, trajectoryId: trajectory, stepIndex: index, agentRole: "main", attempt: 0 },
      labels,
      signals: [],
      fidelity: fidelityOf(parts, recordedOf(asSent, counted, note))
    }
    return { _tag: "Call", call, dedupeKey }
  })
  return [...calls, ...signalsOf(trajectory, row)]
}

const read = (file: string, line: Line): ReadonlyArray<Found> => {
  if ("error" in line) return skip(line.line, line.error)
  const row = objectIn(line.json)
  if (row === undefined) return skip(line.line, "not a JSON object")
  return isTrajectory(row) || isLoneHistory(row)
    ? readTrajectory(file, line.line, row)
    : [{ _tag: "Other", type: textIn(row["type"]) ?? "unknown object" }]
}

/**
 * SWE-agent trajectories (`.traj`): one agent run a file, in its three generations. Each answer of the model that is no demonstration is a
 * call; newer files keep what was sent at each step (`query`), older ones only the whole history. Tokens and cost
 * are told for the run alone (`info.model_stats`): they become signals of the trajectory, the cost in dollars.
 */
export const sweAgent: Importer = {
  id: "swe-agent",
  about: "SWE-agent trajectories (.traj)",
  sniff: (sample) =>
    sample.first.some((value) => {
      const row = objectIn(value)
      const first = objectIn(arrayIn(row?.["history"])?.[0])
      return row !== undefined && (isTrajectory(row) || isLoneHistory(row)) && "role" in (first ?? { role: "" })
    }),
  start: () => eachLine(read)
}
