import type * as Schema from "effect/Schema"

import type { ToolDef } from "../../domain/Call.ts"
import { readTools } from "../../providers/wires/functionTools.ts"
import type { JsonObject } from "../json.ts"
import { arrayIn, objectIn, textIn, unpacked } from "../json.ts"

type Json = Schema.Json

/** Tools as they were read, and whether some came without the schema of their input. */
export interface Tools {
  readonly tools: ReadonlyArray<ToolDef>
  readonly bare: boolean
}

const schemaNames = [
  ...["input_schema", "inputSchema", "parameters", "parametersJsonSchema", "parameters_json_schema"],
  ...["json_schema", "args_schema", "schema"]
]

const schemaIn = (tool: JsonObject): Json | undefined =>
  schemaNames.map((name) => unpacked(tool[name])).find((value) => objectIn(value) !== undefined) as Json | undefined

const toolIn = (raw: unknown, name?: string): ReadonlyArray<ToolDef> => {
  const outer = objectIn(unpacked(raw))
  if (outer === undefined) return []
  const declared = arrayIn(outer["functionDeclarations"] ?? outer["function_declarations"])
  if (declared !== undefined) return declared.flatMap((one) => toolIn(one))
  const wrapped = objectIn(outer["tool"])
  if (wrapped !== undefined) return toolIn(wrapped)
  // OpenInference: the whole definition as JSON, with the name beside it where it is the bare schema of the input.
  const inner = objectIn(unpacked(outer["json_schema"]))
  const isDefinition =
    inner !== undefined && (objectIn(inner["function"]) !== undefined || textIn(inner["name"]) !== undefined)
  if (isDefinition) return toolIn(inner)
  if (outer["type"] === "function" && objectIn(outer["function"]) !== undefined)
    return readTools([outer as Json & object], "openai.chat") ?? []
  const type = textIn(outer["type"])
  const called = textIn(outer["name"]) ?? name ?? type
  if (called === undefined) return []
  const inputSchema = schemaIn(outer)
  const description = textIn(outer["description"])
  const hosted =
    inputSchema === undefined && type !== undefined && !["function", "custom", "client", "object"].includes(type)
  const { strict } = outer
  return [
    {
      name: called,
      ...(description === undefined ? {} : { description }),
      inputSchema: inputSchema ?? {},
      ...(typeof strict === "boolean" ? { strict } : {}),
      kind: hosted ? "provider" : "function",
      ...(hosted ? { providerType: type, origin: { wire: "unknown" as const, data: { raw: outer as Json } } } : {}),
      basis: "recorded"
    }
  ]
}

const isBare = (tool: ToolDef) =>
  tool.kind === "function" &&
  objectIn(tool.inputSchema) !== undefined &&
  Object.keys(tool.inputSchema as object).length === 0

/**
 * Reads tool definitions, whichever library wrote them: a list, the JSON of one, a list of JSON texts, or an object by name. `undefined` where
 * there are none to be read.
 */
export const toolsIn = (raw: unknown): Tools | undefined => {
  const value = unpacked(raw)
  const list = arrayIn(value)
  const object = objectIn(value)
  if (list === undefined && object === undefined) return undefined
  const tools =
    list !== undefined
      ? list.flatMap((one) => toolIn(one))
      : object !== undefined && ("function_declarations" in object || "functionDeclarations" in object)
        ? toolIn(object)
        : Object.entries(object ?? {}).flatMap(([name, one]) => toolIn(one, name))
  if (tools.length === 0 && (list ?? Object.keys(object ?? {})).length > 0) return undefined
  return { tools, bare: tools.some(isBare) }
}
