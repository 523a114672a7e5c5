import * as Result from "effect/Result"

import type { ToolDef } from "../../../domain/Call.ts"
import type { Message } from "../../../domain/Message.ts"
import { readRequest } from "../../../providers/wires/anthropicMessages.ts"
import type { JsonObject } from "../../json.ts"
import { arrayIn, objectIn, textIn } from "../../json.ts"
import type { Node } from "./node.ts"

/** A system prompt and tools as newer versions write them into the transcript. */
export interface Prompt {
  readonly system: Message | undefined
  readonly tools: ReadonlyArray<ToolDef> | undefined
}

/** Reads a `prompt_snapshot`: the sections of the system prompt, and the tools with their schemas. */
export const promptIn = (attachment: JsonObject): Prompt => {
  const sections = (arrayIn(attachment["systemPrompt"]) ?? []).filter((text) => typeof text === "string" && text !== "")
  const tools = (arrayIn(attachment["tools"]) ?? []).map(objectIn).flatMap((tool) => {
    const name = textIn(tool?.["name"])
    const schema = objectIn(tool?.["schema"] ?? tool?.["input_schema"])
    if (name === undefined || schema === undefined) return []
    const description = textIn(tool?.["description"])
    return [{ name, ...(description === undefined ? {} : { description }), input_schema: schema }]
  })
  const read = readRequest({
    model: "",
    messages: [],
    ...(sections.length === 0 ? {} : { system: sections.map((text) => ({ type: "text", text })) }),
    ...(tools.length === 0 ? {} : { tools })
  })
  if (Result.isFailure(read)) return { system: undefined, tools: undefined }
  return { system: read.success.messages[0], tools: tools.length === 0 ? undefined : (read.success.tools ?? undefined) }
}

/** The prompts of a transcript; for a call of an agent, of each part the agent's last one before it holds. */
export class Prompts {
  readonly #all = new Map<string, Array<{ readonly seq: number; readonly prompt: Prompt }>>()

  add(node: Node, prompt: Prompt): void {
    const agent = agentOf(node)
    this.#all.set(agent, [...(this.#all.get(agent) ?? []), { seq: node.seq, prompt }])
  }

  before(node: Node): Prompt {
    const there = (this.#all.get(agentOf(node)) ?? []).filter(({ seq }) => seq < node.seq).map(({ prompt }) => prompt)
    return {
      system: there.findLast(({ system }) => system !== undefined)?.system,
      tools: there.findLast(({ tools }) => tools !== undefined)?.tools
    }
  }
}

const agentOf = ({ context: { agent, side } }: Node): string => `${side}|${agent ?? ""}`
