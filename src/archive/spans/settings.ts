import type * as Schema from "effect/Schema"

import type { CallRequest, Params, ResponseFormat, ToolChoice } from "../../domain/Call.ts"
import { readToolChoice } from "../../providers/wires/openaiChat/tools.ts"
import type { JsonObject } from "../json.ts"
import { arrayIn, numberIn, objectIn, textIn, unpacked } from "../json.ts"
import { isSecretName, withoutSecrets } from "../secrets.ts"

type Json = Schema.Json

/** What is asked beside the messages and the tools. */
export type Settings = Pick<CallRequest, "params" | "toolChoice" | "parallelToolCalls" | "responseFormat">

/** Names under which libraries keep a parameter, the commonest first. */
const names = {
  maxOutputTokens: [
    ...["max_tokens", "max_completion_tokens", "max_output_tokens", "maxTokens", "maxOutputTokens"],
    ...["num_predict", "max_tokens_to_sample", "max_new_tokens"]
  ],
  temperature: ["temperature"],
  topP: ["top_p", "topP"],
  topK: ["top_k", "topK"],
  seed: ["seed"],
  n: ["n", "choice.count", "candidate_count", "candidateCount"],
  frequencyPenalty: ["frequency_penalty", "frequencyPenalty"],
  presencePenalty: ["presence_penalty", "presencePenalty"]
} as const
type Scalar = keyof typeof names
const whole = new Set<Scalar>(["maxOutputTokens", "topK", "seed", "n"])

const other = {
  stop: ["stop", "stop_sequences", "stopSequences"],
  stream: ["stream", "streaming", "is_stream", "is_streaming"],
  effort: ["reasoning_effort", "reasoningEffort", "reasoning.effort"],
  toolChoice: ["tool_choice", "toolChoice"],
  parallel: ["parallel_tool_calls", "parallelToolCalls"],
  format: ["response_format", "responseFormat", "text", "response_schema", "responseSchema", "output_config"],
  reasoning: ["reasoning", "thinking", "thinking_config", "thinkingConfig"]
} as const

/** Read elsewhere, or settings of the client that never went to a provider. */
const notSent = new Set([
  ...[
    "model",
    "model_name",
    "modelName",
    "model_id",
    "engine",
    "deployment_name",
    "azure_deployment",
    "_type",
    "type",
    "name",
    "id",
    "object"
  ],
  ...[
    "messages",
    "contents",
    "input",
    "prompt",
    "system",
    "instructions",
    "system_instruction",
    "systemInstruction",
    "tools",
    "functions"
  ],
  ...[
    "created_at",
    "created",
    "usage",
    "output",
    "error",
    "status",
    "billing",
    "maxRetries",
    "max_retries",
    "timeout",
    "request_timeout"
  ],
  ...[
    "http_options",
    "httpOptions",
    "extra_headers",
    "extra_query",
    "finishReason",
    "maxSteps",
    "mode",
    "metadata",
    "streaming",
    "cache"
  ],
  ...["callbacks", "ls_params", "stream_options", "encoding_formats", "incomplete_details", "completed_at"],
  ...[
    "config",
    "generation_config",
    "generationConfig",
    "args",
    "kwargs",
    "message",
    "chat_history",
    "previous_response_id"
  ]
])
const used = new Set<string>([...Object.values(names).flat(), ...Object.values(other).flat()])

/** A value that was logged as the text of it. */
const plain = (value: unknown): unknown => {
  if (value === "true" || value === "True") return true
  if (value === "false" || value === "False") return false
  return value === "" || value === "None" || value === "null" ? undefined : unpacked(value)
}
const found = (bag: JsonObject, of: ReadonlyArray<string>): unknown =>
  of.map((name) => plain(bag[name])).find((value) => value !== undefined && value !== null)

const scalarsOf = (bag: JsonObject): Partial<Params> => {
  const params: { -readonly [K in Scalar]?: number } = {}
  for (const key of Object.keys(names) as ReadonlyArray<Scalar>) {
    const fits = (value: number) =>
      // Instrumentations write -1 for a limit that was not set.
      (!whole.has(key) || Number.isSafeInteger(value)) && (key !== "maxOutputTokens" || value >= 1)
    const value = names[key].map((name) => numberIn(plain(bag[name]))).find((one) => one !== undefined && fits(one))
    if (value !== undefined) params[key] = value
  }
  return params
}

/** A tool choice of OpenAI, Anthropic, Gemini or the AI SDK; `undefined` for what has no canonical form. */
export const toolChoiceIn = (raw: unknown): ToolChoice | undefined => {
  const value = plain(raw)
  if (value === "any") return { mode: "required" }
  const read = readToolChoice(value as Json | undefined)
  if (read !== undefined) return read
  const object = objectIn(value)
  const type = textIn(object?.["type"])
  if (type === "auto" || type === "none" || type === "required") return { mode: type }
  if (type === "any") return { mode: "required" }
  const name = textIn(object?.["toolName"]) ?? textIn(object?.["name"])
  return name === undefined ? undefined : { mode: "tool", name }
}

const formatIn = (raw: unknown): ResponseFormat | undefined => {
  const object = objectIn(raw)
  if (object === undefined) return undefined
  const inner = objectIn(object["format"])
  if (inner !== undefined) return formatIn(inner)
  const { type } = object
  if (type === "text") return { type: "text" }
  const schemed = objectIn(object["json_schema"]) ?? object
  const schema = objectIn(schemed["schema"])
  if (schema === undefined) return type === "json_object" || type === "json" ? { type: "json" } : undefined
  const name = textIn(schemed["name"])
  const { strict } = schemed
  return {
    type: "json_schema",
    ...(name === undefined ? {} : { name }),
    schema: schema as Json,
    ...(typeof strict === "boolean" ? { strict } : {})
  }
}

const reasoningIn = (bag: JsonObject): Params["reasoning"] => {
  const object = objectIn(found(bag, other.reasoning))
  const effort = textIn(found(bag, other.effort)) ?? textIn(object?.["effort"])
  const budget = numberIn(object?.["budget_tokens"] ?? object?.["thinkingBudget"] ?? object?.["thinking_budget"])
  const type = object?.["type"]
  const mode = type === "enabled" ? "on" : type === "disabled" ? "off" : type === "adaptive" ? "adaptive" : undefined
  const read = {
    ...(effort === undefined ? {} : { effort }),
    ...(budget === undefined || !Number.isSafeInteger(budget) ? {} : { budgetTokens: budget }),
    ...(mode === undefined ? {} : ({ mode } as const))
  }
  return Object.keys(read).length === 0 ? undefined : read
}

/** Empty lists and objects say that a parameter was not set, as `null` does. */
const isNothing = (value: unknown) =>
  value === undefined ||
  value === null ||
  value === "" ||
  (typeof value === "object" && Object.keys(value as object).length === 0)

/** Reads parameters under whichever names a library has for them; those without a canonical name are kept under `extra`, credentials left out. */
export const settingsIn = (bag: JsonObject): Settings => {
  const scalars = scalarsOf(bag)
  const stops = found(bag, other.stop)
  const stop = typeof stops === "string" ? [stops] : arrayIn(stops)?.filter((one) => typeof one === "string")
  const stream = found(bag, other.stream)
  const parallel = found(bag, other.parallel)
  const toolChoice = toolChoiceIn(found(bag, other.toolChoice))
  const responseFormat = other.format.map((name) => formatIn(plain(bag[name]))).find((value) => value !== undefined)
  const reasoning = reasoningIn(bag)
  const extra = Object.entries(bag).flatMap(([name, value]) => {
    const kept = plain(value)
    return used.has(name) || notSent.has(name) || name.startsWith("ls_") || isSecretName(name) || isNothing(kept)
      ? []
      : [[name, withoutSecrets(kept) as Json] as const]
  })
  return {
    ...(toolChoice === undefined ? {} : { toolChoice }),
    ...(typeof parallel === "boolean" ? { parallelToolCalls: parallel } : {}),
    ...(responseFormat === undefined ? {} : { responseFormat }),
    params: {
      ...scalars,
      ...(stop === undefined || stop.length === 0 ? {} : { stop }),
      ...(reasoning === undefined ? {} : { reasoning }),
      ...(typeof stream === "boolean" ? { stream } : {}),
      ...(extra.length === 0 ? {} : { extra: Object.fromEntries(extra) })
    }
  }
}
