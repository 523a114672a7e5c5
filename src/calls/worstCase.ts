import type { CallRequest } from "../domain/Call.ts"
import { costOfTokens, type NanoUsd } from "../domain/Money.ts"
import type { Price } from "../domain/Price.ts"
import { ratesOf } from "../pricing/cost.ts"

/**
 * Tokens at most of what a body says: one a byte of its JSON. Byte-level vocabularies never make more tokens than bytes, and the JSON
 * around each message (`{"role":"user","content":""}`) is longer than the control tokens a chat template puts there.
 */
const bytesOf = (body: Readonly<Record<string, unknown>>) => Buffer.byteLength(JSON.stringify(body))

/**
 * Tokens a provider may add by itself: the model's own preamble, and the system prompt of tool use and of structured output
 * (hundreds of tokens, as the vendors document them).
 */
const preamble = { plain: 500, tools: 2_000 }

/** Tokens of one picture, sound or document, on top of its bytes: above what the vendors document for the dearest picture. */
const perMedium = 50_000

/** Output tokens where neither request nor body limits them: the longest output that models offer. */
const unlimited = 128_000

const outputFields = ["max_completion_tokens", "max_tokens", "max_output_tokens"]

const numberAt = (body: unknown, key: string): number | undefined => {
  const value = typeof body === "object" && body !== null ? (body as Readonly<Record<string, unknown>>)[key] : undefined
  return typeof value === "number" && value > 0 ? value : undefined
}

/** The limit of output tokens that is sent: the body's own where it has one, else the request's. `undefined`: nothing limits it. */
const outputLimit = (request: CallRequest, body: Readonly<Record<string, unknown>>): number | undefined => {
  for (const field of outputFields) {
    const limit = numberAt(body, field)
    if (limit !== undefined) return limit
  }
  return numberAt(body["options"], "num_predict") ?? request.params.maxOutputTokens
}

const mediaIn = (request: CallRequest): number => {
  let count = 0
  for (const { blocks } of request.messages) {
    for (const block of blocks) {
      const parts = block.type === "tool_result" ? block.content : [block]
      for (const part of parts) {
        if ("source" in part && part.source.kind !== "text" && part.source.kind !== "missing") count++
      }
    }
  }
  return count
}

/** Tokens at most, in and out, of one try. */
export const worstTokens = (request: CallRequest, body: Readonly<Record<string, unknown>>) => {
  const guided = (request.tools ?? []).length > 0 || request.responseFormat !== undefined
  const answers = Math.max(1, numberAt(body, "n") ?? 1)
  return {
    input: bytesOf(body) + (guided ? preamble.tools : preamble.plain) + perMedium * mediaIn(request),
    output: Math.ceil((outputLimit(request, body) ?? unlimited) * answers)
  }
}

/** A bill is rounded a token kind at a time, this estimate a side at a time: nano-dollars that the roundings can differ by. */
const rounding = 5n

/**
 * Nano-dollars that one try can cost at most: every input token at the row's dearest input price (cache writes cost more than plain
 * input), every output token the limit allows at its dearest output price. This is what the budget holds back while the try is out.
 */
export const worstCaseOf = (request: CallRequest, body: Readonly<Record<string, unknown>>, price: Price): NanoUsd =>
  worstCostOf(worstTokens(request, body), price)

/** The same of so many tokens, in and out. */
export const worstCostOf = ({ input, output }: ReturnType<typeof worstTokens>, price: Price): NanoUsd => {
  const { dearestInput, dearestOutput } = ratesOf(price)
  const worst = costOfTokens(input, dearestInput) + costOfTokens(output, dearestOutput)
  return worst === 0n ? 0n : worst + rounding
}
