import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"

import { simulatedHeader } from "../domain/simulated.ts"
import { handlerOf } from "../standin/handler.ts"
import { saying } from "../testing/desk.ts"
import { loadProvider } from "./registry.ts"

/** Serves the bundled fleet, its header changed or taken away. */
const served = (header: string | undefined) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const { handle } = handlerOf({ profiles: [saying("sim", "ok")] })
      const server = createServer((request: IncomingMessage, response: ServerResponse) => {
        const set = response.setHeader.bind(response)
        response.setHeader = (name, value) => {
          if (name !== simulatedHeader.name) return set(name, value)
          return header === undefined ? response : set(name, header)
        }
        handle(request, response)
      })
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
      return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
    }),
    ({ server }) =>
      Effect.sync(() => {
        server.close()
        server.closeAllConnections()
      })
  )

describe("an answer is simulated", () => {
  for (const [header, wanted] of [
    [simulatedHeader.value, true],
    [undefined, undefined],
    ["real", undefined]
  ] as const)
    it.live(`${wanted === true ? "" : "not "}where its header is ${header ?? "not there"}, on every wire`, () =>
      Effect.gen(function* () {
        const { url } = yield* served(header)
        for (const kind of ["openai", "anthropic", "ollama"]) {
          const provider = yield* loadProvider(kind)
          const connection = yield* provider.open({ name: kind, baseURL: kind === "openai" ? `${url}/v1` : url })
          const prepared = connection.prepare({
            wire: "openai.chat",
            model: "sim",
            messages: [{ role: "user", blocks: [{ type: "text", text: "Hi" }] }],
            tools: [],
            params: { maxOutputTokens: 16 }
          })
          for (const stream of [true, false]) {
            const { simulated } = yield* connection.send(Result.getOrThrow(prepared).body, { stream })
            assert.strictEqual(simulated, wanted, `${kind}, streamed: ${stream}`)
          }
        }
      }).pipe(Effect.scoped)
    )
})
