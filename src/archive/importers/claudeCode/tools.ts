import type { Signal } from "../../../domain/Call.ts"
import type { Block, ToolResultBlock } from "../../../domain/Message.ts"
import type { JsonObject } from "../../json.ts"
import { objectIn, textIn } from "../../json.ts"
import { testSignal } from "../../testCommands.ts"
import type { Answer } from "./answer.ts"

/** A call of a tool: whose it is, and what matters of it later. */
export interface ToolCall {
  readonly answer: Answer
  /** Of a shell command that runs in the foreground. */
  readonly command: string | undefined
  /** What a sub-agent was told. */
  readonly prompt: string | undefined
}

const agents = new Set(["Task", "Agent", "Workflow"])

/** Reads the call in a block of an answer; `undefined` for other blocks. */
export const toolCallIn = (block: unknown, answer: Answer): readonly [id: string, call: ToolCall] | undefined => {
  const object = objectIn(block)
  const id = textIn(object?.["id"])
  if (object?.["type"] !== "tool_use" || id === undefined) return undefined
  const name = textIn(object["name"]) ?? ""
  const input = objectIn(object["input"]) ?? {}
  const shell = name === "Bash" && input["run_in_background"] !== true
  return [
    id,
    {
      answer,
      command: shell ? textIn(input["command"]) : undefined,
      prompt: agents.has(name) ? (textIn(input["prompt"]) ?? "") : undefined
    }
  ]
}

const textOf = (blocks: ReadonlyArray<Block>): string =>
  blocks.flatMap((block) => (block.type === "text" ? [block.text] : [])).join("\n")

/** What the result of a shell command says about the trajectory, where the command runs tests and ended by itself. */
export const signalOf = (
  call: ToolCall,
  result: ToolResultBlock,
  row: JsonObject,
  at: string | undefined
): Signal | undefined => {
  const beside = objectIn(row["toolUseResult"])
  if (call.command === undefined || row["toolDenialKind"] !== undefined) return undefined
  if (beside?.["interrupted"] === true || textIn(beside?.["backgroundTaskId"]) !== undefined) return undefined
  const output = textOf(result.content)
  const failed = /^(?:Error: )?Exit code (\d+)\b/.exec(output)
  if (result.isError === true && failed === null) return undefined
  const exitCode = result.isError === true ? Number(failed?.[1]) : 0
  return testSignal({ command: call.command, exitCode, output, at })
}

/** The sub-agent or the workflow's run that a result tells of. */
export const startedIn = (
  call: ToolCall,
  result: ToolResultBlock,
  row: JsonObject
): { readonly agent: string | undefined; readonly run: string | undefined } | undefined => {
  if (call.prompt === undefined) return undefined
  const beside = objectIn(row["toolUseResult"])
  const agent = textIn(beside?.["agentId"]) ?? /\bagentId: ([\w-]+)/.exec(textOf(result.content))?.[1]
  const run =
    textIn(beside?.["transcriptDir"])
      ?.split(/[\\/]/)
      .findLast((part) => part !== "") ?? textIn(beside?.["runId"])
  return { agent, run }
}

/** The user stopped the model or a tool (`at`: ISO 8601). */
export const interruptedAt = (at: string | undefined): Signal => ({
  name: "interrupted",
  value: true,
  source: "heuristic",
  scope: "trajectory",
  comment: "the user stopped the model or a tool",
  ...(at === undefined ? {} : { at })
})
