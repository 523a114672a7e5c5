import { arrayIn, objectIn, textIn, unpacked } from "../json.ts"
import type { Answer } from "./answers.ts"
import { answerIn } from "./answers.ts"
import type { Attributes } from "./attributes.ts"
import { attributeIn, below, listBelow, textAttribute } from "./attributes.ts"
import type { SpanEvent } from "./events.ts"
import { toldBy } from "./events.ts"
import { assistantBlocks, withCallIds } from "./messages.ts"
import type { Asked } from "./requests.ts"

/** A span, whatever it was exported as. */
export interface Span {
  readonly name: string
  /** The name of the instrumentation that made it. */
  readonly scope?: string
  readonly attributes: Attributes
  readonly events: ReadonlyArray<SpanEvent>
}

/** What one dialect finds in a span; nothing where the span does not speak it. */
export interface Heard {
  readonly asked?: Asked
  readonly answer?: Answer
}

type Dialect = (span: Span) => Heard

const heard = (asked: Asked | undefined, answer: Answer | undefined): Heard => ({
  ...(asked === undefined ? {} : { asked }),
  ...(answer === undefined ? {} : { answer })
})

/** Whole bodies of requests and answers that instrumentations keep as JSON: Logfire, Google's ADK, MLflow, OpenInference. */
const bodyNames = [
  ["request_data", "response_data"],
  ["gcp.vertex.agent.llm_request", "gcp.vertex.agent.llm_response"],
  ["mlflow.spanInputs", "mlflow.spanOutputs"],
  ["input.value", "output.value"],
  ["langfuse.observation.input", "langfuse.observation.output"],
  ["input", "output"]
] as const

const isBody = (value: unknown) => {
  const object = objectIn(value)
  if (object === undefined) return Array.isArray(value)
  return ["messages", "contents", "input", "prompt"].some((name) => name in object)
}

/** What a provider's answer repeats of its request: OpenAI's Responses API gives the instructions, the tools and the parameters back. */
const repeated = (answer: unknown): Asked => {
  const body = objectIn(unpacked(answer))
  if (body?.["object"] !== "response" || arrayIn(body["output"]) === undefined) return {}
  const system = textIn(body["instructions"])
  const previousResponseId = textIn(body["previous_response_id"])
  return {
    ...(previousResponseId === undefined ? {} : { previousResponseId }),
    ...(system === undefined ? {} : { system }),
    ...(arrayIn(body["tools"]) === undefined ? {} : { tools: body["tools"] }),
    settings: body,
    params: "reconstructed"
  }
}

const bodies: Dialect = ({ attributes }) => {
  for (const [input, output] of bodyNames) {
    const asked = unpacked(attributes[input])
    const body = isBody(asked)
    const answer = attributes[output] === undefined ? undefined : answerIn(attributes[output])
    if (!body && answer === undefined) continue
    return heard(body ? { input: asked, ...repeated(attributes[output]) } : undefined, answer)
  }
  return {}
}

/** The event on which OpenTelemetry records all of a call: its messages, and the attributes of its span. */
export const detailsEvent = "gen_ai.client.inference.operation.details"

/** OpenTelemetry since 1.37: messages as JSON on the span, or on one event. */
const thirdGeneration: Dialect = ({ attributes, events }) => {
  const event = events.find(({ name }) => name === detailsEvent)
  const all = { ...attributes, ...event?.attributes, ...objectIn(event?.body) }
  const input = attributeIn(all, "gen_ai.input.messages")
  const output = attributeIn(all, "gen_ai.output.messages")
  const system = attributeIn(all, "gen_ai.system_instructions")
  const tools = attributeIn(all, "gen_ai.tool.definitions")
  const asked: Asked | undefined =
    input === undefined && system === undefined
      ? undefined
      : { input, ...(system === undefined ? {} : { system }), ...(tools === undefined ? {} : { tools }) }
  return heard(asked, output === undefined ? undefined : answerIn(output))
}

/** OpenTelemetry 1.27 to 1.36: an event for each message, on the span, in the logs, or (Logfire) as one list in an attribute. */
const secondGeneration: Dialect = ({ attributes, events }) => {
  const listed = (arrayIn(unpacked(attributes["events"])) ?? []).map((one): SpanEvent => {
    const said = objectIn(one) ?? {}
    return { name: textIn(said["event.name"]) ?? "", attributes: said }
  })
  const { answer, cut, messages } = toldBy([...events, ...listed])
  return heard(messages.length === 0 ? undefined : { input: messages, ...(cut ? { cut } : {}) }, answer)
}

const spelled = (list: ReadonlyArray<unknown> | undefined) =>
  list === undefined || list.length === 0 ? undefined : list

/** Answers one after the other: calls that were made at once, or the choices of one call. */
const completionsIn = (list: ReadonlyArray<unknown> | undefined): Answer | undefined =>
  spelled(list) === undefined ? undefined : answerIn((list ?? []).filter((one) => one !== undefined))

/** Parts of a message that came as the JSON of a list. */
const openedContent = (raw: unknown): unknown => {
  const message = objectIn(raw)
  const content = message?.["content"]
  const parts = arrayIn(unpacked(content))
  const isPart = (part: unknown) =>
    textIn(objectIn(part)?.["type"]) !== undefined && objectIn(part)?.["function"] === undefined
  return message !== undefined &&
    typeof content === "string" &&
    parts !== undefined &&
    parts.length > 0 &&
    parts.every(isPart)
    ? { ...message, content: parts }
    : raw
}

/** OpenTelemetry up to 1.26 and OpenLLMetry: messages spelled out in attributes, or as JSON in two events. */
const firstGeneration: Dialect = ({ attributes, events }) => {
  const of = (event: string, name: string) => events.find((one) => one.name === event)?.attributes[name]
  const input = spelled(listBelow(attributes, "gen_ai.prompt")) ?? spelled(listBelow(attributes, "llm.prompts"))
  const output = listBelow(attributes, "gen_ai.completion") ?? listBelow(attributes, "llm.completions")
  const prompt = input?.map(openedContent) ?? of("gen_ai.content.prompt", "gen_ai.prompt")
  const completion = of("gen_ai.content.completion", "gen_ai.completion")
  return heard(
    prompt === undefined ? undefined : { input: prompt },
    completionsIn(output?.map(openedContent)) ?? (completion === undefined ? undefined : answerIn(completion))
  )
}

const openInference: Dialect = ({ attributes }) => {
  const input = spelled(listBelow(attributes, "llm.input_messages"))
  const prompts = spelled(listBelow(attributes, "llm.prompts"))
  const parameters = objectIn(unpacked(attributes["llm.invocation_parameters"]))
  const text = prompts?.map((one) => objectIn(one)?.["prompt"] ?? one).map((one) => objectIn(one)?.["text"] ?? one)
  if (input === undefined && text === undefined) return {}
  const output = listBelow(attributes, "llm.output_messages")?.filter((one) => one !== undefined)
  return heard(
    {
      input: input ?? text?.[0],
      ...(parameters === undefined ? {} : { settings: parameters, params: "verbatim" as const }),
      ...repeated(attributes["output.value"])
    },
    output === undefined || output.length === 0 ? undefined : answerIn(output)
  )
}

/** The AI SDK records its tools wherever it records its messages: where it names none, none were offered. */
export const offered = (attributes: Attributes): Asked =>
  "ai.operationId" in attributes ? { tools: attributes["ai.prompt.tools"] ?? [] } : {}

/** The AI SDK's own attributes; the reasoning effort and other options of a provider are not among them. */
const aiSdk: Dialect = ({ attributes }) => {
  const messages = attributeIn(attributes, "ai.prompt.messages")
  const text = attributes["ai.response.text"] ?? attributes["ai.result.text"]
  const calls = attributeIn(attributes, "ai.response.toolCalls", "ai.result.toolCalls")
  const object = textAttribute(attributes, "ai.response.object", "ai.result.object")
  const reasoning = attributes["ai.response.reasoning"]
  const answered = text !== undefined || calls !== undefined || object !== undefined
  const blocks = assistantBlocks({ content: text ?? object ?? null, tool_calls: calls, reasoning })
  return heard(
    messages === undefined ? undefined : { input: messages, ...offered(attributes) },
    answered ? { blocks: withCallIds(blocks) } : undefined
  )
}

/** What Pydantic AI says of the tools: all of them, in a parameter of its own. */
const pydanticTools = (attributes: Attributes): unknown => {
  const parameters = objectIn(unpacked(attributes["model_request_parameters"]))
  const lists = [parameters?.["function_tools"], parameters?.["output_tools"]].map(arrayIn)
  return lists.some((list) => list !== undefined) ? lists.flatMap((list) => list ?? []) : undefined
}

const dialects: ReadonlyArray<Dialect> = [
  bodies,
  thirdGeneration,
  aiSdk,
  openInference,
  secondGeneration,
  firstGeneration
]

/** All that the dialects find in a span, the nearest to the wire first. */
export const heardIn = (span: Span): ReadonlyArray<Heard> => dialects.map((dialect) => dialect(span))

/** The tools that attributes of any dialect tell, as they came; `undefined` where none does. */
export const toolsBelow = (attributes: Attributes): unknown =>
  attributeIn(attributes, "gen_ai.tool.definitions", "ai.prompt.tools") ??
  listBelow(attributes, "llm.tools") ??
  listBelow(attributes, "llm.request.functions") ??
  pydanticTools(attributes)

/** The parameters that attributes of any dialect tell. */
export const settingsBelow = (attributes: Attributes): Attributes => {
  const { model: _, ...request } = below(attributes, "gen_ai.request.")
  const schema = objectIn(
    unpacked(attributes["ai.schema"]) ?? unpacked(attributes["gen_ai.request.structured_output_schema"])
  )
  const native = objectIn(objectIn(unpacked(attributes["model_request_parameters"]))?.["output_object"])
  const format = schema === undefined ? native && { ...native, schema: native["json_schema"] } : { schema }
  const choice = attributes["ai.prompt.toolChoice"]
  return {
    ...Object.fromEntries(
      Object.entries(request).filter(([name]) => !/^(type|tools\.|choice$|structured_output)/.test(name))
    ),
    ...Object.fromEntries(
      Object.entries(below(attributes, "ai.settings.")).filter(
        ([name]) => !/^(maxRetries|maxSteps|mode|output)/.test(name)
      )
    ),
    ...(choice === undefined ? {} : { tool_choice: choice }),
    ...(format === undefined ? {} : { response_format: { type: "json_schema", json_schema: format } })
  }
}
