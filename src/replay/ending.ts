import type { CallResponse, Usage } from "../domain/Call.ts"
import type { Ending, Failure } from "../domain/Output.ts"
import type { ProviderError } from "../providers/contract.ts"

const reasoned = ({ blocks }: CallResponse, usage: Usage | null) =>
  (usage?.output?.reasoning ?? 0) > 0 || blocks.some(({ type }) => type === "thinking")

/** True when nothing was answered: no text, no call of a tool. */
const isEmpty = ({ blocks }: CallResponse) =>
  !blocks.some((block) => block.type === "tool_use" || (block.type === "text" && block.text.trim() !== ""))

/** How an answer ended. What cut it short comes before what that did to it: arguments that break off at the limit are truncated, not malformed. */
export const endingOf = (response: CallResponse, usage: Usage | null): Ending => {
  const { blocks, stopReason } = response
  if (stopReason === "length") return isEmpty(response) && reasoned(response, usage) ? "reasoning" : "truncated"
  if (stopReason === "context_window") return "context"
  if (stopReason === "content_filter") return "contentFilter"
  if (stopReason === "refusal" || blocks.some(({ type }) => type === "refusal")) return "refusal"
  if (blocks.some((block) => block.type === "tool_use" && block.inputError !== undefined)) return "malformedToolCall"
  return ["end", "tool_use", "stop_sequence"].includes(stopReason) ? "complete" : "unclear"
}

/** How a case without an answer ended; `error` is the provider's, where one asked it. */
export const endingOfFailure = ({ kind }: Failure, error: ProviderError | undefined): Ending => {
  if (error?.reason === "ContextTooLong") return "context"
  return kind === "infrastructure" && error?.reason === "RateLimited" ? "rateLimited" : kind
}
