import type { ToolChoice, ToolDef } from "../../../domain/Call.ts"
import {
  compact,
  isArray,
  isFlag,
  isObject,
  isText,
  type Json,
  type JsonObject,
  keep,
  kept,
  restKept,
  restOf,
  same
} from "../json.ts"
import { Losses } from "../losses.ts"
import { oneText } from "../schemas.ts"
import { enforceable, objectSchema } from "./schema.ts"

const wire = "anthropic.messages"
const known = new Set(["name", "description", "input_schema", "strict", "type"])

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
  const { description, input_schema, name, strict, type } = raw
  const plain = type === undefined || type === "custom"
  const shaped =
    (description === undefined || isText(description)) && (strict === undefined || strict === null || isFlag(strict))
  if (!plain || !isText(name) || input_schema === undefined || !shaped) {
    return hosted(isText(name) ? name : isText(type) ? type : "tool", isText(type) ? type : undefined)
  }
  return {
    name,
    ...(description === undefined ? {} : { description }),
    inputSchema: input_schema,
    ...(strict === undefined ? {} : { strict }),
    kind: "function",
    ...keep(wire, compact({ rest: restOf(raw, known), type })),
    basis: "recorded"
  }
}

/** Reads `tools`; `undefined` where it is no array. */
export const readTools = (raw: Json | undefined): ReadonlyArray<ToolDef> | undefined =>
  isArray(raw) ? raw.map(readTool) : undefined

/** Writes a tool; `undefined` (with a loss) for one that only another provider hosts. */
export const writeTool = (tool: ToolDef, own: boolean, losses: Losses): Json | undefined => {
  const { raw, type } = kept(tool, wire)
  if (raw !== undefined) return raw
  losses.fields(tool)
  if (tool.kind === "provider") {
    losses.add(`hosted tool ${tool.name}`, "only its own provider can run it")
    return undefined
  }
  if (tool.kind === "custom") losses.add(`custom tool ${tool.name}`, "sent as a function that takes one input text")
  return {
    ...(type === undefined ? {} : { type }),
    name: tool.name,
    ...(tool.description === undefined ? {} : { description: tool.description }),
    input_schema: tool.kind === "custom" ? oneText : own ? tool.inputSchema : objectSchema(tool.inputSchema),
    ...strictness(tool, own, losses),
    ...restKept(tool, wire)
  }
}

const strictness = ({ inputSchema, name, strict }: ToolDef, own: boolean, losses: Losses): JsonObject => {
  if (own) return strict === undefined ? {} : { strict }
  if (strict !== true) return {}
  if (same(enforceable(inputSchema, new Losses(wire)), inputSchema)) return { strict: true }
  losses.add(`strictness of ${name}`, "Anthropic cannot enforce all of its schema")
  return {}
}

/** `tool_choice` holds both which tool and whether several may be called at once. */
export interface Choice {
  readonly toolChoice?: ToolChoice
  readonly parallelToolCalls?: boolean
}

/** Reads `tool_choice`; `undefined` for what has no canonical form. */
export const readChoice = (raw: Json | undefined): Choice | undefined => {
  if (!isObject(raw)) return undefined
  const { disable_parallel_tool_use: disabled, name, type } = raw
  const parallel = isFlag(disabled) ? { parallelToolCalls: !disabled } : {}
  if (type === "auto" || type === "none") return { toolChoice: { mode: type }, ...parallel }
  if (type === "any") return { toolChoice: { mode: "required" }, ...parallel }
  return type === "tool" && isText(name) ? { toolChoice: { mode: "tool", name }, ...parallel } : undefined
}

/** Writes `tool_choice`. Tools that are not allowed are filtered out elsewhere. */
export const writeChoice = ({ parallelToolCalls: parallel, toolChoice: choice }: Choice): Json | undefined => {
  const flag = parallel === undefined ? {} : { disable_parallel_tool_use: !parallel }
  if (choice === undefined) return parallel === undefined ? undefined : { type: "auto", ...flag }
  if (choice.mode === "tool") return { type: "tool", name: choice.name, ...flag }
  if (choice.mode === "required") return { type: "any", ...flag }
  return choice.mode === "allowed" ? { type: choice.require ? "any" : "auto", ...flag } : { type: choice.mode, ...flag }
}
