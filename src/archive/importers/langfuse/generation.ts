import { noUsage } from "../../../providers/wires/usage.ts"
import type { JsonObject } from "../../json.ts"
import { arrayIn, objectIn, textIn, unpacked } from "../../json.ts"
import { answerIn } from "../../spans/answers.ts"
import type { Attributes } from "../../spans/attributes.ts"
import type { Span } from "../../spans/dialects.ts"
import { offered } from "../../spans/dialects.ts"
import type { Asked } from "../../spans/requests.ts"
import type { Exchange } from "../../spans/span.ts"
import { exchangeOf, kindOfSpan } from "../../spans/span.ts"
import { fieldIn, fieldObject, fieldText, metadataOf } from "./rows.ts"
import { usageOfRow } from "./usage.ts"

/** The span that an observation was, where it came by OpenTelemetry: Langfuse keeps its attributes in the metadata. */
export const spanOf = (row: JsonObject): Span => {
  const metadata = metadataOf(row)
  const scope = textIn(fieldObject(metadata, "scope")["name"]) ?? fieldText(row, "scope_name")
  return {
    name: fieldText(row, "name") ?? "",
    ...(scope === undefined ? {} : { scope }),
    attributes: fieldObject(metadata, "attributes") as Attributes,
    events: []
  }
}

/** What an observation is beside a call: `undefined` for a call, else the type it is counted by. */
export const otherThanCall = (row: JsonObject, span: Span): string | undefined => {
  const type = textIn(row["type"])
  if (type !== undefined && type !== "GENERATION") return type.toLowerCase()
  const operation = span.attributes["gen_ai.operation.name"]
  // Spans that sum up the calls inside them, which Langfuse stored as generations of their own.
  return "ai.operationId" in span.attributes || operation === "invoke_agent" || operation === "agent_step"
    ? kindOfSpan(span) === "call"
      ? undefined
      : kindOfSpan(span)
    : undefined
}

/** Tool definitions of an observation: their own column, else the metadata. */
const toolsOf = (row: JsonObject): unknown => {
  const column = unpacked(fieldIn(row, "tool_definitions"))
  const listed = arrayIn(column) ?? objectIn(column)
  if (listed !== undefined && Object.keys(listed).length > 0) return listed
  const metadata = metadataOf(row)
  return unpacked(metadata["tools"]) ?? unpacked(fieldObject(row, "model_parameters")["tools"])
}

/** Claude's agent SDK makes a span of each block of an answer, and loses the history. */
const isSplit = (row: JsonObject) => row["name"] === "claude.assistant.turn"

/** A GENERATION as it was read. */
export interface Generation {
  readonly exchange: Exchange
  readonly span: Span
  /** True where a provider's object or an instrumentation's attributes told the usage, not Langfuse's own columns. */
  readonly counted: boolean
}

/** The model call of a GENERATION; its usage by the provider's object in the answer, else its attributes, else Langfuse's details. */
export const generationIn = (row: JsonObject, span: Span): Generation => {
  const input = fieldIn(row, "input")
  const answer = answerIn(fieldIn(row, "output"))
  const tools = toolsOf(row)
  const asked: Asked = { input, ...offered(span.attributes), ...(tools === undefined ? {} : { tools }) }
  const provider = textIn(metadataOf(row)["ls_provider"])
  const read = exchangeOf(span, {
    heard: { ...(input === undefined ? {} : { asked }), ...(answer === undefined ? {} : { answer }) },
    settings: fieldObject(row, "model_parameters"),
    model: fieldText(row, "provided_model_name", "model"),
    provider
  })
  const name = fieldText(row, "prompt_name")
  const version = fieldText(row, "prompt_version")
  const template = name === undefined ? {} : { promptTemplate: { name, ...(version === undefined ? {} : { version }) } }
  const counted = read.usage.input !== null || read.usage.output !== null
  const recorded = isSplit(row)
    ? {
        ...read.recorded,
        system: "unknown" as const,
        response: "partial" as const,
        notes: [...(read.recorded.notes ?? []), "the blocks of one answer were logged as calls of their own"]
      }
    : read.recorded
  const usage = counted ? read.usage : (usageOfRow(row) ?? noUsage)
  return { exchange: { ...read, request: { ...read.request, ...template }, usage, recorded }, span, counted }
}
