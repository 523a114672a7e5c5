import type { ResponseFormat, ToolChoice } from "../../../domain/Call.ts"
import { isArray, isFlag, isObject, isText, type Json } from "../json.ts"
import type { Losses } from "../losses.ts"
import { strictable } from "../openaiModels.ts"

const namesOf = (raw: Json | undefined) =>
  isArray(raw)
    ? raw.flatMap((tool) =>
        isObject(tool) && isObject(tool["function"]) && isText(tool["function"]["name"])
          ? [tool["function"]["name"]]
          : []
      )
    : []

/** Reads `tool_choice`; `undefined` for what has no canonical form. */
export const readToolChoice = (raw: Json | undefined): ToolChoice | undefined => {
  if (raw === "auto" || raw === "none" || raw === "required") return { mode: raw }
  if (!isObject(raw)) return undefined
  const named = raw["type"] === "function" ? raw["function"] : raw["type"] === "custom" ? raw["custom"] : undefined
  if (isObject(named) && isText(named["name"])) return { mode: "tool", name: named["name"] }
  const allowed = raw["type"] === "allowed_tools" ? raw["allowed_tools"] : undefined
  return isObject(allowed)
    ? { mode: "allowed", names: namesOf(allowed["tools"]), require: allowed["mode"] === "required" }
    : undefined
}

/** Writes a `tool_choice`. */
export const writeToolChoice = (choice: ToolChoice): Json => {
  if (choice.mode === "tool") return { type: "function", function: { name: choice.name } }
  if (choice.mode !== "allowed") return choice.mode
  return {
    type: "allowed_tools",
    allowed_tools: {
      mode: choice.require ? "required" : "auto",
      tools: choice.names.map((name) => ({ type: "function", function: { name } }))
    }
  }
}

/** Reads the older `function_call` parameter. */
export const readFunctionChoice = (raw: Json | undefined): ToolChoice | undefined =>
  raw === "auto" || raw === "none"
    ? { mode: raw }
    : isObject(raw) && isText(raw["name"])
      ? { mode: "tool", name: raw["name"] }
      : undefined

/** Reads `response_format`; `undefined` for what has no canonical form. */
export const readResponseFormat = (raw: Json | undefined): ResponseFormat | undefined => {
  if (!isObject(raw)) return undefined
  if (raw["type"] === "text") return { type: "text" }
  if (raw["type"] === "json_object") return { type: "json" }
  const inner = raw["json_schema"]
  if (raw["type"] !== "json_schema" || !isObject(inner)) return undefined
  const { name, schema, strict } = inner
  return {
    type: "json_schema",
    ...(isText(name) ? { name } : {}),
    schema: schema ?? {},
    ...(isFlag(strict) ? { strict } : {})
  }
}

/** Writes a `response_format`. A schema from a wire that always enforces it is made strict where OpenAI can take it so. */
export const writeResponseFormat = (format: ResponseFormat, own: boolean, losses: Losses): Json => {
  if (format.type !== "json_schema") return { type: format.type === "text" ? "text" : "json_object" }
  const { name, schema, strict } = format
  const enforced = own ? strict : (strict ?? (strictable(schema) ? true : undefined))
  if (!own && enforced !== true) {
    losses.add("strict schema", "OpenAI enforces only schemas whose objects are closed with every property required")
  }
  return {
    type: "json_schema",
    json_schema: {
      ...(name === undefined ? (own ? {} : { name: "answer" }) : { name }),
      schema,
      ...(enforced === undefined ? {} : { strict: enforced })
    }
  }
}
