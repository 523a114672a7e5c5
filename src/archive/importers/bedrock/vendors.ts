import type { CallRequest, CallResponse } from "../../../domain/Call.ts"
import type { Recorded } from "../../fidelity.ts"
import type { JsonObject } from "../../json.ts"
import { arrayIn, objectIn } from "../../json.ts"
import { openBody } from "../../secrets.ts"
import { stopReasonOf } from "../../spans/answers.ts"
import { settingsIn } from "../../spans/settings.ts"

/** A call in the shape of a vendor's own text completion. */
export interface Completion {
  readonly request: CallRequest
  readonly response: CallResponse
  readonly recorded: Recorded
}

const textAt = (object: JsonObject | undefined, ...names: ReadonlyArray<string>): string | undefined =>
  names.map((name) => object?.[name]).find((value) => typeof value === "string") as string | undefined

/** Titan's, Llama's, Mistral's, Cohere's, AI21's and Claude's older prompts. */
const promptIn = (body: JsonObject): string | undefined => textAt(body, "inputText", "prompt", "message")

/** What a piece of an answer says. */
const saidIn = (body: JsonObject): string | undefined => {
  const first = (name: string) => objectIn(arrayIn(body[name])?.[0])
  return (
    textAt(body, "outputText", "generation", "completion", "text") ??
    textAt(first("results"), "outputText") ??
    textAt(first("outputs"), "text") ??
    textAt(first("generations"), "text") ??
    textAt(objectIn(first("completions")?.["data"]), "text")
  )
}

const whyIn = (body: JsonObject): string | undefined => {
  const first = (name: string) => objectIn(arrayIn(body[name])?.[0])
  const names = ["completionReason", "stop_reason", "finish_reason"]
  return textAt(body, ...names) ?? textAt(first("results"), ...names) ?? textAt(first("outputs"), ...names)
}

/** Vendors' words for an answer that just ended, or was cut. */
const plainReason: Readonly<Record<string, string>> = {
  finish: "stop",
  complete: "stop",
  length: "length",
  max_tokens: "length"
}

const settingsOf = (body: JsonObject) => {
  const { inputText: _, message: __, prompt: ___, textGenerationConfig, ...rest } = openBody(body)
  const config = objectIn(textGenerationConfig) ?? {}
  const max = rest["max_gen_len"] ?? config["maxTokenCount"]
  const { max_gen_len: ____, ...others } = rest
  const { maxTokenCount: _____, ...more } = config
  return settingsIn({ ...others, ...more, ...(max === undefined ? {} : { max_tokens: max }) })
}

/**
 * Reads a call whose bodies are a vendor's own: the prompt as one text, the answer (or the pieces of its stream, joined) as another.
 * `undefined` where there is no prompt in it. Chats that vendors flatten into a prompt stay flat: grade C.
 */
export const completionIn = (
  asked: JsonObject,
  answered: unknown,
  about: { readonly model: string; readonly streamed: boolean }
): Completion | undefined => {
  const prompt = promptIn(asked)
  if (prompt === undefined) return undefined
  const pieces = (arrayIn(answered) ?? [answered]).map(objectIn).filter((one) => one !== undefined)
  const texts = pieces.flatMap((piece) => saidIn(piece) ?? [])
  const reason = pieces.map(whyIn).findLast((one) => one !== undefined)
  const settings = settingsOf(asked)
  const known = reason?.toLowerCase() ?? ""
  return {
    request: {
      wire: "text",
      model: about.model,
      messages: [{ role: "user", blocks: [{ type: "text", text: prompt }] }],
      tools: null,
      ...settings,
      params: { ...settings.params, ...(about.streamed ? { stream: true } : {}) }
    },
    response: {
      blocks: texts.length === 0 ? [] : [{ type: "text", text: texts.join("") }],
      stopReason: stopReasonOf(Object.hasOwn(plainReason, known) ? plainReason[known] : reason, []),
      ...(reason === undefined ? {} : { stopReasonRaw: reason }),
      complete: texts.length > 0
    },
    recorded: {
      system: "unknown",
      tools: "unknown",
      params: "verbatim",
      history: "partial",
      ...(texts.length === 0 ? { response: "absent" } : {}),
      notes: ["the model took its conversation as one text: system prompt and turns are not told apart"]
    }
  }
}
