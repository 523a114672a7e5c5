import type { CallRequest } from "../../../domain/Call.ts"
import { noUsage } from "../../../providers/wires/usage.ts"
import type { Recorded } from "../../fidelity.ts"
import type { JsonObject } from "../../json.ts"
import { arrayIn, countIn, objectIn, textIn, unpacked } from "../../json.ts"
import { responseOf } from "../../spans/answers.ts"
import { conversationIn } from "../../spans/messages.ts"
import { settingsIn } from "../../spans/settings.ts"
import type { Exchange } from "../../spans/span.ts"
import { inclusive, usageOf } from "../../spans/tokens.ts"
import { toolsIn } from "../../spans/tools.ts"
import { contentIn, outputIn } from "./content.ts"

/** Counts of a ModelInference row: since 2026 the input includes what was read from and written to the cache, for every provider. */
export const countsOf = (row: JsonObject) =>
  usageOf(
    {
      input: countIn(row["input_tokens"]),
      output: countIn(row["output_tokens"]),
      cacheRead: countIn(row["provider_cache_read_input_tokens"]),
      cacheWriteOther: countIn(row["provider_cache_write_input_tokens"])
    },
    inclusive
  )

const textOfSystem = (raw: unknown) => {
  const { parts, templated } = contentIn(raw)
  const texts = parts.flatMap((part) => textIn(objectIn(part)?.["text"]) ?? [])
  return { text: texts.join("\n"), templated }
}

/** A conversation in TensorZero's own shape. */
const heardIn = (system: unknown, messages: unknown) => {
  const told = textOfSystem(system)
  let templated = false
  const list = (arrayIn(unpacked(messages)) ?? []).map((raw): unknown => {
    const message = objectIn(raw)
    if (message === undefined) return raw
    const content = contentIn(message["content"])
    templated ||= content.templated
    return { role: message["role"], content: content.parts }
  })
  const heard = conversationIn(list)
  const top =
    told.text === "" ? [] : [{ role: "system", placement: "top", blocks: [{ type: "text", text: told.text }] } as const]
  return {
    heard,
    messages: [...top, ...heard.messages],
    hasSystem: told.text !== "",
    templated: templated || told.templated
  }
}

const historyOf = (gaps: number, templated: boolean, count: number): Partial<Recorded> =>
  count === 0 ? { history: "absent" } : gaps > 0 || templated ? { history: "partial" } : {}

const templateNote = "messages are the arguments of templates: their text is in the table ModelInference alone"

/** The call of a ModelInference row whose raw bodies are not there or not read: TensorZero's own account of it. */
export const ownExchange = (row: JsonObject, notes: ReadonlyArray<string>): Exchange => {
  const { hasSystem, heard, messages, templated } = heardIn(row["system"], row["input_messages"])
  const blocks = outputIn(row["output"])
  const provider = textIn(row["model_provider_name"])
  return {
    request: {
      wire: "unknown",
      model: textIn(row["model_name"]) ?? "unknown",
      ...(provider === undefined ? {} : { provider }),
      messages,
      tools: null,
      params: {}
    },
    response: responseOf(blocks === undefined ? undefined : { blocks, ...stopOf(row["finish_reason"]) }),
    usage: countsOf(row),
    recorded: {
      system: hasSystem || messages.length > 0 ? "verbatim" : "unknown",
      tools: "absent",
      params: "absent",
      ...historyOf(heard.gaps, templated, messages.length),
      ...(blocks === undefined ? { response: "absent" } : {}),
      notes: [...notes, ...heard.notes, "tools and parameters are in the raw request alone"]
    }
  }
}

const stopOf = (raw: unknown) => {
  const stop = textIn(raw)
  return stop === undefined ? {} : { stop }
}

/** `{specific: name}` is TensorZero's way to ask for one tool. */
const choiceOf = (raw: unknown): JsonObject => {
  const value = unpacked(raw)
  const name = textIn(objectIn(value)?.["specific"])
  if (name !== undefined) return { tool_choice: { type: "function", function: { name } } }
  const word = typeof value === "string" ? value.replaceAll('"', "") : undefined
  return word === undefined || word === "" ? {} : { tool_choice: word }
}

interface Offered {
  readonly tools: CallRequest["tools"]
  readonly state: Recorded["tools"]
}

/** Older rows list all tools; newer ones those that came with the request, beside those of the configuration. */
const toolsOf = (row: JsonObject, parameters: JsonObject): Offered => {
  const all = toolsIn(parameters["tools_available"])
  if (all !== undefined) return { tools: all.tools, state: "verbatim" }
  const dynamic = toolsIn(arrayIn(unpacked(row["dynamic_tools"]))?.map(unpacked))
  return dynamic === undefined || dynamic.tools.length === 0
    ? { tools: null, state: "unknown" }
    : { tools: dynamic.tools, state: "partial" }
}

/** The call of a ChatInference or JsonInference row: what the application asked and got, without the model that answered. */
export const inferenceExchange = (row: JsonObject): Exchange => {
  const input = objectIn(unpacked(row["input"])) ?? {}
  const { heard, messages, templated } = heardIn(input["system"], input["messages"])
  const parameters = objectIn(unpacked(row["tool_params"])) ?? {}
  const variant = objectIn(unpacked(row["inference_params"])) ?? {}
  const offered = toolsOf(row, parameters)
  const schema = objectIn(unpacked(row["output_schema"]))
  const parallel = row["parallel_tool_calls"] ?? parameters["parallel_tool_calls"]
  const settings = settingsIn({
    ...objectIn(variant["chat_completion"]),
    ...choiceOf(row["tool_choice"] ?? parameters["tool_choice"]),
    ...(typeof parallel === "boolean" ? { parallel_tool_calls: parallel } : {}),
    ...(schema === undefined ? {} : { response_format: { type: "json_schema", json_schema: { schema } } })
  })
  const blocks = outputIn(row["output"])
  return {
    request: { wire: "unknown", model: "unknown", messages, tools: offered.tools, ...settings },
    response: responseOf(blocks === undefined ? undefined : { blocks }),
    usage: noUsage,
    recorded: {
      system: "unknown",
      tools: offered.state,
      params: "partial",
      ...historyOf(heard.gaps, templated, messages.length),
      ...(blocks === undefined ? { response: "absent" } : {}),
      notes: [
        ...heard.notes,
        "the model, its counts and its cost are in the table ModelInference: export it too",
        ...(templated ? [templateNote] : [])
      ]
    }
  }
}
