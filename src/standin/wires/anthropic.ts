import type { Said } from "../answer.ts"
import { type Json, type JsonObject, listOf, numberOf, objectOf, textOf } from "../json.ts"
import { charsOf, type Question, Refused, type Turn } from "../Question.ts"
import { pieces, type Trouble, type Wire } from "./Wire.ts"

type Blocks = ReadonlyArray<JsonObject>

const blocksOf = (content: Json | undefined): Blocks => {
  const text = textOf(content)
  return text === undefined ? listOf(content).map(objectOf) : [{ type: "text", text }]
}

const joined = (blocks: Blocks): string => blocks.flatMap((block) => textOf(block["text"]) ?? []).join("\n")

const turnsOf = (message: JsonObject): ReadonlyArray<Turn> => {
  const blocks = blocksOf(message["content"])
  if (message["role"] === "assistant") {
    const uses = blocks.filter(({ type }) => type === "tool_use")
    const calls = uses.map((use) => ({ name: textOf(use["name"]) ?? "", arguments: use["input"] ?? {} }))
    return [{ role: "assistant", text: joined(blocks), calls }]
  }
  const results = blocks.filter(({ type }) => type === "tool_result")
  const text = joined(blocks)
  return [
    ...results.map((block): Turn => ({ role: "tool", text: joined(blocksOf(block["content"])), calls: [] })),
    ...(text === "" && results.length > 0 ? [] : [{ role: "user", text, calls: [] } as const])
  ]
}

/** The id of a call whose result is not in the very next message: the wire refuses such a history. */
const unanswered = (messages: Blocks): string | undefined => {
  for (const [i, message] of messages.entries()) {
    if (message["role"] !== "assistant") continue
    const given = blocksOf(messages[i + 1]?.["content"]).map((block) => block["tool_use_id"])
    const uses = blocksOf(message["content"]).filter(({ type }) => type === "tool_use")
    const open = uses.find(({ id }) => !given.includes(id))
    if (open !== undefined) return textOf(open["id"])
  }
  return undefined
}

const read = (body: JsonObject): Question | Refused => {
  const maxTokens = numberOf(body["max_tokens"])
  if (maxTokens === undefined) return new Refused("max_tokens: Field required")
  const all = listOf(body["messages"]).map(objectOf)
  if (all.length === 0) return new Refused("messages: at least one message is required")
  const missing = unanswered(all)
  if (missing !== undefined)
    return new Refused(`messages: tool_use ids were found without tool_result blocks immediately after: ${missing}`)
  const messages = all.filter(({ role }) => role !== "system")
  const system = [
    ...blocksOf(body["system"]),
    ...all.filter(({ role }) => role === "system").flatMap(({ content }) => blocksOf(content))
  ]
  const turns = messages.flatMap(turnsOf)
  const tools = listOf(body["tools"]).map(objectOf)
  const offered = objectOf(body["tool_choice"])["type"] === "none" ? [] : tools
  const config = objectOf(body["output_config"])
  const format = objectOf(config["format"])
  const effort = textOf(config["effort"])
  const marked =
    body["cache_control"] !== undefined ||
    [...system, ...tools, ...messages.flatMap(({ content }) => blocksOf(content))].some((b) => b["cache_control"])
  const prefixChars = joined(system).length + (tools.length === 0 ? 0 : JSON.stringify(tools).length)
  return {
    model: textOf(body["model"]) ?? "",
    stream: body["stream"] === true,
    system: joined(system),
    turns,
    tools: offered.map(({ name }) => textOf(name) ?? ""),
    schema: format["type"] === "json_schema" ? (format["schema"] ?? {}) : null,
    maxTokens,
    ...(effort === undefined ? {} : { effort }),
    chars: prefixChars + charsOf(turns) + (format["schema"] === undefined ? 0 : JSON.stringify(format).length),
    prefixChars,
    caching: marked ? "marked" : "none",
    streamUsage: true
  }
}

const usageOf = ({ usage }: Said) => ({
  input_tokens: usage.prompt - usage.cached - usage.cacheWrite,
  cache_creation_input_tokens: usage.cacheWrite,
  cache_read_input_tokens: usage.cached,
  cache_creation: { ephemeral_5m_input_tokens: usage.cacheWrite, ephemeral_1h_input_tokens: 0 },
  output_tokens: usage.completion,
  output_tokens_details: { thinking_tokens: usage.reasoning },
  service_tier: "standard"
})

const contentOf = (said: Said): ReadonlyArray<{ readonly type: string } & JsonObject> => [
  ...(said.text === "" ? [] : [{ type: "text", text: said.text }]),
  ...said.calls.map((call, i) => ({
    type: "tool_use",
    id: `toolu_${said.id}${i}`,
    name: call.name,
    input: call.arguments
  }))
]

const stops = { stop: "end_turn", tool_calls: "tool_use", length: "max_tokens" } as const

const write = (said: Said, { model }: Question) => ({
  id: `msg_${said.id}`,
  type: "message",
  role: "assistant",
  model,
  content: contentOf(said),
  stop_reason: stops[said.finish],
  stop_sequence: null,
  usage: usageOf(said)
})

const event = (type: string, data: JsonObject) => `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`

const stream = (said: Said, question: Question) => {
  const usage = usageOf(said)
  const start = {
    ...write(said, question),
    content: [],
    stop_reason: null,
    usage: { ...usage, output_tokens: 1, output_tokens_details: { thinking_tokens: 0 } }
  }
  const blocks = contentOf(said).flatMap((block, index) => {
    const tool = block.type === "tool_use"
    const empty = tool ? { ...block, input: {} } : { type: "text", text: "" }
    const text = tool ? JSON.stringify(block["input"]) : (textOf(block["text"]) ?? "")
    return [
      event("content_block_start", { index, content_block: empty }),
      ...pieces(text).map((piece) =>
        event("content_block_delta", {
          index,
          delta: tool ? { type: "input_json_delta", partial_json: piece } : { type: "text_delta", text: piece }
        })
      ),
      event("content_block_stop", { index })
    ]
  })
  const delta = { stop_reason: stops[said.finish], stop_sequence: null }
  return [
    event("message_start", { message: start }),
    event("ping", {}),
    ...blocks,
    event("message_delta", { delta, usage }),
    event("message_stop", {})
  ]
}

const troubles: Readonly<Record<Trouble, readonly [number, string]>> = {
  bad_request: [400, "invalid_request_error"],
  auth: [401, "authentication_error"],
  not_found: [404, "not_found_error"],
  rate_limited: [429, "rate_limit_error"],
  server_error: [500, "api_error"],
  overloaded: [529, "overloaded_error"]
}

/** Anthropic messages. */
export const anthropic: Wire = {
  id: "anthropic.messages",
  path: "/v1/messages",
  streamType: "text/event-stream",
  read,
  write,
  stream,
  fail: (trouble, message) => {
    const [status, type] = troubles[trouble]
    return { status, body: { type: "error", error: { type, message } } }
  },
  models: (names) => ({
    data: names.map((id) => ({ type: "model", id, display_name: id, created_at: "2026-01-01T00:00:00Z" })),
    has_more: false,
    first_id: names[0] ?? null,
    last_id: names[names.length - 1] ?? null
  })
}
