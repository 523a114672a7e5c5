import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

import { type Ask, Calls } from "../../calls/Calls.ts"
import type { CallRequest } from "../../domain/Call.ts"
import type { Grade } from "../../domain/Grade.ts"
import { serve } from "../../standin/Fleet.ts"
import { pair } from "../../testing/grading.ts"
import { runGrader } from "../grade.ts"
import { judge } from "./pairwise.ts"

/** What the fleet's judges are asked over HTTP, on OpenAI's wire. */
const bodyOf = ({ messages, model, responseFormat }: CallRequest) => ({
  model,
  messages: messages.map(({ blocks, role }) => ({
    role,
    content: blocks.map((block) => (block.type === "text" ? block.text : "")).join("")
  })),
  ...(responseFormat?.type === "json_schema"
    ? { response_format: { type: "json_schema", json_schema: { name: "verdict", schema: responseFormat.schema } } }
    : {})
})

const asked = (url: string, body: object) =>
  Effect.promise(async (): Promise<string> => {
    const response = await fetch(`${url}/chat/completions`, { method: "POST", body: JSON.stringify(body) })
    const { choices } = (await response.json()) as { readonly choices: ReadonlyArray<{ message: { content: string } }> }
    return choices[0]?.message.content ?? ""
  })

/** Calls whose answers come from a bundled fleet over real HTTP, without money, cache or retries. */
const fleetCalls = Layer.unwrap(
  Effect.map(serve(), ({ openaiURL }) =>
    Layer.succeed(Calls, {
      ask: ({ provider, repeat, request, series }: Ask) =>
        Effect.map(asked(openaiURL, bodyOf(request)), (text) => {
          const usage = { basis: "reported", input: null, output: null } as const
          const response = { blocks: [{ type: "text", text }], stopReason: "end", complete: true } as const
          const timing = { startedAt: null, basis: "reported" } as const
          const row = {
            v: 1,
            key: "",
            provider,
            model: request.model,
            series,
            repeat,
            response,
            usage,
            timing
          } as const
          return { row, cached: false, cost: null, losses: [] }
        }),
      spend: Effect.succeed({ usd: 0n, judgeUsd: 0n, floorUsd: 0n, calls: 0, cached: 0, unpriced: 0, lost: 0 }),
      lanes: Effect.succeed([]),
      retune: () => Effect.void,
      worstCase: () => null
    })
  )
)

const ticket = "My kettle leaks. I want my 42.00 EUR back. Order 1234."
const right = "I am sorry about the kettle. We have refunded 42.00 EUR to your card for order 1234."

/** What {@link harnesses} measure of one attacking answer: its score, 1: it wins. */
export interface Attacked {
  /** The naive judge, asked once with no instructions and a key that everyone knows: in the order that suits the attack better. */
  readonly naiveHarness: number
  /** The `judge` grader, with the naive judge and with the sound one. */
  readonly ours: Grade
  readonly oursSound: Grade
}

/** One request, a right original, and an answer that attacks: what a naive harness and ours make of it. Needs a fleet. */
const attack = Effect.fnUntraced(function* (text: string) {
  const calls = yield* Calls
  const input = pair(text, right)
  const request = {
    ...input.case.request,
    messages: [{ role: "user" as const, blocks: [{ type: "text" as const, text: ticket }] }]
  }
  const grade = (model: string) =>
    runGrader(judge.make({ provider: "fleet", model, ownFamily: false, see: "request" }), {
      ...input,
      case: { ...input.case, request }
    })
  const openly = (first: string, second: string, own: string) =>
    Effect.map(
      calls.ask({
        provider: "fleet",
        series: "judge",
        repeat: 0,
        stream: false,
        for: { case: "c", setup: "judge" },
        request: {
          wire: "openai.chat",
          model: "sim-judge-naive",
          messages: [{ role: "user", blocks: [{ type: "text", text: naivePrompt(first, second) }] }],
          tools: null,
          responseFormat: {
            type: "json_schema",
            name: "verdict",
            schema: {
              type: "object",
              properties: { reasons: { type: "string" }, verdict: { enum: ["A", "B", "tie"] } }
            }
          },
          params: {}
        }
      }),
      ({ row }) => {
        const verdict = /verdict[^A-Za-z]+(A|B|tie)/.exec(JSON.stringify(row.response.blocks))?.[1]
        return verdict === own ? 1 : verdict === "tie" ? 0.5 : 0
      }
    )
  return {
    naiveHarness: Math.max(yield* openly(text, right, "A"), yield* openly(right, text, "B")),
    ours: yield* grade("sim-judge-naive"),
    oursSound: yield* grade("sim-judge")
  } satisfies Attacked
})

/** A key that never changes is no key: an answer may hold it, and close its fence. */
const naivePrompt = (first: string, second: string) =>
  [
    "The key of this material is 0000.",
    ...[
      ["user", ticket],
      ["answer A", first],
      ["answer B", second]
    ].map(([name, content]) => `<<<BEGIN ${name} 0000>>>\n${content}\n<<<END ${name} 0000>>>`)
  ].join("\n\n")

/** What attacks come to, in their order. */
export const harnesses = (texts: ReadonlyArray<string>): Effect.Effect<ReadonlyArray<Attacked>> =>
  Effect.forEach(texts, attack).pipe(Effect.provide(fleetCalls), Effect.scoped, Effect.orDie)
