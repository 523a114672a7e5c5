import type { ArchivedCall, CallRequest, Grouping, Timing } from "../../../domain/Call.ts"
import { digestOf } from "../../../domain/digest.ts"
import { billIn, unbilled } from "../../billed.ts"
import type { Found } from "../../contract.ts"
import type { Recorded } from "../../fidelity.ts"
import { fidelityOf, usageOnly } from "../../fidelity.ts"
import { textIn } from "../../json.ts"
import { LabelSet } from "../../labels.ts"
import { between, type Moment } from "../../times.ts"
import { addWorkplace } from "../../workplace.ts"
import type { Answer } from "./answer.ts"
import type { Past } from "./past.ts"
import type { Prompt } from "./prompts.ts"
import type { Advised } from "./usage.ts"
import { advisedIn, tokensIn } from "./usage.ts"

/** Who started a sub-agent, as far as it is known. */
export interface Started {
  readonly agentType: string | undefined
  readonly toolUseId: string | undefined
  readonly by: Answer | undefined
}

/**
 * How full a copy of an answer is: lines of the main conversation before those of side chains, then blocks, tokens, a told speed, and last
 * that its conversation was there (`whole`).
 */
export const rankOf = (answer: Answer, whole: boolean): number =>
  (answer.context.side ? 0 : 2 ** 36) +
  Math.min(answer.size, 1023) * 2 ** 26 +
  Math.min(tokensIn(answer.used), 2 ** 24 - 1) * 4 +
  (answer.used?.["speed"] === undefined ? 0 : 2) +
  (whole ? 1 : 0)

/** More than any rank: what is called a copy stands behind the answer of the session that made it, whichever comes first. */
const behind = 2 ** 37

/**
 * Below one half. Of copies that do not say what they are, and are equally full, that one stands before the others whose session went on for the
 * shortest time (`until`) afterwards: a session that was resumed under another name ends before the one that holds its lines again. On a
 * scale of orders, so that it fits beside the rank: a thousandth more is later.
 */
const endedFirst = (answer: Answer, until: Moment | undefined): number => {
  const ms = between(answer.nodes[0]?.at, until)
  return ms === undefined ? 0 : Math.floor((2 ** 15 - 1) * Math.max(0, 1 - Math.log2(1 + ms) / 48)) / 2 ** 16
}

const noSystem = "the transcript holds no system prompt (newer versions of Claude Code write it); --supply adds one"
const noTools = "tool definitions are not recorded; --supply gives them"
const snapshot = "system prompt and tools are those of the log's last snapshot before the call"
const order = "some lines name no parent: the conversation was put together by the order of the file"
const cut = "the conversation goes on from a line that is in none of the files read: its beginning is missing"
const twins = "two different lines have one uuid: both are kept"
const unknownModel = "the log names no model"

const kinds = (all: ReadonlySet<string>) => [...all].sort().join(", ")

const recordedOf = (answer: Answer, past: Past, prompt: Prompt, request: CallRequest): Recorded => {
  const said = request.messages.some((message) => message.role !== "system" && message.blocks.length > 0)
  const bare = past.bare.size > 0
  return {
    system: prompt.system === undefined ? "absent" : "reconstructed",
    tools: prompt.tools === undefined ? "absent" : "reconstructed",
    params: Object.keys(request.params).length === 0 ? "absent" : "partial",
    ...(past.cut ? { history: "partial" } : said ? {} : { history: "absent" }),
    ...(said && !past.cut && (past.byOrder || bare || past.unworded.size > 0) ? { history: "reconstructed" } : {}),
    ...(answer.size === 0 ? { response: "absent" } : {}),
    notes: [
      ...(prompt.system === undefined ? [noSystem] : [snapshot]),
      ...(prompt.tools === undefined ? [noTools] : []),
      ...(past.cut ? [cut] : []),
      ...(past.byOrder ? [order] : []),
      ...(past.twins ? [twins] : []),
      ...(bare
        ? [`context that Claude Code added stands in its own words, not as it was sent: ${kinds(past.bare)}`]
        : []),
      ...(past.unworded.size > 0
        ? [`context that Claude Code added is missing, for the log has not its words: ${kinds(past.unworded)}`]
        : []),
      ...(answer.model === undefined ? [unknownModel] : [])
    ]
  }
}

const requestOf = (answer: Answer, past: Past, prompt: Prompt): CallRequest => {
  const fast = answer.used?.["speed"] === "fast"
  return {
    wire: "anthropic.messages",
    provider: "anthropic",
    model: answer.model ?? past.previous?.model ?? "unknown",
    messages: prompt.system === undefined ? past.messages : [prompt.system, ...past.messages],
    tools: prompt.tools ?? null,
    params: {
      ...(answer.effort === undefined ? {} : { reasoning: { effort: answer.effort } }),
      ...(fast ? { extra: { speed: "fast" } } : {})
    }
  }
}

/** From the line before an answer to its last line: it cannot have taken longer. */
const timingOf = (answer: Answer, past: Past): Timing => {
  const times = answer.nodes.flatMap(({ at }) => (at === undefined ? [] : [at]))
  // After an answer without a question nobody knows when it was asked.
  const asked = past.trigger?.answer === undefined ? past.trigger?.at : undefined
  const start = asked ?? times[0]
  const end = times.at(-1)
  const latencyMs = asked === undefined ? undefined : between(asked, end)
  return {
    startedAt: start?.iso ?? null,
    ...(end === undefined ? {} : { endedAt: end.iso }),
    ...(latencyMs === undefined ? {} : { latencyMs }),
    basis: "derived"
  }
}

const groupingOf = (answer: Answer, started: Started | undefined): Grouping => {
  const { context, place } = answer
  const parent = started?.by
  return {
    ...(context.session === "" ? {} : { sessionId: context.session }),
    ...(place === undefined ? {} : { trajectoryId: place.trajectory, stepIndex: place.step }),
    ...(place?.branch === undefined ? {} : { branch: place.branch }),
    ...(parent === undefined ? {} : { parentCallId: digestOf(parent.key) }),
    ...(parent?.place === undefined ? {} : { parentTrajectoryId: parent.place.trajectory }),
    ...(started?.toolUseId === undefined ? {} : { parentToolUseId: started.toolUseId }),
    ...(context.agent === undefined ? {} : { agent: context.agent }),
    agentRole: !context.side ? "main" : context.agent?.startsWith("acompact") ? "compaction" : "subagent",
    attempt: 0
  }
}

const labelsOf = (answer: Answer, started: Started | undefined): ArchivedCall["labels"] => {
  const { context, used } = answer
  const labels = addWorkplace(new LabelSet(), context.cwd)
    .add("application", "claude-code")
    .add("gitBranch", context.gitBranch)
    .add("version", context.version)
    .add("entrypoint", context.entrypoint)
    .add("slug", context.slug)
    .add("agentType", started?.agentType)
    .add("serviceTier", used?.["service_tier"] === "standard" ? undefined : used?.["service_tier"])
  if (used?.["speed"] === "fast") labels.add("speed", "fast").add("model", `${answer.model ?? "unknown"}-fast`)
  return labels.all
}

const finished = (answer: Answer): boolean =>
  !answer.failed &&
  (answer.stop !== undefined || answer.continued || answer.results.length > 0 || answer.mayEndSilently)

/** An answer as an archived call, and the calls of an advisor within it. `until`: the last time in the file that holds it. */
export const callsOf = (
  answer: Answer,
  past: Past,
  prompt: Prompt,
  started: Started | undefined,
  until: Moment | undefined
): ReadonlyArray<Found> => {
  const request = requestOf(answer, past, prompt)
  const usage = answer.failed && tokensIn(answer.used) === 0 ? noCounts : answer.usage
  const bill = billIn(answer.costUsd)
  const billed: ArchivedCall["billed"] =
    bill.nanoUsd === null
      ? unbilled
      : { nanoUsd: bill.nanoUsd.toString(), basis: "client-estimate", billing: "unknown" }
  const timing = timingOf(answer, past)
  const recorded = recordedOf(answer, past, prompt, request)
  const response = answer.failed
    ? answer.response
    : answer.interrupted
      ? { ...answer.response, stopReason: "cancelled" as const, complete: false }
      : { ...answer.response, complete: finished(answer) }
  const uuid = answer.nodes[0]?.uuid
  const version = answer.context.version
  const call: ArchivedCall = {
    schema: "archived-call/1",
    id: digestOf(answer.key),
    request,
    response,
    usage,
    billed,
    timing,
    provenance: {
      importer: "claude-code",
      file: answer.file,
      line: answer.line,
      producer: { name: "claude-code", ...(version === undefined ? {} : { version }) },
      native: {
        ...(answer.id === undefined ? {} : { messageId: answer.id }),
        ...(answer.requestId === undefined ? {} : { requestId: answer.requestId }),
        ...(uuid === undefined ? {} : { uuid })
      },
      identity: answer.id !== undefined || uuid !== undefined ? "native" : "location"
    },
    grouping: groupingOf(answer, started),
    labels: labelsOf(answer, started),
    signals: [],
    fidelity: fidelityOf(
      { request, response, usage, billed, timing },
      { ...recorded, notes: [...(recorded.notes ?? []), ...(bill.note === undefined ? [] : [bill.note])] }
    )
  }
  const rank = rankOf(answer, !past.cut) - (answer.copy ? behind : 0) + endedFirst(answer, until)
  const own: Found = { _tag: "Call", call, dedupeKey: answer.key, rank }
  return [own, ...advisedIn(answer.used).map((advised, at) => advisorCall(call, answer.key, rank, advised, at))]
}

const noCounts = { basis: "unreliable", input: null, output: null } as const

const advisorNote = "an advisor's part in an answer: its counts alone are recorded"

const advisorCall = (by: ArchivedCall, key: string, rank: number, { model, usage }: Advised, at: number): Found => {
  const dedupeKey = `${key}:advisor:${at}`
  const request: CallRequest = { ...by.request, model, messages: [], tools: null, params: {} }
  const response: ArchivedCall["response"] = { blocks: [], stopReason: "unknown", complete: false }
  const call: ArchivedCall = {
    ...by,
    id: digestOf(dedupeKey),
    request,
    response,
    usage,
    billed: unbilled,
    grouping: { ...by.grouping, agent: "advisor", agentRole: "subagent", parentCallId: by.id },
    fidelity: fidelityOf(
      { request, response, usage, billed: unbilled, timing: by.timing },
      { ...usageOnly, notes: [advisorNote] }
    )
  }
  const { stepIndex: _, trajectoryId: __, ...grouping } = call.grouping
  const parent = textIn(by.grouping.trajectoryId)
  return {
    _tag: "Call",
    call: { ...call, grouping: { ...grouping, ...(parent === undefined ? {} : { parentTrajectoryId: parent }) } },
    dedupeKey,
    rank
  }
}
