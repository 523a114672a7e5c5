import * as Result from "effect/Result"

import type { CallRequest } from "../../domain/Call.ts"
import type { Message } from "../../domain/Message.ts"
import type { Recorded } from "../fidelity.ts"
import { shapeOfRequest, translations } from "../importers/wires.ts"
import type { JsonObject } from "../json.ts"
import { arrayIn, objectIn, textIn } from "../json.ts"
import { openBody } from "../secrets.ts"
import { isCutJson, opened } from "./attributes.ts"
import type { Conversation } from "./messages.ts"
import { conversationIn } from "./messages.ts"
import { blocksIn } from "./parts.ts"
import { settingsIn } from "./settings.ts"
import { toolsIn } from "./tools.ts"

type State = Recorded["params"]

/** What a log says of a request, each part as it came; what is left out was not logged. */
export interface Asked {
  /** Messages, a whole body, or a text; or the JSON of it. */
  readonly input?: unknown
  /** Instructions that stand beside the messages. */
  readonly system?: unknown
  /** Tool definitions that stand beside the messages; `[]` says that none were offered. */
  readonly tools?: unknown
  /** Parameters, under whichever names. */
  readonly settings?: JsonObject
  readonly model?: string | undefined
  readonly provider?: string | undefined
  /** The answer that the provider was told to go on from; the messages are then only what came after. */
  readonly previousResponseId?: string | undefined
  /** How the parameters were recorded, where they do not come with a whole body. */
  readonly params?: State
  /** Set where values were cut to a length. */
  readonly cut?: boolean
}

/** A request as it was read, and what was recorded of it. */
export interface ReadAsked {
  readonly request: CallRequest
  readonly recorded: Recorded
}

/** Keys of an OpenAI message; anything else was put there by a library. */
const messageKeys = new Set([
  ...["role", "content", "name", "tool_calls", "tool_call_id", "refusal", "function_call", "audio", "annotations"],
  ...["reasoning_content", "reasoning"]
])
const openaiRoles = new Set(["system", "developer", "user", "assistant", "tool", "function"])
const openaiParts = new Set(["text", "image_url", "input_audio", "file", "refusal"])

/** A message without the `null`s of an answer that was sent back as history, which providers refuse in a request. */
const asSent = (message: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(message).filter(([name, value]) => value !== null || name === "content"))

const isOpenaiMessage = (raw: unknown): boolean => {
  const message = objectIn(raw)
  if (message === undefined || !openaiRoles.has(textIn(message["role"]) ?? "")) return false
  if (!Object.keys(message).every((name) => messageKeys.has(name))) return false
  const { content } = message
  const parts = arrayIn(content)
  if (parts !== undefined && !parts.every((part) => openaiParts.has(textIn(objectIn(part)?.["type"]) ?? "")))
    return false
  if (parts === undefined && content !== null && content !== undefined && typeof content !== "string") return false
  if (message["role"] === "tool" && typeof message["tool_call_id"] !== "string") return false
  return (arrayIn(message["tool_calls"]) ?? []).every((call) => objectIn(objectIn(call)?.["function"]) !== undefined)
}

const isAnthropicMessage = (raw: unknown): boolean => {
  const message = objectIn(raw)
  const { content } = message ?? {}
  return (
    (message?.["role"] === "user" || message?.["role"] === "assistant") &&
    (typeof content === "string" ||
      arrayIn(content)?.every((part) => textIn(objectIn(part)?.["type"]) !== undefined) === true)
  )
}

/** The body read by its own wire, where it is one: messages of that wire and nothing of a library's own. */
const wireRequest = (body: JsonObject, model: string): CallRequest | undefined => {
  const full = { ...body, model: textIn(body["model"]) ?? model }
  const shape = shapeOfRequest(full)
  if (shape === undefined || !("wire" in shape)) return undefined
  const messages = arrayIn(body["messages"])
  if (messages?.length === 0) return undefined
  const isOwn = shape.wire === "anthropic.messages" ? isAnthropicMessage : isOpenaiMessage
  if (messages !== undefined && !messages.every(isOwn)) return undefined
  const sent = shape.wire === "openai.chat" ? messages?.map((one) => asSent(objectIn(one) ?? {})) : messages
  const read = translations[shape.wire].readRequest(
    openBody(asSent({ ...full, ...(sent === undefined ? {} : { messages: sent }) }))
  )
  return Result.isSuccess(read) ? read.success : undefined
}

const text = (words: string): Message => ({ role: "user", blocks: [{ type: "text", text: words }] })

/** Where a body keeps its conversation. */
const conversations = ["messages", "contents", "input", "prompt", "message", "chat_history", "args"]

/** LangChain logs the messages of each prompt in a list of their own. */
const flat = (list: ReadonlyArray<unknown>): ReadonlyArray<unknown> =>
  list.length > 0 && list.every((one) => Array.isArray(one) && !(one.length === 2 && typeof one[0] === "string"))
    ? (arrayIn(list[0]) ?? [])
    : list

interface Read extends Pick<Conversation, "messages" | "tools" | "notes"> {
  readonly history?: State
}

const nothing: Read = { messages: [], tools: [], notes: ["messages were not logged"], history: "absent" }

const readList = (list: ReadonlyArray<unknown>): Read => {
  const { gaps, messages, notes, tools } = conversationIn(flat(list))
  if (messages.length === 0) return nothing
  return gaps === 0
    ? { messages, tools, notes, ...(notes.length === 0 ? {} : { history: "reconstructed" }) }
    : { messages, tools, history: "partial", notes: [...notes, `${gaps} of the messages cannot be read`] }
}

const readInput = (raw: unknown): Read => {
  const value = opened(raw)
  if (value === undefined || value === null || value === "") return nothing
  if (typeof value === "string")
    return isCutJson(value)
      ? {
          messages: [{ role: "user", blocks: [{ type: "text", text: value, truncated: { droppedChars: null } }] }],
          tools: [],
          history: "truncated",
          notes: ["the messages were cut in the middle of their JSON"]
        }
      : { messages: [text(value)], tools: [], history: "partial", notes: ["the input was logged as one text"] }
  const list = arrayIn(value)
  if (list !== undefined) return readList(list)
  const object = objectIn(value)
  if (object === undefined) return nothing
  const holder = conversations.find((name) => object[name] !== undefined && object[name] !== null)
  if (holder !== undefined) {
    const inner = opened(object[holder])
    // A prompt of Gemini's or Responses' may be one text: that is all of it.
    if (typeof inner === "string" && (holder === "contents" || holder === "input"))
      return { messages: [text(inner)], tools: [], notes: [] }
    return holder === "message" ? readList([inner]) : readInput(inner)
  }
  // Claude's agent SDK logs `{content: "role"}` where the history should be.
  if (object["content"] === "role" && Object.keys(object).length === 1) return nothing
  if ("role" in object || "kwargs" in object || "content" in object || "parts" in object) return readList([object])
  return Object.keys(object).length === 0
    ? nothing
    : {
        messages: [text(JSON.stringify(object))],
        tools: [],
        history: "partial",
        notes: ["the input was logged as an object, not as messages"]
      }
}

/** Google's names of models are paths. */
const modelNamed = (name: string) => /(?:^|\/)models\/([^/]+)$/.exec(name)?.[1] ?? name

/** Instructions beside the messages, as a message at the top. */
const systemIn = (raw: unknown): Message | undefined => {
  const value = opened(raw)
  const object = objectIn(value)
  const blocks = blocksIn(
    object !== undefined && !("type" in object) ? (object["parts"] ?? object["content"] ?? value) : value
  )
  return blocks.length === 0 ? undefined : { role: "system", placement: "top", blocks }
}

const systemNames = ["system", "instructions", "system_instruction", "systemInstruction"]

/**
 * The request that a log tells of. A whole body of a wire that is read (with its model in it) is read by that wire, letter by letter;
 * anything else is put together from its parts, under the wire `unknown` (or Google's, which is not read by itself). Never fails: what is not there is named in `recorded`.
 */
export const requestOf = (asked: Asked): ReadAsked => {
  const value = opened(asked.input)
  const body = objectIn(value) ?? {}
  const inner =
    objectIn(body["config"]) ?? objectIn(body["generation_config"]) ?? objectIn(body["generationConfig"]) ?? {}
  const model = modelNamed(asked.model ?? textIn(body["model"]) ?? "")
  const provider = asked.provider === undefined ? {} : { provider: asked.provider }
  const whole = body["model"] !== undefined && conversations.some((name) => body[name] !== undefined)
  const wired = whole ? wireRequest(body, model) : undefined
  const cut = asked.cut === true ? ({ history: "truncated" } as const) : {}
  const cutNote = asked.cut === true ? ["values were cut to a length by the exporter"] : []
  if (wired !== undefined)
    return {
      request: { ...wired, ...provider },
      recorded: { system: "verbatim", tools: "verbatim", params: "verbatim", ...cut, notes: cutNote }
    }
  // The fields of a lone message are no parameters.
  const around: JsonObject = conversations.some((name) => body[name] !== undefined) ? body : {}
  const previous = asked.previousResponseId ?? textIn(around["previous_response_id"])
  const told = readInput(value)
  const read: Read =
    previous === undefined || told.history === "absent"
      ? told
      : { ...told, history: "partial", notes: [...told.notes, "the history before was kept by the provider"] }
  const systems = [asked.system, ...systemNames.flatMap((name) => [body[name], inner[name]])]
  const instructions = systems.find((one) => one !== undefined && one !== null && one !== "")
  const already = read.messages.some(({ role }) => role === "system" || role === "developer")
  const top = instructions === undefined || already ? undefined : systemIn(instructions)
  const beside = asked.tools ?? body["tools"] ?? inner["tools"] ?? body["functions"]
  const tools =
    toolsIn(beside) ?? (read.tools.length > 0 ? toolsIn(read.tools) : undefined) ?? (whole ? toolsIn([]) : undefined)
  const settings = settingsIn({ ...inner, ...around, ...asked.settings })
  const seen = read.history === "absent" || read.messages.length === 0 ? "absent" : "verbatim"
  const flattened = read.history === "partial" && read.messages.length === 1
  return {
    request: {
      wire: body["contents"] === undefined ? "unknown" : "google.generate",
      model,
      ...provider,
      messages: top === undefined ? read.messages : [top, ...read.messages],
      tools: tools?.tools ?? null,
      ...settings,
      ...(previous === undefined ? {} : { serverState: { previousResponseId: previous, resolved: false } })
    },
    recorded: {
      system: top !== undefined || already ? "verbatim" : seen === "absent" || flattened ? "unknown" : "verbatim",
      tools: tools === undefined ? "absent" : tools.bare ? "partial" : "verbatim",
      params: whole ? "verbatim" : (asked.params ?? "unknown"),
      ...(read.history === undefined ? cut : { history: read.history }),
      notes: [
        ...read.notes,
        ...cutNote,
        ...(tools === undefined ? ["tool definitions were not logged"] : []),
        ...(tools?.bare === true ? ["tools were logged without the schema of their input"] : [])
      ]
    }
  }
}

/** How much of a request was recorded: the higher, the fuller. For choosing between two copies of one call. */
export const fullnessOf = ({ recorded, request }: ReadAsked): number => {
  const { history: state } = recorded
  const history = state === undefined ? 8 : state === "reconstructed" ? 7 : state === "absent" ? 0 : 3
  const parts = [recorded.system, recorded.tools, recorded.params].filter((state) => state === "verbatim").length
  return (request.messages.length === 0 ? 0 : history) + parts
}
