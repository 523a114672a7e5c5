import type { CallRequest, Params, ResponseFormat, ToolDef } from "../../../domain/Call.ts"
import { isOlder, readFunctions, readTools, writeFunction, writeTool } from "../functionTools.ts"
import { isFlag, isInt, isText, type Json, type JsonObject, restOf, same } from "../json.ts"
import { Losses } from "../losses.ts"
import { defaultsOnly, effortOf, thinks, unsampled } from "../openaiModels.ts"
import { extraLosses, fieldOf, readScalars, readStop, type ScalarNames, writeScalars } from "../params.ts"
import {
  readFunctionChoice,
  readResponseFormat,
  readToolChoice,
  writeResponseFormat,
  writeToolChoice
} from "./tools.ts"

const wire = "openai.chat"

const names: ScalarNames = {
  temperature: "temperature",
  topP: "top_p",
  seed: "seed",
  n: "n",
  frequencyPenalty: "frequency_penalty",
  presencePenalty: "presence_penalty"
}
/** Servers that speak this wire often take `top_k`; OpenAI refuses it. */
const ownNames: ScalarNames = { ...names, topK: "top_k" }

const maxFields = ["max_completion_tokens", "max_tokens"] as const

/** What a request asks beside its messages. */
export type Asked = Omit<CallRequest, "wire" | "model" | "messages">

/** Reads everything of a request but its model and messages. */
export const readAsked = (body: JsonObject): Asked => {
  const used = new Set(["model", "messages"])
  const scalars = readScalars(body, ownNames, used)
  const maxTokensField = maxFields.find((field) => isInt(body[field]))
  if (maxTokensField !== undefined) used.add(maxTokensField)
  const flag = (name: string) => {
    const value = body[name]
    if (!isFlag(value)) return undefined
    used.add(name)
    return value
  }
  const exact = <A>(name: string, read: (raw: Json | undefined) => A | undefined, write: (value: A) => unknown) => {
    const value = read(body[name])
    if (value !== undefined && same(write(value), body[name])) used.add(name)
    return value
  }
  const stream = flag("stream")
  const parallelToolCalls = flag("parallel_tool_calls")
  const stop = exact("stop", readStop, (list) => list)
  const effort = isText(body["reasoning_effort"]) ? body["reasoning_effort"] : undefined
  if (effort !== undefined) used.add("reasoning_effort")
  const tools = readTools(body["tools"], wire)
  if (tools !== undefined && tools.length > 0) used.add("tools")
  const functions = readFunctions(body["functions"], wire)
  if (functions !== undefined && functions.length > 0) used.add("functions")
  const choice = exact("tool_choice", readToolChoice, writeToolChoice)
  const toolChoice = choice ?? readFunctionChoice(body["function_call"])
  const responseFormat = exact("response_format", readResponseFormat, ownFormat)
  const extra = restOf(body, used)
  return {
    tools: [...(tools ?? []), ...(functions ?? [])],
    ...(toolChoice === undefined ? {} : { toolChoice }),
    ...(parallelToolCalls === undefined ? {} : { parallelToolCalls }),
    ...(responseFormat === undefined ? {} : { responseFormat }),
    params: {
      ...(maxTokensField === undefined ? {} : { maxOutputTokens: body[maxTokensField] as number, maxTokensField }),
      ...scalars,
      ...(stop === undefined ? {} : { stop }),
      ...(effort === undefined ? {} : { reasoning: { effort } }),
      ...(stream === undefined ? {} : { stream }),
      ...(extra === undefined ? {} : { extra })
    }
  }
}

const ownFormat = (format: ResponseFormat) => writeResponseFormat(format, true, new Losses(wire))

const maxTokens = ({ maxOutputTokens, maxTokensField }: Params, model: string): JsonObject => {
  if (maxOutputTokens === undefined) return {}
  const recorded = maxFields.find((field) => field === maxTokensField)
  const field = thinks(model) ? "max_completion_tokens" : (recorded ?? "max_tokens")
  return { [field]: maxOutputTokens }
}

const stopOf = (request: CallRequest, extra: JsonObject, own: boolean, losses: Losses): Json | undefined =>
  fieldOf(extra, "stop", request.params.stop, readStop, (list) => {
    if (own || list.length === 0) return list
    if (unsampled(request.model)) {
      losses.add("stop", `${request.model} takes no stop sequences`)
      return undefined
    }
    if (list.length <= 4) return list
    losses.add("stop", `OpenAI takes four stop sequences, not ${list.length}`)
    return list.slice(0, 4)
  })

const toolsOf = (tools: ReadonlyArray<ToolDef>, extra: JsonObject, losses: Losses): JsonObject => {
  const current = tools.filter((tool) => !isOlder(tool, wire)).flatMap((tool) => writeTool(tool, wire, losses) ?? [])
  const older = tools.filter((tool) => isOlder(tool, wire)).map((tool) => writeFunction(tool, wire))
  const list = (name: string, written: ReadonlyArray<Json>) =>
    written.length > 0
      ? { [name]: written }
      : Object.hasOwn(extra, name) && tools.length === 0
        ? { [name]: extra[name]! }
        : {}
  return { ...list("tools", current), ...list("functions", older) }
}

const streaming = new Set(["stream", "stream_options", "tools", "functions"])

/** Writes everything of a request but its model and messages. `own`: it came by this wire. */
export const writeAsked = (request: CallRequest, own: boolean, losses: Losses): JsonObject => {
  const { model, params } = request
  const extra: JsonObject = own ? (params.extra ?? {}) : {}
  if (!own) extraLosses(request, losses)
  const effort = effortOf(params, own, model, losses)
  const fields: { [name: string]: Json | undefined } = {
    ...restOf(extra, streaming),
    ...maxTokens(params, model),
    ...defaultsOnly(writeScalars(params, own ? ownNames : names, losses), model, losses),
    ...(effort === undefined ? {} : { reasoning_effort: effort }),
    ...toolsOf(request.tools ?? [], extra, losses)
  }
  const older = Object.hasOwn(extra, "function_call")
  const sendsTools = fields["tools"] !== undefined || fields["functions"] !== undefined
  fields["stop"] = stopOf(request, extra, own, losses)
  fields["response_format"] = fieldOf(extra, "response_format", request.responseFormat, readResponseFormat, (format) =>
    writeResponseFormat(format, own, losses)
  )
  if (!older || !same(readFunctionChoice(extra["function_call"]), request.toolChoice)) {
    delete fields["function_call"]
    fields["tool_choice"] =
      own || sendsTools ? fieldOf(extra, "tool_choice", request.toolChoice, readToolChoice, writeToolChoice) : undefined
  }
  if (request.parallelToolCalls !== undefined && (own || (sendsTools && !request.parallelToolCalls))) {
    fields["parallel_tool_calls"] = request.parallelToolCalls
  }
  return Object.fromEntries(Object.entries(fields).filter((entry): entry is [string, Json] => entry[1] !== undefined))
}
