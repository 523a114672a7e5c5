import type { CallRequest, CallResponse, Timing, Usage } from "../../../domain/Call.ts"
import type { Message } from "../../../domain/Message.ts"
import { noUsage } from "../../../providers/wires/usage.ts"
import { unbilled } from "../../billed.ts"
import type { Found } from "../../contract.ts"
import type { JsonObject } from "../../json.ts"
import { arrayIn, countIn, objectIn, textIn } from "../../json.ts"
import { LabelSet } from "../../labels.ts"
import * as record from "../../spans/record.ts"
import { usageOf } from "../../spans/tokens.ts"
import { between, type Moment, momentOf } from "../../times.ts"
import { addWorkplace } from "../../workplace.ts"
import { answerIn, toolCallsIn } from "./answer.ts"
import type { Draft } from "./session.ts"

/** A session, as far as its file and its head tell it. */
export interface ChatSession {
  readonly file: string
  readonly id: string
  readonly head: JsonObject
}

/**
 * `tokens` of a record: prompt, candidates, thoughts and tool use stand side by side, cached input inside the prompt, unless the total
 * says that it stands beside it. Counts that are all 0 were not reported: the program writes 0 for what is missing.
 */
export const geminiCliUsage = (value: unknown): Usage => {
  const raw = objectIn(value)
  const input = countIn(raw?.["input"])
  const output = countIn(raw?.["output"])
  const total = countIn(raw?.["total"])
  const tool = countIn(raw?.["tool"]) ?? 0
  if (raw === undefined || (input ?? 0) + (output ?? 0) + (total ?? 0) === 0) return noUsage
  return usageOf(
    {
      input: input === undefined ? undefined : input + tool,
      output,
      total: total === 0 ? undefined : total,
      cacheRead: countIn(raw["cached"]),
      reasoning: countIn(raw["thoughts"])
    },
    { cacheInside: true, reasoningInside: false },
    raw
  )
}

/** How full a version of a record is. */
export const rankOf = (row: JsonObject, id: string): number =>
  answerIn(row, id).length * 2 + (geminiCliUsage(row["tokens"]).input === null ? 0 : 1)

const notes = [
  "the session holds neither the system prompt nor tools and settings; --supply gives the first two",
  "the conversation was put together from the session's records, of which one may stand for several calls"
]

/** When a record was complete: tools that ran in it end later than its answer. */
const endOf = (row: JsonObject | undefined): Moment | undefined => {
  if (row === undefined) return undefined
  const times = toolCallsIn(row, "").flatMap(({ raw }) => momentOf(raw["timestamp"]) ?? [])
  const own = momentOf(row["timestamp"])
  return [...(own === undefined ? [] : [own]), ...times].reduce<Moment | undefined>(
    (last, at) => (last === undefined || at.ms > last.ms ? at : last),
    undefined
  )
}

/** From the record before it to its own time, which is that of its words; a record of tools alone was written when they had run. */
const timingOf = (row: JsonObject, before: JsonObject | undefined): Timing => {
  const asked = endOf(before)
  const own = momentOf(row["timestamp"])
  const spoke = textIn(row["content"]) !== undefined ? own : undefined
  const start = asked ?? own
  const latencyMs = asked === undefined ? undefined : between(asked, spoke)
  return {
    startedAt: start?.iso ?? null,
    ...(spoke === undefined ? {} : { endedAt: spoke.iso }),
    ...(latencyMs === undefined ? {} : { latencyMs }),
    basis: "derived"
  }
}

const folders = (file: string) => file.split(/[\\/]/).slice(0, -1)

/** The project's folder and, of a sub-agent, the session that started it: `…/PROJECT/chats[/PARENT]/FILE`. */
const placeOf = (file: string): { readonly project: string | undefined; readonly parent: string | undefined } => {
  const parts = folders(file)
  const at = parts.lastIndexOf("chats")
  return at < 1 ? { project: undefined, parent: undefined } : { project: parts[at - 1], parent: parts[at + 1] }
}

const labelsOf = ({ file, head }: ChatSession) => {
  const labels = new LabelSet().add("application", "gemini-cli").add("projectHash", head["projectHash"])
  addWorkplace(labels, arrayIn(head["directories"])?.[0])
  return labels.add("project", placeOf(file).project, head["projectHash"]).all
}

/** A record of the model's as an archived call. */
export const callOf = (
  session: ChatSession,
  draft: Draft,
  trajectoryId: string,
  past: ReadonlyArray<Message>,
  before: JsonObject | undefined,
  rank: number
): Found => {
  const { branch, id, line, record: row, step } = draft
  const model = textIn(row["model"])
  const blocks = answerIn(row, id)
  const request: CallRequest = {
    wire: "google.generate",
    provider: "google",
    model: model ?? "unknown",
    messages: past,
    tools: null,
    params: {}
  }
  const response: CallResponse = {
    ...(model === undefined ? {} : { model }),
    blocks,
    stopReason: blocks.some((block) => block.type === "tool_use") ? "tool_use" : "unknown",
    complete: blocks.length > 0
  }
  const { parent } = placeOf(session.file)
  const sub = session.head["kind"] === "subagent" || parent !== undefined
  return record.callOf({
    importer: "gemini-cli",
    file: session.file,
    line,
    dedupeKey: `gemini-cli:${session.id}:${id}`,
    exchange: {
      request,
      response,
      usage: geminiCliUsage(row["tokens"]),
      recorded: {
        system: "absent",
        tools: "absent",
        params: "absent",
        history: past.length === 0 ? "absent" : "reconstructed",
        ...(blocks.length === 0 ? { response: "absent" as const } : {}),
        notes: [...notes, ...(model === undefined ? ["the log names no model"] : [])]
      }
    },
    billed: unbilled,
    timing: timingOf(row, before),
    native: { id, sessionId: session.id },
    producer: { name: "gemini-cli" },
    grouping: {
      sessionId: session.id,
      trajectoryId,
      stepIndex: step,
      ...(branch === 0 ? {} : { branch: String(branch) }),
      ...(parent === undefined ? {} : { parentTrajectoryId: parent }),
      agentRole: sub ? "subagent" : "main",
      attempt: 0
    },
    labels: labelsOf(session),
    rank
  })
}
