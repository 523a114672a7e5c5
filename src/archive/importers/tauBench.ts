import { basename } from "node:path"

import * as Result from "effect/Result"

import type { ArchivedCall } from "../../domain/Call.ts"
import { digestOf } from "../../domain/digest.ts"
import type { Message } from "../../domain/Message.ts"
import { readRequest } from "../../providers/wires/openaiChat.ts"
import { noUsage } from "../../providers/wires/usage.ts"
import { unbilled } from "../billed.ts"
import type { Found, Importer, Line } from "../contract.ts"
import { eachLine } from "../contract.ts"
import { fidelityOf } from "../fidelity.ts"
import type { JsonObject } from "../json.ts"
import { arrayIn, numberIn, objectIn, textIn } from "../json.ts"
import { type Step, stepsOf } from "../steps.ts"

const isEpisode = (row: JsonObject) => "task_id" in row && "traj" in row
const isDisplay = (row: JsonObject) => "messages_display" in row

/** `gpt-4o-airline.json`: the model, then the domain; the file's name is the only place that tells them. */
const namedIn = (file: string) => {
  const stem = basename(file).replace(/\.jsonl?(\.gz|\.zst)?$/i, "")
  const parts = /^(.+?)[-_](airline|retail|telecom|mock)\b/i.exec(stem)
  return { stem, model: parts?.[1] ?? "unknown", domain: parts?.[2]?.toLowerCase() }
}

/**
 * The messages with ids of tool calls that are used once: τ-bench repeats them within an episode, and a result answers the call
 * right before it, whatever its id.
 */
const withOwnIds = (messages: ReadonlyArray<unknown>): ReadonlyArray<unknown> => {
  const seen = new Map<string, number>()
  let open: ReadonlyArray<string> = []
  return messages.map((one) => {
    const message = objectIn(one)
    if (message === undefined) return one
    const calls = arrayIn(message["tool_calls"])
    if (calls !== undefined) {
      const renamed = calls.map((call) => {
        const object = objectIn(call)
        const id = textIn(object?.["id"])
        if (object === undefined || id === undefined) return call
        const count = (seen.get(id) ?? 0) + 1
        seen.set(id, count)
        return count === 1 ? object : { ...object, id: `${id}_${count}` }
      })
      open = renamed.flatMap((call) => textIn(objectIn(call)?.["id"]) ?? [])
      return { ...message, tool_calls: renamed }
    }
    if (message["role"] !== "tool") return message
    const [id, ...rest] = open
    open = rest
    return id === undefined ? message : { ...message, tool_call_id: id }
  })
}

const simulated = (message: Message): Message =>
  message.role === "user" ? { ...message, injectedBy: "simulator" } : message

const recorded = {
  system: "verbatim",
  tools: "absent",
  params: "absent",
  notes: [
    "tool definitions are part of the benchmark's code and not of its log: --supply gives them",
    "settings (temperature and such) are not recorded",
    "an answer with several tool calls was cut to its first one when it was recorded",
    "the model is taken from the file's name"
  ]
} as const

const callOf = (
  at: { readonly file: string; readonly line: number; readonly episode: string },
  model: string,
  labels: ArchivedCall["labels"],
  step: Step,
  index: number
): Found => {
  const dedupeKey = `${at.episode}:${index}`
  const request = {
    wire: "openai.chat",
    model,
    messages: step.history,
    tools: null,
    params: {}
  } as const
  const response = { blocks: step.blocks, stopReason: step.stopReason, complete: true }
  const parts = {
    request,
    response,
    usage: noUsage,
    billed: unbilled,
    timing: { startedAt: null, basis: "reported" }
  } as const
  const call: ArchivedCall = {
    schema: "archived-call/1",
    id: digestOf(dedupeKey),
    ...parts,
    provenance: {
      importer: "tau-bench",
      file: at.file,
      line: at.line,
      native: { id: dedupeKey },
      identity: "native",
      producer: { name: "tau-bench" }
    },
    grouping: { sessionId: at.episode, trajectoryId: at.episode, stepIndex: index, agentRole: "main", attempt: 0 },
    labels,
    signals: [],
    fidelity: fidelityOf(parts, recorded)
  }
  return { _tag: "Call", call, dedupeKey }
}

const readEpisode = (file: string, line: number, row: JsonObject): ReadonlyArray<Found> => {
  const skip = (reason: string): ReadonlyArray<Found> => [{ _tag: "Skip", line, reason }]
  const { domain, model, stem } = namedIn(file)
  const task = textIn(row["task_id"])
  const trial = textIn(row["trial"]) ?? "0"
  if (task === undefined) return skip("an episode without a task_id")
  const traj = arrayIn(row["traj"])
  if (traj === undefined) return skip("an episode whose traj is no list of messages")
  const read = readRequest({ model, messages: withOwnIds(traj) })
  if (Result.isFailure(read)) return skip(`the episode's messages cannot be read: ${read.failure}`)
  const steps = stepsOf(read.success.messages.map(simulated))
  if (steps.length === 0) return skip("an episode without an answer of the model")
  const episode = `tau-bench:${stem}:${task}:${trial}`
  const labels = {
    ...(domain === undefined ? {} : { domain }),
    task,
    taskType: domain === undefined ? "tau-bench" : `tau-bench ${domain}`,
    trial
  }
  const reward = numberIn(row["reward"])
  return [
    ...steps.map((step, index) => callOf({ file, line, episode }, model, labels, step, index)),
    ...(reward === undefined
      ? []
      : [
          {
            _tag: "Verdict" as const,
            of: episode,
            signal: { name: "reward", value: reward, source: "env-reward" as const, scope: "trajectory" as const }
          }
        ])
  ]
}

const read = (file: string, line: Line): ReadonlyArray<Found> => {
  if ("error" in line) return [{ _tag: "Skip", line: line.line, reason: line.error }]
  const row = objectIn(line.json)
  if (row === undefined) return [{ _tag: "Skip", line: line.line, reason: "not a JSON object" }]
  if (isDisplay(row))
    return [
      { _tag: "Skip", line: line.line, reason: "a few-shot transcript, which is display text and holds no messages" }
    ]
  if (!isEpisode(row)) return [{ _tag: "Other", type: textIn(row["type"]) ?? "unknown object" }]
  return readEpisode(file, line.line, row)
}

/**
 * τ-bench results: one episode of an agent with a simulated user a row, with its reward. Each answer of the model is a call, told apart by
 * file, task, trial and place, never by content: the same task is played several times. Few-shot transcripts are display text and skipped.
 */
export const tauBench: Importer = {
  id: "tau-bench",
  about: "τ-bench results (historical_trajectories/*.json)",
  sniff: (sample) =>
    sample.first.some((value) => {
      const row = objectIn(value)
      return row !== undefined && (isEpisode(row) || isDisplay(row))
    }),
  start: () => eachLine(read)
}
