import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import { fillDesk, fleetEntry, makeDesk, suiteText } from "../testing/desk.ts"
import type { Ended } from "../testing/launcher.ts"

const patience = 180_000
const calls = 60

/** A host on a real socket; `asked` counts its requests. */
const host = (answer: (nth: number, response: ServerResponse, request: IncomingMessage) => void) =>
  Effect.acquireRelease(
    Effect.callback<{ readonly at: string; readonly count: { asked: number }; close(): void }>((resume) => {
      const count = { asked: 0 }
      const server = createServer((request, response) => {
        request.resume().on("end", () => answer(++count.asked, response, request))
      }).listen(0, "127.0.0.1", () => {
        const at = `127.0.0.1:${(server.address() as AddressInfo).port}`
        resume(Effect.succeed({ at, count, close: () => server.close() }))
      })
    }),
    (open) => Effect.sync(open.close)
  )

const says = (response: ServerResponse, status: number, body: unknown, headers = {}) => {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body))
}

const completion = {
  model: "small",
  choices: [{ index: 0, message: { role: "assistant", content: "ok" }, finish_reason: "stop" }],
  usage: { prompt_tokens: 5, completion_tokens: 1, total_tokens: 6 }
}

const errorOf = ({ json }: Ended) =>
  (json as { readonly error?: { readonly message: string; readonly mend: string } }).error ?? { message: "", mend: "" }

/** A desk with the calls imported, for all of a test; `replayAt` replays them at an address, one call at once. */
const addressedDesk = Effect.gen(function* () {
  const desk = yield* makeDesk
  yield* fillDesk(desk, calls)
  const replayAt = Effect.fnUntraced(function* (baseURL: string, over: Readonly<Record<string, unknown>> = {}) {
    const name = `at${Object.keys(over).length}${new URL(baseURL).port}.suite.ts`
    yield* desk.write(name, suiteText("", { providers: { fleet: fleetEntry(baseURL, { concurrency: 1, ...over }) } }))
    return (...flags: ReadonlyArray<string>) => desk.run(["replay", name, "--json", ...flags])
  })
  return { replayAt }
})

describe("a run", () => {
  it.live(
    "stops at the first answer from a wrong address, tells a host that broke from it, and says what a case was told",
    () =>
      Effect.gen(function* () {
        const { replayAt } = yield* addressedDesk
        const hosts = {
          wrong: yield* host((_, response) => says(response, 404, { detail: "no page here" })),
          broken: yield* host((nth, response) =>
            nth === 5 || nth === 6 ? says(response, 404, { detail: "no page here" }) : says(response, 200, completion)
          ),
          choosy: yield* host((_, response) => says(response, 400, { error: { message: "no such luck" } })),
          dead: yield* host((_, response) => void response.destroy())
        }
        const at = Effect.fnUntraced(function* (url: string, ...flags: ReadonlyArray<string>) {
          const ended = yield* (yield* replayAt(url))(...flags)
          return { ...ended, error: errorOf(ended), said: JSON.stringify(ended.json) }
        })
        const all = {
          wrong: at(`http://${hosts.wrong.at}/v1`),
          broken: at(`http://${hosts.broken.at}/v1`),
          choosy: at(`http://${hosts.choosy.at}/v1`),
          dead: at(`http://${hosts.dead.at}/v1`)
        }
        const { broken, choosy, dead, wrong } = yield* Effect.all(all, { concurrency: 2 })
        assert.strictEqual(wrong.code, 2, wrong.stderr)
        assert.strictEqual(wrong.error.message, "fleet does not take calls at its address (404): no page here")
        assert.include(wrong.error.mend, "providers.fleet.baseURL")
        assert.strictEqual(hosts.wrong.count.asked, 1)

        assert.strictEqual(broken.code, 0, broken.stderr)
        assert.nestedPropertyVal(broken.json, "spend.calls", calls)
        assert.strictEqual(hosts.broken.count.asked, calls + 2)

        assert.strictEqual(choosy.code, 4, choosy.stderr)
        assert.match(choosy.said, /cannot be sent to it \(request 60\).*the first was told: .*no such luck/)

        assert.strictEqual(dead.code, 5, dead.stderr)
        assert.isBelow(hosts.dead.count.asked, 30, "a provider that never answers is not asked for every case")
        assert.include(dead.said, "other side closed")
        assert.match(dead.said, /[1-9]\d* of them were never sent/)
      }).pipe(Effect.scoped),
    patience
  )

  it.live(
    "with a budget too small for one try says what one must put aside, and one without any price asks nothing",
    () =>
      Effect.gen(function* () {
        const { replayAt } = yield* addressedDesk
        const there = yield* host((_, response) => says(response, 200, completion))
        const small = yield* (yield* replayAt(`http://${there.at}/v1`))("--budget", "0.00001")
        assert.strictEqual(small.code, 6, small.stderr)
        assert.match(JSON.stringify(small.json), /one try could cost up to \$0\.0000\d+: 16 output tokens at most/)
        const unpriced = yield* (yield* replayAt(`http://${there.at}/v1`, { prices: {} }))("--budget", "1")
        assert.strictEqual(unpriced.code, 2, unpriced.stderr)
        assert.include(errorOf(unpriced).message, "none is known for fleet/small")
        assert.strictEqual(there.count.asked, 0)
      }).pipe(Effect.scoped),
    patience
  )
})
