import { createServer } from "node:http"
import type { AddressInfo } from "node:net"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import { fillDesk, fleetEntry, makeDesk, suiteText } from "../testing/desk.ts"
import type { Ended } from "../testing/launcher.ts"

const calls = 60
const patience = 180_000

const completion = JSON.stringify({
  model: "small",
  choices: [{ index: 0, message: { role: "assistant", content: "ok" }, finish_reason: "stop" }],
  usage: { prompt_tokens: 5, completion_tokens: 1, total_tokens: 6 }
})

/** A host that answers nothing until it is let; `answered` counts. */
const heldHost = Effect.acquireRelease(
  Effect.callback<{
    readonly url: string
    readonly asked: Promise<void>
    readonly count: { answered: number }
    go(): void
    close(): void
  }>((resume) => {
    const asked = Promise.withResolvers<void>()
    const go = Promise.withResolvers<void>()
    const count = { answered: 0 }
    const server = createServer((request, response) => {
      asked.resolve()
      let gone = false
      response.on("close", () => {
        gone = true
      })
      request.resume().on("end", async () => {
        await go.promise
        if (gone) return
        count.answered++
        response.writeHead(200, { "content-type": "application/json" }).end(completion)
      })
    }).listen(0, "127.0.0.1", () => {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
      resume(Effect.succeed({ url, asked: asked.promise, count, go: go.resolve, close: () => server.close() }))
    })
  }),
  ({ close, go }) =>
    Effect.sync(() => {
      go()
      close()
    })
)

const faultOf = ({ json }: Ended) =>
  (json as { readonly error?: { readonly message: string; readonly mend: string } }).error ?? { message: "", mend: "" }

describe("runs of one home at once, that would pay for the same answers", () => {
  it.live(
    "are one: of two begun at the same moment one goes on, later ones are refused; one that was killed is in nobody's way",
    () =>
      Effect.gen(function* () {
        const host = yield* heldHost
        const desk = yield* makeDesk
        yield* fillDesk(desk, calls)
        const fleet = fleetEntry(host.url, { concurrency: 4 })
        yield* desk.write("desk.suite.ts", suiteText("", { providers: { fleet } }))
        // The same account by another name.
        yield* desk.write(
          "other.suite.ts",
          suiteText("", {
            incumbent: { provider: "same", model: "premium" },
            providers: { same: fleet },
            setups: [{ provider: "same", models: "small" }]
          })
        )
        const killed = yield* desk.start(["replay", "desk.suite.ts"])
        yield* Effect.promise(() => host.asked)
        killed.kill("SIGKILL", "all")
        yield* killed.ended

        const both = [
          yield* desk.start(["replay", "desk.suite.ts", "--json"]),
          yield* desk.start(["replay", "other.suite.ts", "--json"])
        ]
        // Nothing is answered yet, so whoever ends was refused.
        const [refused, other] = yield* Effect.raceFirst(
          Effect.map(both[0]!.ended, (end) => [end, both[1]!] as const),
          Effect.map(both[1]!.ended, (end) => [end, both[0]!] as const)
        )
        const late = yield* desk.run(["replay", "other.suite.ts", "--json"])
        for (const end of [refused, late]) {
          assert.strictEqual(end.code, 2, end.stderr)
          const { mend, message } = faultOf(end)
          assert.match(
            message,
            /^run \S+ is going on in this home and asks openai at 127\.0\.0\.1:\d+\/v1 for archive desk, as this one would: both would pay/
          )
          assert.match(mend, /understudy ctl \d{8}T\d{6}-[0-9a-f]{4};.*--home/)
        }
        host.go()
        const { code, json, stderr } = yield* other.ended
        assert.strictEqual(code, 0, stderr)
        assert.nestedPropertyVal(json, "spend.calls", calls)
        assert.strictEqual(host.count.answered, calls, "each answer was paid for once")
      }).pipe(Effect.scoped),
    patience
  )
})
