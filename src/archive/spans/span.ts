import type { CallRequest, CallResponse, Usage } from "../../domain/Call.ts"
import { noUsage } from "../../providers/wires/usage.ts"
import type { Recorded } from "../fidelity.ts"
import { arrayIn, numberIn, textIn, unpacked } from "../json.ts"
import type { Answer } from "./answers.ts"
import { responseOf } from "./answers.ts"
import type { Attributes } from "./attributes.ts"
import { cutLengthOf, holdsLength, isCutJson, opened, textAttribute } from "./attributes.ts"
import type { Heard, Span } from "./dialects.ts"
import { heardIn, settingsBelow, toolsBelow } from "./dialects.ts"
import type { Asked, ReadAsked } from "./requests.ts"
import { fullnessOf, requestOf } from "./requests.ts"
import { spanUsageOf } from "./spanUsage.ts"

/** A model call as a log tells it: what was asked, what came back, what it used, and how much of it was recorded. */
export interface Exchange {
  readonly request: CallRequest
  readonly response: CallResponse
  readonly usage: Usage
  readonly recorded: Recorded
}

/** Operations of OpenTelemetry that are one call of a model. */
const callOperations = new Set([
  "chat",
  "text_completion",
  "completion",
  "generate_content",
  "message",
  "chat_completion"
])

/**
 * `call` for a span that is one call of a model; else what it is: an agent, a tool, a chain, or a wrapper that repeats what its
 * calls used. Only calls are counted, never what stands around them.
 */
export const kindOfSpan = ({ attributes, name }: Span): string => {
  const sdk = textIn(attributes["ai.operationId"])
  if (sdk !== undefined) return /\.do(Generate|Stream)$/.test(sdk) ? "call" : sdk
  const operation = textIn(attributes["gen_ai.operation.name"])
  const smith = textIn(attributes["langsmith.span.kind"])?.toLowerCase()
  if (smith !== undefined) return smith === "llm" || smith === "chat_model" ? "call" : smith
  const inference = textIn(attributes["openinference.span.kind"])?.toUpperCase()
  // Google's ADK writes LLM on the span around the call too, where it has an operation of its own.
  if (inference !== undefined) return inference === "LLM" ? "call" : inference.toLowerCase()
  const flow = textIn(attributes["mlflow.spanType"])?.replaceAll('"', "").toUpperCase()
  if (flow !== undefined) return flow === "CHAT_MODEL" || flow === "LLM" ? "call" : flow.toLowerCase()
  if (operation !== undefined) return callOperations.has(operation) ? "call" : operation
  const type = textAttribute(attributes, "llm.request.type", "gen_ai.request.type")
  if (type !== undefined) return type === "chat" || type === "completion" ? "call" : type
  const loop = textIn(attributes["traceloop.span.kind"])
  if (loop !== undefined) return loop
  const sent = textIn(attributes["gcp.vertex.agent.llm_request"])
  if (sent !== undefined) return sent === "{}" ? "tool" : "call"
  if (textAttribute(attributes, "gen_ai.request.model") === undefined) return name === "" ? "span" : "other span"
  const told = Object.keys(attributes).some((key) =>
    /^gen_ai\.(usage|prompt|completion|input|output|response)\./.test(key)
  )
  return told || attributes["events"] !== undefined || attributes["request_data"] !== undefined ? "call" : "other span"
}

const modelOf = (attributes: Attributes) =>
  textAttribute(attributes, "gen_ai.request.model", "llm.request.model_name", "ai.model.id", "llm.model_name") ??
  textAttribute(attributes, "gen_ai.response.model", "llm.response.model_name", "model_name")

/** `openai.responses` is the AI SDK's name of a way to ask, of the provider `openai`. */
const providerOf = (attributes: Attributes) =>
  textAttribute(attributes, "gen_ai.provider.name", "gen_ai.system", "llm.provider", "llm.system", "ai.model.provider")
    ?.toLowerCase()
    .replace(/\.(responses|chat|messages|completion|generative-ai)$/, "")

/** Microsoft's agent framework writes the answer it goes on from as the conversation. */
const previousIn = (attributes: Attributes) => {
  const id = textAttribute(attributes, "gen_ai.conversation.id")
  return id?.startsWith("resp_") ? id : undefined
}

const stopOf = (attributes: Attributes): string | undefined => {
  const reasons = unpacked(attributes["gen_ai.response.finish_reasons"])
  return (
    textIn(arrayIn(reasons)?.[0]) ??
    textIn(reasons) ??
    textAttribute(attributes, "ai.response.finishReason", "llm.finish_reason", "llm.response.finish_reason")
  )
}

const fullest = (asked: ReadonlyArray<Asked>, common: Asked): ReadAsked => {
  const all = asked.map((one) =>
    requestOf({
      ...common,
      ...one,
      settings: { ...common.settings, ...one.settings },
      params: one.params ?? common.params ?? "unknown"
    })
  )
  const [first = requestOf(common), ...others] = all
  return others.reduce((best, one) => (fullnessOf(one) > fullnessOf(best) ? one : best), first)
}

const best = (answers: ReadonlyArray<Answer>): Answer | undefined =>
  answers.find(({ whole }) => whole === true) ??
  answers.find(({ blocks, state }) => blocks.length > 0 && state === undefined) ??
  answers[0]

/** What stands beside a span where a platform stored it: the messages as that has them, the model, the parameters. */
export interface Beside {
  readonly heard?: Heard
  readonly settings?: Attributes
  readonly model?: string | undefined
  readonly provider?: string | undefined
}

/**
 * Reads the model call that a span tells of, whichever conventions it follows: OpenTelemetry's GenAI attributes and events of all three
 * generations, OpenInference, the AI SDK, OpenLLMetry, Logfire and Pydantic AI, Google's ADK, MLflow, koog. Where a span speaks several, the
 * fullest account of the request is taken. A span without content gives its usage alone.
 */
export const exchangeOf = (span: Span, beside: Beside = {}): Exchange => {
  const { attributes } = span
  const all = [...heardIn(span), ...(beside.heard === undefined ? [] : [beside.heard])]
  const limit = cutLengthOf(attributes)
  const isCut = (one: Asked) => isCutJson(one.input) || holdsLength(one.input, limit) || holdsLength(one.system, limit)
  const asked = all.flatMap(({ asked: one }) => {
    if (one === undefined) return []
    const read = { ...one, input: opened(one.input) }
    return [{ ...read, cut: read.cut === true || isCut(read) }]
  })
  const intact = asked.filter((one) => !one.cut)
  // An account that was cut is used where there is no other.
  const read = fullest(intact.length > 0 ? intact : asked, {
    settings: { ...beside.settings, ...settingsBelow(attributes) },
    model: modelOf(attributes) ?? beside.model,
    provider: providerOf(attributes) ?? beside.provider,
    tools: toolsBelow(attributes),
    previousResponseId: previousIn(attributes)
  })
  const answer = best(all.flatMap((one) => one.answer ?? []))
  const response = responseOf(
    answer === undefined
      ? undefined
      : {
          ...answer,
          ...named("id", textAttribute(attributes, "gen_ai.response.id", "ai.response.id") ?? answer.id),
          ...named(
            "model",
            textAttribute(attributes, "gen_ai.response.model", "ai.response.model", "llm.response.model_name") ??
              answer.model
          ),
          ...named("stop", stopOf(attributes) ?? answer.stop)
        }
  )
  const own = spanUsageOf(attributes)
  const usage = answer?.usage ?? own
  const lost = answer === undefined && read.request.messages.length === 0
  const state = answer === undefined ? "absent" : holdsLength(answer.blocks, limit) ? "truncated" : answer.state
  return {
    request: read.request,
    response,
    usage: usage.input === null && usage.output === null ? (own.input === null ? noUsage : own) : usage,
    recorded: {
      ...read.recorded,
      ...(state === undefined ? {} : { response: state }),
      notes: lost
        ? ["no content was logged: its capture was off"]
        : [...(read.recorded.notes ?? []), ...answerNotes(answer)]
    }
  }
}

const answerNotes = (answer: Answer | undefined) => (answer === undefined ? ["the answer was not logged"] : [])

const named = <K extends string>(name: K, value: string | undefined) =>
  value === undefined ? {} : ({ [name]: value } as { readonly [P in K]: string })

/** Milliseconds until the first piece of the answer came; `undefined` where the span does not tell. */
export const ttftOf = (attributes: Attributes): number | undefined => {
  const ms = numberIn(attributes["ai.response.msToFirstChunk"]) ?? numberIn(attributes["ai.stream.msToFirstChunk"])
  const seconds =
    numberIn(attributes["gen_ai.response.time_to_first_chunk"]) ??
    numberIn(attributes["gen_ai.server.time_to_first_token"])
  const found = ms ?? (seconds === undefined ? undefined : seconds * 1000)
  return found === undefined || found < 0 ? undefined : Math.round(found * 1e3) / 1e3
}

/** What the span says the call cost, as it stands there. */
export const costIn = (attributes: Attributes): unknown =>
  attributes["llm.cost.total"] ?? attributes["gen_ai.usage.cost"] ?? attributes["operation.cost"]
