import type { JsonObject } from "../json.ts"
import { arrayIn, countIn, objectIn, textIn, unpacked } from "../json.ts"
import type { Answer } from "./answers.ts"
import { answerIn } from "./answers.ts"
import type { Attributes } from "./attributes.ts"
import { isCutJson } from "./attributes.ts"

/** Something that happened while a span was open; a log record that belongs to it is one too, with its body. */
export interface SpanEvent {
  readonly name: string
  readonly attributes: Attributes
  readonly body?: unknown
}

/** The one key by which Bedrock's blocks say what they are; Strands writes them without a type. */
const blockKeys = new Set([
  ...["text", "toolUse", "toolResult", "image", "document", "video", "reasoningContent", "cachePoint", "guardContent"]
])

const isPart = (value: unknown): boolean => {
  const part = objectIn(value)
  if (part === undefined) return false
  const [key = "", ...others] = Object.keys(part)
  return textIn(part["type"]) !== undefined || (others.length === 0 && blockKeys.has(key))
}

/** Parts of a content that came as the JSON of their list; any other text is what was said. */
const contentIn = (raw: unknown): unknown => {
  const parts = arrayIn(unpacked(raw))
  return parts !== undefined && parts.length > 0 && parts.every(isPart) ? parts : raw
}

/** True for the JSON of a list of parts that ends before it should. */
const isCutList = (raw: unknown): boolean => isCutJson(raw) && /^\s*\[\s*\{\s*"/.test(String(raw))

/** JSON or Python's own text of an object that cannot be read. */
const isUnreadable = (raw: unknown): raw is string =>
  typeof raw === "string" && /^\s*[[{]/.test(raw) && typeof unpacked(raw) === "string"

/** All that an event says, in one object: its attributes and its body, which may be JSON or its text; Azure's libraries put it into one attribute. */
const saidIn = ({ attributes, body }: Omit<SpanEvent, "name">): JsonObject => {
  const { "gen_ai.event.content": written, ...others } = attributes
  const all = { ...others, ...objectIn(unpacked(body)) }
  if (written === undefined || written === null) return all
  const inner = objectIn(unpacked(written))
  return inner === undefined ? { ...all, content: written } : { ...all, ...inner }
}

/** What an event of a message says, under its event's name; `undefined` where it holds no message: its content was not recorded, or cannot be read. */
const messageIn = (event: SpanEvent): JsonObject | undefined => {
  const said = saidIn(event)
  const { content } = said
  if (isUnreadable(event.attributes["gen_ai.event.content"])) return undefined
  const holds = ["content", "parts", "contents", "tool_calls", "function_call", "message"].some(
    (name) => said[name] !== undefined && said[name] !== null
  )
  return holds ? { ...said, content: contentIn(content), "event.name": event.name } : undefined
}

/** The answer that a choice holds, the fields of its message among its own, or its text; `undefined` where it holds none. */
const choiceIn = (event: SpanEvent): Answer | undefined => {
  const said = saidIn(event)
  const { message, ...around } = said
  const written = message ?? said["content"] ?? said["parts"] ?? said["tool_calls"]
  if (written === undefined || written === null) return undefined
  if (isUnreadable(event.attributes["gen_ai.event.content"]) || isCutList(message) || isUnreadable(message)) {
    const text = message ?? event.attributes["gen_ai.event.content"]
    const cut = answerIn(text)
    return cut === undefined ? undefined : { ...cut, state: cut.state ?? "partial" }
  }
  if (message === undefined || message === null) return answerIn({ ...said, content: contentIn(said["content"]) })
  const inner = objectIn(unpacked(message))
  const isMessage = inner !== undefined && ["role", "content", "parts", "tool_calls"].some((name) => name in inner)
  return answerIn({
    ...around,
    message: isMessage
      ? { ...inner, content: contentIn(inner["content"]) }
      : { role: "assistant", content: contentIn(message) }
  })
}

const messageEvent = /^gen_ai\.(system|user|assistant|tool)\.message$/

/** What the events of a call say. */
export interface Told {
  /** One an event, in order; `undefined` for one that holds no message. */
  readonly messages: ReadonlyArray<JsonObject | undefined>
  readonly answer?: Answer
  /** True where a message's JSON ends before it should. */
  readonly cut: boolean
}

/** Reads the events of OpenTelemetry 1.27 to 1.36, one a message; what they say may be JSON in a text. */
export const toldBy = (events: ReadonlyArray<SpanEvent>): Told => {
  const asked = events.filter(({ name }) => messageEvent.test(name))
  const choices = events.filter(({ name }) => name === "gen_ai.choice")
  const indexOf = (event: SpanEvent) => countIn(saidIn(event)["index"]) ?? 0
  const [first, ...others] = [...choices].sort((a, b) => indexOf(a) - indexOf(b)).flatMap((one) => choiceIn(one) ?? [])
  const answer =
    first === undefined
      ? undefined
      : others.length === 0
        ? first
        : { ...first, alternatives: others.map(({ blocks }) => blocks) }
  return {
    messages: asked.map(messageIn),
    ...(answer === undefined ? {} : { answer }),
    cut: asked.some((event) => isCutList(saidIn(event)["content"]))
  }
}
