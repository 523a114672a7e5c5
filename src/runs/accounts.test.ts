import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"

import type { CallRequest } from "../domain/Call.ts"
import type { LoadedSuite } from "../suite/load.ts"
import { openConnection, resolveProvider } from "./accounts.ts"

const withEnv = (env: Readonly<Record<string, string>>) =>
  Effect.provide(ConfigProvider.layer(ConfigProvider.fromUnknown(env)))

type Entry = LoadedSuite["providers"][string]
const resolved = (entry: Partial<Entry> & { readonly kind: string }) =>
  resolveProvider("f", { providers: { f: { concurrency: "adaptive", ...entry } } })!

const request: CallRequest = {
  wire: "unknown",
  model: "m",
  messages: [{ role: "user", blocks: [{ type: "text", text: "hi" }] }],
  tools: [],
  params: { maxOutputTokens: 10 }
}

const at = (server: { address(): AddressInfo | string | null }) => `127.0.0.1:${(server.address() as AddressInfo).port}`

/** A proxy that lets nothing through and notes what it was asked for. */
const closedProxy = Effect.acquireRelease(
  Effect.callback<{ server: Server; asked: Array<string | undefined> }>((resume) => {
    const asked: Array<string | undefined> = []
    const server = createServer((incoming, response) => {
      asked.push(incoming.url)
      response.writeHead(503).end()
    })
    server.on("connect", (incoming, socket) => {
      asked.push(incoming.url)
      socket.end("HTTP/1.1 503 Closed\r\n\r\n")
    })
    server.listen(0, "127.0.0.1", () => resume(Effect.succeed({ server, asked })))
  }),
  ({ server }) =>
    Effect.sync(() => {
      server.close()
      server.closeAllConnections()
    })
).pipe(Effect.map(({ asked, server }) => ({ asked, at: at(server) })))

const failed = (entry: Partial<Entry> & { readonly kind: string }, env: Readonly<Record<string, string>>) =>
  Effect.gen(function* () {
    const connection = yield* openConnection(resolved(entry))
    const { body } = Result.getOrThrow(connection.prepare(request))
    return yield* Effect.flip(connection.send(body, { stream: false }))
  }).pipe(Effect.scoped, withEnv(env))

describe("a provider of a suite", () => {
  it("is known by its address, and by the version of its API where it has one", () => {
    const azure = { kind: "azure", baseURL: "https://desk.openai.azure.com", apiVersion: "2024-10-21" }
    assert.deepInclude(resolved(azure), {
      host: "desk.openai.azure.com?api-version=2024-10-21",
      keyEnv: "AZURE_OPENAI_API_KEY",
      apiVersion: "2024-10-21"
    })
    assert.isUndefined(resolved({ kind: "openai", baseURL: "https://elsewhere.test/v1" }).keyEnv)
    assert.deepInclude(resolved({ kind: "openai", api: "responses" }), {
      api: "responses",
      keyEnv: "OPENAI_API_KEY"
    })
  })

  it.effect(
    "is asked through the proxy that the environment names, but not on this machine or where NO_PROXY says so",
    () =>
      Effect.gen(function* () {
        const away = { kind: "openai", baseURL: "https://api.understudy.invalid/v1" }
        const proxy = yield* closedProxy
        const through = yield* failed(away, { HTTPS_PROXY: `http://me:hunter2@${proxy.at}` })
        assert.deepInclude(through, { reason: "Network", mayBeBilled: false })
        assert.include(through.detail, "503")
        assert.notInclude(through.message, "hunter2")
        yield* failed(away, { https_proxy: proxy.at, HTTPS_PROXY: "http://127.0.0.1:9" })
        yield* failed({ ...away, baseURL: "http://api.understudy.invalid/v1" }, { HTTP_PROXY: proxy.at })
        assert.deepStrictEqual(proxy.asked, [
          "api.understudy.invalid:443",
          "api.understudy.invalid:443",
          "http://api.understudy.invalid/v1/chat/completions"
        ])
        yield* failed(away, { HTTPS_PROXY: proxy.at, NO_PROXY: "understudy.invalid" })
        yield* failed(away, { HTTPS_PROXY: "", HTTP_PROXY: proxy.at })
        yield* failed({ kind: "openai", baseURL: "http://127.0.0.1:9/v1" }, { HTTP_PROXY: proxy.at })
        assert.lengthOf(proxy.asked, 3)
      })
  )

  it.effect("trusts the file of certificates that its entry names, else the one of SSL_CERT_FILE", () =>
    Effect.gen(function* () {
      const opening = (caFile: string | undefined, env: Readonly<Record<string, string>>) =>
        openConnection(
          resolved({ kind: "openai", baseURL: "https://127.0.0.1:9/v1", ...(caFile === undefined ? {} : { caFile }) })
        ).pipe(Effect.scoped, Effect.flip, withEnv(env))
      const [one, other] = [join(tmpdir(), "understudy-one.pem"), join(tmpdir(), "understudy-other.pem")]
      assert.strictEqual((yield* opening(one, { SSL_CERT_FILE: other })).file, one)
      assert.strictEqual((yield* opening(undefined, { SSL_CERT_FILE: other })).file, other)
    })
  )
})
