import type { JsonObject } from "../../json.ts"
import { arrayIn, objectIn, textIn } from "../../json.ts"

/** Inspect's own messages, tools and settings in the shape of OpenAI's chat wire, which they follow. */

const address = (value: unknown, mediaType: string) => {
  const text = textIn(value) ?? ""
  return /^(data:|https?:)/.test(text) ? text : `data:${mediaType};base64,${text}`
}

/** Parts of a message; `reasoning` is told apart, as the wire has it beside the content. */
const partsOf = (content: unknown) => {
  const parts = (arrayIn(content) ?? []).map(objectIn)
  return {
    reasoning: parts.flatMap((part) =>
      part?.["type"] === "reasoning" ? [textIn(part["reasoning"]) ?? textIn(part["summary"]) ?? ""] : []
    ),
    rest: parts.flatMap((part): ReadonlyArray<JsonObject> => {
      if (part === undefined || part["type"] === "reasoning") return []
      if (part["type"] === "image" && typeof part["image"] === "string")
        return [
          {
            type: "image_url",
            image_url: {
              url: address(part["image"], "image/png"),
              ...(textIn(part["detail"]) === undefined ? {} : { detail: part["detail"] })
            }
          }
        ]
      if (part["type"] === "audio" && typeof part["audio"] === "string")
        return [
          {
            type: "input_audio",
            input_audio: { data: part["audio"].replace(/^data:[^,]*,/, ""), format: textIn(part["format"]) ?? "wav" }
          }
        ]
      if (part["type"] === "text") return [{ type: "text", text: textIn(part["text"]) ?? "" }]
      return [part]
    })
  }
}

const callOf = (value: unknown): unknown => {
  const call = objectIn(value)
  if (call === undefined) return value
  const given = call["arguments"]
  return {
    id: call["id"],
    type: "function",
    function: {
      name: textIn(call["function"]) ?? "",
      arguments: typeof given === "string" ? given : JSON.stringify(given ?? {})
    }
  }
}

/** One of Inspect's messages as the chat wire has it. */
export const chatMessage = (value: unknown): unknown => {
  const message = objectIn(value)
  if (message === undefined) return value
  const content = message["content"]
  const isText = typeof content === "string" || content === null || content === undefined
  const { reasoning, rest } = isText ? { reasoning: [], rest: [] } : partsOf(content)
  const calls = arrayIn(message["tool_calls"]) ?? []
  const role = textIn(message["role"])
  return {
    role,
    content: isText ? (content ?? null) : rest,
    ...(reasoning.length === 0 ? {} : { reasoning_content: reasoning.join("\n") }),
    ...(calls.length === 0 ? {} : { tool_calls: calls.map(callOf) }),
    ...(role === "tool" && message["tool_call_id"] != null ? { tool_call_id: message["tool_call_id"] } : {})
  }
}

/** One of Inspect's tools as the chat wire has it. */
const chatTool = (value: unknown): unknown => {
  const tool = objectIn(value)
  return tool === undefined
    ? value
    : {
        type: "function",
        function: {
          name: textIn(tool["name"]) ?? "",
          ...(textIn(tool["description"]) === undefined ? {} : { description: tool["description"] }),
          parameters: tool["parameters"] ?? {}
        }
      }
}

const choices: Readonly<Record<string, unknown>> = { auto: "auto", none: "none", any: "required" }

const choiceOf = (value: unknown): unknown => {
  const name = textIn(objectIn(value)?.["name"])
  if (name !== undefined) return { type: "function", function: { name } }
  const text = textIn(value) ?? ""
  return Object.hasOwn(choices, text) ? choices[text] : undefined
}

/** Inspect's names of settings, and the wire's. */
const settings: ReadonlyArray<readonly [own: string, wire: string]> = [
  ["temperature", "temperature"],
  ["top_p", "top_p"],
  ["top_k", "top_k"],
  ["max_tokens", "max_tokens"],
  ["stop_seqs", "stop"],
  ["seed", "seed"],
  ["frequency_penalty", "frequency_penalty"],
  ["presence_penalty", "presence_penalty"],
  ["num_choices", "n"],
  ["reasoning_effort", "reasoning_effort"],
  ["parallel_tool_calls", "parallel_tool_calls"]
]

const formatOf = (value: unknown) => {
  const format = objectIn(value)
  const schema = format?.["json_schema"]
  return schema === undefined
    ? {}
    : {
        response_format: {
          type: "json_schema",
          json_schema: {
            name: textIn(format?.["name"]) ?? "answer",
            schema,
            ...(typeof format?.["strict"] === "boolean" ? { strict: format["strict"] } : {})
          }
        }
      }
}

/** What an event asks beside its messages, as the chat wire has it. */
export const chatSettings = (event: JsonObject): JsonObject => {
  const config = objectIn(event["config"]) ?? {}
  const tools = arrayIn(event["tools"]) ?? []
  const choice = tools.length === 0 ? undefined : choiceOf(event["tool_choice"])
  return {
    ...Object.fromEntries(
      settings.flatMap(([own, wire]) =>
        config[own] === undefined || config[own] === null ? [] : [[wire, config[own]] as const]
      )
    ),
    ...formatOf(config["response_schema"]),
    ...(tools.length === 0 ? {} : { tools: tools.map(chatTool) }),
    ...(choice === undefined ? {} : { tool_choice: choice })
  }
}

/** Why an answer ended, in the wire's words. */
const ends: Readonly<Record<string, string>> = {
  stop: "stop",
  max_tokens: "length",
  tool_calls: "tool_calls",
  content_filter: "content_filter"
}

/** An event's output as the chat wire has it. */
export const chatAnswer = (output: JsonObject): JsonObject => ({
  model: textIn(output["model"]) ?? "",
  choices: (arrayIn(output["choices"]) ?? []).map((one, index) => {
    const choice = objectIn(one)
    const reason = textIn(choice?.["stop_reason"])
    return {
      index,
      message: chatMessage(choice?.["message"]),
      finish_reason: reason === undefined ? null : Object.hasOwn(ends, reason) ? ends[reason]! : reason
    }
  })
})
