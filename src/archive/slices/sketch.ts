import type { CallRequest } from "../../domain/Call.ts"
import { digestOfText } from "../../domain/digest.ts"
import type { Block } from "../../domain/Message.ts"

/** What tells two askings of one thing apart: whatever has a digit in it, e-mail addresses, case, white space and punctuation. */
const passing = /[\w.+-]{1,64}@[\w-]{1,64}\.[\w.-]{1,64}|[\p{L}\p{M}_-]*\p{N}[\p{L}\p{M}\p{N}_.,:/+-]*/gu

function* textsOf(blocks: ReadonlyArray<Block>): Generator<string> {
  for (const block of blocks) {
    yield block.type
    if (block.type === "text" || block.type === "refusal") yield block.text
    else if (block.type === "tool_use") yield `${block.name} ${JSON.stringify(block.input)}`
    else if (block.type === "tool_result") yield* textsOf(block.content)
    else if (block.type !== "thinking") yield JSON.stringify(block)
  }
}

/**
 * What nearly equal prompts have in common: the digest of all their messages, word by word and with the roles, but for numbers, dates, ids, e-mail
 * addresses, case, white space and punctuation. Prompts with one sketch ask the same of other numbers; a word that differs makes another sketch. Quoted
 * text, code and documents count. Parameters and tools do not.
 */
export const sketchOf = ({ messages }: CallRequest): string =>
  digestOfText(
    messages.map(({ blocks, role }) => `${role}\n${[...textsOf(blocks)].map(withoutPassing).join("\n")}`).join("\n\n")
  )

const withoutPassing = (text: string): string =>
  text
    .replace(passing, "0")
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, " ")
    .trim()
