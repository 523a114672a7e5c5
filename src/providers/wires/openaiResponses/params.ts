import type { CallRequest, ResponseFormat } from "../../../domain/Call.ts"
import { isFlag, isInt, isObject, isText, type Json, type JsonObject, restOf, same } from "../json.ts"
import { Losses } from "../losses.ts"
import { defaultsOnly, effortOf } from "../openaiModels.ts"
import { extraLosses, fieldOf, readScalars, type ScalarNames, writeScalars } from "../params.ts"
import { readFormat, readToolChoice, readTools, writeFormat, writeTool, writeToolChoice } from "./tools.ts"

const wire = "openai.responses"
const names: ScalarNames = { temperature: "temperature", topP: "top_p" }

/** What a request asks beside its instructions and input. */
export type Asked = Omit<CallRequest, "wire" | "model" | "messages">

const ownFormat = (format: ResponseFormat): JsonObject => writeFormat(format, true, new Losses(wire))

const readText = (raw: Json | undefined) => (isObject(raw) ? readFormat(raw["format"]) : undefined)
const readEffort = (raw: Json | undefined) => (isObject(raw) && isText(raw["effort"]) ? raw["effort"] : undefined)
const readConversation = (raw: Json | undefined) =>
  isText(raw) ? raw : isObject(raw) && isText(raw["id"]) ? raw["id"] : undefined

/** Reads everything of a request but the fields in `read`, which are read already: its model, instructions and input. */
export const readAsked = (body: JsonObject, read: ReadonlyArray<string>): Asked => {
  const used = new Set(read)
  const scalars = readScalars(body, names, used)
  const exact = <A>(name: string, read: (raw: Json | undefined) => A | undefined, write: (value: A) => unknown) => {
    const value = read(body[name])
    if (value !== undefined && same(write(value), body[name])) used.add(name)
    return value
  }
  const own = (name: string, is: (value: unknown) => boolean) => {
    if (is(body[name])) used.add(name)
    return is(body[name])
  }
  const { max_output_tokens, parallel_tool_calls, previous_response_id, prompt, stream } = body
  const limited = own("max_output_tokens", isInt)
  const parallel = own("parallel_tool_calls", isFlag)
  const streamed = own("stream", isFlag)
  const follows = own("previous_response_id", isText)
  const conversation = exact("conversation", readConversation, (id) => id)
  const tools = readTools(body["tools"])
  if (tools !== undefined && tools.length > 0) used.add("tools")
  const toolChoice = exact("tool_choice", readToolChoice, writeToolChoice)
  const responseFormat = exact("text", readText, (format) => ({ format: ownFormat(format) }))
  const effort = exact("reasoning", readEffort, (value) => ({ effort: value }))
  const extra = restOf(body, used)
  const template = isObject(prompt) && isText(prompt["id"]) ? prompt : undefined
  return {
    tools: tools ?? [],
    ...(toolChoice === undefined ? {} : { toolChoice }),
    ...(parallel ? { parallelToolCalls: parallel_tool_calls === true } : {}),
    ...(responseFormat === undefined ? {} : { responseFormat }),
    params: {
      ...(limited ? { maxOutputTokens: max_output_tokens as number, maxTokensField: "max_output_tokens" } : {}),
      ...scalars,
      ...(effort === undefined ? {} : { reasoning: { effort } }),
      ...(streamed ? { stream: stream === true } : {}),
      ...(extra === undefined ? {} : { extra })
    },
    ...(follows || conversation !== undefined
      ? {
          serverState: {
            ...(follows ? { previousResponseId: previous_response_id as string } : {}),
            ...(conversation === undefined ? {} : { conversationId: conversation }),
            resolved: false
          }
        }
      : {}),
    ...(template === undefined
      ? {}
      : {
          promptTemplate: {
            name: template["id"] as string,
            ...(isText(template["version"]) ? { version: template["version"] } : {})
          }
        })
  }
}

/** The least limit that OpenAI takes. */
const leastTokens = 16

const maxTokens = (asked: number | undefined, own: boolean, losses: Losses): JsonObject => {
  if (asked === undefined) return {}
  if (own || asked >= leastTokens) return { max_output_tokens: asked }
  losses.add("maxOutputTokens", `OpenAI's Responses wire takes at least ${leastTokens}, not ${asked}`)
  return { max_output_tokens: leastTokens }
}

/** What else a parameter says beside what has a canonical name. */
const beside = (raw: Json | undefined, name: string): JsonObject | undefined =>
  isObject(raw) ? restOf(raw, new Set([name])) : undefined

/** An effort that the model is not told leaves the rest of what was asked. */
const reasoningOf = (effort: string | undefined, extra: JsonObject): Json | undefined => {
  const rest = beside(extra["reasoning"], "effort")
  const written = fieldOf(extra, "reasoning", effort, readEffort, (value) => ({ ...rest, effort: value }))
  return written === undefined ? rest : written
}

const serverState = ({ serverState: state }: CallRequest, extra: JsonObject): { [name: string]: Json | undefined } =>
  state?.resolved === true
    ? {}
    : {
        previous_response_id: state?.previousResponseId ?? extra["previous_response_id"],
        conversation: fieldOf(extra, "conversation", state?.conversationId, readConversation, (id) => id)
      }

const elsewhere = new Set(["stream", "stream_options", "tools", "text", "reasoning", "tool_choice", "conversation"])

/** Writes everything of a request but its model, instructions and input. `own`: it came by this wire. */
export const writeAsked = (request: CallRequest, own: boolean, losses: Losses): JsonObject => {
  const { model, params } = request
  const extra: JsonObject = own ? (params.extra ?? {}) : {}
  if (!own) extraLosses(request, losses)
  if (!own && (params.stop?.length ?? 0) > 0) losses.add("stop", "OpenAI's Responses wire takes no stop sequences")
  const tools = (request.tools ?? []).flatMap((tool) => writeTool(tool, own, losses) ?? [])
  const sent = tools.length > 0 ? tools : (request.tools?.length ?? 0) === 0 ? extra["tools"] : undefined
  const effort = effortOf(params, own, model, losses)
  const fields: { [name: string]: Json | undefined } = {
    ...restOf(extra, elsewhere),
    ...maxTokens(params.maxOutputTokens, own, losses),
    ...defaultsOnly(writeScalars(params, names, losses), model, losses),
    reasoning: reasoningOf(effort, extra),
    text: fieldOf(extra, "text", request.responseFormat, readText, (format) => ({
      ...beside(extra["text"], "format"),
      format: writeFormat(format, own, losses)
    })),
    tools: sent,
    tool_choice:
      own || sent !== undefined
        ? fieldOf(extra, "tool_choice", request.toolChoice, readToolChoice, writeToolChoice)
        : undefined,
    ...serverState(request, extra)
  }
  const parallel = request.parallelToolCalls
  if (parallel !== undefined && (own || (sent !== undefined && !parallel))) fields["parallel_tool_calls"] = parallel
  return Object.fromEntries(Object.entries(fields).filter((entry): entry is [string, Json] => entry[1] !== undefined))
}
