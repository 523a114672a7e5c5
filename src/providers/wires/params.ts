import type { CallRequest, Params } from "../../domain/Call.ts"
import { isInt, isNumber, isObject, type Json, type JsonObject, same } from "./json.ts"
import type { Losses } from "./losses.ts"

/** Parameters that are one number in both forms. */
type Scalar = "temperature" | "topP" | "topK" | "seed" | "n" | "frequencyPenalty" | "presencePenalty"

/** The wire's name of each scalar it knows. */
export type ScalarNames = { readonly [K in Scalar]?: string }

const whole: ReadonlySet<Scalar> = new Set(["topK", "seed", "n"])
const order: ReadonlyArray<Scalar> = ["temperature", "topP", "topK", "seed", "n", "frequencyPenalty", "presencePenalty"]

/** Reads the scalars of a wire; `used` gets the names that were read. What is no fit number stays where it is. */
export const readScalars = (body: JsonObject, names: ScalarNames, used: Set<string>): Partial<Params> => {
  const params: { -readonly [K in Scalar]?: number } = {}
  for (const key of order) {
    const name = names[key]
    if (name === undefined) continue
    const value = body[name]
    if (whole.has(key) ? !isInt(value) : !isNumber(value)) continue
    params[key] = value as number
    used.add(name)
  }
  return params
}

/** Writes the scalars a wire has a name for; each other one that is set is a loss. */
export const writeScalars = (params: Params, names: ScalarNames, losses: Losses): { [name: string]: Json } => {
  const fields: { [name: string]: Json } = {}
  for (const key of order) {
    const value = params[key]
    if (value === undefined) continue
    const name = names[key]
    if (name !== undefined) fields[name] = value
    else if (!(key === "n" && value === 1)) losses.add(key, "the wire has no such parameter")
  }
  return fields
}

/**
 * A parameter whose canonical form is poorer than the wire's: the wire's own form stays in `params.extra` under its name, and is used again
 * as long as it still means what the canonical form says.
 */
export const fieldOf = <A>(
  extra: JsonObject,
  name: string,
  canonical: A | undefined,
  read: (raw: Json | undefined) => A | undefined,
  write: (value: A) => Json | undefined
): Json | undefined => {
  if (Object.hasOwn(extra, name) && same(read(extra[name]), canonical)) return extra[name]
  return canonical === undefined ? undefined : write(canonical)
}

/** Names under which wires keep what also has a canonical form; never a loss of their own. */
const canonicalNames = new Set([
  ...["stop", "stop_sequences", "tools", "functions", "tool_choice", "function_call", "response_format", "format"],
  ...["thinking", "output_config", "think", "reasoning_effort", "stream", "stream_options", "parallel_tool_calls"],
  ...["max_tokens", "max_completion_tokens", "max_output_tokens", "temperature", "top_p", "top_k", "seed", "n"],
  ...["frequency_penalty", "presence_penalty", "options", "num_ctx", "num_predict", "text", "reasoning", "conversation"]
])

/** Parameters of the Responses wire of which a part has a canonical name, and that part. */
const halfCanonical = new Map([
  ["text", "format"],
  ["reasoning", "effort"]
])

/** Parameters of another wire without a canonical name, and history that only its provider keeps: each is a loss. */
export const extraLosses = (request: CallRequest, losses: Losses): void => {
  const why = `only ${request.wire} knows it`
  for (const [name, value] of Object.entries(request.params.extra ?? {})) {
    const half = request.wire === "openai.responses" ? halfCanonical.get(name) : undefined
    if (half !== undefined && isObject(value)) {
      for (const [inner, part] of Object.entries(value))
        if (inner !== half && part !== null) losses.add(`parameter ${name}.${inner}`, why)
    } else if (!canonicalNames.has(name) && value !== null) losses.add(`parameter ${name}`, why)
  }
  if (request.serverState?.resolved === false)
    losses.add("history", "its provider keeps it; only the messages in the request are sent")
}

/** Stop sequences as a list, whether one text or several; `undefined` for anything else. */
export const readStop = (raw: Json | undefined): ReadonlyArray<string> | undefined => {
  if (typeof raw === "string") return [raw]
  return Array.isArray(raw) && raw.every((one) => typeof one === "string") ? raw : undefined
}

/** True when an answer of `producer` may go back to `model`: the same one, or a dated name of it. */
export const sameModel = (producer: string, model: string): boolean =>
  producer === model || producer.startsWith(`${model}-`) || model.startsWith(`${producer}-`)
