import { createServer, type IncomingHttpHeaders } from "node:http"
import type { AddressInfo } from "node:net"

import { assert, describe, it, vi } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"

import type { CallRequest } from "../domain/Call.ts"
import { loadProvider, providers } from "./registry.ts"

const secret = "of-another-host"

/** Everything the SDKs look for when they are not told. */
const environment = {
  OPENAI_API_KEY: secret,
  OPENAI_ADMIN_KEY: secret,
  OPENAI_ORG_ID: secret,
  OPENAI_PROJECT_ID: secret,
  OPENAI_BASE_URL: "http://127.0.0.1:9/of-another-host",
  OPENAI_API_VERSION: secret,
  AZURE_OPENAI_API_KEY: secret,
  AZURE_OPENAI_ENDPOINT: "http://127.0.0.1:9/of-another-host",
  OPENAI_CUSTOM_HEADERS: `x-leak: ${secret}\nauthorization: Bearer ${secret}\nAPI-Key: ${secret}\nx-api-key: ${secret}`,
  OPENAI_LOG: "debug",
  ANTHROPIC_API_KEY: secret,
  ANTHROPIC_AUTH_TOKEN: secret,
  ANTHROPIC_BASE_URL: "http://127.0.0.1:9/of-another-host",
  ANTHROPIC_CUSTOM_HEADERS: `x-leak: ${secret}\nx-api-key: ${secret}\napi-key: ${secret}\nauthorization: Bearer ${secret}`,
  ANTHROPIC_LOG: "debug",
  OLLAMA_API_KEY: secret
}

const request: CallRequest = {
  wire: "unknown",
  model: "claude-sonnet-4-5",
  messages: [{ role: "user", blocks: [{ type: "text", text: "hi" }] }],
  tools: [],
  params: { maxOutputTokens: 100 }
}

const broken = Effect.acquireRelease(
  Effect.callback<{ url: string; seen: Array<IncomingHttpHeaders>; stop: () => void }>((resume) => {
    const seen: Array<IncomingHttpHeaders> = []
    const server = createServer((asked, response) => {
      seen.push(asked.headers)
      response.writeHead(200, { "content-type": seen.length === 1 ? "text/html" : "text/event-stream" })
      response.end(seen.length === 1 ? "<h1>hello</h1>" : "event: message_start\ndata: {broken\n\n")
    }).listen(0, "127.0.0.1", () =>
      resume(
        Effect.succeed({
          url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
          seen,
          stop: () => server.close()
        })
      )
    )
  }),
  ({ stop }) => Effect.sync(stop)
)

describe("a provider", () => {
  for (const { id } of providers) {
    it.effect(`takes nothing from the environment and prints nothing (${id})`, () =>
      Effect.gen(function* () {
        for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value)
        const printed = (["log", "info", "warn", "error", "debug"] as const).map((name) =>
          vi.spyOn(console, name).mockImplementation(() => undefined)
        )
        yield* Effect.addFinalizer(() =>
          Effect.sync(() => {
            vi.unstubAllEnvs()
            vi.restoreAllMocks()
          })
        )
        const { seen, url } = yield* broken
        const connection = yield* (yield* loadProvider(id)).open({
          name: "there",
          baseURL: url,
          apiVersion: "2024-10-21"
        })
        const { body } = Result.getOrThrow(connection.prepare(request))
        for (const stream of [false, true]) {
          assert.strictEqual((yield* Effect.flip(connection.send(body, { stream }))).reason, "Malformed")
        }
        assert.lengthOf(seen, 2)
        assert.notInclude(JSON.stringify(seen), secret)
        for (const spy of printed) assert.deepStrictEqual(spy.mock.calls, [])
      })
    )
  }

  it.effect("of no known kind is refused with those there are", () =>
    Effect.gen(function* () {
      const fault = yield* Effect.flip(loadProvider("gemini"))
      assert.strictEqual(
        fault.message,
        "there is no provider of the kind gemini\n  One of: openai, azure, anthropic, ollama."
      )
    })
  )
})
