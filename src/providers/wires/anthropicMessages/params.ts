import type { CallRequest, ResponseFormat } from "../../../domain/Call.ts"
import { isFlag, isInt, isObject, isText, type Json, type JsonObject, restOf, same } from "../json.ts"
import type { Losses } from "../losses.ts"
import { extraLosses, fieldOf, readScalars, readStop, type ScalarNames, writeScalars } from "../params.ts"
import { instruction } from "../schemas.ts"
import { enforces } from "./models.ts"
import { readThinking, thinkingOf, writeReasoning } from "./reasoning.ts"
import { enforceable } from "./schema.ts"
import { type Choice, readChoice, readTools, writeChoice, writeTool } from "./tools.ts"

const names: ScalarNames = { temperature: "temperature", topP: "top_p", topK: "top_k" }

/** What a request asks beside its messages. */
export type Asked = Omit<CallRequest, "wire" | "model" | "messages">

interface Output {
  readonly effort?: string
  readonly format?: ResponseFormat
}

const readOutput = (raw: Json | undefined): Output | undefined => {
  if (!isObject(raw)) return undefined
  const { effort, format } = raw
  const schema = isObject(format) && format["type"] === "json_schema" ? format["schema"] : undefined
  const read: Output = {
    ...(isText(effort) ? { effort } : {}),
    ...(schema === undefined ? {} : { format: { type: "json_schema", schema } })
  }
  return Object.keys(read).length === 0 ? undefined : read
}

const writeOutput = ({ effort, format }: Output): JsonObject => ({
  ...(effort === undefined ? {} : { effort }),
  ...(format?.type === "json_schema" ? { format: { type: "json_schema", schema: format.schema } } : {})
})

/** Reads everything of a request but its model, messages and system prompt. */
export const readAsked = (body: JsonObject): Asked => {
  const used = new Set(["model", "messages", "system"])
  const params = readScalars(body, names, used)
  const exact = <A>(name: string, read: (raw: Json | undefined) => A | undefined, write: (value: A) => unknown) => {
    const value = read(body[name])
    if (value !== undefined && same(write(value), body[name])) used.add(name)
    return value
  }
  const stop = exact(
    "stop_sequences",
    (raw) => (isText(raw) ? undefined : readStop(raw)),
    (list) => list
  )
  const choice = exact("tool_choice", readChoice, writeChoice)
  const thinking = exact("thinking", readThinking, thinkingOf)
  const output = exact("output_config", readOutput, writeOutput)
  const tools = readTools(body["tools"])
  if (tools !== undefined && tools.length > 0) used.add("tools")
  const { max_tokens, stream } = body
  if (isInt(max_tokens)) used.add("max_tokens")
  if (isFlag(stream)) used.add("stream")
  const extra = restOf(body, used)
  const reasoning = { ...(output?.effort === undefined ? {} : { effort: output.effort }), ...thinking }
  return {
    tools: tools ?? [],
    ...choice,
    ...(output?.format === undefined ? {} : { responseFormat: output.format }),
    params: {
      ...(isInt(max_tokens) ? { maxOutputTokens: max_tokens, maxTokensField: "max_tokens" } : {}),
      ...params,
      ...(stop === undefined ? {} : { stop }),
      ...(Object.keys(reasoning).length === 0 ? {} : { reasoning }),
      ...(isFlag(stream) ? { stream } : {}),
      ...(extra === undefined ? {} : { extra })
    }
  }
}

/** The format that Anthropic enforces, and the instruction that stands in for one it does not. */
const formatOf = (request: CallRequest, own: boolean, losses: Losses): { format?: ResponseFormat; told?: string } => {
  const { model, responseFormat: format } = request
  if (format === undefined) return {}
  if (format.type !== "json_schema") {
    if (format.type === "text") return {}
    losses.add("response format", "Anthropic has no JSON mode; the system prompt asks for it")
    return { told: instruction(undefined) }
  }
  if (own && enforces(model)) return { format }
  const { schema } = format
  const rooted = isObject(schema) && (schema["type"] === "object" || isObject(schema["properties"]))
  if (!enforces(model) || !rooted) {
    losses.add(
      "response format",
      `${enforces(model) ? "a schema without an object at its root" : `a schema at ${model}`} is not enforced; the system prompt asks for it`
    )
    return { told: instruction(isObject(schema) ? schema : undefined) }
  }
  if (format.strict !== true) losses.add("lax schema", "Anthropic enforces every schema")
  return { format: { type: "json_schema", schema: enforceable(schema, losses) } }
}

/** The least `top_p` beside thinking. */
const leastTopP = 0.95

const samplingOf = (request: CallRequest, thinking: Json | undefined, own: boolean, losses: Losses) => {
  const fields = writeScalars(request.params, names, losses)
  const { temperature } = fields
  if (typeof temperature === "number" && temperature > 1) {
    losses.add("temperature", `Anthropic takes 0 to 1, not ${temperature}; sent as 1`)
    fields["temperature"] = 1
  }
  const on = isObject(thinking) && thinking["type"] !== "disabled"
  if (on && fields["temperature"] !== undefined && fields["temperature"] !== 1) {
    losses.add("temperature", "Anthropic takes only 1 while the model thinks")
    delete fields["temperature"]
  }
  if (!own && on && fields["top_k"] !== undefined) {
    losses.add("topK", "Anthropic takes none while the model thinks")
    delete fields["top_k"]
  }
  const { top_p } = fields
  if (!own && on && typeof top_p === "number" && top_p < leastTopP) {
    losses.add("topP", `Anthropic takes only ${leastTopP} to 1 while the model thinks`)
    delete fields["top_p"]
  }
  if (!own && fields["temperature"] !== undefined && fields["top_p"] !== undefined) {
    losses.add("topP", "newer Claude models take a temperature or a top_p, not both")
    delete fields["top_p"]
  }
  return fields
}

const stopOf = (stop: ReadonlyArray<string>, own: boolean, losses: Losses): ReadonlyArray<string> | undefined => {
  if (own) return stop
  const fit = stop.filter((one) => one.trim() !== "")
  if (fit.length < stop.length) losses.add("stop", "Anthropic takes no stop sequence of white space alone")
  return fit.length === 0 ? undefined : fit
}

const toolsOf = (request: CallRequest, own: boolean, losses: Losses): ReadonlyArray<Json> => {
  const { toolChoice: choice, tools } = request
  const allowed = choice?.mode === "allowed" ? new Set(choice.names) : undefined
  if (allowed !== undefined) losses.add("allowed tools", "Anthropic has no such choice; the other tools are left out")
  return (tools ?? [])
    .filter((tool) => allowed?.has(tool.name) ?? true)
    .flatMap((tool) => writeTool(tool, own, losses) ?? [])
}

/** Whether the answer must be a call. */
const isForced = ({ toolChoice: choice, tools }: CallRequest): boolean =>
  (tools?.length ?? 0) > 0 &&
  (choice?.mode === "required" || choice?.mode === "tool" || (choice?.mode === "allowed" && choice.require))

/** Thinking and effort as they are sent; a model that must call a tool may not think before. */
const reasoningOf = (request: CallRequest, own: boolean, maxTokens: number, losses: Losses) => {
  const { model, params } = request
  if (params.reasoning === undefined) return {}
  const written = writeReasoning(params.reasoning, { model, own, maxTokens }, losses)
  const { thinking, ...rest } = written
  if (own || thinking === undefined || thinking["type"] === "disabled" || !isForced(request)) return written
  losses.add("reasoning", "Anthropic lets no model think that must call a tool")
  return rest
}

/** Fields the sender or other functions write. */
const elsewhere = new Set(["stream", "system", "tools"])

/** Where neither the archive nor the setup names a limit: the caller always does. */
const defaultMaxTokens = 4096

/**
 * Writes everything of a request but its model and messages; `told` is an instruction for the system prompt.
 * `own`: it came by this wire.
 */
export const writeAsked = (
  request: CallRequest,
  own: boolean,
  losses: Losses
): { readonly fields: { [name: string]: Json }; readonly told?: string } => {
  const { params } = request
  const extra: JsonObject = own ? (params.extra ?? {}) : {}
  if (!own) extraLosses(request, losses)
  const maxTokens = params.maxOutputTokens ?? defaultMaxTokens
  const { effort, thinking }: ReturnType<typeof writeReasoning> = reasoningOf(request, own, maxTokens, losses)
  const { format, told } = formatOf(request, own, losses)
  const tools = toolsOf(request, own, losses)
  const output: Output | undefined =
    effort === undefined && format === undefined
      ? undefined
      : { ...(effort === undefined ? {} : { effort }), ...(format === undefined ? {} : { format }) }
  const choice: Choice = {
    ...(request.toolChoice === undefined ? {} : { toolChoice: request.toolChoice }),
    ...(request.parallelToolCalls === undefined || (!own && request.parallelToolCalls)
      ? {}
      : { parallelToolCalls: request.parallelToolCalls })
  }
  const given = Object.keys(choice).length === 0 ? undefined : choice
  const fields: { [name: string]: Json | undefined } = {
    ...restOf(extra, elsewhere),
    max_tokens: maxTokens,
    ...samplingOf(request, thinking, own, losses),
    thinking: fieldOf(extra, "thinking", readThinking(thinking), readThinking, () => thinking),
    output_config: fieldOf(extra, "output_config", output, readOutput, writeOutput),
    stop_sequences: fieldOf(extra, "stop_sequences", params.stop, readStop, (stop) => stopOf(stop, own, losses)),
    tools: tools.length > 0 ? tools : (request.tools?.length ?? 0) === 0 ? extra["tools"] : undefined,
    tool_choice:
      own || tools.length > 0
        ? fieldOf(extra, "tool_choice", given, readChoice, (value) => writeChoice(value))
        : undefined
  }
  return {
    fields: Object.fromEntries(
      Object.entries(fields).filter((entry): entry is [string, Json] => entry[1] !== undefined)
    ),
    ...(told === undefined ? {} : { told })
  }
}
