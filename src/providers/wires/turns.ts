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

/** What follows a turn until the assistant speaks again. */
const until = (messages: ReadonlyArray<Message>, from: number) => {
  let end = from
  while (end < messages.length && messages[end]?.role !== "assistant") end++
  return messages.slice(from, end)
}

const isTool = (message: Message) => message.role === "tool"
const resultsIn = (messages: ReadonlyArray<Message>) =>
  messages.filter(isTool).flatMap((message) => message.blocks.filter(isResult))

/**
 * The conversation as the APIs want it: right after a turn with tool calls one message with a result for each of them, in the order of the
 * calls. Calls without a result get `[no result recorded]`, results without a call become text of the user.
 */
export const settle = (messages: ReadonlyArray<Message>, losses: Losses): ReadonlyArray<Message> => {
  const settled: Array<Message> = []
  const orphaned = (results: ReadonlyArray<ToolResultBlock>) => {
    if (results.length === 0) return
    losses.add("tool result", "its call is not in the conversation; sent as text")
    settled.push({ role: "user", blocks: results.flatMap(asText) })
  }
  for (let at = 0; at < messages.length; at++) {
    const message = messages[at]!
    if (isTool(message)) {
      orphaned(message.blocks.filter(isResult))
      continue
    }
    settled.push(message)
    const calls = message.role === "assistant" ? message.blocks.filter(isCall) : []
    const following = until(messages, at + 1)
    if (calls.length === 0) continue
    at += following.length
    const left = new Set(resultsIn(following))
    const ordered = calls.map((call) => {
      const result = [...left].find((one) => one.toolUseId === call.id)
      if (result === undefined) {
        losses.add("tool result", "none was recorded for a call; sent as an error")
        return notRecorded(call)
      }
      left.delete(result)
      return result
    })
    settled.push({ role: "tool", blocks: ordered })
    orphaned([...left])
    settled.push(...following.filter((one) => !isTool(one)))
  }
  return settled
}

/** True when some call is followed by other messages without its result: every API refuses that. */
export const isDangling = (messages: ReadonlyArray<Message>): boolean =>
  messages.some((message, at) => {
    if (message.role !== "assistant" || at === messages.length - 1) return false
    const calls = message.blocks.filter(isCall)
    if (calls.length === 0) return false
    const answered = new Set(resultsIn(until(messages, at + 1)).map((result) => result.toolUseId))
    return calls.some((call) => !answered.has(call.id))
  })
