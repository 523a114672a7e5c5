import { createServer } from "node:http"
import type { AddressInfo } from "node:net"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"

import type { AnswerRow } from "../domain/Output.ts"
import { type Connection, ProviderError } from "../providers/contract.ts"
import { Answers } from "../store/Answers.ts"
import { Calls } from "./Calls.ts"

/** A server that turns away every 5th request, breaks at every 7th, hangs up on every 11th when the work is done, and answers the others. */
const server = Effect.acquireRelease(
  Effect.callback<{
    readonly url: string
    readonly book: { answered: number; hungUp: number }
    readonly close: () => void
  }>((resume) => {
    const book = { answered: 0, hungUp: 0 }
    let count = 0
    const http = createServer((request, response) => {
      request.resume().on("end", () => {
        count++
        if (count % 5 === 0) return response.writeHead(429).end()
        if (count % 7 === 0) return response.writeHead(500).end()
        if (count % 11 === 0) {
          book.hungUp++
          return response.destroy()
        }
        book.answered++
        return response.end(JSON.stringify({ text: `answer ${count}`, in: count % 50, out: count % 20 }))
      })
    })
    http.listen(0, "127.0.0.1", () => {
      const { port } = http.address() as AddressInfo
      resume(
        Effect.succeed({ url: `http://127.0.0.1:${port}`, book, close: () => void http.close().closeAllConnections() })
      )
    })
  }),
  ({ close }) => Effect.sync(close)
)

const failure = (reason: ProviderError["reason"], mayBeBilled: boolean, detail = "") =>
  new ProviderError({ provider: "loopback", model: "m", reason, detail, mayBeBilled })

/** A provider over that server's wire, which is nobody's: one text in, one text and two counts out. */
const connectionTo = (url: string): Connection => ({
  prepare: (request) =>
    Result.succeed({ body: { model: request.model, messages: request.messages, max_tokens: 20 }, losses: [] }),
  send: (body) =>
    Effect.tryPromise({
      try: (signal) => fetch(url, { method: "POST", body: JSON.stringify(body), signal }),
      catch: (cause) => failure("Network", true, String(cause))
    }).pipe(
      Effect.flatMap((response) =>
        response.status === 200
          ? Effect.tryPromise({
              try: () => response.json() as Promise<{ text: string; in: number; out: number }>,
              catch: (cause) => failure("Network", true, String(cause))
            })
          : Effect.andThen(
              Effect.promise(() => response.text()),
              Effect.fail(failure(response.status === 429 ? "RateLimited" : "Server", false))
            )
      ),
      Effect.map(({ in: input, out, text }) => ({
        response: { blocks: [{ type: "text" as const, text }], stopReason: "end" as const, complete: true },
        usage: {
          basis: "reported" as const,
          input: { total: input, uncached: input, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, cacheWriteOther: 0 },
          output: { total: out, text: out, reasoning: 0 }
        },
        timing: { startedAt: null, basis: "reported" as const }
      }))
    ),
  models: Effect.succeed(["m"])
})

describe("the ledger of a run over HTTP", () => {
  it.live(
    "agrees with the provider's own: answered calls, tries that may be billed, money, and lines of the journal",
    () =>
      Effect.gen(function* () {
        const { book, url } = yield* server
        const rows = new Map<string, AnswerRow>()
        const lines: Array<Readonly<Record<string, unknown>>> = []
        const answers = Layer.succeed(Answers, {
          get: (key) => Effect.sync(() => rows.get(key)),
          has: (key) => rows.has(key),
          put: (row) => Effect.sync(() => void rows.set(row.key, row))
        })
        const calls = Calls.layer({
          accounts: [
            {
              name: "loopback",
              kind: "openai",
              host: url,
              connection: connectionTo(url),
              concurrency: 16,
              priceOf: () => ({ input: "0.15", output: "0.6", source: "test", asOf: "2026-01-01" })
            }
          ],
          budget: 1_000_000_000n,
          journal: (line) => Effect.sync(() => void lines.push(line)),
          retry: { baseMs: 1, capMs: 4, tries: 20 }
        }).pipe(Layer.provide(answers))
        const { outcome, spent } = yield* Effect.gen(function* () {
          const { ask, spend } = yield* Calls
          const outcome = yield* Effect.forEach(
            Array.from({ length: 240 }, (_, i) => i % 200),
            (i) =>
              ask({
                provider: "loopback",
                request: {
                  wire: "openai.chat",
                  model: "m",
                  messages: [{ role: "user", blocks: [{ type: "text", text: `question ${i}` }] }],
                  tools: null,
                  params: { maxOutputTokens: 20 }
                },
                series: "candidate",
                repeat: 0,
                stream: false,
                for: { case: `${i}`, setup: "s" }
              }),
            { concurrency: 64 }
          )
          return { outcome, spent: yield* spend }
        }).pipe(Effect.provide(calls))
        const event = (name: string) => lines.filter((line) => line["event"] === name)
        assert.deepStrictEqual(
          [spent.calls, spent.cached, spent.lost, spent.unpriced],
          [book.answered, 40, book.hungUp, 0]
        )
        assert.strictEqual(spent.calls, 200)
        assert.isAbove(book.hungUp, 0)
        assert.strictEqual(event("sent").length, 200)
        assert.strictEqual(event("paid").length, 200)
        assert.strictEqual(event("retry").filter((line) => line["mayBeBilled"] === true).length, book.hungUp)
        const bought = outcome.filter(({ cached }) => !cached).reduce((sum, { cost }) => sum + (cost ?? 0n), 0n)
        assert.strictEqual(spent.usd, bought)
        const journaled = event("paid").reduce((sum, line) => sum + BigInt(String(line["usd"]).replace(".", "")), 0n)
        assert.strictEqual(spent.usd, journaled)
      }).pipe(Effect.scoped),
    60_000
  )
})
