import type { Params } from "../../domain/Call.ts"
import { isArray, isObject, type Json } from "./json.ts"
import type { Losses } from "./losses.ts"

/** True for OpenAI's models that think before they answer and refuse `max_tokens`. */
export const thinks = (model: string): boolean => /^(o\d|gpt-[5-9])/.test(model)

/** True for those of them that take no sampling parameters but the default ones, and no stop sequences. */
export const unsampled = (model: string): boolean => /^(o\d|gpt-5(-(mini|nano|pro))?(-\d{4}|$))/.test(model)

/** True for OpenAI's models that do not think and refuse to be told how hard to. */
const thoughtless = (model: string) => /^(gpt-[34]|chatgpt)/.test(model)

const defaults = [
  ["temperature", 1],
  ["top_p", 1],
  ["frequency_penalty", 0],
  ["presence_penalty", 0]
] as const

/** Sampling parameters as the model takes them: what it refuses is a loss. */
export const defaultsOnly = (
  fields: { readonly [name: string]: Json },
  model: string,
  losses: Losses
): { [name: string]: Json } => {
  const taken = { ...fields }
  if (!unsampled(model)) return taken
  for (const [name, usual] of defaults) {
    if (taken[name] === undefined || taken[name] === usual) continue
    losses.add(name, `${model} takes only its default`)
    delete taken[name]
  }
  return taken
}

/** How hard the model is told to think; `undefined`: nothing is said. `own`: the request came by this wire. */
export const effortOf = ({ reasoning }: Params, own: boolean, model: string, losses: Losses): string | undefined => {
  if (reasoning === undefined) return undefined
  const { effort } = reasoning
  if (effort === undefined) {
    if (!own) losses.add("reasoning", "OpenAI takes an effort, no budget of thinking tokens")
    return undefined
  }
  if (!own && effort === "max") {
    losses.add("reasoning", "OpenAI knows no effort above xhigh")
    return thoughtless(model) ? undefined : "xhigh"
  }
  if (!thoughtless(model)) return effort
  if (effort !== "none") losses.add("reasoning", `${model} does not think before it answers`)
  return undefined
}

/** Every object closed and every property required, as OpenAI's strict mode wants it. */
export const strictable = (schema: Json): boolean => {
  if (isArray(schema)) return schema.every(strictable)
  if (!isObject(schema)) return true
  const { properties, required } = schema
  if (schema["type"] === "object" || isObject(properties)) {
    if (schema["additionalProperties"] !== false) return false
    const needed = new Set(isArray(required) ? required : [])
    if (!Object.keys(isObject(properties) ? properties : {}).every((name) => needed.has(name))) return false
  }
  return Object.values(schema).every(strictable)
}
