import type { Recorded } from "../../fidelity.ts"
import type { JsonObject } from "../../json.ts"
import { arrayIn, countIn, objectIn, textIn, unpacked } from "../../json.ts"
import { shapeOfRequest, shapeOfResponse } from "../wires.ts"
import { answerOf, countsIn, MappedRows } from "./mapped.ts"
import { plainRow, type Row } from "./row.ts"

const isMessages = (value: unknown): boolean => {
  const list = arrayIn(value)
  return list !== undefined && list.length > 0 && list.every((one) => textIn(objectIn(one)?.["role"]) !== undefined)
}

/** A body of a wire that is read; a list of messages alone is none. */
const bodyIn = (value: unknown) => {
  const body = objectIn(value)
  const shape = body === undefined ? undefined : shapeOfRequest(body)
  return body !== undefined && shape !== undefined && "wire" in shape ? { body, wire: shape.wire } : undefined
}

const isSaid = (value: unknown): boolean => {
  const object = objectIn(value)
  return typeof value === "string"
    ? value !== ""
    : object !== undefined && (shapeOfResponse(object) !== undefined || "content" in object || "tool_calls" in object)
}

/** True for a row `{ input, output }` of a call: a request's body, messages, or (of a model that the row names) the text of a prompt, and what came back. */
export const isInputOutput = (row: JsonObject): boolean => {
  if (!("input" in row && "output" in row) || "request" in row || "response" in row) return false
  const input = unpacked(row["input"])
  const isPrompt = typeof input === "string" && input !== "" && textIn(row["model"]) !== undefined
  return (bodyIn(input) !== undefined || isMessages(input) || isPrompt) && isSaid(unpacked(row["output"]))
}

/** Keys that are read as parts of the call, and so are no labels. */
const parts = ["input", "output", "model", "system", "tools", "params", "usage"]

const outsideOf = (row: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(row).filter(([name]) => !parts.includes(name)))

/** Counts in the Responses API's names, where input holds what was cached, or in Anthropic's, where it does not, as chat completions name them. */
const chatCounts = (usage: JsonObject): JsonObject => {
  const [input, output] = [countIn(usage["input_tokens"]), countIn(usage["output_tokens"])]
  if (input === undefined || output === undefined || "prompt_tokens" in usage || "completion_tokens" in usage)
    return usage
  const [read, written] = [countIn(usage["cache_read_input_tokens"]), countIn(usage["cache_creation_input_tokens"])]
  const prompt = input + (read ?? 0) + (written ?? 0)
  return countsIn("openai.chat", {
    input: prompt,
    output,
    total: prompt + output,
    cacheRead: read ?? objectIn(usage["input_tokens_details"])?.["cached_tokens"],
    cacheWrite: written,
    reasoning: objectIn(usage["output_tokens_details"])?.["reasoning_tokens"]
  })
}

const usageBeside = (response: unknown, beside: unknown): unknown => {
  const body = objectIn(response)
  const usage = objectIn(beside)
  if (body === undefined || "usage" in body || usage === undefined) return response
  return { ...body, usage: "choices" in body ? chatCounts(usage) : usage }
}

/** A row of `{ input, output }` as its request and answer; what stands beside them is read as in a row of `{ request, response }`. */
export const inputOutputRow = (row: JsonObject): Row => {
  const beside = plainRow(outsideOf(row))
  const input = unpacked(row["input"])
  const output = unpacked(row["output"])
  const whole = bodyIn(input)
  const isBody = objectIn(output) !== undefined && shapeOfResponse(objectIn(output) ?? {}) !== undefined
  if (whole !== undefined) {
    const named =
      "model" in whole.body ? whole.body : { ...whole.body, ...(row["model"] ? { model: row["model"] } : {}) }
    const response = isBody ? output : answerOf(whole.wire, output)
    return {
      ...beside,
      request: named,
      response: usageBeside(response, row["usage"]),
      ...(isBody ? {} : { recorded: saidAlone })
    }
  }
  const { recorded, request, response, wire } = new MappedRows({
    messages: "/input",
    answer: "/output",
    ...Object.fromEntries(["model", "system", "tools", "params"].map((name) => [name, `/${name}`]))
  }).row(row)
  const isPrompt = typeof input === "string" && row["system"] === undefined
  return {
    ...beside,
    request,
    response: usageBeside(response, row["usage"]),
    ...(wire === undefined ? {} : { wire }),
    recorded: {
      ...recorded,
      ...(isPrompt ? { system: "unknown", notes: ["the input was logged as one text"] } : {}),
      ...(isBody ? {} : { response: "reconstructed" })
    }
  }
}

const saidAlone: Partial<Recorded> = {
  response: "reconstructed",
  notes: ["the answer was logged without the body around it"]
}
