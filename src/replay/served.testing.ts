import { once } from "node:events"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

import { Calls } from "../calls/Calls.ts"
import type { CallRequest, Usage } from "../domain/Call.ts"
import { type Case, type ReplayCase, replayable } from "../domain/Case.ts"
import type { AnswerRow } from "../domain/Output.ts"
import { openai } from "../providers/openai.ts"
import { Answers } from "../store/Answers.ts"

/** A request as it came. */
export type Body = Readonly<Record<string, unknown>>
/** What the host answers. */
export interface Said {
  readonly status?: number
  readonly body: unknown
}
/** What the host answers to what. */
export type Script = (body: Body) => Said

/** An answer as the wire has it. */
export const finished = (
  content: string,
  finish = "stop",
  usage: { output?: number; reasoning?: number } = {}
): Said => ({
  body: {
    id: "x",
    model: "m",
    choices: [{ index: 0, finish_reason: finish, message: { role: "assistant", content } }],
    usage: {
      prompt_tokens: 10,
      completion_tokens: usage.output ?? 5,
      completion_tokens_details: { reasoning_tokens: usage.reasoning ?? 0 }
    }
  }
})
/** A refusal of the request. */
export const refused = (message: string): Said => ({
  status: 400,
  body: { error: { message, type: "invalid_request_error" } }
})

const stream = (response: ServerResponse, { body }: Said) => {
  const { choices, usage } = body as {
    choices: ReadonlyArray<{ message: { content: string }; finish_reason: string }>
    usage: object
  }
  const piece = (more: object) => response.write(`data: ${JSON.stringify({ id: "x", model: "m", ...more })}\n\n`)
  response.writeHead(200, { "content-type": "text/event-stream" })
  piece({ choices: [{ index: 0, delta: { role: "assistant", content: choices[0]!.message.content } }] })
  piece({ choices: [{ index: 0, delta: {}, finish_reason: choices[0]!.finish_reason }] })
  piece({ choices: [], usage })
  response.end("data: [DONE]\n\n")
}

/** A host that answers from a script, over real HTTP; it keeps what it was asked. */
export const served = Effect.fnUntraced(function* (script: Script) {
  const bodies: Array<Body> = []
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    let text = ""
    for await (const chunk of request) text += String(chunk)
    const body: Body = JSON.parse(text)
    bodies.push(body)
    const said = script(body)
    if (body["stream"] === true && said.status === undefined) return stream(response, said)
    response.writeHead(said.status ?? 200, { "content-type": "application/json" })
    response.end(JSON.stringify(said.body))
  }
  const server = yield* Effect.acquireRelease(
    Effect.promise(async () => {
      const made = createServer((request, response) => void answer(request, response))
      made.listen(0, "127.0.0.1")
      await once(made, "listening")
      return made
    }),
    (made) =>
      Effect.promise(async () => {
        made.closeAllConnections()
        await new Promise((done) => made.close(done))
      })
  )
  const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
  const connection = yield* openai.open({ name: "there", baseURL })
  const rows = new Map<string, AnswerRow>()
  const answers = Layer.succeed(Answers, {
    get: (key: string) => Effect.sync(() => rows.get(key)),
    has: (key: string) => rows.has(key),
    wasAsked: () => false,
    put: (row: AnswerRow) => Effect.sync(() => void rows.set(row.key, row))
  })
  const layer = Calls.layer({
    accounts: [
      {
        name: "there",
        kind: "openai",
        host: "there",
        connection,
        concurrency: 4,
        priceOf: () => ({ input: "1", output: "1", source: "test", asOf: "2026-01-01" })
      }
    ],
    budget: null,
    journal: () => Effect.void
  }).pipe(Layer.provide(answers))
  return { bodies, layer, rows }
})

/** What the original took. */
export const usage: Usage = {
  basis: "reported",
  input: { total: 10, uncached: 10, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, cacheWriteOther: 0 },
  output: { total: 5, text: 5, reasoning: 0 }
}
/** A case with its original. */
export const wholeCase = (id: string, params: CallRequest["params"], more: Partial<CallRequest> = {}): Case => ({
  id,
  callId: id,
  slice: "all",
  cluster: id,
  weight: 1,
  requestDigest: id,
  repeat: 0,
  model: "old",
  usage,
  outputTokens: 5,
  startedAt: null,
  labels: {},
  request: {
    wire: "openai.chat",
    model: "old",
    messages: [{ role: "user", blocks: [{ type: "text", text: `question ${id}` }] }],
    tools: [],
    params,
    ...more
  },
  original: { text: "right", toolCalls: [], finish: "end", usage }
})
/** A case as replay sees it: one user message, answered `right`. */
export const caseOf = (...about: Parameters<typeof wholeCase>): ReplayCase => replayable(wholeCase(...about))
