import * as Result from "effect/Result"

import type { CallRequest } from "../../../domain/Call.ts"
import type { Recorded } from "../../fidelity.ts"
import { wholeBody } from "../../fidelity.ts"
import type { JsonObject } from "../../json.ts"
import { arrayIn, objectIn, textIn, unpacked } from "../../json.ts"
import { openBody } from "../../secrets.ts"
import type { ReadWire } from "../wires.ts"
import { hasAnthropicBlocks, translations } from "../wires.ts"

/** A row's request, and what the row recorded of it. */
export interface ReadRequest {
  readonly request: CallRequest
  readonly recorded: Recorded
}

/** Settings of LiteLLM's own client, which never went to the provider. */
const clientSettings = new Set(["extra_body", "max_retries", "timeout", "mock_response", "metadata"])

const bodyOf = (row: JsonObject, parameters: JsonObject, messages: ReadonlyArray<unknown>): JsonObject =>
  openBody({
    ...Object.fromEntries(Object.entries(parameters).filter(([name]) => !clientSettings.has(name))),
    ...objectIn(parameters["extra_body"]),
    ...(row["stream"] === true ? { stream: true } : {}),
    model: modelOf(row),
    messages
  })

/** The model's name without LiteLLM's provider prefix. */
const modelOf = (row: JsonObject): string => {
  const model = textIn(row["model"]) ?? ""
  const prefix = `${textIn(row["custom_llm_provider"]) ?? ""}/`
  return prefix !== "/" && model.startsWith(prefix) ? model.slice(prefix.length) : model
}

const isResponses = (row: JsonObject) => /^a?responses$/.test(textIn(row["call_type"]) ?? "")

const wireOf = (row: JsonObject, messages: ReadonlyArray<unknown>): ReadWire =>
  row["call_type"] === "anthropic_messages" || hasAnthropicBlocks({ messages }) ? "anthropic.messages" : "openai.chat"

/**
 * A message without what the gateway added: its own fields, and the `null`s of an answer that was sent back as history, which
 * providers refuse in a request.
 */
const asSent = (message: unknown): unknown => {
  const object = objectIn(message)
  if (object === undefined) return message
  return Object.fromEntries(
    Object.entries(object).filter(
      ([name, value]) => name !== "provider_specific_fields" && (value !== null || name === "content")
    )
  )
}

/** A call of the Responses API: the input stands where the messages of other calls do, a text or items. */
const responsesRequest = (row: JsonObject, parameters: JsonObject | undefined): Result.Result<ReadRequest, string> => {
  const { messages: _, ...body } = bodyOf(row, parameters ?? {}, [])
  const read = translations["openai.responses"].readRequest({ ...body, input: unpacked(row["messages"]) })
  if (Result.isFailure(read)) return Result.fail(`the request cannot be read: ${read.failure}`)
  const provider = textIn(row["custom_llm_provider"])
  const request = provider === undefined ? read.success : { ...read.success, provider }
  return Result.succeed({
    request: parameters === undefined ? { ...request, tools: null } : request,
    recorded: parameters === undefined ? { ...wholeBody, tools: "unknown", params: "unknown" } : wholeBody
  })
}

/** The request of a row. LiteLLM logs every provider's calls in the shape of OpenAI's chat completions, with the parameters beside the messages. */
export const requestOfRow = (row: JsonObject): Result.Result<ReadRequest, string> => {
  if (modelOf(row) === "") return Result.fail("the row names no model")
  const provider = textIn(row["custom_llm_provider"])
  const parameters = objectIn(unpacked(row["model_parameters"]))
  const logged = unpacked(row["messages"])
  const messages = (arrayIn(logged) ?? arrayIn(objectIn(logged)?.["messages"]) ?? []).map(asSent)
  const flat = typeof logged === "string" && logged !== "" ? [{ role: "user", content: logged }] : undefined
  const wire = wireOf(row, messages)
  const withProvider = (request: CallRequest): CallRequest =>
    provider === undefined ? request : { ...request, provider }
  const parts = parameters === undefined ? ({ tools: "unknown", params: "unknown" } as const) : wholeBody
  const recorded: Recorded = {
    ...parts,
    // On Anthropic's wire the system prompt stands beside the messages, where the log may not have it.
    system: wire === "anthropic.messages" && parameters?.["system"] === undefined ? "unknown" : "verbatim"
  }
  if (messages.length === 0 && flat === undefined)
    return Result.succeed({
      request: withProvider({ wire, model: modelOf(row), messages: [], tools: null, params: {} }),
      recorded: {
        system: "absent",
        tools: "absent",
        params: "absent",
        history: "absent",
        notes: ["messages were not logged"]
      }
    })
  if (isResponses(row) && logged !== "redacted-by-litellm") return responsesRequest(row, parameters)
  const read = translations[wire].readRequest(bodyOf(row, parameters ?? {}, flat ?? messages))
  if (Result.isFailure(read)) return Result.fail(`the request cannot be read: ${read.failure}`)
  const request = withProvider(parameters === undefined ? { ...read.success, tools: null } : read.success)
  return Result.succeed({
    request,
    recorded:
      flat === undefined
        ? recorded
        : {
            ...recorded,
            history: logged === "redacted-by-litellm" ? "redacted" : "truncated",
            notes: ["messages were logged as one text"]
          }
  })
}
