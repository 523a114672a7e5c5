import type { BinaryRef, Block, Message } from "../../../domain/Message.ts"

/** What Helicone leaves where it took a picture or document out. */
const mark = "<helicone-asset-id"

const missing: typeof BinaryRef.Type = { kind: "missing", reason: "placeholder" }

const isMarked = (source: Extract<Block, { readonly source: unknown }>["source"]): boolean =>
  (source.kind === "url" && source.url.startsWith(mark)) || (source.kind === "inline" && source.base64.startsWith(mark))

const withoutMark = (block: Block): Block => {
  if (block.type === "tool_result") return { ...block, content: block.content.map(withoutMark) }
  if (block.type !== "image" && block.type !== "document" && block.type !== "audio") return block
  return isMarked(block.source) ? { ...block, source: missing } : block
}

/** Messages in which media that Helicone took out are missing, not placeholders that look like media. */
export const withoutMarks = (messages: ReadonlyArray<Message>): ReadonlyArray<Message> =>
  JSON.stringify(messages).includes(mark)
    ? messages.map((message) => ({ ...message, blocks: message.blocks.map(withoutMark) }))
    : messages
