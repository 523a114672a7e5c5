import * as Effect from "effect/Effect"

import { answerOf } from "../domain/Answer.ts"
import type { CallRequest } from "../domain/Call.ts"
import type { Fault } from "../domain/Fault.ts"
import type { Target } from "../domain/Setup.ts"
import { type CallFailed, Calls } from "./Calls.ts"

/** A request for the embedding of a text. Nothing is written in answer; a limit of one output token is what a reservation can hold least. */
const requestOf = (model: string, text: string): CallRequest => ({
  wire: "openai.chat",
  model,
  messages: [{ role: "user", blocks: [{ type: "text", text }] }],
  tools: null,
  params: { maxOutputTokens: 1 }
})

/**
 * The embedding of a text that is not empty, paid as a judge's call. The same text is bought once, whichever case asks and however often.
 * `Fault` where the provider has no embeddings, or for what stops any call.
 */
export const embed = (
  { model, provider }: Target,
  text: string,
  caseId: string
): Effect.Effect<ReadonlyArray<number>, CallFailed | Fault, Calls> =>
  Effect.gen(function* () {
    const calls = yield* Calls
    const { row } = yield* calls.ask({
      provider,
      request: requestOf(model, text),
      embedding: true,
      series: "judge",
      repeat: 0,
      stream: false,
      for: { case: caseId, setup: "judge" }
    })
    return JSON.parse(answerOf(row.response, row.usage).text) as ReadonlyArray<number> // as providers wrote it: numbers alone
  })
