import * as Result from "effect/Result"

import type { CallResponse, ToolDef, Usage } from "../../../domain/Call.ts"
import type { Block, Message } from "../../../domain/Message.ts"
import type { Json } from "../../../providers/wires/json.ts"
import { readRequest } from "../../../providers/wires/openaiChat.ts"
import { openaiUsage } from "../../../providers/wires/usage.ts"
import type { JsonObject } from "../../json.ts"
import { arrayIn, countIn, objectIn, textIn } from "../../json.ts"
import { loggedIn, readAnswer } from "../wires/answer.ts"

/** A message of a simulation, several results of tools taken apart. */
export const messagesIn = (simulation: JsonObject): ReadonlyArray<JsonObject> =>
  (arrayIn(simulation["messages"]) ?? []).flatMap((one) => {
    const message = objectIn(one)
    const several = arrayIn(message?.["tool_messages"])
    return (several ?? [message]).map(objectIn).filter((row): row is JsonObject => row !== undefined)
  })

/** True for what the agent is shown: not what its user did with tools of his own. */
const isShown = (message: JsonObject): boolean =>
  message["role"] === "assistant" ||
  (message["role"] === "user" && (arrayIn(message["tool_calls"])?.length ?? 0) === 0) ||
  (message["role"] === "tool" && message["requestor"] !== "user")

/** True for an answer of the model: the benchmark's own greeting has neither counts nor anything raw. */
export const isAnswer = (message: JsonObject): boolean =>
  message["role"] === "assistant" &&
  ["usage", "raw_data", "generation_time_seconds"].some((name) => message[name] !== undefined && message[name] !== null)

/** Whether an answer is the model's cannot be told where no message has counts: then each one but a greeting at the beginning is. */
export const answersIn = (messages: ReadonlyArray<JsonObject>): ReadonlyArray<number> => {
  const told = messages.some(isAnswer)
  return messages.flatMap((message, at) =>
    message["role"] === "assistant" && (told ? isAnswer(message) : at > 0) ? [at] : []
  )
}

const chatCall = (value: unknown): unknown => {
  const call = objectIn(value)
  return call === undefined
    ? value
    : {
        id: call["id"],
        type: "function",
        function: { name: textIn(call["name"]) ?? "", arguments: JSON.stringify(call["arguments"] ?? {}) }
      }
}

const isSpoken = (message: JsonObject): boolean => message["is_audio"] === true

/** A message as the chat wire has it; what was spoken becomes its script, and the sound is gone. */
const chatMessage = (message: JsonObject): JsonObject => {
  const role = textIn(message["role"]) ?? "unknown"
  const content = isSpoken(message) ? (message["audio_script_gold"] ?? null) : (message["content"] ?? null)
  const calls = arrayIn(message["tool_calls"]) ?? []
  return {
    role,
    content: role === "user" || role === "tool" ? (content ?? "") : content,
    ...(role === "assistant" && calls.length > 0 ? { tool_calls: calls.map(chatCall) } : {}),
    ...(role === "tool" ? { tool_call_id: message["id"] ?? null } : {})
  }
}

const marked = (raw: JsonObject, message: Message, ours: boolean): Message => {
  const spoken = message.blocks.map(
    (block): Block =>
      isSpoken(raw) && block.type === "text"
        ? { type: "audio", source: { kind: "missing", reason: "placeholder" }, transcript: block.text }
        : block
  )
  const blocks =
    raw["error"] === true
      ? spoken.map((block): Block => (block.type === "tool_result" ? { ...block, isError: true } : block))
      : spoken
  const by = message.role === "user" ? "simulator" : message.role === "assistant" && !ours ? "harness" : undefined
  return { ...message, blocks, ...(by === undefined ? {} : { injectedBy: by }) }
}

/** A simulation's messages as the agent was shown them, each with its place among the simulation's; a sentence where they cannot be read. */
export const shownIn = (
  messages: ReadonlyArray<JsonObject>,
  answers: ReadonlySet<number>,
  model: string
): Result.Result<ReadonlyArray<{ readonly at: number; readonly message: Message }>, string> => {
  const shown: Array<{ readonly at: number; readonly message: Message }> = []
  for (const [at, raw] of messages.entries()) {
    if (!isShown(raw)) continue
    const read = readRequest({ model, messages: [chatMessage(raw)] })
    if (Result.isFailure(read)) return Result.fail(read.failure)
    for (const message of read.success.messages) {
      const last = shown.at(-1)
      const next = marked(raw, message, answers.has(at))
      // Results of one answer's calls are one message.
      if (next.role === "tool" && last?.message.role === "tool")
        shown[shown.length - 1] = { at, message: { ...last.message, blocks: [...last.message.blocks, ...next.blocks] } }
      else shown.push({ at, message: next })
    }
  }
  return Result.succeed(shown)
}

/** What an answer tells beside its words: the provider's body where it was kept, else the benchmark's own counts. */
export const answerOf = (
  raw: JsonObject,
  blocks: ReadonlyArray<Block>
): { readonly response: CallResponse; readonly usage: Usage } => {
  const body = raw["raw_data"]
  const whole = objectIn(body) === undefined ? undefined : readAnswer("openai.chat", loggedIn(body), undefined)
  const counts = objectIn(raw["usage"])
  const prompt = countIn(counts?.["prompt_tokens"])
  const completion = countIn(counts?.["completion_tokens"])
  const own = openaiUsage(
    counts === undefined
      ? undefined
      : {
          ...(prompt === undefined ? {} : { prompt_tokens: prompt }),
          ...(completion === undefined ? {} : { completion_tokens: completion })
        }
  )
  if (whole !== undefined && Result.isSuccess(whole) && !isSpoken(raw)) {
    const { response, usage } = whole.success
    return { response, usage: usage.input === null ? own : usage }
  }
  return {
    response: {
      blocks,
      stopReason: blocks.some((block) => block.type === "tool_use") ? "tool_use" : "unknown",
      complete: true
    },
    usage: own
  }
}

/** The tools that an environment lists, where it does: their names, what they are for, and the schema of what they take. */
export const toolsIn = (environment: JsonObject | undefined): ReadonlyArray<ToolDef> | null => {
  const listed = objectIn(environment?.["tool_defs"])
  if (listed === undefined) return null
  return Object.entries(listed).flatMap(([key, value]): ReadonlyArray<ToolDef> => {
    const tool = objectIn(value)
    if (tool === undefined) return []
    const description = textIn(tool["doc"])
    return [
      {
        name: textIn(tool["name"]) ?? key,
        ...(description === undefined ? {} : { description }),
        inputSchema: (objectIn(tool["params"]) ?? { type: "object", properties: {} }) as Json,
        kind: "function",
        basis: "reconstructed"
      }
    ]
  })
}
