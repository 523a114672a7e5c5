import { createServer, type IncomingMessage } from "node:http"
import type { AddressInfo } from "node:net"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import type { RunResult } from "../domain/RunResult.ts"
import { fillDesk, fleetEntry, linesBelow, makeDesk, suiteText } from "../testing/desk.ts"

const bodyOf = async (request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> => {
  let text = ""
  for await (const chunk of request) text += String(chunk)
  return JSON.parse(text)
}

/** A model that thinks: it takes no temperature, and uses up a small budget before it answers. */
const thinker = Effect.acquireRelease(
  Effect.callback<{ readonly url: string; readonly bodies: Array<object>; close(): void }>((resume) => {
    const bodies: Array<object> = []
    const server = createServer((request, response) => {
      void bodyOf(request).then((body) => {
        bodies.push(body)
        const say = (status: number, value: object) => {
          response.writeHead(status, { "content-type": "application/json" })
          response.end(JSON.stringify(value))
        }
        if (body["temperature"] !== undefined) {
          const message = "Unsupported value: 'temperature' does not support 0 with this model."
          return say(400, { error: { message, type: "invalid_request_error", param: "temperature" } })
        }
        const whole = Number(body["max_tokens"]) > 16
        say(200, {
          id: "x",
          model: "small",
          choices: [
            {
              index: 0,
              finish_reason: whole ? "stop" : "length",
              message: { role: "assistant", content: whole ? "ok" : "" }
            }
          ],
          usage: {
            prompt_tokens: 5,
            completion_tokens: whole ? 17 : 16,
            completion_tokens_details: { reasoning_tokens: 16 }
          }
        })
      })
    }).listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo
      resume(Effect.succeed({ url: `http://127.0.0.1:${port}/v1`, bodies, close: () => server.close() }))
    })
  }),
  (server) => Effect.sync(server.close)
)

describe("a fair fight", () => {
  it.live(
    "with a model that thinks: it is asked without what it refuses and with room to answer; the run, its lines and show say so",
    () =>
      Effect.gen(function* () {
        const host = yield* thinker
        const desk = yield* makeDesk
        yield* fillDesk(desk, 12)
        const providers = { fleet: fleetEntry(host.url, { concurrency: 2 }) }
        const setups = [{ provider: "fleet", models: "small", temperature: 0 }]
        yield* desk.write("desk.suite.ts", suiteText(host.url, { providers, setups }))
        const people = yield* desk.run(["replay", "desk.suite.ts"])
        assert.include(
          people.stdout,
          "fleet/small temperature=0: 12 cases asked again with a larger budget; lost in translation or left out for the target, by cases: temperature 12."
        )
        assert.strictEqual(host.bodies.filter((body) => "temperature" in body).length, 1, "no refusal per case")
        assert.strictEqual(host.bodies.length, 25, "both answers of a case are paid")

        const { json, stderr } = yield* desk.run(["replay", "desk.suite.ts", "--json"])
        const result = json as RunResult | undefined
        assert.deepStrictEqual(
          result?.standings[0]?.outcomes,
          { endings: { complete: 12 }, unsendable: {}, losses: { temperature: 12 }, enlarged: 12 },
          stderr
        )
        assert.strictEqual(result?.standings[0]?.gates[0]?.score, 1)
        assert.deepInclude(result?.spend, { calls: 0, cached: 24 }, "nothing is bought twice")

        const [line] = linesBelow(desk.home, /outputs\.jsonl$/)
        assert.strictEqual(line?.["ending"], "complete")
        assert.deepStrictEqual(line?.["losses"], [
          {
            what: "temperature",
            why: "the target refuses it, so it was asked without: this axis of the setup is not in force"
          }
        ])
        const { stdout } = yield* desk.run(["show", "latest", String(line?.["case"])])
        assert.include(stdout, "lost in translation: temperature: the target refuses it")
        assert.include(stdout, "round 0, asked again for up to 64 tokens")

        yield* desk.write("desk.suite.ts", suiteText(host.url, { providers, setups, refusedParameters: "refuse" }))
        const refused = yield* desk.run(["replay", "desk.suite.ts", "--json"])
        assert.include(
          (refused.json as RunResult | undefined)?.standings[0]?.reason,
          "12 of 12 cases cannot be sent to it (parameter 12)"
        )
      }).pipe(Effect.scoped),
    60_000
  )
})
