import type { Block, Message, ToolResultBlock } from "../../../domain/Message.ts"
import type { Json } from "../../../providers/wires/json.ts"
import type { JsonObject } from "../../json.ts"
import { arrayIn, numberIn, objectIn, textIn } from "../../json.ts"

/** What opencode sends in place of a result that it has let go of. */
const clearedResult = "[Old tool result content cleared]"
const interrupted = "[Tool execution was interrupted]"

const fileBlock = (part: JsonObject): Block => {
  const mediaType = textIn(part["mime"]) ?? "application/octet-stream"
  const url = textIn(part["url"]) ?? ""
  const type = mediaType.startsWith("image/") ? "image" : mediaType.startsWith("audio/") ? "audio" : "document"
  const data = /^data:[^,]*;base64,(.*)$/s.exec(url)?.[1]
  const remote = /^https?:/.test(url)
  return {
    type,
    mediaType,
    source:
      data !== undefined
        ? { kind: "inline", base64: data }
        : remote
          ? { kind: "url", url }
          : { kind: "missing", reason: "placeholder" }
  }
}

/** Files that opencode puts into the conversation as text parts of their own. */
const asText = new Set(["text/plain", "application/x-directory"])

/** What a user's message put into the conversation. */
export const userMessages = (parts: ReadonlyArray<JsonObject>): ReadonlyArray<Message> => {
  let byPerson = false
  const blocks = parts.flatMap((part): ReadonlyArray<Block> => {
    const text = textIn(part["text"])
    if (part["type"] === "text") {
      if (part["ignored"] === true || text === undefined) return []
      byPerson ||= part["synthetic"] !== true
      return [{ type: "text", text }]
    }
    if (part["type"] === "file") return asText.has(textIn(part["mime"]) ?? "") ? [] : [fileBlock(part)]
    if (part["type"] === "compaction") return [{ type: "text", text: "What did we do so far?" }]
    if (part["type"] === "subtask") return [{ type: "text", text: "The following tool was executed by the user" }]
    return []
  })
  return blocks.length === 0 ? [] : [{ role: "user", blocks, ...(byPerson ? {} : { injectedBy: "harness" as const }) }]
}

/** Who made an answer. */
export interface Producer {
  readonly provider: string
  readonly model: string
}

const thinkingOf = (part: JsonObject, producer: Producer): Block => {
  const metadata = objectIn(part["metadata"])
  const anthropic = objectIn(metadata?.["anthropic"])
  const signature = textIn(anthropic?.["signature"])
  const encrypted =
    textIn(anthropic?.["redactedData"]) ?? textIn(objectIn(metadata?.["openai"])?.["reasoningEncryptedContent"])
  return {
    type: "thinking",
    text: textIn(part["text"]) ?? null,
    ...(signature === undefined ? {} : { signature }),
    ...(encrypted === undefined ? {} : { encrypted }),
    producer
  }
}

/** What the model made: thinking, text and calls of tools. */
export const answerBlocks = (parts: ReadonlyArray<JsonObject>, producer: Producer): ReadonlyArray<Block> =>
  parts.flatMap((part, at): ReadonlyArray<Block> => {
    const text = textIn(part["text"])
    if (part["type"] === "text") return text === undefined ? [] : [{ type: "text", text }]
    if (part["type"] === "reasoning") return [thinkingOf(part, producer)]
    if (part["type"] === "file") return [fileBlock(part)]
    if (part["type"] !== "tool") return []
    const id = textIn(part["callID"])
    return [
      {
        type: "tool_use",
        id: id ?? `${textIn(part["id"]) ?? "call"}-${at}`,
        ...(id === undefined ? { idSynthetic: true } : {}),
        name: textIn(part["tool"]) ?? "unknown",
        input: (objectIn(objectIn(part["state"])?.["input"]) ?? {}) as Json,
        kind: objectIn(part["metadata"])?.["providerExecuted"] === true ? "provider" : "function"
      }
    ]
  })

/** The results of a step's tools as they were sent at a time, how many of them as a notice, and whether one is gone. */
export interface Results {
  readonly blocks: ReadonlyArray<ToolResultBlock>
  readonly cleared: number
  readonly lost: boolean
}

/** `at`: milliseconds since 1970; results that were let go of before it were sent as a notice. */
export const toolResults = (parts: ReadonlyArray<JsonObject>, at: number | undefined): Results => {
  let cleared = 0
  let lost = false
  const blocks = parts.flatMap((part, place): ReadonlyArray<ToolResultBlock> => {
    if (part["type"] !== "tool") return []
    const state = objectIn(part["state"]) ?? {}
    const name = textIn(part["tool"])
    const result = (text: string | undefined, isError: boolean, more: ReadonlyArray<Block> = []) => ({
      type: "tool_result" as const,
      toolUseId: textIn(part["callID"]) ?? `${textIn(part["id"]) ?? "call"}-${place}`,
      ...(name === undefined ? {} : { name }),
      content: [...(text === undefined || text === "" ? [] : [{ type: "text" as const, text }]), ...more],
      ...(isError ? { isError } : {}),
      executedBy:
        objectIn(part["metadata"])?.["providerExecuted"] === true ? ("provider" as const) : ("client" as const)
    })
    if (state["status"] === "error") {
      const kept = objectIn(state["metadata"])
      const output = kept?.["interrupted"] === true ? textIn(kept["output"]) : undefined
      return [output === undefined ? result(textIn(state["error"]) ?? "error", true) : result(output, false)]
    }
    if (state["status"] !== "completed") return [result(interrupted, true)]
    const compacted = numberIn(objectIn(state["time"])?.["compacted"])
    if (compacted !== undefined && at !== undefined && compacted <= at) {
      cleared += 1
      return [result(clearedResult, false)]
    }
    const { output } = state
    if (typeof output !== "string" || (compacted !== undefined && output === "")) lost = true
    const media = (arrayIn(state["attachments"]) ?? []).flatMap((one) => {
      const file = objectIn(one)
      return file === undefined ? [] : [fileBlock(file)]
    })
    return [result(typeof output === "string" ? output : undefined, false, media)]
  })
  return { blocks, cleared, lost }
}
