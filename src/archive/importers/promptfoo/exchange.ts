import * as Result from "effect/Result"

import type { CallResponse, Usage } from "../../../domain/Call.ts"
import { openaiUsage } from "../../../providers/wires/usage.ts"
import type { Recorded } from "../../fidelity.ts"
import type { JsonObject } from "../../json.ts"
import { arrayIn, countIn, objectIn, textIn, unpacked } from "../../json.ts"
import { openBody } from "../../secrets.ts"
import type { Exchange } from "../../spans/span.ts"
import { loggedIn, readAnswer } from "../wires/answer.ts"
import { hasAnthropicBlocks, shapeOfResponse, translations } from "../wires.ts"
import type { Asked, Settings } from "./providers.ts"

/** The messages of a rendered prompt: JSON of them, or a text that becomes the user's. */
const messagesIn = (raw: string): { readonly messages: ReadonlyArray<unknown>; readonly flat: boolean } => {
  const json = unpacked(raw)
  const list = arrayIn(json) ?? arrayIn(objectIn(json)?.["messages"])
  const chat = list?.every((one) => textIn(objectIn(one)?.["role"]) !== undefined) === true && list.length > 0
  // Messages in YAML are sent as such; here they stay one text.
  return chat
    ? { messages: list, flat: false }
    : { messages: [{ role: "user", content: raw }], flat: /^\s*-\s+role:/.test(raw) }
}

/** `tokenUsage` of a response: the prompt whole, reasoning inside the completion. A cached one tells a total alone. */
export const promptfooUsage = (value: unknown): Usage => {
  const raw = objectIn(value)
  const reasoning = countIn(objectIn(raw?.["completionDetails"])?.["reasoning"])
  const [prompt, completion, total] = ["prompt", "completion", "total"].map((name) => countIn(raw?.[name]))
  const none = (prompt ?? 0) + (completion ?? 0) === 0
  return openaiUsage(
    none
      ? undefined
      : {
          ...(prompt === undefined ? {} : { prompt_tokens: prompt }),
          ...(completion === undefined ? {} : { completion_tokens: completion }),
          ...(total === undefined || total === 0 ? {} : { total_tokens: total }),
          ...(reasoning === undefined ? {} : { completion_tokens_details: { reasoning_tokens: reasoning } })
        }
  )
}

const isCall = (value: unknown): boolean => textIn(objectIn(objectIn(value)?.["function"])?.["name"]) !== undefined

/** An output as a message of the chat wire: text, tool calls, a message, or JSON that promptfoo has parsed. */
const messageOf = (output: unknown): { readonly message: JsonObject; readonly parsed: boolean } => {
  if (typeof output === "string") {
    const json = unpacked(output)
    return json !== output && arrayIn(json)?.every(isCall) === true && arrayIn(json)?.length !== 0
      ? { message: { role: "assistant", content: null, tool_calls: json }, parsed: false }
      : { message: { role: "assistant", content: output }, parsed: false }
  }
  const calls = arrayIn(output)
  if (calls !== undefined && calls.length > 0 && calls.every(isCall))
    return { message: { role: "assistant", content: null, tool_calls: calls }, parsed: false }
  const object = objectIn(output)
  if (object !== undefined && (arrayIn(object["tool_calls"]) !== undefined || object["role"] === "assistant"))
    return { message: { ...object, role: "assistant" }, parsed: false }
  return { message: { role: "assistant", content: JSON.stringify(output) }, parsed: true }
}

interface Answered {
  readonly response: CallResponse
  readonly usage: Usage
  readonly state: Recorded["response"]
  readonly notes: ReadonlyArray<string>
}

/** What came back: the provider's own body where it was kept, else promptfoo's output. */
const answerIn = (response: JsonObject | undefined, transformed: boolean): Result.Result<Answered, string> => {
  const logged = loggedIn(response?.["raw"])
  const shape = logged._tag === "Body" ? shapeOfResponse(logged.body) : undefined
  if (shape !== undefined && "wire" in shape) {
    const read = readAnswer(shape.wire, logged, undefined)
    if (Result.isSuccess(read)) return Result.succeed({ ...read.success, state: undefined, notes: [] })
  }
  const output = response?.["output"]
  const usage = promptfooUsage(response?.["tokenUsage"])
  if (output === undefined || output === null)
    return Result.succeed({
      response: { blocks: [], stopReason: "unknown", complete: false },
      usage,
      state: "absent",
      notes: ["the answer is not in the results"]
    })
  const { message, parsed } = messageOf(output)
  const finish = textIn(response?.["finishReason"]) ?? null
  const read = translations["openai.chat"].readResponse({ choices: [{ message, finish_reason: finish }] })
  return Result.map(read, ({ response: answer }) => ({
    response: answer,
    usage,
    state: transformed ? ("partial" as const) : parsed ? ("reconstructed" as const) : undefined,
    notes: [
      ...(transformed ? ["a transform of the test changed the answer before it was stored"] : []),
      ...(parsed ? ["the answer was JSON that promptfoo parsed: its letters are not kept"] : [])
    ]
  }))
}

/** Reads what a row asked and what came back. Fails with a sentence. */
export const exchangeOf = (
  row: JsonObject,
  asked: Asked,
  settings: Settings,
  transformed: boolean,
  failed: CallResponse["error"]
): Result.Result<Exchange, string> => {
  const prompt = row["prompt"]
  const raw = textIn(objectIn(prompt)?.["raw"]) ?? textIn(prompt)
  if (raw === undefined) return Result.fail("a result without its prompt")
  const { flat, messages } = messagesIn(raw)
  const own = settings.system === undefined ? [] : [{ role: "system", content: settings.system }]
  const wire = asked.provider === "anthropic" || hasAnthropicBlocks({ messages }) ? "anthropic.messages" : "openai.chat"
  const body = openBody({ model: asked.model, messages: [...own, ...messages], ...settings.body })
  const read = translations[wire].readRequest(body)
  if (Result.isFailure(read)) return Result.fail(`the prompt cannot be read: ${read.failure}`)
  const answered =
    failed === undefined
      ? answerIn(objectIn(row["response"]), transformed)
      : Result.succeed<Answered>({
          response: { blocks: [], stopReason: "error", complete: false, error: failed },
          usage: promptfooUsage(objectIn(row["response"])?.["tokenUsage"]),
          state: undefined,
          notes: []
        })
  if (Result.isFailure(answered)) return Result.fail(`the answer cannot be read: ${answered.failure}`)
  const { notes, response, state, usage } = answered.success
  const told = read.success.messages.some(({ role }) => role === "system" || role === "developer")
  const offered = arrayIn(settings.body["tools"]) !== undefined
  const { known } = settings
  return Result.succeed({
    request: {
      ...read.success,
      ...(asked.provider === undefined ? {} : { provider: asked.provider }),
      tools: offered ? read.success.tools : known && !settings.gaps ? [] : null
    },
    response,
    usage,
    recorded: {
      system: told ? "verbatim" : known ? "reconstructed" : "unknown",
      tools: settings.gaps ? "partial" : known ? "reconstructed" : "absent",
      params: settings.gaps ? "partial" : known ? "reconstructed" : "absent",
      ...(asked.kind === "program" || flat ? { history: "unknown" as const } : {}),
      ...(state === undefined ? {} : { response: state }),
      notes: [
        ...(known
          ? ["settings are those of the evaluation's configuration, beside which promptfoo has defaults of its own"]
          : ["how the provider was configured is not in this file: export the whole evaluation as JSON"]),
        ...(settings.gaps ? ["a setting lies in another file, which is not part of the results"] : []),
        ...(asked.kind === "program"
          ? ["a program of one's own was asked: what it asked a model is not recorded"]
          : []),
        ...(flat ? ["the prompt is a conversation in YAML, kept as one text"] : []),
        ...notes
      ]
    }
  })
}
