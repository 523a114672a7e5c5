import * as Effect from "effect/Effect"

import type { Answer, ToolCall } from "../domain/Answer.ts"
import type { CallRequest } from "../domain/Call.ts"

/** An answer of this text and these calls. */
export const answer = (text: string, toolCalls: ReadonlyArray<ToolCall> = []): Answer => ({
  text,
  toolCalls,
  finish: toolCalls.length > 0 ? "tool_use" : "end",
  usage: null
})

/** A case of one user message, as graders and checks see it. */
export const seenCase = (request: Partial<CallRequest> = {}) => ({
  id: "case-1",
  slice: "all",
  labels: {},
  request: {
    wire: "openai.chat" as const,
    model: "premium",
    messages: [{ role: "user" as const, blocks: [{ type: "text" as const, text: "?" }] }],
    tools: null,
    params: {},
    ...request
  }
})

/** What a grader sees: an output against an original, and against a reference where one is given. */
export const pair = (output: Answer | string, original: Answer | string, expected?: unknown) => ({
  output: typeof output === "string" ? answer(output) : output,
  original: typeof original === "string" ? answer(original) : original,
  expected,
  case: seenCase()
})

/** Runs what a grader or check gives that asks no model. */
export const settled = <A>(effect: Effect.Effect<A, unknown, unknown>): Promise<A> =>
  Effect.runPromise(effect as Effect.Effect<A>)

/** A suite that lies nowhere in particular, with commands in a sandbox, where nothing is remembered. */
export const inSuite = {
  folder: "/",
  isolation: "required",
  memory: { get: () => Effect.undefined, keep: <A>(_: string, said: A) => Effect.succeed(said) }
} as const
