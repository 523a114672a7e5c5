import type { ArchivedCall, CallRequest, CallResponse, StopReason, Usage } from "../../../domain/Call.ts"
import type { Block, Message } from "../../../domain/Message.ts"
import { noUsage } from "../../../providers/wires/usage.ts"
import { billIn, unbilled } from "../../billed.ts"
import type { Found } from "../../contract.ts"
import type { State } from "../../fidelity.ts"
import type { JsonObject } from "../../json.ts"
import { countIn, numberIn, objectIn, textIn } from "../../json.ts"
import { LabelSet } from "../../labels.ts"
import * as record from "../../spans/record.ts"
import { disjoint, usageOf } from "../../spans/tokens.ts"
import { momentOf } from "../../times.ts"
import { addWorkplace } from "../../workplace.ts"
import type { Held } from "./rows.ts"
import type { Step } from "./steps.ts"
import { answerEnded } from "./steps.ts"

/** A session as a whole. */
export interface SessionFacts {
  readonly id: string
  readonly info: JsonObject
  /** The tool call of another session that started it. */
  readonly startedBy: string | undefined
}

/** What one call of the model made, and what was sent for it. */
export interface Made {
  readonly held: Held
  /** Its place among the steps of its message, and among all of the session. */
  readonly index: number
  readonly place: number
  readonly step: Step
  readonly last: boolean
  /** True where the message tells counts for all of it and no step its own. */
  readonly alone: boolean
  /** Milliseconds since 1970. */
  readonly asked: number | undefined
  readonly messages: ReadonlyArray<Message>
  readonly system: Extract<State, "verbatim" | "partial" | "absent">
  readonly blocks: ReadonlyArray<Block>
  /** It is the call that summed the conversation up. */
  readonly compacts: boolean
  readonly shortened: boolean
  readonly cleared: boolean
  readonly lost: boolean
  readonly variant: string | undefined
}

/** Input, output, reasoning and cache stand side by side; where reasoning is part of the output, the total tells. */
export const opencodeUsage = (value: unknown): Usage => {
  const raw = objectIn(value)
  const cache = objectIn(raw?.["cache"])
  const counts = {
    input: countIn(raw?.["input"]),
    output: countIn(raw?.["output"]),
    reasoning: countIn(raw?.["reasoning"]),
    cacheRead: countIn(cache?.["read"]),
    cacheWriteOther: countIn(cache?.["write"])
  }
  // A message begins with zeros, which stay where no counts come.
  if (Object.values(counts).every((count) => (count ?? 0) === 0)) return noUsage
  const total = countIn(raw?.["total"])
  return usageOf({ ...counts, total: total === 0 ? undefined : total }, disjoint, raw)
}

/** Providers that may be paid by subscription: opencode then notes a cost of 0. */
const subscribed = /^(?:anthropic|openai|github-copilot|github-models|google|opencode)/

const billOf = (
  cost: unknown,
  usage: Usage,
  provider: string
): { readonly billed: ArchivedCall["billed"]; readonly notes: ReadonlyArray<string> } => {
  if (numberIn(cost) === 0) {
    const used = usage.input !== null || usage.output !== null
    const billing = used && subscribed.test(provider) ? "subscription" : "unknown"
    return { billed: { ...unbilled, billing }, notes: [] }
  }
  const bill = billIn(cost)
  return bill.nanoUsd === null
    ? { billed: unbilled, notes: bill.note === undefined ? [] : [bill.note] }
    : { billed: { nanoUsd: bill.nanoUsd.toString(), basis: "client-estimate", billing: "metered" }, notes: [] }
}

const stops: Readonly<Record<string, StopReason>> = {
  stop: "end",
  length: "length",
  "tool-calls": "tool_use",
  "content-filter": "content_filter",
  error: "error"
}

const responseOf = ({ blocks, held, last, step }: Made): CallResponse => {
  const raw = textIn(step.finish?.["reason"])
  const told = objectIn(held.info["error"])
  const name = textIn(told?.["name"])
  const failed = name !== undefined && last && step.finish === undefined
  const cancelled = failed && name === "MessageAbortedError"
  const called = blocks.some((block) => block.type === "tool_use")
  const known = raw !== undefined && Object.hasOwn(stops, raw) ? stops[raw]! : "unknown"
  const stopReason = known === "end" && called ? "tool_use" : known === "unknown" && called ? "tool_use" : known
  const data = objectIn(told?.["data"])
  const status = countIn(data?.["statusCode"])
  return {
    blocks,
    stopReason: cancelled ? "cancelled" : failed ? "error" : stopReason,
    ...(raw === undefined ? {} : { stopReasonRaw: raw }),
    complete:
      !failed && (step.finish !== undefined || objectIn(held.info["time"])?.["completed"] !== undefined || !last),
    ...(failed && !cancelled
      ? {
          error: {
            ...record.errorNamed(name, textIn(data?.["message"])),
            ...(status === undefined ? {} : { httpStatus: status })
          }
        }
      : {})
  }
}

const notesOf = (made: Made): ReadonlyArray<string> => [
  made.system === "absent"
    ? "the session holds no system prompt; --supply adds one"
    : made.system === "partial"
      ? "of the system prompt only what the user has set is recorded, not opencode's own"
      : "the system prompt is recorded as opencode put it together",
  "tool definitions and settings are not recorded; --supply gives the tools",
  "the conversation was put together from the session's messages: reminders that opencode adds while it runs are not all in it",
  ...(made.shortened ? ["the conversation begins at its last summary, as opencode sends it"] : []),
  ...(made.cleared ? ["older tool results were sent as a notice that they were cleared, as opencode does"] : []),
  ...(made.lost ? ["a tool's result is not in the session"] : []),
  ...(made.compacts ? ["what opencode asked for this summary is not recorded"] : [])
]

const labelsOf = ({ info }: SessionFacts, { held, variant }: Made) =>
  addWorkplace(new LabelSet(), textIn(info["directory"]) ?? objectIn(held.info["path"])?.["cwd"])
    .add("application", "opencode")
    .add("projectID", info["projectID"])
    .add("agent", held.info["agent"], held.info["mode"])
    .add("variant", variant).all

/** A step as an archived call. */
export const callOf = (session: SessionFacts, made: Made): Found => {
  const { asked, blocks, compacts, held, index, last, messages, place, step } = made
  const { info } = held
  const provider = textIn(info["providerID"])
  const model = textIn(info["modelID"])
  const own = made.alone && last ? info : undefined
  const usage = opencodeUsage(step.finish?.["tokens"] ?? own?.["tokens"])
  const { billed, notes } = billOf(step.finish?.["cost"] ?? own?.["cost"], usage, provider ?? "")
  const request: CallRequest = {
    wire: "unknown",
    ...(provider === undefined ? {} : { provider }),
    model: model ?? "unknown",
    messages,
    tools: null,
    params: {}
  }
  const response = responseOf(made)
  const said = messages.some(({ role }) => role !== "system")
  const id = textIn(info["id"]) ?? `${session.id}#${place}`
  const agent = textIn(info["agent"]) ?? textIn(info["mode"])
  const parent = textIn(session.info["parentID"])
  const completed = last ? numberIn(objectIn(info["time"])?.["completed"]) : undefined
  const ended = answerEnded(step) ?? (blocks.some(({ type }) => type === "tool_use") ? undefined : completed)
  const version = textIn(session.info["version"])
  return record.callOf({
    importer: "opencode",
    file: held.file,
    line: held.line,
    dedupeKey: `opencode:${id}:${index}`,
    exchange: {
      request,
      response,
      usage,
      recorded: {
        system: made.system,
        tools: "absent",
        params: "absent",
        history: !said ? "absent" : compacts || made.lost ? "partial" : "reconstructed",
        ...(blocks.length === 0 && response.error === undefined ? { response: "absent" as const } : {}),
        notes: [...notesOf(made), ...notes, ...(model === undefined ? ["the session names no model"] : [])]
      }
    },
    billed,
    timing: {
      ...record.timingOf(momentOf(asked), momentOf(ended), undefined),
      basis: index === 0 ? "reported" : "derived"
    },
    native: { id: `${id}:${index}`, messageId: id, sessionId: session.id },
    producer: { name: "opencode", ...(version === undefined ? {} : { version }) },
    grouping: {
      sessionId: session.id,
      trajectoryId: session.id,
      stepIndex: place,
      ...(parent === undefined ? {} : { parentTrajectoryId: parent }),
      ...(session.startedBy === undefined ? {} : { parentToolUseId: session.startedBy }),
      ...(agent === undefined ? {} : { agent }),
      agentRole: compacts ? "compaction" : parent === undefined ? "main" : "subagent",
      attempt: step.retries
    },
    labels: labelsOf(session, made),
    rank: blocks.length * 2 + (usage.input === null ? 0 : 1)
  })
}
