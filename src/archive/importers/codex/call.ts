import type { ArchivedCall, CallRequest, CallResponse, Grouping, Timing, ToolDef } from "../../../domain/Call.ts"
import { digestOf } from "../../../domain/digest.ts"
import type { Block, Message } from "../../../domain/Message.ts"
import type { JsonObject as JsonBody } from "../../../providers/wires/json.ts"
import { unbilled } from "../../billed.ts"
import type { Found } from "../../contract.ts"
import type { Recorded } from "../../fidelity.ts"
import { fidelityOf, usageOnly } from "../../fidelity.ts"
import type { JsonObject } from "../../json.ts"
import { textIn } from "../../json.ts"
import { LabelSet } from "../../labels.ts"
import type { Moment } from "../../times.ts"
import { between } from "../../times.ts"
import { addWorkplace } from "../../workplace.ts"
import type { Thread, Turn } from "./thread.ts"
import type { Counts } from "./usage.ts"
import { usageOf } from "./usage.ts"

/** A call as it is put together. */
export interface Draft {
  readonly line: number
  /** What was sent; `undefined` where only its counts are in the log. */
  readonly past: ReadonlyArray<Message> | undefined
  /** How the past was put together. */
  readonly pastState: "reconstructed" | "partial"
  readonly items: Array<JsonObject>
  readonly blocks: Array<Block>
  readonly turn: Turn
  readonly tools: ReadonlyArray<ToolDef>
  readonly trajectory: string
  readonly branch: string | undefined
  readonly step: number
  readonly askedAt: Moment | undefined
  endedAt: Moment | undefined
  /** Its times are those of a copy. */
  copied: boolean
  model: string | undefined
  counts: Counts | undefined
  /** The totals of the thread after it. */
  totals: Counts | undefined
  /** Its counts are what was left over of those of several calls. */
  derived: boolean
  responseId: string | undefined
  role: "compaction" | undefined
  aborted: boolean
  /** The highest rank that was given out. */
  given: number
}

/** Whose calls they are. */
export interface Owner {
  readonly file: string
  readonly thread: Thread
  readonly root: string
  readonly startedBy: { readonly toolUseId: string; readonly callKey: string } | undefined
}

const names = ["id", "call_id", "encrypted_content"] as const

/**
 * What tells a call from its copies: the first thing the model made, which has an id of its own; without one its place in the conversation
 * of the family; a call of which only counts are known, by these within the family.
 */
export const keyOf = (draft: Draft, root: string): string => {
  const [first] = draft.items
  if (first === undefined) return `codex:${root}:${draft.counts?.key ?? draft.line}:${draft.totals?.key ?? ""}`
  const { status: _, ...item } = first
  const named = names.some((name) => textIn(item[name]) !== undefined)
  return named ? `codex:${digestOf(item)}` : `codex:${root}:${draft.past?.length ?? 0}:${digestOf(item)}`
}

/** A copy in a fork stands behind the call of the thread that made it, whichever comes first. */
const behind = 2 ** 51

/** How full a call is: what the model made, then its counts. */
export const rankOf = (draft: Draft): number =>
  Math.min(draft.items.length, 1023) * 2 ** 40 +
  Math.min((draft.counts?.of.get("input_tokens") ?? 0) + (draft.counts?.of.get("output_tokens") ?? 0), 2 ** 39)

const bounds = "Codex does not log where a call begins and ends: it was taken from the order of the items"
const builtIn = "Codex's built-in tools are not recorded; --supply gives them"
const noSystem = "this version of Codex did not record its system prompt; --supply adds one"
const compacted = "before this call the conversation was compacted, and the log does not say into what"
const countsAlone = "only the counts of this call are in the log"
const unknownModel = "the log names no model"
const copy = "the times are those of the fork that copied the call"

const recordedOf = (draft: Draft, owner: Owner): Recorded => {
  const lone: ReadonlyArray<string> = [
    ...(draft.model === undefined ? [unknownModel] : []),
    ...(draft.copied ? [copy] : [])
  ]
  if (draft.past === undefined) return { ...usageOnly, notes: [countsAlone, ...lone] }
  const { instructions } = owner.thread
  return {
    system: instructions === undefined ? "absent" : "verbatim",
    tools: draft.tools.length === 0 ? "absent" : "partial",
    params: "partial",
    history: draft.past.length === 0 ? "absent" : draft.pastState,
    notes: [
      bounds,
      ...(instructions === undefined ? [noSystem] : []),
      builtIn,
      ...(draft.pastState === "partial" ? [compacted] : []),
      ...lone
    ]
  }
}

const systems = new Map<string, Message>()

/** The system prompt of threads that have the same, as one message. */
const systemOf = (text: string): Message => {
  const known = systems.get(text)
  if (known !== undefined) return known
  const message: Message = { role: "system", placement: "top", blocks: [{ type: "text", text }] }
  if (systems.size > 100) systems.clear()
  systems.set(text, message)
  return message
}

const requestOf = (draft: Draft, { thread }: Owner): CallRequest => {
  const { effort, schema } = draft.turn
  const past = draft.past ?? []
  return {
    wire: "openai.responses",
    provider: thread.provider ?? "openai",
    model: draft.model ?? "unknown",
    messages:
      thread.instructions === undefined || draft.past === undefined ? past : [systemOf(thread.instructions), ...past],
    tools: draft.past === undefined || draft.tools.length === 0 ? null : draft.tools,
    ...(schema === undefined
      ? {}
      : // Parsed JSON.
        { responseFormat: { type: "json_schema", schema: schema as JsonBody } }),
    params: effort === undefined ? {} : { reasoning: { effort } }
  }
}

const responseOf = (draft: Draft): CallResponse => {
  const called = draft.blocks.some((block) => block.type === "tool_use" && block.kind !== "provider")
  const response: CallResponse = {
    ...(draft.responseId === undefined ? {} : { id: draft.responseId }),
    blocks: draft.blocks,
    stopReason: draft.items.length === 0 ? "unknown" : called ? "tool_use" : "end",
    complete: draft.items.length > 0
  }
  return draft.aborted ? { ...response, stopReason: "cancelled", complete: false } : response
}

const timingOf = (draft: Draft): Timing => {
  const start = draft.askedAt ?? draft.endedAt
  const latencyMs = draft.copied ? undefined : between(draft.askedAt, draft.endedAt)
  return {
    startedAt: start?.iso ?? null,
    ...(draft.endedAt === undefined ? {} : { endedAt: draft.endedAt.iso }),
    ...(latencyMs === undefined ? {} : { latencyMs }),
    basis: draft.copied ? "unreliable" : "derived"
  }
}

const groupingOf = (draft: Draft, { root, startedBy, thread }: Owner): Grouping => ({
  sessionId: root,
  trajectoryId: draft.trajectory,
  stepIndex: draft.step,
  ...(draft.branch === undefined ? {} : { branch: draft.branch }),
  ...(startedBy === undefined
    ? {}
    : { parentToolUseId: startedBy.toolUseId, parentCallId: digestOf(startedBy.callKey) }),
  ...(thread.startedBy === undefined ? {} : { parentTrajectoryId: thread.startedBy }),
  ...(thread.subagent === undefined ? {} : { agent: thread.subagent }),
  agentRole:
    draft.role ??
    (thread.subagent === "compact"
      ? "compaction"
      : thread.subagent !== undefined || thread.startedBy !== undefined
        ? "subagent"
        : "main"),
  attempt: 0
})

const labelsOf = (draft: Draft, { thread }: Owner): ArchivedCall["labels"] =>
  addWorkplace(new LabelSet(), draft.turn.cwd ?? thread.cwd)
    .add("application", "codex")
    .add("originator", thread.originator)
    .add("version", thread.version)
    .add("source", thread.source)
    .add("agentType", thread.subagent)
    .add("repo", thread.repository)
    .add("gitBranch", thread.branch)
    .add("gitCommit", thread.commit)
    .add("effort", draft.turn.effort).all

/** A draft as an archived call. */
export const callOf = (draft: Draft, owner: Owner): Found => {
  const dedupeKey = keyOf(draft, owner.root)
  const request = requestOf(draft, owner)
  const response = responseOf(draft)
  const counted = usageOf(draft.counts)
  const usage = draft.derived && counted.basis === "reported" ? { ...counted, basis: "derived" as const } : counted
  const timing = timingOf(draft)
  const { id, version } = owner.thread
  const call: ArchivedCall = {
    schema: "archived-call/1",
    id: digestOf(dedupeKey),
    request,
    response,
    usage,
    billed: { ...unbilled, billing: "unknown" },
    timing,
    provenance: {
      importer: "codex",
      file: owner.file,
      line: draft.line,
      producer: { name: "codex", ...(version === undefined ? {} : { version }) },
      native: {
        ...(id === undefined ? {} : { threadId: id }),
        ...(draft.turn.id === undefined ? {} : { turnId: draft.turn.id }),
        ...(draft.responseId === undefined ? {} : { responseId: draft.responseId })
      },
      identity: draft.responseId === undefined ? "content" : "native"
    },
    grouping: groupingOf(draft, owner),
    labels: labelsOf(draft, owner),
    signals: [],
    fidelity: fidelityOf({ request, response, usage, billed: unbilled, timing }, recordedOf(draft, owner))
  }
  return { _tag: "Call", call, dedupeKey, rank: rankOf(draft) - (draft.copied ? behind : 0) }
}
