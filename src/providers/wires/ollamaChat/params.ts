import type { CallRequest, Params, ResponseFormat } from "../../../domain/Call.ts"
import { readTools, writeTool } from "../functionTools.ts"
import { isFlag, isInt, isObject, isText, type Json, type JsonObject, restOf } from "../json.ts"
import type { Losses } from "../losses.ts"
import { extraLosses, fieldOf, readScalars, readStop, type ScalarNames, writeScalars } from "../params.ts"

const wire = "ollama.chat"

const names: ScalarNames = {
  temperature: "temperature",
  topP: "top_p",
  topK: "top_k",
  seed: "seed",
  frequencyPenalty: "frequency_penalty",
  presencePenalty: "presence_penalty"
}

/** What a request asks beside its messages. */
export type Asked = Omit<CallRequest, "wire" | "model" | "messages">

const readFormat = (raw: Json | undefined): ResponseFormat | undefined =>
  raw === "json" ? { type: "json" } : isObject(raw) ? { type: "json_schema", schema: raw } : undefined

const writeFormat = (format: ResponseFormat): Json | undefined =>
  format.type === "json" ? "json" : format.type === "json_schema" ? format.schema : undefined

type Reasoning = NonNullable<Params["reasoning"]>

const readThink = (raw: Json | undefined): Reasoning | undefined =>
  isFlag(raw) ? { mode: raw ? "on" : "off" } : isText(raw) ? { effort: raw } : undefined

/** Reads `options`: parameters, and what is left of them. */
const readOptions = (options: JsonObject): { readonly params: Params; readonly rest: JsonObject | undefined } => {
  const used = new Set<string>()
  const scalars = readScalars(options, names, used)
  const { num_ctx, num_predict, stop } = options
  const limit = isInt(num_predict) && num_predict > 0
  const stops = isText(stop) ? undefined : readStop(stop)
  if (limit) used.add("num_predict")
  if (isInt(num_ctx)) used.add("num_ctx")
  if (stops !== undefined) used.add("stop")
  return {
    params: {
      ...(limit ? { maxOutputTokens: num_predict, maxTokensField: "num_predict" } : {}),
      ...scalars,
      ...(stops === undefined ? {} : { stop: stops }),
      ...(isInt(num_ctx) ? { contextSize: num_ctx } : {})
    },
    rest: restOf(options, used)
  }
}

/** Reads everything of a request but its model and messages. */
export const readAsked = (body: JsonObject): Asked => {
  const used = new Set(["model", "messages", "options"])
  const { format: rawFormat, options, stream, think, tools: rawTools } = body
  const read = isObject(options) ? readOptions(options) : { params: {}, rest: undefined }
  const format = readFormat(rawFormat)
  if (format !== undefined) used.add("format")
  const reasoning = readThink(think)
  if (reasoning !== undefined) used.add("think")
  if (isFlag(stream)) used.add("stream")
  const tools = readTools(rawTools, wire)
  if (tools !== undefined && tools.length > 0) used.add("tools")
  const left = restOf(body, used)
  const keepOptions = options === undefined ? undefined : isObject(options) ? read.rest : options
  const extra = keepOptions === undefined ? left : { ...left, options: keepOptions }
  return {
    tools: tools ?? [],
    ...(format === undefined ? {} : { responseFormat: format }),
    params: {
      ...read.params,
      ...(reasoning === undefined ? {} : { reasoning }),
      ...(isFlag(stream) ? { stream } : {}),
      ...(extra === undefined ? {} : { extra })
    }
  }
}

const levels: { readonly [effort: string]: "low" | "medium" | "high" } = {
  minimal: "low",
  low: "low",
  medium: "medium",
  high: "high",
  xhigh: "high",
  max: "high"
}

/** `think`: a level where the model takes one or one was recorded, else yes or no. */
const thinkOf = (reasoning: Reasoning | undefined, model: string, own: boolean, losses: Losses): Json | undefined => {
  if (reasoning === undefined) return undefined
  const { effort, mode } = reasoning
  if (effort === "none" || (effort === undefined && mode === "off")) return false
  if (effort === undefined) {
    if (own) return true
    losses.add("reasoning", "no effort was asked for, and not every model of Ollama's can think")
    return undefined
  }
  const level = levels[effort]
  if (level !== undefined && level !== effort)
    losses.add("reasoning", `Ollama knows no effort ${effort}; sent as ${level}`)
  if (/gpt-oss/.test(model) || (own && mode === undefined)) return level ?? effort
  if (!own) losses.add("reasoning", "most models of Ollama's think or do not, without a level")
  return true
}

/** Least context asked for, in tokens; a fixed set of sizes, for Ollama loads a model anew for each. */
const leastContext = 8192
/** Bytes of a token, on the safe side: what does not fit is cut without a word. A Chinese character is three bytes, and a token or less. */
const bytesPerToken = 3
/** Where nobody names a limit of output tokens. */
const defaultOutput = 4096

/** `num_ctx` for a request of so many bytes: input and output fit, the recorded size is kept where it is enough. */
export const contextSize = (params: Params, bytes: number): number => {
  const needed = Math.ceil(bytes / bytesPerToken) + (params.maxOutputTokens ?? defaultOutput)
  if (params.contextSize !== undefined && params.contextSize >= needed) return params.contextSize
  return Math.max(leastContext, 2 ** Math.ceil(Math.log2(needed)))
}

/** Tools and format are sent as they are, but for a choice that Ollama does not know: its stand-in is `told`, for the system prompt. */
const toolsOf = (request: CallRequest, own: boolean, losses: Losses) => {
  const { parallelToolCalls, toolChoice: choice, tools } = request
  const offered = tools ?? []
  if (!own && offered.length > 0 && parallelToolCalls === false) {
    losses.add("parallel tool calls", "Ollama cannot forbid them")
  }
  const allowed = choice?.mode === "allowed" ? new Set(choice.names) : undefined
  const used = choice?.mode === "none" ? [] : offered.filter((tool) => allowed?.has(tool.name) ?? true)
  for (const tool of own ? [] : used) {
    if (tool.strict === true) losses.add(`strictness of ${tool.name}`, "Ollama does not enforce a tool's schema")
  }
  const written = used.flatMap((tool) => writeTool(tool, wire, losses) ?? [])
  if (offered.length === 0 || choice === undefined || choice.mode === "auto") return { written }
  losses.add(
    "tool choice",
    choice.mode === "none"
      ? "Ollama has none; the tools are left out"
      : "Ollama has none; the system prompt asks for it"
  )
  if (choice.mode === "none") return { written }
  if (choice.mode === "allowed" && !choice.require) return { written }
  const which = choice.mode === "tool" ? `Call the tool ${choice.name}` : "Call one of the tools"
  return { written, told: `${which} in your next answer; do not answer in text alone.` }
}

/** Fields the sender or other functions write. */
const elsewhere = new Set(["stream", "options", "tools"])

/** Writes everything of a request but its model and messages; `bytes` are those of the messages. `own`: it came by this wire. */
export const writeAsked = (
  request: CallRequest,
  own: boolean,
  losses: Losses
): { readonly told?: string; fields(bytes: number): JsonObject } => {
  const { params, responseFormat } = request
  const extra: JsonObject = own ? (params.extra ?? {}) : {}
  if (!own) extraLosses(request, losses)
  if (!own && responseFormat?.type === "json_schema" && responseFormat.strict === true) {
    losses.add("strict schema", "Ollama enforces the form of a schema, not each of its keywords")
  }
  const { told, written } = toolsOf(request, own, losses)
  const scalars = writeScalars(params, names, losses)
  const options: { [name: string]: Json | undefined } = {
    ...(isObject(extra["options"]) ? extra["options"] : {}),
    ...(params.maxOutputTokens === undefined ? {} : { num_predict: params.maxOutputTokens }),
    ...scalars,
    ...(params.stop === undefined ? {} : { stop: params.stop })
  }
  const think = thinkOf(params.reasoning, request.model, own, losses)
  const format = fieldOf(extra, "format", responseFormat, readFormat, writeFormat)
  const fields: { [name: string]: Json | undefined } = {
    ...restOf(extra, elsewhere),
    ...(written.length > 0 ? { tools: written } : (request.tools?.length ?? 0) === 0 ? { tools: extra["tools"] } : {}),
    format,
    think: think ?? (params.reasoning === undefined ? extra["think"] : undefined)
  }
  return {
    ...(told === undefined ? {} : { told }),
    fields: (bytes) => {
      const beside = [written, format].reduce<number>(
        (sum, part) => sum + (part === undefined ? 0 : Buffer.byteLength(JSON.stringify(part))),
        0
      )
      const size = contextSize(params, bytes + beside)
      const recorded = params.contextSize
      if (own && recorded !== size)
        losses.add(
          "context size",
          recorded === undefined
            ? `none was recorded; sent with num_ctx ${size}, for Ollama cuts what does not fit its default`
            : `num_ctx ${recorded} was recorded; sent as ${size}, which holds input and output`
        )
      const sized = defined({ ...options, num_ctx: size })
      return defined({ ...fields, options: sized })
    }
  }
}

const defined = (fields: { readonly [name: string]: Json | undefined }): JsonObject =>
  Object.fromEntries(Object.entries(fields).filter((entry): entry is [string, Json] => entry[1] !== undefined))
