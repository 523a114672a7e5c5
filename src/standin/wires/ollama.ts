import type { Said } from "../answer.ts"
import { type JsonObject, listOf, numberOf, objectOf, textOf } from "../json.ts"
import { charsOf, type Question, Refused, type Turn } from "../Question.ts"
import { pieces, type Trouble, type Wire } from "./Wire.ts"

const turnOf = (message: JsonObject): Turn => {
  const role = message["role"]
  return {
    role: role === "assistant" || role === "tool" ? role : "user",
    text: textOf(message["content"]) ?? "",
    calls: listOf(message["tool_calls"]).map((call) => {
      const fn = objectOf(objectOf(call)["function"])
      return { name: textOf(fn["name"]) ?? "", arguments: fn["arguments"] ?? {} }
    })
  }
}

const read = (body: JsonObject): Question | Refused => {
  const messages = listOf(body["messages"]).map(objectOf)
  if (messages.length === 0) return new Refused("messages are required")
  const system = messages.filter(({ role }) => role === "system").map(({ content }) => textOf(content) ?? "")
  const turns = messages.filter(({ role }) => role !== "system").map(turnOf)
  const options = objectOf(body["options"])
  const limit = numberOf(options["num_predict"])
  const seed = numberOf(options["seed"])
  const format = body["format"]
  const think = body["think"]
  const effort = think === false ? "none" : textOf(think)
  const tools = listOf(body["tools"])
  const prefixChars =
    system.reduce((sum, text) => sum + text.length, 0) + (tools.length === 0 ? 0 : JSON.stringify(tools).length)
  return {
    model: textOf(body["model"]) ?? "",
    stream: body["stream"] !== false,
    system: system.join("\n"),
    turns,
    tools: tools.map((tool) => textOf(objectOf(objectOf(tool)["function"])["name"]) ?? ""),
    schema: typeof format === "object" ? format : null,
    ...(limit === undefined || limit < 0 ? {} : { maxTokens: limit }),
    ...(seed === undefined ? {} : { seed }),
    ...(effort === undefined ? {} : { effort }),
    chars: prefixChars + charsOf(turns),
    prefixChars,
    caching: "none",
    streamUsage: true
  }
}

const messageOf = (said: Said, content: string) => ({
  role: "assistant",
  content,
  ...(said.calls.length === 0
    ? {}
    : { tool_calls: said.calls.map((call) => ({ function: { name: call.name, arguments: call.arguments } })) })
})

/** The last part of every answer; durations in nanoseconds. */
const done = ({ finish, usage }: Said) => ({
  done: true,
  done_reason: finish === "length" ? "length" : "stop",
  total_duration: 1_000_000 * (usage.completion + 20),
  load_duration: 1_000_000,
  prompt_eval_count: usage.prompt,
  prompt_eval_duration: 19_000_000,
  eval_count: usage.completion,
  eval_duration: 1_000_000 * usage.completion
})

const head = (model: string) => ({ model, created_at: new Date().toISOString() })

const troubles: Readonly<Record<Trouble, number>> = {
  bad_request: 400,
  auth: 401,
  not_found: 404,
  rate_limited: 429,
  server_error: 500,
  overloaded: 503
}

/** Ollama chat. */
export const ollama: Wire = {
  id: "ollama.chat",
  path: "/api/chat",
  streamType: "application/x-ndjson",
  read,
  write: (said, { model }) => ({ ...head(model), message: messageOf(said, said.text), ...done(said) }),
  stream: (said, { model }) => {
    const line = (value: JsonObject) => `${JSON.stringify({ ...head(model), ...value })}\n`
    return [
      ...pieces(said.text).map((content) => line({ message: { role: "assistant", content }, done: false })),
      ...(said.calls.length === 0 ? [] : [line({ message: messageOf(said, ""), done: false })]),
      line({ message: { role: "assistant", content: "" }, ...done(said) })
    ]
  },
  fail: (trouble, message) => ({ status: troubles[trouble], body: { error: message } }),
  models: (names) => ({
    models: names.map((name) => ({
      name,
      model: name,
      modified_at: "2026-01-01T00:00:00Z",
      size: 0,
      digest: "",
      details: { family: "simulated", parameter_size: "", quantization_level: "" }
    }))
  })
}
