import { createServer } from "node:http"
import type { AddressInfo } from "node:net"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"

import type { AnswerRow } from "../domain/Output.ts"
import { type Connection, ProviderError } from "../providers/contract.ts"
import { Answers } from "../store/Answers.ts"
import { Calls } from "./Calls.ts"
import { inFlight, ledgerOf } from "./ledger.ts"
import type { Line } from "./lines.ts"

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

const ask = (i: number) =>
  Effect.flatMap(Calls, (calls) =>
    calls.ask({
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
    })
  )

/** Calls of a process of its own over that server: what was answered before is in `rows`, the journal is a new one. */
const processOf = (url: string, rows: Map<string, AnswerRow>) => {
  const lines: Array<Line> = []
  const answers = Layer.succeed(Answers, {
    get: (key) => Effect.sync(() => rows.get(key)),
    has: (key) => rows.has(key),
    wasAsked: () => false,
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
  const run = <A, E>(use: Effect.Effect<A, E, Calls>) => Effect.provide(use, calls, { local: true })
  return { lines, run }
}
const spend = Effect.flatMap(Calls, (calls) => calls.spend)

describe("the ledger of a run over HTTP", () => {
  it.live(
    "agrees with the provider's own: answered calls, tries that may be billed, money, and lines of the journal",
    () =>
      Effect.gen(function* () {
        const { book, url } = yield* server
        const { lines, run } = processOf(url, new Map())
        const { outcome, spent } = yield* run(
          Effect.gen(function* () {
            const questions = Array.from({ length: 240 }, (_, i) => i % 200)
            const outcome = yield* Effect.forEach(questions, ask, { concurrency: 64 })
            return { outcome, spent: yield* spend }
          })
        )
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
        assert.deepStrictEqual(ledgerOf(lines), {
          paid: book.answered,
          usd: spent.usd,
          unpriced: 0,
          lost: book.hungUp,
          failed: 0,
          inFlight: []
        })
      }).pipe(Effect.scoped),
    60_000
  )

  it.live(
    "that is stopped lists the calls in flight, and these are all that the provider may have counted beside; going on pays for no answered call again",
    () =>
      Effect.gen(function* () {
        const { book, url } = yield* server
        const rows = new Map<string, AnswerRow>()
        const first = processOf(url, rows)
        const questions = Array.from({ length: 200 }, (_, i) => i)
        const running = yield* Effect.forkChild(
          first.run(Effect.forEach(questions, ask, { concurrency: 64, discard: true })),
          { startImmediately: true }
        )
        while (ledgerOf(first.lines).paid < 80) yield* Effect.sleep(1)
        yield* Fiber.interrupt(running)
        yield* Effect.sleep(100)
        const stopped = ledgerOf(first.lines)
        const completed = book.answered + book.hungUp
        assert.isAbove(stopped.inFlight.length, 0)
        assert.isAtLeast(completed, stopped.paid + stopped.lost)
        assert.isAtMost(completed, stopped.paid + stopped.lost + stopped.inFlight.length)
        assert.isTrue(stopped.inFlight.every(({ key }) => !rows.has(key)))

        const unheard = completed - stopped.paid - stopped.lost
        const second = processOf(url, rows)
        const spent = yield* second.run(
          Effect.andThen(Effect.forEach(questions, ask, { concurrency: 64, discard: true }), spend)
        )
        assert.deepStrictEqual([spent.calls, spent.cached], [200 - stopped.paid, stopped.paid])
        const after = ledgerOf(second.lines)
        assert.deepStrictEqual(after.inFlight, [])
        assert.strictEqual(book.answered + book.hungUp, stopped.paid + stopped.lost + unheard + after.paid + after.lost)
      }).pipe(Effect.scoped),
    60_000
  )
})

describe("a journal", () => {
  const of = (event: string, key: string, more: Line = {}): Line => ({
    v: 1,
    event,
    at: "2026-05-01T00:00:00.000Z",
    key,
    account: "fleet",
    model: "m",
    series: "candidate",
    repeat: 0,
    case: `case of ${key}`,
    setup: "s",
    ...more
  })

  it("that breaks off anywhere lists what was sent and not yet ended, in order", () => {
    const lines = [
      of("sent", "a"),
      of("sent", "b"),
      of("retry", "b", { mayBeBilled: true, reason: "Cut" }),
      of("paid", "a", { usd: "0.000000007" }),
      of("sent", "c"),
      of("failed", "c", { mayBeBilled: true, reason: "Timeout" }),
      of("paid", "b", { usd: null, lost: ["Cut"] }),
      of("sent", "c")
    ]
    const open = lines.map((_, i) => inFlight(lines.slice(0, i + 1)).map(({ key }) => key))
    assert.deepStrictEqual(open, [["a"], ["a", "b"], ["a", "b"], ["b"], ["b", "c"], ["b"], [], ["c"]])
    const { inFlight: last, ...sums } = ledgerOf(lines)
    assert.deepStrictEqual(sums, { paid: 2, usd: 7n, unpriced: 1, lost: 2, failed: 1 })
    assert.deepInclude(last[0], { case: "case of c", account: "fleet", at: "2026-05-01T00:00:00.000Z" })
  })
})
