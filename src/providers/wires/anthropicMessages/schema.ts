import { isArray, isNumber, isObject, type Json, type JsonObject } from "../json.ts"
import type { Losses } from "../losses.ts"

const formats = new Set(
  ["date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"].map(
    (name) => name as Json
  )
)
/** Keywords that pass as they are; values of `nested` are schemas in their turn. */
const plain = new Set(["type", "enum", "const", "description", "title", "required", "$ref"])
const nested = new Set(["items", "anyOf", "allOf"])
const named = new Set(["properties", "$defs", "definitions"])
const silent = new Set(["$schema", "$id", "$comment"])

/**
 * The schema in the part of JSON Schema that Anthropic enforces: objects closed, limits of numbers, texts and lists left out.
 * What is left out stands in the description, as Anthropic's own SDK does it, and is named as a loss; answers are graded by the original schema.
 */
export const enforceable = (schema: Json, losses: Losses): Json => {
  if (isArray(schema)) return schema.map((one) => enforceable(one, losses))
  if (!isObject(schema)) return schema
  const out: { [key: string]: Json } = {}
  const told: Array<string> = []
  for (const [key, value] of Object.entries(schema)) {
    if (silent.has(key) || key === "additionalProperties") continue
    if (plain.has(key)) out[key] = value
    else if (key === "oneOf") {
      losses.add("schema keyword oneOf", "Anthropic does not take it: sent as anyOf")
      out["anyOf"] = enforceable(value, losses)
    } else if (nested.has(key)) out[key] = enforceable(value, losses)
    else if (named.has(key) && isObject(value)) {
      out[key] = Object.fromEntries(Object.entries(value).map(([name, one]) => [name, enforceable(one, losses)]))
    } else if (key === "format" && formats.has(value)) out[key] = value
    else if (key === "minItems" && isNumber(value) && value <= 1) out[key] = value
    else {
      losses.add(`schema keyword ${key}`, "Anthropic does not enforce it; it stands in the description")
      told.push(`${key}: ${JSON.stringify(value)}`)
    }
  }
  const open = schema["additionalProperties"]
  if (out["type"] === "object" || isObject(out["properties"])) {
    out["additionalProperties"] = false
    if (open !== false)
      losses.add("schema keyword additionalProperties", "Anthropic takes only closed objects: sent as false")
  }
  if (told.length > 0) {
    const before = typeof out["description"] === "string" ? `${out["description"]}\n\n` : ""
    out["description"] = `${before}{${told.join(", ")}}`
  }
  return out
}

/** A tool's parameters, which must say that they are an object. */
export const objectSchema = (schema: Json): JsonObject =>
  isObject(schema) ? (schema["type"] === undefined ? { type: "object", ...schema } : schema) : { type: "object" }
