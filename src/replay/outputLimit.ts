import type { CallRequest } from "../domain/Call.ts"
import type { Ending } from "../domain/Output.ts"

/** Output tokens at most that a target spoke of: of any answer (`model`), or beside this request (`request`). */
export interface ToldLimit {
  readonly most: number
  readonly of: "model" | "request"
}

/** How vendors say the most that a model gives. */
const ofModel: ReadonlyArray<RegExp> = [
  /supports at most (\d+) (?:completion|output) tokens/i, // OpenAI, Azure
  /max_tokens: \d+ > (\d+), which is the maximum/i, // Anthropic
  /max_(?:completion_|output_)?tokens\W+(?:must be|should be) (?:less than or equal to|at most|<=) \W*(\d+)/i, // Groq, Together
  /valid range of max_tokens is \[\d+, ?(\d+)\]/i, // DeepSeek
  /range of max_(?:completion_|output_)?tokens should be \[\d+, ?(\d+)\]/i // DashScope
]

/** How vendors say a context and what the request takes of it. */
const ofRequest: ReadonlyArray<RegExp> = [
  /maximum context length is (?<context>\d+) tokens.*?\((?<input>\d+) in the messages/i, // OpenAI, vLLM
  /maximum context length is (?<context>\d+) tokens.*?request has (?<input>\d+) input tokens/i, // vLLM
  /maximum context length is (?<context>\d+) tokens.*?\((?<input>\d+) of text input/i, // OpenRouter
  /exceed context limit: (?<input>\d+) \+ \d+ > (?<context>\d+)/i // Anthropic
]

/** The limit in a provider's words for having refused a request whose output limit is too high; `undefined`: they are about something else. */
export const toldLimit = (words: string): ToldLimit | undefined => {
  for (const pattern of ofModel) {
    const most = Number(pattern.exec(words)?.[1])
    if (most > 0) return { most, of: "model" }
  }
  for (const pattern of ofRequest) {
    const found = pattern.exec(words)?.groups
    if (found === undefined) continue
    const most = Number(found["context"]) - Number(found["input"])
    if (most > 0) return { most, of: "request" }
  }
  return undefined
}

/** A request with another limit of output tokens. */
export const withLimit = (request: CallRequest, maxOutputTokens: number): CallRequest => ({
  ...request,
  params: { ...request.params, maxOutputTokens }
})

/** Who set the limit of output tokens: nobody, so that ours is sent; the archived request; or the setup. */
export type LimitOf = "default" | "original" | "setup"

/** How many times as much an answer may have that the budget ended. */
const larger = 4

/**
 * The limit to ask once more with, where the budget ended the answer and the budget is not what is compared: a limit of our own that cut it
 * short, or, but for a setup's own limit, one that reasoning ate before anything was answered. At most `most`. `undefined`: the answer stands.
 */
export const largerLimit = (
  ending: Ending,
  limit: number | undefined,
  of: LimitOf,
  most: number | undefined
): number | undefined => {
  const again = (ending === "truncated" && of === "default") || (ending === "reasoning" && of !== "setup")
  if (!again || limit === undefined) return undefined
  const next = Math.min(larger * limit, most ?? Number.POSITIVE_INFINITY)
  return next > limit ? next : undefined
}
