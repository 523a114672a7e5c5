import type { Answer } from "../domain/Answer.ts"
import type { CallRequest } from "../domain/Call.ts"
import type { Block } from "../domain/Message.ts"

/** A block as text for people; what is no text is named in brackets. */
export const blockText = (block: Block): string => {
  switch (block.type) {
    case "text":
    case "refusal":
      return block.text
    case "tool_result":
      return `[result of ${block.name ?? "a tool"}] ${block.content.map(blockText).join("\n")}`
    case "tool_use":
      return `${block.name}(${block.inputRaw ?? JSON.stringify(block.input)})`
    default:
      return `[${block.type}]`
  }
}

/** The last message of the user, else the last one there is. */
export const askedText = ({ messages }: CallRequest): string =>
  (messages.findLast(({ role }) => role === "user") ?? messages.at(-1))?.blocks.map(blockText).join("\n") ?? ""

/** An answer as text for people: its text, then its tool calls. */
export const answerText = ({ text, toolCalls }: Answer): string =>
  [
    ...(text === "" ? [] : [text]),
    ...toolCalls.map(({ arguments: given, error, name }) =>
      error === undefined
        ? `${name}(${JSON.stringify(given, null, 2)})`
        : `${name}: arguments that are not JSON (${error})`
    )
  ].join("\n")

/** The worst cases of all gates, each case once. Fails when the run's grade lines are lost: no lines are not the same as no losses. */
