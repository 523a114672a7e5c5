import type { Block, Message, ToolResultBlock, ToolUseBlock } from "../../domain/Message.ts"
import type { Losses } from "./losses.ts"

const isCall = (block: Block): block is ToolUseBlock => block.type === "tool_use" && block.kind !== "provider"
const isResult = (block: Block): block is ToolResultBlock =>
  block.type === "tool_result" && block.executedBy === "client"

const notRecorded = (call: ToolUseBlock): ToolResultBlock => ({
  type: "tool_result",
  toolUseId: call.id,
  name: call.name,
  content: [{ type: "text", text: "[no result recorded]" }],
  isError: true,
  executedBy: "client"
})

const asText = (result: ToolResultBlock): ReadonlyArray<Block> => [
  { type: "text", text: `Tool result${result.name === undefined ? "" : ` of ${result.name}`}:` },
  ...result.content
]

/** Messages without those that carry nothing but their place. */
const toolMessages = (messages: ReadonlyArray<Message>, from: number) => {
  let end = from
  while (messages[end]?.role === "tool") end++
  return messages.slice(from, end)
}

/**
 * The conversation as the APIs want it: right after a turn with tool calls one message with a result for each of them, in the order of the
 * calls. Calls that go on without a result get `[no result recorded]`, results without a call become text of the user. A conversation that is
 * so already comes back as it is; calls at its very end are left open.
 */
export const settle = (messages: ReadonlyArray<Message>, losses: Losses): ReadonlyArray<Message> => {
  const settled: Array<Message> = []
  for (let at = 0; at < messages.length; at++) {
    const message = messages[at]!
    if (message.role === "tool") {
      const lone = message.blocks.filter(isResult)
      losses.add("tool result", "its call is not in the conversation; sent as text")
      settled.push({ role: "user", blocks: lone.flatMap(asText) })
      continue
    }
    settled.push(message)
    if (message.role !== "assistant") continue
    const calls = message.blocks.filter(isCall)
    const following = toolMessages(messages, at + 1)
    if (calls.length === 0 || at === messages.length - 1) continue
    at += following.length
    const results = following.flatMap((tool) => tool.blocks).filter(isResult)
    const left = new Set(results)
    const ordered = calls.map((call) => {
      const result = results.find((one) => one.toolUseId === call.id && left.has(one))
      if (result === undefined) {
        losses.add("tool result", "none was recorded for a call; sent as an error")
        return notRecorded(call)
      }
      left.delete(result)
      return result
    })
    settled.push({ role: "tool", blocks: ordered })
    if (left.size > 0) {
      losses.add("tool result", "its call is not in the conversation; sent as text")
      settled.push({ role: "user", blocks: [...left].flatMap(asText) })
    }
  }
  return settled
}

/** True when some call is followed by other messages without its result: every API refuses that. */
export const isDangling = (messages: ReadonlyArray<Message>): boolean =>
  messages.some((message, at) => {
    if (message.role !== "assistant" || at === messages.length - 1) return false
    const calls = message.blocks.filter(isCall)
    if (calls.length === 0) return false
    const answered = new Set(
      toolMessages(messages, at + 1).flatMap((tool) => tool.blocks.filter(isResult).map((result) => result.toolUseId))
    )
    return calls.some((call) => !answered.has(call.id))
  })
