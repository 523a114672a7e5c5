import { existsSync, rmSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import type { RunResult } from "../domain/RunResult.ts"
import { fillDesk, makeDesk, suiteText } from "../testing/desk.ts"

const calls = 12

/** A host whose models answer "no", and what they were told otherwise; it counts the questions. */
const host = Effect.acquireRelease(
  Effect.callback<{ readonly url: string; readonly asked: Array<string>; close(): void }>((resume) => {
    const asked: Array<string> = []
    const server = createServer((request, response) => {
      let text = ""
      request.on("data", (chunk) => {
        text += String(chunk)
      })
      request.on("end", () => {
        asked.push(text)
        response.writeHead(200, { "content-type": "application/json" })
        response.end(
          JSON.stringify({
            id: "x",
            object: "chat.completion",
            created: 1,
            model: "small",
            choices: [{ index: 0, message: { role: "assistant", content: "no" }, finish_reason: "stop" }],
            usage: { prompt_tokens: 50, completion_tokens: 10, total_tokens: 60 }
          })
        )
      })
    }).listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo
      resume(Effect.succeed({ url: `http://127.0.0.1:${port}/v1`, asked, close: () => server.close() }))
    })
  }),
  (server) => Effect.sync(server.close)
)

describe("a command that prints something else at every run", () => {
  it.live(
    "is asked once for an answer: the second run pays nothing; archive delete forgets what it said",
    () =>
      Effect.gen(function* () {
        const { asked, url } = yield* host
        const desk = yield* makeDesk
        yield* fillDesk(desk, calls)
        const command = "node -p 'Math.random()'; grep -q ok answer.txt"
        const use = { use: "command", options: { files: { default: "answer.txt" }, command } }
        yield* desk.write(
          "desk.suite.ts",
          suiteText(url, {
            isolation: "none",
            checks: [use],
            graders: [{ use: "exact" }, { ...use, report: true }],
            setups: [{ provider: "fleet", models: "small", repairs: 2 }]
          })
        )
        const replay = Effect.gen(function* () {
          const before = asked.length
          const { json, stderr } = yield* desk.run(["replay", "desk.suite.ts", "--json"])
          assert.isDefined(json, stderr)
          return { result: json as RunResult, asked: asked.length - before }
        })
        const first = yield* replay
        assert.isAbove(first.asked, calls, "the repair rounds are asked")
        assert.match(asked.at(-1)!, /0\.\d{4}/, "a model is told what the command printed")
        const second = yield* replay
        assert.deepStrictEqual([second.asked, second.result.spend.calls, Number(second.result.spend.usd)], [0, 0, 0])
        assert.deepStrictEqual(second.result.standings, first.result.standings)

        const checked = join(desk.home, "checked")
        rmSync(checked, { recursive: true })
        assert.isAbove((yield* replay).asked, 0, "without what was kept the repair rounds are asked anew")
        assert.isTrue(existsSync(checked))
        const would = yield* desk.run(["archive", "delete", "desk", "--dry-run"])
        assert.match(would.stdout, /\d+ kept results of commands would be deleted too/)
        assert.isTrue(existsSync(checked))
        const deleted = yield* desk.run(["archive", "delete", "desk"])
        assert.match(deleted.stdout, /\d+ kept results of commands are deleted too/, deleted.stderr)
        assert.isFalse(existsSync(checked))
      }).pipe(Effect.scoped),
    120_000
  )
})
