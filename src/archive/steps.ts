import type { StopReason } from "../domain/Call.ts"
import type { Block, Message } from "../domain/Message.ts"

/** One answer of a recorded conversation: what was said before it, and it. */
export interface Step {
  /** Its place among the messages, from 0. */
  readonly at: number
  /** The messages before it; the objects are those of the conversation. */
  readonly history: ReadonlyArray<Message>
  readonly blocks: ReadonlyArray<Block>
  /** Told by the blocks alone: a conversation does not record why an answer ended. */
  readonly stopReason: StopReason
}

/** The answers of a conversation, in order: each message of the assistant was once the answer to the messages before it. */
export const stepsOf = (messages: ReadonlyArray<Message>): ReadonlyArray<Step> =>
  messages.flatMap((message, at) =>
    message.role === "assistant"
      ? [
          {
            at,
            history: messages.slice(0, at),
            blocks: message.blocks,
            stopReason: message.blocks.some((block) => block.type === "tool_use") ? ("tool_use" as const) : "unknown"
          }
        ]
      : []
  )
