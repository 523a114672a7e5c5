import type { ToolDef } from "../../domain/Call.ts"
import type { Wire } from "../../domain/Message.ts"
import { compact, isArray, isFlag, isObject, isText, type Json, type JsonObject, keep, kept, restOf } from "./json.ts"
import type { Losses } from "./losses.ts"
import { oneText } from "./schemas.ts"

const basis = "recorded"
const known = new Set(["type", "function"])
const knownFunction = new Set(["name", "description", "parameters", "strict"])

/** What a function without parameters takes. */
const noParameters: Json = { type: "object", properties: {} }

/** Reads the inner object of a function tool, with what else is to be kept of it; `undefined` where it has no name. */
export const readFunction = (
  raw: JsonObject,
  wire: Wire,
  more: { readonly [key: string]: Json | undefined }
): ToolDef | undefined => {
  const { description, name, parameters, strict } = raw
  if (!isText(name)) return undefined
  const rest = Object.entries({
    ...restOf(raw, knownFunction),
    ...(description === undefined || isText(description) ? {} : { description }),
    ...(strict === undefined || strict === null || isFlag(strict) ? {} : { strict })
  })
  return {
    name,
    ...(isText(description) ? { description } : {}),
    inputSchema: parameters ?? noParameters,
    ...(strict === null || isFlag(strict) ? { strict } : {}),
    kind: "function",
    ...keep(
      wire,
      compact({
        function: rest.length === 0 ? undefined : Object.fromEntries(rest),
        bare: parameters === undefined ? "absent" : parameters === null ? "null" : undefined,
        ...more
      })
    ),
    basis
  }
}

const readTool = (raw: Json, wire: Wire): ToolDef => {
  if (isObject(raw)) {
    const { type } = raw
    const tool =
      type === "function" && isObject(raw["function"])
        ? readFunction(raw["function"], wire, { rest: restOf(raw, known) })
        : undefined
    if (tool !== undefined) return tool
    const named = type === "custom" && isObject(raw["custom"]) ? raw["custom"] : raw
    const name = isText(named["name"]) ? named["name"] : isText(type) ? type : "tool"
    return {
      name,
      ...(isText(named["description"]) ? { description: named["description"] } : {}),
      inputSchema: { type: "string" },
      kind: type === "custom" ? "custom" : "provider",
      ...(isText(type) && type !== "custom" ? { providerType: type } : {}),
      origin: { wire, data: { raw } },
      basis
    }
  }
  return { name: "tool", inputSchema: {}, kind: "provider", origin: { wire, data: { raw } }, basis }
}

/** Reads `tools` of the shape that OpenAI and Ollama share; `undefined` where it is no array. */
export const readTools = (raw: Json | undefined, wire: Wire): ReadonlyArray<ToolDef> | undefined =>
  isArray(raw) ? raw.map((tool) => readTool(tool, wire)) : undefined

/** Reads OpenAI's older `functions`; `undefined` where one of them is no function. */
export const readFunctions = (raw: Json | undefined, wire: Wire): ReadonlyArray<ToolDef> | undefined => {
  if (!isArray(raw)) return undefined
  const tools = raw.flatMap((one) => (isObject(one) ? (readFunction(one, wire, { older: true }) ?? []) : []))
  return tools.length === raw.length ? tools : undefined
}

/** True for a tool that was recorded under the older `functions`. */
export const isOlder = (tool: ToolDef, wire: Wire): boolean => kept(tool, wire)["older"] === true

/** Writes the inner object of a function tool, which is the whole of an older one. */
export const writeFunction = (tool: ToolDef, wire: Wire): JsonObject => {
  const { bare, function: rest } = kept(tool, wire)
  const parameters = bare === "null" ? null : tool.inputSchema
  return {
    ...(isObject(rest) ? rest : {}),
    name: tool.name,
    ...(tool.description === undefined ? {} : { description: tool.description }),
    ...(bare === "absent" ? {} : { parameters }),
    ...(tool.strict === undefined ? {} : { strict: tool.strict })
  }
}

/** Writes a tool; `undefined` (with a loss) for one that only another provider hosts. */
export const writeTool = (tool: ToolDef, wire: Wire, losses: Losses): Json | undefined => {
  const data = kept(tool, wire)
  if (data["raw"] !== undefined) return data["raw"]
  losses.fields(tool)
  if (tool.kind === "provider") {
    losses.add(`hosted tool ${tool.name}`, "only its own provider can run it")
    return undefined
  }
  if (tool.kind === "custom") losses.add(`custom tool ${tool.name}`, "sent as a function that takes one input text")
  const written =
    tool.kind === "custom"
      ? {
          name: tool.name,
          ...(tool.description === undefined ? {} : { description: tool.description }),
          parameters: oneText
        }
      : writeFunction(tool, wire)
  return { type: "function", function: written, ...(isObject(data["rest"]) ? data["rest"] : {}) }
}
