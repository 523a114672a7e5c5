import type * as Schema from "effect/Schema"

import type { CallRequest, CallResponse, Params, StopReason, ToolChoice, ToolDef, Usage } from "../../../domain/Call.ts"
import type { Block, Message } from "../../../domain/Message.ts"
import type { JsonObject } from "../../json.ts"
import { arrayIn, countIn, numberIn, objectIn, textIn } from "../../json.ts"
import { withoutSecrets } from "../../secrets.ts"
import { usageOf } from "../../spans/tokens.ts"
import { blocksOf } from "./blocks.ts"

type Json = Schema.Json

/** True for a body in the shape of Bedrock's Converse, which Amazon's Nova models take of InvokeModel too. */
export const isConverse = (operation: string | undefined, body: JsonObject | undefined): boolean => {
  if (operation?.startsWith("Converse") === true) return true
  if (textIn(body?.["schemaVersion"])?.startsWith("messages-v") === true) return true
  return body !== undefined && "inferenceConfig" in body && arrayIn(body["messages"]) !== undefined
}

const isResult = (block: Block) => block.type === "tool_result"

/** A message; tool results become messages of their own, tied to what they shared a message with. */
const messagesOf = (raw: unknown): ReadonlyArray<Message> => {
  const message = objectIn(raw)
  const blocks = blocksOf(message?.["content"])
  const role = message?.["role"] === "assistant" ? "assistant" : "user"
  const runs: Array<Array<Block>> = []
  for (const block of blocks) {
    const last = runs.at(-1)
    if (role === "user" && last !== undefined && isResult(last[0]!) !== isResult(block)) runs.push([block])
    else if (last === undefined) runs.push([block])
    else last.push(block)
  }
  if (runs.length === 0) return [{ role, blocks: [] }]
  return runs.map((run, at) => ({
    role: role === "user" && isResult(run[0]!) ? "tool" : role,
    blocks: run,
    ...(at === 0 ? {} : { joinPrevious: true })
  }))
}

const toolOf = (raw: unknown): ReadonlyArray<ToolDef> => {
  const spec = objectIn(objectIn(raw)?.["toolSpec"])
  const name = textIn(spec?.["name"])
  if (spec === undefined || name === undefined) {
    const system = textIn(objectIn(objectIn(raw)?.["systemTool"])?.["name"])
    return system === undefined
      ? []
      : [
          {
            name: system,
            inputSchema: {},
            kind: "provider",
            providerType: "systemTool",
            origin: { wire: "bedrock.converse", data: { raw: raw as Json } },
            basis: "recorded"
          }
        ]
  }
  const description = textIn(spec["description"])
  const { strict } = spec
  return [
    {
      name,
      ...(description === undefined ? {} : { description }),
      inputSchema: (objectIn(spec["inputSchema"])?.["json"] ?? {}) as Json,
      ...(typeof strict === "boolean" ? { strict } : {}),
      kind: "function",
      basis: "recorded"
    }
  ]
}

const choiceOf = (raw: unknown): ToolChoice | undefined => {
  const choice = objectIn(raw) ?? {}
  if ("auto" in choice) return { mode: "auto" }
  if ("any" in choice) return { mode: "required" }
  const name = textIn(objectIn(choice["tool"])?.["name"])
  return name === undefined ? undefined : { mode: "tool", name }
}

/** Thinking, as Claude takes it among a model's own fields. */
const reasoningOf = (fields: JsonObject): Params["reasoning"] => {
  const thinking = objectIn(fields["thinking"]) ?? objectIn(fields["reasoning_config"])
  const type = textIn(thinking?.["type"])
  const budget = countIn(thinking?.["budget_tokens"])
  const mode = type === "enabled" ? "on" : type === "disabled" ? "off" : type === "adaptive" ? "adaptive" : undefined
  if (mode === undefined && budget === undefined) return undefined
  return { ...(mode === undefined ? {} : { mode }), ...(budget === undefined ? {} : { budgetTokens: budget }) }
}

/** What has no canonical name, or has more to it: kept as it came. `requestMetadata` becomes labels. */
const read = new Set(["messages", "system", "inferenceConfig", "toolConfig", "requestMetadata", "modelId"])

const paramsOf = (body: JsonObject, streamed: boolean): Params => {
  const config = objectIn(body["inferenceConfig"]) ?? {}
  const fields = objectIn(body["additionalModelRequestFields"]) ?? {}
  const number = (name: string) => numberIn(config[name])
  const maxTokens = countIn(config["maxTokens"] ?? config["max_new_tokens"])
  const topK = countIn(fields["top_k"] ?? fields["topK"] ?? config["topK"])
  const stop = arrayIn(config["stopSequences"])?.filter((one) => typeof one === "string")
  const reasoning = reasoningOf(fields)
  const [temperature, topP] = [number("temperature"), number("topP")]
  const cached = (arrayIn(objectIn(body["toolConfig"])?.["tools"]) ?? []).some(
    (one) => "cachePoint" in (objectIn(one) ?? {})
  )
  const extra = Object.entries(body).flatMap(([name, value]) => {
    const empty = value === null || (typeof value === "object" && Object.keys(value ?? {}).length === 0)
    return read.has(name) || empty ? [] : [[name, withoutSecrets(value) as Json] as const]
  })
  if (cached) extra.push(["toolCachePoint", true])
  return {
    ...(maxTokens === undefined ? {} : { maxOutputTokens: maxTokens, maxTokensField: "maxTokens" }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
    ...(topK === undefined ? {} : { topK }),
    ...(stop === undefined || stop.length === 0 ? {} : { stop }),
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(streamed ? { stream: true } : {}),
    ...(extra.length === 0 ? {} : { extra: Object.fromEntries(extra) })
  }
}

/** Reads a Converse request. `undefined` where it has no messages. */
export const converseRequest = (
  body: JsonObject,
  about: { readonly model: string; readonly streamed: boolean }
): CallRequest | undefined => {
  const messages = arrayIn(body["messages"])
  if (messages === undefined) return undefined
  const system = blocksOf(body["system"])
  const tools = objectIn(body["toolConfig"])
  const toolChoice = choiceOf(tools?.["toolChoice"])
  return {
    wire: "bedrock.converse",
    model: about.model,
    messages: [
      ...(system.length === 0 ? [] : [{ role: "system", placement: "top", blocks: system } as const]),
      ...messages.flatMap(messagesOf)
    ],
    tools: (arrayIn(tools?.["tools"]) ?? []).flatMap(toolOf),
    ...(toolChoice === undefined ? {} : { toolChoice }),
    params: paramsOf(body, about.streamed)
  }
}

const stops: Readonly<Record<string, StopReason>> = {
  end_turn: "end",
  tool_use: "tool_use",
  max_tokens: "length",
  stop_sequence: "stop_sequence",
  guardrail_intervened: "content_filter",
  content_filtered: "content_filter",
  model_context_window_exceeded: "context_window",
  malformed_model_output: "error",
  malformed_tool_use: "error"
}

/**
 * Usage of a Converse answer: `inputTokens` leaves out what was read from and written to the cache; `totalTokens` decides where it says
 * otherwise.
 */
const usageIn = (raw: unknown): Usage => {
  const usage = objectIn(raw) ?? {}
  const details = (arrayIn(usage["cacheDetails"]) ?? []).map(objectIn)
  const written = (ttl: string) =>
    details.reduce((sum, one) => sum + (one?.["ttl"] === ttl ? (countIn(one["inputTokens"]) ?? 0) : 0), 0)
  const all = countIn(usage["cacheWriteInputTokens"]) ?? countIn(usage["cacheWriteInputTokenCount"])
  const [short, long] = [written("5m"), written("1h")]
  return usageOf(
    {
      input: countIn(usage["inputTokens"]),
      output: countIn(usage["outputTokens"]),
      total: countIn(usage["totalTokens"]),
      cacheRead: countIn(usage["cacheReadInputTokens"]) ?? countIn(usage["cacheReadInputTokenCount"]),
      cacheWrite5m: short,
      cacheWrite1h: long,
      cacheWriteOther: all === undefined ? undefined : Math.max(0, all - short - long)
    },
    { cacheInside: false, reasoningInside: true },
    raw
  )
}

/** An answer of Converse, with how long it took. */
export interface ConverseAnswer {
  readonly response: CallResponse
  readonly usage: Usage
  readonly latencyMs?: number
}

/** Reads a Converse answer. `undefined` where it is none. */
export const converseAnswer = (body: JsonObject): ConverseAnswer | undefined => {
  const message = objectIn(objectIn(body["output"])?.["message"])
  if (message === undefined) return undefined
  const raw = textIn(body["stopReason"])
  const latencyMs = numberIn(objectIn(body["metrics"])?.["latencyMs"])
  return {
    response: {
      blocks: blocksOf(message["content"]),
      stopReason: raw !== undefined && Object.hasOwn(stops, raw) ? stops[raw]! : "unknown",
      ...(raw === undefined ? {} : { stopReasonRaw: raw }),
      complete: true
    },
    usage: usageIn(body["usage"]),
    ...(latencyMs === undefined || latencyMs < 0 ? {} : { latencyMs })
  }
}
