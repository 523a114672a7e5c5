import type { ResponseFormat, ToolChoice, ToolDef } from "../../../domain/Call.ts"
import { readFunction, writeFunction } from "../functionTools.ts"
import { isArray, isFlag, isObject, isText, type Json, type JsonObject, kept, restOf } from "../json.ts"
import type { Losses } from "../losses.ts"
import { strictable } from "../openaiModels.ts"

const wire = "openai.responses"
const typeOnly = new Set(["type"])

const readTool = (raw: Json): ToolDef => {
  const hosted = (name: string, type?: string): ToolDef => ({
    name,
    inputSchema: {},
    kind: "provider",
    ...(type === undefined ? {} : { providerType: type }),
    origin: { wire, data: { raw } },
    basis: "recorded"
  })
  if (!isObject(raw)) return hosted("tool")
  const { name, parameters, strict, type } = raw
  if (type === "function") {
    // A tool that does not say is held to its schema where the schema allows.
    const held = strict === undefined && isObject(parameters) && strictable(parameters)
    const read = readFunction({ ...restOf(raw, typeOnly), ...(held ? { strict: true } : {}) }, wire, {
      strict: held ? "absent" : undefined
    })
    if (read !== undefined) return read
  }
  if (type === "custom" && isText(name)) {
    const { description } = raw
    return {
      name,
      ...(isText(description) ? { description } : {}),
      inputSchema: { type: "string" },
      kind: "custom",
      origin: { wire, data: { raw } },
      basis: "recorded"
    }
  }
  return hosted(isText(name) ? name : isText(type) ? type : "tool", isText(type) ? type : undefined)
}

/** Reads `tools`; `undefined` where it is no array. */
export const readTools = (raw: Json | undefined): ReadonlyArray<ToolDef> | undefined =>
  isArray(raw) ? raw.map(readTool) : undefined

/** The grammar of a custom tool of another wire: OpenAI's chat has it one level deeper. */
const formatOf = (tool: ToolDef): Json | undefined => {
  const data = isObject(tool.origin?.data) ? tool.origin.data["raw"] : undefined
  const custom = isObject(data) && isObject(data["custom"]) ? data["custom"] : undefined
  const format = custom?.["format"]
  if (!isObject(format)) return undefined
  return format["type"] === "grammar" && isObject(format["grammar"])
    ? { type: "grammar", ...format["grammar"] }
    : format
}

/** Writes a tool; `undefined` (with a loss) for one that only another provider hosts. */
export const writeTool = (tool: ToolDef, own: boolean, losses: Losses): Json | undefined => {
  const { raw, strict } = kept(tool, wire)
  if (raw !== undefined) return raw
  losses.fields(tool)
  if (tool.kind === "provider") {
    losses.add(`hosted tool ${tool.name}`, "only its own provider can run it")
    return undefined
  }
  const description = tool.description === undefined ? {} : { description: tool.description }
  if (tool.kind === "custom") {
    const format = formatOf(tool)
    return { type: "custom", name: tool.name, ...description, ...(format === undefined ? {} : { format }) }
  }
  const { strict: written, ...rest } = writeFunction(tool, wire)
  if (own)
    return { type: "function", ...rest, ...(strict === "absent" || written === undefined ? {} : { strict: written }) }
  return { type: "function", ...rest, strict: strictness(tool, losses) }
}

/** The wire holds a tool to its schema unless it is told not to. */
const strictness = ({ inputSchema, name, strict }: ToolDef, losses: Losses): boolean => {
  if (strict !== true) return false
  if (strictable(inputSchema)) return true
  losses.add(
    `strictness of ${name}`,
    "OpenAI enforces only schemas whose objects are closed with every property required"
  )
  return false
}

/** Reads `tool_choice`; `undefined` for what has no canonical form. */
export const readToolChoice = (raw: Json | undefined): ToolChoice | undefined => {
  if (raw === "auto" || raw === "none" || raw === "required") return { mode: raw }
  if (!isObject(raw)) return undefined
  const { mode, name, tools, type } = raw
  if ((type === "function" || type === "custom") && isText(name)) return { mode: "tool", name }
  if (type !== "allowed_tools" || !isArray(tools)) return undefined
  const names = tools.flatMap((tool) => (isObject(tool) && isText(tool["name"]) ? [tool["name"]] : []))
  return { mode: "allowed", names, require: mode === "required" }
}

/** Writes a `tool_choice`. */
export const writeToolChoice = (choice: ToolChoice): Json => {
  if (choice.mode === "tool") return { type: "function", name: choice.name }
  if (choice.mode !== "allowed") return choice.mode
  return {
    type: "allowed_tools",
    mode: choice.require ? "required" : "auto",
    tools: choice.names.map((name) => ({ type: "function", name }))
  }
}

/** Reads the `format` of a `text`; `undefined` for what has no canonical form. */
export const readFormat = (raw: Json | undefined): ResponseFormat | undefined => {
  if (!isObject(raw)) return undefined
  const { name, schema, strict, type } = raw
  if (type === "text") return { type: "text" }
  if (type === "json_object") return { type: "json" }
  if (type !== "json_schema") return undefined
  return {
    type: "json_schema",
    ...(isText(name) ? { name } : {}),
    schema: schema ?? {},
    ...(isFlag(strict) ? { strict } : {})
  }
}

/** Writes the `format` of a `text`. A schema from a wire that always enforces it is made strict where OpenAI can take it so. */
export const writeFormat = (format: ResponseFormat, own: boolean, losses: Losses): JsonObject => {
  if (format.type !== "json_schema") return { type: format.type === "text" ? "text" : "json_object" }
  const { name, schema, strict } = format
  const enforced = own ? strict : (strict ?? (strictable(schema) ? true : undefined))
  if (!own && enforced !== true) {
    losses.add("strict schema", "OpenAI enforces only schemas whose objects are closed with every property required")
  }
  return {
    type: "json_schema",
    ...(name === undefined ? (own ? {} : { name: "answer" }) : { name }),
    schema,
    ...(enforced === undefined ? {} : { strict: enforced })
  }
}
