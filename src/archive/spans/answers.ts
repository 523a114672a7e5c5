import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"

import type { CallResponse, StopReason, Usage } from "../../domain/Call.ts"
import type { Block } from "../../domain/Message.ts"
import type { Recorded } from "../fidelity.ts"
import { shapeOfResponse, translations } from "../importers/wires.ts"
import type { JsonObject } from "../json.ts"
import { arrayIn, objectIn, textIn } from "../json.ts"
import { isCutJson, opened } from "./attributes.ts"
import { assistantBlocks, plainMessage, withCallIds } from "./messages.ts"
import { blockIn, blocksIn, toolCallIn } from "./parts.ts"
import { usageIn } from "./usages.ts"

/** An answer as a log has it. */
export interface Answer {
  readonly blocks: ReadonlyArray<Block>
  readonly alternatives?: ReadonlyArray<ReadonlyArray<Block>>
  readonly stop?: string
  readonly id?: string
  readonly model?: string
  /** What the provider's own object says was used. */
  readonly usage?: Usage
  /** True where the provider's own object was read. */
  readonly whole?: boolean
  /** Set where the answer is not there letter by letter. */
  readonly state?: NonNullable<Recorded["response"]>
}

const stops: Readonly<Record<string, StopReason>> = {
  ...{ stop: "end", end: "end", end_turn: "end", endturn: "end", eos: "end", completed: "end", complete: "end" },
  ...{
    length: "length",
    max_tokens: "length",
    max_output_tokens: "length",
    model_length: "length",
    incomplete: "length"
  },
  ...{ tool_calls: "tool_use", tool_use: "tool_use", tool_call: "tool_use", function_call: "tool_use" },
  ...{ content_filter: "content_filter", safety: "content_filter", recitation: "content_filter" },
  ...{ prohibited_content: "content_filter", blocklist: "content_filter", spii: "content_filter" },
  ...{ stop_sequence: "stop_sequence", refusal: "refusal", pause_turn: "pause", compaction: "compaction" },
  ...{ model_context_window_exceeded: "context_window", error: "error", cancelled: "cancelled" }
}

/** Gemini's reasons by their number. */
const numbered: Readonly<Record<string, StopReason>> = { 1: "end", 2: "length", 3: "content_filter" }

/** Why an answer ended, in any library's words; a call at the end of an answer that just stopped is why it did. */
export const stopReasonOf = (raw: string | undefined, blocks: ReadonlyArray<Block>): StopReason => {
  const name =
    raw
      ?.toLowerCase()
      .replaceAll("-", "_")
      .replace(/^finishreason\./, "") ?? ""
  const reason = Object.hasOwn(stops, name) ? stops[name]! : (numbered[name] ?? "unknown")
  return reason === "end" && blocks.some((block) => block.type === "tool_use" && block.kind !== "provider")
    ? "tool_use"
    : reason
}

/** The answer in the canonical form. Of a recorded answer it is not told whether it was cut: `complete` says that one is there. */
export const responseOf = (answer: Answer | undefined): CallResponse => {
  const { alternatives, blocks = [], id, model, stop } = answer ?? {}
  return {
    ...(id === undefined ? {} : { id }),
    ...(model === undefined ? {} : { model }),
    blocks,
    ...(alternatives === undefined || alternatives.length === 0 ? {} : { alternatives }),
    stopReason: stopReasonOf(stop, blocks),
    ...(stop === undefined ? {} : { stopReasonRaw: stop }),
    complete: answer !== undefined
  }
}

const some = <A extends object>(entries: A): { readonly [K in keyof A]?: Exclude<A[K], undefined> } =>
  Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined)) as {
    readonly [K in keyof A]?: Exclude<A[K], undefined>
  }

const filled = (blocks: ReadonlyArray<Block>) =>
  withCallIds(blocks.filter((block) => block.type !== "text" || block.text !== ""))

/** LangSmith's wrapper of streamed answers puts a whole choice where the reason should be. */
const finishIn = (object: JsonObject): string | undefined =>
  textIn(object["finish_reason"]) ??
  textIn(object["finishReason"]) ??
  textIn(objectIn(object["finish_reason"])?.["finish_reason"]) ??
  textIn(object["stop_reason"])

const messageAnswer = (raw: unknown): Answer | undefined => {
  const message = plainMessage(raw)
  if (message === undefined) return undefined
  const metadata = objectIn(message["response_metadata"]) ?? {}
  const usage = usageIn(message["usage_metadata"]) ?? usageIn(metadata["usage"]) ?? usageIn(metadata["tokenUsage"])
  const id = textIn(metadata["id"]) ?? textIn(message["id"])
  return {
    blocks: filled(assistantBlocks(message)),
    ...some({
      stop: finishIn(message) ?? finishIn(metadata) ?? finishIn(objectIn(raw) ?? {}),
      model: textIn(metadata["model_name"]) ?? textIn(metadata["model"]),
      id: id?.startsWith("run-") || id?.startsWith("lc_run") ? undefined : id,
      usage
    })
  }
}

const isItem = (value: unknown) => {
  const object = objectIn(value)
  const type = textIn(object?.["type"]) ?? ""
  return (
    type === "message" || ["reasoning", "function_call", "custom_tool_call"].includes(type) || type.endsWith("_call")
  )
}

/** Items of OpenAI's Responses API: together one answer. */
const itemsAnswer = (items: ReadonlyArray<unknown>): Answer => ({
  blocks: filled(
    items.flatMap((item) => {
      const object = objectIn(item) ?? {}
      return object["type"] === "message" ? blocksIn(object["content"]) : [blockIn(item)]
    })
  )
})

const listAnswer = (list: ReadonlyArray<unknown>): Answer | undefined => {
  if (list.length === 0) return undefined
  if (list.every((one) => Array.isArray(one))) return listAnswer(list.flat())
  if (list.every(isItem)) return itemsAnswer(list)
  const calls = list.map((one) => (objectIn(one)?.["role"] === undefined ? toolCallIn(one) : undefined))
  if (calls.every((call) => call !== undefined)) return { blocks: filled(calls) }
  const objects = list.map(objectIn)
  const spoken = objects.map((one) => (one === undefined ? undefined : plainMessage(one)))
  if (
    spoken.every((one) => one === undefined || (textIn(one["role"]) === undefined && textIn(one["type"]) !== undefined))
  )
    return { blocks: filled(blocksIn(list)) }
  // A whole conversation: its last answer. Several answers: the choices of one call, or its calls one by one.
  const isAnswer = (one: JsonObject | undefined) =>
    !["user", "system", "tool", "human", "developer"].includes(textIn(one?.["role"]) ?? "")
  if (!spoken.every(isAnswer)) {
    const last = spoken.at(-1)
    return isAnswer(last) ? answerIn(list.at(-1)) : undefined
  }
  const answers = list.map(answerIn).filter((one) => one !== undefined)
  const [head, ...others] = answers
  if (head === undefined) return undefined
  const onlyCalls = answers.every(
    ({ blocks }) => blocks.length > 0 && blocks.every((block) => block.type === "tool_use")
  )
  return others.length === 0
    ? head
    : onlyCalls
      ? { ...head, blocks: answers.flatMap(({ blocks }) => blocks) }
      : { ...head, alternatives: others.map(({ blocks }) => blocks) }
}

/** LangChain's result of a call: generations, and what the model's library said beside them. */
const generationsAnswer = (object: JsonObject, generations: ReadonlyArray<unknown>): Answer | undefined => {
  const first = objectIn(generations.flat()[0])
  if (first === undefined) return undefined
  const beside = objectIn(object["llm_output"]) ?? objectIn(object["llmOutput"]) ?? {}
  const info = objectIn(first["generation_info"]) ?? objectIn(first["generationInfo"]) ?? {}
  const said = first["message"] === undefined ? answerIn(first["text"]) : messageAnswer(first["message"])
  if (said === undefined) return undefined
  return {
    ...said,
    ...some({
      stop: said.stop ?? finishIn(info),
      model: said.model ?? textIn(beside["model_name"]) ?? textIn(info["model_name"]),
      usage:
        said.usage ??
        usageIn(beside["token_usage"]) ??
        usageIn(beside["tokenUsage"]) ??
        usageIn(beside["usage"]) ??
        usageIn(info["usage_metadata"])
    })
  }
}

/** What stands beside an answer in the object that holds it. */
const beside = (object: JsonObject) =>
  some({
    id: textIn(object["id"]) ?? textIn(object["responseId"]) ?? textIn(object["response_id"]),
    model: textIn(object["model"]) ?? textIn(object["modelVersion"]) ?? textIn(object["model_version"]),
    stop: finishIn(object) ?? textIn(objectIn(object["incomplete_details"])?.["reason"]),
    usage: usageIn(object["usage"]) ?? usageIn(object["usage_metadata"]) ?? usageIn(object["usageMetadata"])
  })

/** Where libraries put the answer inside an object of theirs. */
const wrappers = ["output", "outputs", "result", "response", "completion", "text"]

const objectAnswer = (object: JsonObject, written: boolean): Answer | undefined => {
  const around = beside(object)
  const shape = shapeOfResponse(object)
  if (shape !== undefined && "wire" in shape) {
    const read = translations[shape.wire].readResponse(object as Schema.JsonObject)
    if (Result.isSuccess(read)) {
      const { response, usage } = read.success
      const { blocks, id, model, stopReasonRaw } = response
      const counted = usage.input === null && usage.output === null ? around.usage : usage
      const stop = stopReasonRaw ?? finishIn(objectIn(arrayIn(object["choices"])?.[0]) ?? {}) ?? around.stop
      return {
        blocks,
        ...(response.alternatives === undefined ? {} : { alternatives: response.alternatives }),
        ...some({ id, model, stop, usage: counted }),
        whole: true
      }
    }
  }
  const output = arrayIn(object["output"])
  if (output?.some(isItem)) {
    const status = textIn(object["status"])
    return { ...itemsAnswer(output), ...some({ ...around, stop: around.stop ?? status }), whole: true }
  }
  const [choice, ...others] = (arrayIn(object["choices"]) ?? arrayIn(object["candidates"]) ?? []).map(objectIn)
  if (choice !== undefined) {
    const of = (one: JsonObject | undefined) =>
      one === undefined ? undefined : (messageAnswer(one["message"] ?? one["content"]) ?? answerIn(one["text"]))
    const said = of(choice)
    const alternatives =
      others.flatMap((one) => of(one)?.blocks ?? []).length > 0 ? others.map((one) => of(one)?.blocks ?? []) : []
    return {
      ...(said ?? { blocks: [] }),
      ...around,
      ...some({ stop: finishIn(choice) }),
      ...(alternatives.length > 0 ? { alternatives } : {})
    }
  }
  const generations = arrayIn(object["generations"])
  if (generations !== undefined) return generationsAnswer(object, generations)
  const inner = objectIn(object["message"])
  if (inner !== undefined) {
    const said = answerIn(inner)
    return said === undefined ? undefined : { ...said, ...around }
  }
  // Google's ADK: `{content: {role, parts}, finish_reason, usage_metadata}`.
  if (arrayIn(objectIn(object["content"])?.["parts"]) !== undefined)
    return { ...(messageAnswer(object["content"]) ?? { blocks: [] }), ...around }
  if ("toolCalls" in object && "text" in object)
    return { blocks: filled(assistantBlocks({ ...object, content: object["text"] })), ...around }
  if (["content", "parts", "tool_calls", "kwargs", "additional_kwargs", "contents"].some((name) => name in object)) {
    const said = messageAnswer(object)
    return said === undefined ? undefined : { ...said, ...around }
  }
  const call = toolCallIn(object)
  if (call !== undefined && ("arguments" in object || "args" in object || "toolName" in object))
    return { blocks: filled([call]) }
  const wrapper = wrappers.find((name) => object[name] !== undefined && object[name] !== null)
  const inside = wrapper === undefined ? undefined : object[wrapper]
  // In the JSON of a text such a field is more likely a part of what the model wrote.
  const wrapped = written && typeof inside !== "object" ? undefined : answerIn(inside)
  if (wrapped !== undefined) return { ...wrapped, ...around }
  if (Object.keys(object).length === 0) return undefined
  return { blocks: [{ type: "text", text: JSON.stringify(object) }], state: "reconstructed" }
}

/**
 * Reads an answer, whichever library wrote it: a provider's own body, a message, a list of messages, choices or calls, LangChain's generations,
 * Gemini's candidates, a text. An object of no known shape is taken as the JSON that was answered. `undefined` where nothing was logged.
 */
export const answerIn = (raw: unknown): Answer | undefined => {
  const value = opened(raw)
  if (value === undefined || value === null || value === "" || value === "None") return undefined
  if (typeof value === "string") {
    const cut = isCutJson(value)
    return {
      blocks: [{ type: "text", text: value, ...(cut ? { truncated: { droppedChars: null } } : {}) }],
      ...(cut ? { state: "truncated" } : {})
    }
  }
  const list = arrayIn(value)
  const object = objectIn(value)
  const said =
    list !== undefined
      ? listAnswer(list)
      : object === undefined
        ? { blocks: [{ type: "text" as const, text: JSON.stringify(value) }] }
        : objectAnswer(object, typeof raw === "string")
  // A text that only looks like JSON is the answer as it was written.
  return said?.state === "reconstructed" && typeof raw === "string" ? { blocks: [{ type: "text", text: raw }] } : said
}
