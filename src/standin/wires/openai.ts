import type { Said } from "../answer.ts"
import { type Json, type JsonObject, listOf, numberOf, objectOf, parse, textOf } from "../json.ts"
import { charsOf, type Question, Refused, type Turn } from "../Question.ts"
import { now, pieces, type Trouble, type Wire } from "./Wire.ts"

const contentOf = (content: Json | undefined): string =>
  textOf(content) ??
  listOf(content)
    .map((part) => textOf(objectOf(part)["text"]) ?? "")
    .join("\n")

const lengthOf = (value: Json | undefined) => (value === undefined ? 0 : JSON.stringify(value).length)

/** The id of a call that has no result, where there is one: the wire refuses such a history. */
const unanswered = (messages: ReadonlyArray<JsonObject>): string | undefined => {
  let open: ReadonlyArray<string> = []
  for (const message of messages) {
    if (message["role"] === "tool") open = open.filter((id) => id !== message["tool_call_id"])
    else if (open.length > 0) return open[0]
    if (message["role"] === "assistant")
      open = listOf(message["tool_calls"]).map((call) => textOf(objectOf(call)["id"]) ?? "")
  }
  return open[0]
}

const turnOf = (message: JsonObject): Turn => {
  const role = message["role"]
  return {
    role: role === "assistant" || role === "tool" ? role : "user",
    text: contentOf(message["content"]),
    calls: listOf(message["tool_calls"]).map((call) => {
      const fn = objectOf(objectOf(call)["function"])
      return { name: textOf(fn["name"]) ?? "", arguments: parse(textOf(fn["arguments"]) ?? "{}") ?? {} }
    })
  }
}

const isSystem = (message: JsonObject) => message["role"] === "system" || message["role"] === "developer"

const read = (body: JsonObject): Question | Refused => {
  const messages = listOf(body["messages"]).map(objectOf)
  if (messages.length === 0) return new Refused("Invalid 'messages': empty array or missing.")
  const missing = unanswered(messages)
  if (missing !== undefined)
    return new Refused(`An assistant message with 'tool_calls' must be followed by tool messages: ${missing} has none.`)
  const system = messages.filter(isSystem).map((message) => contentOf(message["content"]))
  const turns = messages.filter((message) => !isSystem(message)).map(turnOf)
  const tools = body["tool_choice"] === "none" ? [] : listOf(body["tools"])
  const format = objectOf(body["response_format"])
  const schema = format["type"] === "json_schema" ? (objectOf(format["json_schema"])["schema"] ?? {}) : null
  const effort = textOf(body["reasoning_effort"])
  const maxTokens = numberOf(body["max_completion_tokens"]) ?? numberOf(body["max_tokens"])
  const seed = numberOf(body["seed"])
  const prefixChars = system.reduce((sum, text) => sum + text.length, 0) + lengthOf(body["tools"])
  return {
    model: textOf(body["model"]) ?? "",
    stream: body["stream"] === true,
    system: system.join("\n"),
    turns,
    tools: tools.map((tool) => textOf(objectOf(objectOf(tool)["function"])["name"]) ?? ""),
    schema,
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(seed === undefined ? {} : { seed }),
    ...(effort === undefined ? {} : { effort }),
    chars: prefixChars + lengthOf(body["response_format"]) + charsOf(turns),
    prefixChars,
    caching: "automatic",
    streamUsage: objectOf(body["stream_options"])["include_usage"] === true
  }
}

const usageOf = ({ usage }: Said) => ({
  prompt_tokens: usage.prompt,
  completion_tokens: usage.completion,
  total_tokens: usage.prompt + usage.completion,
  prompt_tokens_details: { cached_tokens: usage.cached, audio_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: usage.reasoning, audio_tokens: 0 }
})

const toolCalls = (said: Said) =>
  said.calls.map((call, i) => ({
    id: `call_${said.id.replaceAll(/[-_]/g, "0")}${i}`,
    type: "function",
    function: { name: call.name, arguments: JSON.stringify(call.arguments) }
  }))

/** The assistant's message: `content` is `null` beside tool calls without text. */
const messageOf = (said: Said) => ({
  role: "assistant",
  content: said.text === "" && said.calls.length > 0 ? null : said.text,
  refusal: null,
  ...(said.calls.length === 0 ? {} : { tool_calls: toolCalls(said) })
})

const write = (said: Said, { model }: Question) => ({
  id: `chatcmpl-${said.id}`,
  object: "chat.completion",
  created: now(),
  model,
  choices: [{ index: 0, message: messageOf(said), logprobs: null, finish_reason: said.finish }],
  usage: usageOf(said),
  service_tier: "default"
})

const stream = (said: Said, { model, streamUsage }: Question) => {
  const head = { id: `chatcmpl-${said.id}`, object: "chat.completion.chunk", created: now(), model }
  const event = (delta: JsonObject, finish: string | null = null) =>
    `data: ${JSON.stringify({
      ...head,
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
      ...(streamUsage ? { usage: null } : {})
    })}\n\n`
  return [
    event({ role: "assistant", content: said.text === "" ? null : "" }),
    ...pieces(said.text).map((content) => event({ content })),
    ...toolCalls(said).flatMap(({ function: fn, id, type }, index) => [
      event({ tool_calls: [{ index, id, type, function: { name: fn.name, arguments: "" } }] }),
      ...pieces(fn.arguments).map((text) => event({ tool_calls: [{ index, function: { arguments: text } }] }))
    ]),
    event({}, said.finish),
    ...(streamUsage ? [`data: ${JSON.stringify({ ...head, choices: [], usage: usageOf(said) })}\n\n`] : []),
    "data: [DONE]\n\n"
  ]
}

const troubles: Readonly<Record<Trouble, readonly [number, string, string | null]>> = {
  bad_request: [400, "invalid_request_error", null],
  auth: [401, "invalid_request_error", "invalid_api_key"],
  not_found: [404, "invalid_request_error", "model_not_found"],
  rate_limited: [429, "requests", "rate_limit_exceeded"],
  server_error: [500, "server_error", null],
  overloaded: [503, "server_error", "overloaded"]
}

/** OpenAI chat completions. */
export const openai: Wire = {
  id: "openai.chat",
  path: "/v1/chat/completions",
  streamType: "text/event-stream",
  read,
  write,
  stream,
  fail: (trouble, message) => {
    const [status, type, code] = troubles[trouble]
    return { status, body: { error: { message, type, param: null, code } } }
  },
  models: (names) => ({
    object: "list",
    data: names.map((id) => ({ id, object: "model", created: 0, owned_by: "simulated" }))
  })
}
