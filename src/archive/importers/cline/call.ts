import * as Result from "effect/Result"

import type { CallRequest, CallResponse, Usage } from "../../../domain/Call.ts"
import { digestOf } from "../../../domain/digest.ts"
import type { Block } from "../../../domain/Message.ts"
import type { Found } from "../../contract.ts"
import { usageOnly } from "../../fidelity.ts"
import type { JsonObject } from "../../json.ts"
import { arrayIn, numberIn, objectIn, textIn } from "../../json.ts"
import { LabelSet } from "../../labels.ts"
import * as record from "../../spans/record.ts"
import { momentOf } from "../../times.ts"
import { addWorkplace } from "../../workplace.ts"
import type { Conversation, Past, Stored } from "./conversation.ts"
import type { NotedRequest } from "./requests.ts"
import { metricsUsage, requestBill, requestUsage } from "./requests.ts"

/** What is known of a task as a whole. */
export interface TaskFacts {
  readonly id: string
  readonly program: string
  readonly metadata: JsonObject
  readonly item: JsonObject
}

/** An answer of the model, and what belongs to it. */
export interface Answer {
  readonly index: number
  /** Its place among the answers. */
  readonly step: number
  readonly stored: Stored
  readonly before: JsonObject | undefined
  readonly request: NotedRequest | undefined
  readonly by: "place" | "order" | "uneven order"
  /** What the conversation has told of its surroundings so far. */
  readonly told: { readonly cwd: string | undefined; readonly model: string | undefined }
}

interface Model {
  readonly model: string | undefined
  readonly provider: string | undefined
  readonly mode: string | undefined
}

const named = (info: JsonObject | undefined): Model => ({
  model: textIn(info?.["modelId"]) ?? textIn(info?.["model_id"]),
  provider: textIn(info?.["providerId"]) ?? textIn(info?.["model_provider_id"]),
  mode: textIn(info?.["mode"])
})

/** The model that answered: noted with the answer, with the request, in the task's list at that time, or in what the model was told. */
const modelOf = (
  facts: TaskFacts,
  request: NotedRequest | undefined,
  own: unknown,
  told: string | undefined
): Model => {
  const noted = [objectIn(own), request?.model].map(named).find(({ model }) => model !== undefined)
  if (noted !== undefined) return noted
  const uses = (arrayIn(facts.metadata["model_usage"]) ?? [])
    .map(objectIn)
    .filter((one): one is JsonObject => one !== undefined)
  const at = request?.at
  const use =
    at === undefined
      ? uses.length === 1
        ? uses[0]
        : undefined
      : (uses.findLast((one) => (numberIn(one["ts"]) ?? 0) <= at) ?? uses[0])
  const listed = named(use)
  return listed.model === undefined ? { ...named(undefined), model: told } : listed
}

const versionOf = ({ metadata }: TaskFacts): string | undefined =>
  textIn(objectIn(arrayIn(metadata["environment_history"])?.at(-1))?.["cline_version"])

const producerOf = (facts: TaskFacts) => {
  const version = versionOf(facts)
  return { name: facts.program, ...(version === undefined ? {} : { version }) }
}

const labelsOf = (facts: TaskFacts, cwd: string | undefined, mode: string | undefined) =>
  addWorkplace(new LabelSet(), textIn(facts.item["workspace"]) ?? cwd)
    .add("application", facts.program)
    .add("mode", mode, facts.item["mode"]).all

const interruption = /\n\n\[Response interrupted by (?:user|API Error)\]$/
/** What the program writes in the model's name where no answer came. */
const noAnswer = "Failure: I did not provide a response."

/** What came back; the program's own words in it taken out. */
const responseOf = (blocks: ReadonlyArray<Block>, info: JsonObject, id: string | undefined): CallResponse => {
  const broken = textIn(info["cancelReason"])
  const failure = textIn(info["streamingFailedMessage"])
  const cancelled = broken === "user_cancelled"
  const [only] = blocks
  const empty = blocks.length === 1 && only?.type === "text" && only.text === noAnswer
  const cut = blocks.some((block) => block.type === "text" && interruption.test(block.text))
  const said = (empty ? [] : blocks).flatMap((block): ReadonlyArray<Block> => {
    if (block.type !== "text" || !interruption.test(block.text)) return [block]
    const text = block.text.replace(interruption, "")
    return text === "" ? [] : [{ ...block, text }]
  })
  const failed = empty || (broken !== undefined && !cancelled)
  return {
    ...(id === undefined ? {} : { id }),
    blocks: said,
    stopReason: failed
      ? "error"
      : cancelled || cut
        ? "cancelled"
        : said.some((block) => block.type === "tool_use")
          ? "tool_use"
          : "unknown",
    complete: !failed && !cancelled && !cut,
    ...(failed
      ? {
          error: {
            type: (broken ?? "empty_answer").slice(0, 60),
            message: (failure ?? "no answer that could be used came back").slice(0, 2000)
          }
        }
      : {})
  }
}

const noSystem = "the task holds neither the system prompt nor tools and settings; --supply gives the first two"
const shortened = "parts of the conversation were left out or shortened when it was sent, as the program has noted"
const unsure =
  "counts and cost are joined to the answers by their order, and there are not as many of one as of the other"

const historyOf = ({ changed, gaps, messages }: Past) =>
  messages.length === 0
    ? { history: "absent" as const }
    : gaps
      ? { history: "partial" as const }
      : changed
        ? { history: "reconstructed" as const }
        : {}

const timingOf = (start: number | undefined, end: number | undefined) =>
  record.timingOf(momentOf(start), momentOf(end), undefined)

const usageFor = ({ by, request, stored }: Answer): Usage => {
  const noted = request === undefined ? undefined : requestUsage(request.info)
  if (noted === undefined || noted.input === null) return metricsUsage(stored.raw["metrics"])
  return by === "uneven order"
    ? { ...noted, basis: "unreliable", diagnostics: [...(noted.diagnostics ?? []), unsure] }
    : noted
}

/** An answer as an archived call; a skip where it cannot be read. */
export const callOf = (facts: TaskFacts, file: string, answer: Answer, conversation: Conversation): Found => {
  const { before, by, index, request: noted, step, stored, told } = answer
  const { mode, model, provider } = modelOf(facts, noted, stored.raw["modelInfo"], told.model)
  const read = conversation.answer(index, model ?? "")
  if (Result.isFailure(read))
    return { _tag: "Skip", file, line: stored.line, reason: `an answer that cannot be read: ${read.failure}` }
  const at = noted?.at ?? numberIn(before?.["ts"])
  const past = conversation.past(index, { at, without: noted?.without })
  const usage = usageFor(answer)
  const { billed, notes } = requestBill(noted?.info["cost"] ?? objectIn(stored.raw["metrics"])?.["cost"])
  const request: CallRequest = {
    wire: "anthropic.messages",
    ...(provider === undefined ? {} : { provider }),
    model: model ?? "unknown",
    messages: past.messages,
    tools: null,
    params: {}
  }
  const requestId = textIn(stored.raw["id"])
  const response = responseOf(read.success, noted?.info ?? {}, requestId)
  const parent = textIn(facts.item["parentTaskId"])
  return record.callOf({
    importer: "cline",
    file,
    line: stored.line,
    dedupeKey: `cline:${facts.id}:${index}:${digestOf(stored.raw["content"] ?? null).slice(0, 16)}`,
    exchange: {
      request,
      response,
      usage,
      recorded: {
        system: "absent",
        tools: "absent",
        params: "absent",
        ...historyOf(past),
        ...(response.blocks.length === 0 && response.error === undefined ? { response: "absent" as const } : {}),
        notes: [
          noSystem,
          ...(past.changed ? [shortened] : []),
          ...(past.gaps ? ["a message before the answer cannot be read and is missing"] : []),
          ...(model === undefined ? ["the task names no model"] : []),
          ...(by === "uneven order" && noted !== undefined ? [unsure] : []),
          ...notes
        ]
      }
    },
    billed,
    timing: timingOf(at, numberIn(stored.raw["ts"])),
    native: { id: `${facts.id}:${index}`, ...(requestId === undefined ? {} : { responseId: requestId }) },
    producer: producerOf(facts),
    grouping: {
      sessionId: facts.id,
      trajectoryId: facts.id,
      stepIndex: step,
      ...(parent === undefined ? {} : { parentTrajectoryId: parent }),
      agentRole: parent === undefined ? "main" : "subagent",
      attempt: 0
    },
    labels: labelsOf(facts, told.cwd, mode),
    // Counts come with another file, and that may have been imported later.
    rank: (usage.input === null ? 0 : 2) + (noted === undefined ? 0 : 1)
  })
}

/** A request of which the conversation holds no answer: its counts alone. One without counts was never answered. */
export const usageCallOf = (facts: TaskFacts, file: string, noted: NotedRequest): Found => {
  const usage = requestUsage(noted.info)
  const { billed, notes } = requestBill(noted.info["cost"])
  if (usage.input === null && usage.output === null && billed.nanoUsd === null)
    return { _tag: "Other", type: "request without an answer and without counts" }
  const { mode, model, provider } = modelOf(facts, noted, undefined, undefined)
  return record.callOf({
    importer: "cline",
    file,
    line: noted.line,
    dedupeKey: `cline:${facts.id}:request:${noted.at ?? noted.line}`,
    exchange: {
      request: {
        wire: "anthropic.messages",
        ...(provider === undefined ? {} : { provider }),
        model: model ?? "unknown",
        messages: [],
        tools: null,
        params: {}
      },
      response: { blocks: [], stopReason: "unknown", complete: false },
      usage,
      recorded: {
        ...usageOnly,
        notes: ["the conversation does not hold this request's answer: its counts alone are known", ...notes]
      }
    },
    billed,
    timing: timingOf(noted.at, undefined),
    native: { id: `${facts.id}:request:${noted.at ?? noted.line}` },
    producer: producerOf(facts),
    grouping: { sessionId: facts.id, agentRole: "unknown", attempt: 0 },
    labels: labelsOf(facts, undefined, mode)
  })
}
