import type { CallRequest } from "../../../domain/Call.ts"
import type { Block, Message } from "../../../domain/Message.ts"
import type { Losses } from "../losses.ts"
import { writeName } from "../names.ts"

const isSystem = (message: Message) => message.role === "system" || message.role === "developer"

const wrapped = (blocks: ReadonlyArray<Block>): ReadonlyArray<Block> => [
  { type: "text", text: "<system>" },
  ...blocks,
  { type: "text", text: "</system>" }
]

const textIn = (blocks: ReadonlyArray<Block>): ReadonlyArray<Block> =>
  blocks.every((block) => block.type === "text")
    ? [
        {
          type: "text",
          text: `<system>\n${blocks.map((block) => (block.type === "text" ? block.text : "")).join("\n")}\n</system>`
        }
      ]
    : wrapped(blocks)

/** System messages at the head go to the top; later ones stand in the next message of the user, marked as what they are. */
const placed = (messages: ReadonlyArray<Message>, losses: Losses): ReadonlyArray<Message> => {
  const out: Array<Message> = []
  let pending: ReadonlyArray<Block> = []
  let begun = false
  for (const message of messages) {
    if (isSystem(message)) {
      if (!begun || message.placement === "top") out.push({ ...message, role: "system", placement: "top" })
      else {
        losses.add(
          "system placement",
          "a system message amid the conversation is sent inside the next message of the user"
        )
        pending = [...pending, ...textIn(message.blocks)]
      }
      continue
    }
    begun = true
    const { placement: _placement, ...rest } = message
    if (pending.length > 0 && message.role === "user") {
      out.push({ ...rest, blocks: [...pending, ...message.blocks] })
      pending = []
    } else out.push(rest)
  }
  return pending.length === 0 ? out : [...out, { role: "user", blocks: pending }]
}

const named = (message: Message, losses: Losses): Message => {
  const { name, ...rest } = message
  if (name !== undefined) losses.add("name", "Anthropic's messages carry no name of who speaks")
  return {
    ...rest,
    blocks: message.blocks.map((block) =>
      block.type === "tool_use" ? { ...block, name: writeName(block.name) } : block
    )
  }
}

/** A request of another wire with its system prompt where Anthropic wants it, and names in its letters. */
export const adapted = (request: CallRequest, losses: Losses): CallRequest => {
  const { toolChoice: choice, tools } = request
  const messages = request.messages.map((message) => named(message, losses))
  return {
    ...request,
    messages: placed(messages, losses),
    tools: tools?.map((tool) => ({ ...tool, name: writeName(tool.name) })) ?? null,
    ...(choice?.mode === "tool" ? { toolChoice: { mode: "tool", name: writeName(choice.name) } } : {}),
    ...(choice?.mode === "allowed" ? { toolChoice: { ...choice, names: choice.names.map(writeName) } } : {})
  }
}
