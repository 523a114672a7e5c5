import type { Signal } from "../../../domain/Call.ts"
import type { Block, ToolResultBlock } from "../../../domain/Message.ts"
import type { Json } from "../../../providers/wires/json.ts"
import type { JsonObject } from "../../json.ts"
import { arrayIn, objectIn, textIn } from "../../json.ts"
import { testSignal } from "../../testCommands.ts"
import { momentOf } from "../../times.ts"
import { blockOf, partsIn } from "./parts.ts"

/** A tool's call as a record of the model's keeps it. */
export interface ToolCall {
  readonly raw: JsonObject
  readonly id: string
  readonly named: string | undefined
}

/** The tools that a record says were called. */
export const toolCallsIn = (record: JsonObject, id: string): ReadonlyArray<ToolCall> =>
  (arrayIn(record["toolCalls"]) ?? []).flatMap((one, at) => {
    const raw = objectIn(one)
    return raw === undefined ? [] : [{ raw, id: textIn(raw["id"]) ?? `${id}-call-${at}`, named: textIn(raw["name"]) }]
  })

/** Summaries of thinking; the thinking itself stays at the provider. */
const thinkingIn = (record: JsonObject, model: string): ReadonlyArray<Block> => {
  const summary = (arrayIn(record["thoughts"]) ?? []).flatMap((one) => {
    const thought = objectIn(one)
    const words = [textIn(thought?.["subject"]), textIn(thought?.["description"])].filter((word) => word !== undefined)
    return words.length === 0 ? [] : [words.join(": ")]
  })
  return summary.length === 0
    ? []
    : [{ type: "thinking", text: null, summary, producer: { provider: "google", model } }]
}

/** What the model said in a record and which tools it called; calls that stand in its content are not repeated. */
export const spokenIn = (record: JsonObject, id: string): ReadonlyArray<Block> => {
  const model = textIn(record["model"]) ?? ""
  const blocks = partsIn(record["content"]).flatMap((part, at) => blockOf(part, model, `${id}-${at}`))
  const uses = blocks.flatMap((block) => (block.type === "tool_use" ? [block] : []))
  const own = new Set(uses.filter(({ idSynthetic }) => idSynthetic !== true).map((use) => use.id))
  const calls = toolCallsIn(record, id)
  // A part without an id is the next listed call of its name: it takes that one's id, under which its result lies.
  const free = calls.filter((call) => !own.has(call.id))
  const joined = blocks.map((block): Block => {
    if (block.type !== "tool_use" || block.idSynthetic !== true) return block
    const at = free.findIndex(({ named }) => named === block.name)
    const [call] = at === -1 ? [] : free.splice(at, 1)
    return call === undefined ? block : { ...block, id: call.id }
  })
  return [
    ...joined.filter((block) => block.type !== "tool_result"),
    ...free.map(
      ({ id: callId, named, raw }): Block => ({
        type: "tool_use",
        id: callId,
        ...(textIn(raw["id"]) === undefined ? { idSynthetic: true } : {}),
        name: named ?? "unknown",
        input: (objectIn(raw["args"]) ?? {}) as Json,
        kind: "function"
      })
    )
  ]
}

/** What the model answered in a record: its thinking in summary, its words, its calls. */
export const answerIn = (record: JsonObject, id: string): ReadonlyArray<Block> => {
  const spoken = spokenIn(record, id)
  return spoken.some((block) => block.type === "thinking")
    ? spoken
    : [...thinkingIn(record, textIn(record["model"]) ?? ""), ...spoken]
}

/** The results of a record's calls, as far as they are there. */
export const resultsIn = (record: JsonObject, id: string): ReadonlyArray<ToolResultBlock> =>
  toolCallsIn(record, id).flatMap(({ id: callId, named, raw }) => {
    if (raw["result"] === undefined || raw["result"] === null) return []
    const blocks = partsIn(raw["result"]).flatMap((part, at) => blockOf(part, "", `${callId}-${at}`))
    const content = blocks.flatMap((block) => (block.type === "tool_result" ? block.content : [block]))
    const failed = raw["status"] === "error" || blocks.some((block) => block.type === "tool_result" && block.isError)
    return [
      {
        type: "tool_result" as const,
        toolUseId: callId,
        ...(named === undefined ? {} : { name: named }),
        content,
        ...(failed ? { isError: true } : {}),
        executedBy: "client" as const
      }
    ]
  })

/** The exit status that a shell's result tells: older versions write it always, newer ones only where it is not 0. */
const exitIn = (text: string): number | undefined => {
  const told = /^Exit Code: (\S+)$/m.exec(text)?.[1]
  if (told !== undefined) return /^\d+$/.test(told) ? Number(told) : undefined
  const clean = !/^(?:Signal|Error|Background PIDs): (?!\(none\))/m.test(text)
  return clean && text.startsWith("Output: ") ? 0 : undefined
}

/** What a call's result says of tests that were run, by the call's id. */
export const testsIn = (record: JsonObject, id: string): ReadonlyArray<readonly [id: string, signal: Signal]> => {
  const results = new Map(resultsIn(record, id).map((result) => [result.toolUseId, result]))
  return toolCallsIn(record, id).flatMap(({ id: callId, named, raw }) => {
    const command = textIn(objectIn(raw["args"])?.["command"])
    if (named !== "run_shell_command" || raw["status"] !== "success" || command === undefined) return []
    const output = (results.get(callId)?.content ?? [])
      .flatMap((block) => (block.type === "text" ? [block.text] : []))
      .join("\n")
    const exitCode = exitIn(output)
    const signal =
      exitCode === undefined
        ? undefined
        : testSignal({
            command,
            exitCode,
            output: output.slice(0, 2000),
            at: momentOf(raw["timestamp"])?.iso
          })
    return signal === undefined ? [] : [[callId, signal] as const]
  })
}
