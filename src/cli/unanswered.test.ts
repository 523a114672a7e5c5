import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { json } from "node:stream/consumers"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { nanoOf } from "../domain/Money.ts"
import type { RunResult } from "../domain/RunResult.ts"
import { fillDesk, fleetEntry, linesBelow, makeDesk, suiteText } from "../testing/desk.ts"

const calls = 60
const nano = (dollars: unknown) => Number(nanoOf(String(dollars)))

/** A machine that never answers one question, refuses it after a while, and lets the first try at another hang. */
const machine = Effect.acquireRelease(
  Effect.promise(async () => {
    let hung = false
    const server = createServer(async (request, response) => {
      const { messages, model } = (await json(request)) as {
        messages: ReadonlyArray<{ content: string }>
        model: string
      }
      const asked = messages.at(-1)?.content
      if (asked === "Where is parcel 11?" && !hung) {
        hung = true
        return
      }
      const refused = asked === "Where is parcel 7?"
      const body = refused
        ? { error: { message: "not this one" } }
        : {
            id: "x",
            object: "chat.completion",
            created: 1,
            model,
            choices: [{ index: 0, message: { role: "assistant", content: "ok" }, finish_reason: "stop" }],
            usage: { prompt_tokens: 5, completion_tokens: 1, total_tokens: 6 }
          }
      setTimeout(
        () => response.writeHead(refused ? 400 : 200, { "content-type": "application/json" }).end(JSON.stringify(body)),
        refused ? 200 : 5
      )
    })
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    return server
  }),
  (server) =>
    Effect.promise(() => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    })
)

describe("what a machine that is paid by the hour does without an answer", () => {
  it.live(
    "is in the cost of the answers, and shown with its tries",
    () =>
      Effect.gen(function* () {
        const baseURL = `http://127.0.0.1:${((yield* machine).address() as AddressInfo).port}/v1`
        const desk = yield* makeDesk
        yield* fillDesk(desk, calls)
        yield* desk.write(
          "desk.suite.ts",
          suiteText(baseURL, {
            setups: [{ provider: "box", models: "own" }],
            providers: {
              fleet: fleetEntry(baseURL),
              box: { kind: "openai", baseURL, concurrency: 4, costPerHour: 3.6, utilisation: 1, timeoutMs: 500 }
            }
          })
        )
        const { json: doc, stderr } = yield* desk.run(["replay", "desk.suite.ts", "--json"])
        assert.isDefined(doc, stderr)
        assert.include(stderr, "nothing can be estimated beforehand: 1 setup is priced by its machine's time")
        const result = doc as RunResult
        const [standing] = result.standings
        assert.deepInclude(standing, { priced: calls - 1, usd: result.spend.usd })
        assert.closeTo(nano(standing?.usdPerCase), nano(result.spend.usd) / (calls - 1), 1)
        assert.strictEqual(standing?.selfHosted?.unanswered?.cases, 1)
        assert.strictEqual(result.spend.unanswered?.tries, 2)
        assert.isAbove(nano(result.spend.unanswered?.usd), nano(standing?.selfHosted?.unanswered?.usd))

        const journal = linesBelow(join(desk.home, "runs"), /journal.*jsonl$/)
        const shown = (event: string) =>
          desk.run(["show", result.run, String(journal.find((line) => line["event"] === event)?.["case"])])
        assert.match((yield* shown("retry")).stdout, /; after 1 try without an answer, \$0\.\d+ of the machine's time/)
        assert.match(
          (yield* shown("failed")).stdout,
          /1 try without an answer, \$0\.\d+ of the machine's time; the last: /
        )
      }),
    60_000
  )

  it.live(
    "is not begun where the cap has no room for one try: bad input, and nothing is asked",
    () =>
      Effect.gen(function* () {
        const baseURL = `http://127.0.0.1:${((yield* machine).address() as AddressInfo).port}/v1`
        const desk = yield* makeDesk
        yield* fillDesk(desk, 6)
        const providers = { fleet: fleetEntry(baseURL), box: { kind: "openai", baseURL, costPerHour: 4 } }
        yield* desk.write(
          "desk.suite.ts",
          suiteText(baseURL, { setups: [{ provider: "box", models: "own" }], providers, budget: { usd: 1 } })
        )
        const { code, stderr } = yield* desk.run(["replay", "desk.suite.ts"])
        assert.strictEqual(code, 2, stderr)
        assert.include(
          stderr,
          "one try at box may cost $1.33 (timeoutMs 600000 at $4 an hour, 50 %), more than the budget of $1.00"
        )
        assert.deepStrictEqual(linesBelow(desk.home, /journal.*jsonl$/), [])
      }),
    60_000
  )
})
