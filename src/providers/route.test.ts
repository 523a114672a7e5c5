import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { createServer, request as forward, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import { createServer as createTlsServer } from "node:https"
import { type AddressInfo, connect, type Socket } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"

import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"

import type { CallRequest } from "../domain/Call.ts"
import { certificate } from "../testing/certificate.ts"
import type { Connection, ProviderConfig } from "./contract.ts"
import { openai } from "./openai.ts"

const answer = JSON.stringify({
  model: "m",
  choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "Paris." } }],
  usage: { prompt_tokens: 3, completion_tokens: 1 }
})

const listening = (server: Server) =>
  Effect.acquireRelease(
    Effect.callback<string>((resume) => {
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed(`127.0.0.1:${(server.address() as AddressInfo).port}`)))
    }),
    () =>
      Effect.sync(() => {
        server.close()
        server.closeAllConnections()
      })
  )

interface Told {
  readonly arrived: PromiseWithResolvers<void>
  readonly closed: PromiseWithResolvers<void>
}

const told = (): Told => ({ arrived: Promise.withResolvers<void>(), closed: Promise.withResolvers<void>() })

/** A host over TLS, or plain; `hangs`: it never answers, and tells when it was asked and when its connection closed. */
const host = Effect.fnUntraced(function* (how: { readonly tls: boolean; readonly hangs?: Told }) {
  const serve = (request: IncomingMessage, response: ServerResponse) => {
    request.resume()
    if (how.hangs === undefined) {
      response.writeHead(200, { "content-type": "application/json" })
      return response.end(answer)
    }
    response.on("close", how.hangs.closed.resolve)
    how.hangs.arrived.resolve()
  }
  const server = how.tls
    ? createTlsServer({ key: certificate.key, cert: certificate.cert }, serve)
    : createServer(serve)
  return `${how.tls ? "https" : "http"}://${yield* listening(server)}/v1`
})

/** A proxy that notes what it is asked for: tunnels, and plain requests that it passes on. */
const proxy = Effect.fnUntraced(function* (wants?: string) {
  const seen: Array<{ readonly what: string; readonly credentials: string | undefined; readonly leaked: boolean }> = []
  const sockets = new Set<Socket>()
  const note = (what: string, { headers }: IncomingMessage) => {
    seen.push({ what, credentials: headers["proxy-authorization"], leaked: headers.authorization !== undefined })
    return wants === undefined || headers["proxy-authorization"] === wants
  }
  const server = createServer((request, response) => {
    if (!note(`${request.method} ${request.url}`, request)) return void response.writeHead(407).end()
    const { "proxy-authorization": _mine, ...headers } = request.headers
    const passed = forward(request.url ?? "", { method: request.method, headers }, (there) => {
      response.writeHead(there.statusCode ?? 502, there.headers)
      there.pipe(response)
    }).on("error", () => response.destroy())
    response.on("close", () => passed.destroy())
    request.pipe(passed)
  })
  server.on("connect", (request: IncomingMessage, socket: Socket) => {
    if (!note(`CONNECT ${request.url}`, request))
      return void socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
    const [name, port] = (request.url ?? "").split(":")
    const there = connect(Number(port), name, () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n")
      there.pipe(socket).pipe(there)
    })
    sockets.add(socket)
    for (const [one, other] of [
      [socket, there],
      [there, socket]
    ] as const) {
      one.on("error", () => other.destroy()).on("close", () => other.destroy())
    }
  })
  const at = yield* listening(server)
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      for (const socket of sockets) socket.destroy()
    })
  )
  return { at, seen }
})

const pem = (text: string) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const folder = await mkdtemp(join(tmpdir(), "understudy-"))
      await writeFile(join(folder, "authority.pem"), text)
      return { folder, file: join(folder, "authority.pem") }
    }),
    ({ folder }) => Effect.promise(() => rm(folder, { recursive: true }))
  ).pipe(Effect.map(({ file }) => file))

const request: CallRequest = {
  wire: "unknown",
  model: "m",
  messages: [{ role: "user", blocks: [{ type: "text", text: "What is the capital of France?" }] }],
  tools: [],
  params: { maxOutputTokens: 10 }
}

const open = (baseURL: string, config: Partial<ProviderConfig> = {}) =>
  openai.open({ name: "there", baseURL, apiKey: Redacted.make("sk-1"), timeoutMs: 20_000, ...config })
const ask = (connection: Connection) =>
  connection.send(Result.getOrThrow(connection.prepare(request)).body, { stream: false })
const textOf = (connection: Connection) =>
  Effect.map(ask(connection), ({ response }) =>
    response.blocks.map((block) => (block.type === "text" ? block.text : ""))
  )

describe("a file of certificates", () => {
  it.effect("makes a host trusted whose authority only it knows; without it nothing is sent", () =>
    Effect.gen(function* () {
      const there = yield* host({ tls: true })
      const caFile = yield* pem(certificate.authority)
      assert.deepStrictEqual(yield* textOf(yield* open(there, { caFile })), ["Paris."])
      const error = yield* Effect.flip(ask(yield* open(there)))
      assert.deepInclude(error, { reason: "Untrusted", mayBeBilled: false })
      assert.include(error.detail, "certificate is not trusted")
      assert.include(error.detail, "caFile")
    })
  )

  it.effect("that cannot be used is told with its place; where nothing is encrypted it is not read", () =>
    Effect.gen(function* () {
      const none = yield* pem("nothing here")
      const broken = yield* pem("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
      for (const [caFile, what] of [
        [join(tmpdir(), "understudy-not-there.pem"), "cannot be read (ENOENT)"],
        [none, "holds none"],
        [broken, "holds one that cannot be read"]
      ] as const) {
        const fault = yield* Effect.flip(open("https://127.0.0.1:9/v1", { caFile }))
        assert.strictEqual(fault.kind, "input")
        assert.include(fault.message, "provider there")
        assert.include(fault.message, what)
        assert.strictEqual(fault.file, caFile)
      }
      const plain = yield* host({ tls: false })
      assert.deepStrictEqual(yield* textOf(yield* open(plain, { caFile: none })), ["Paris."])
    })
  )
})

describe("an address of https", () => {
  it.effect("where plain http is spoken is told in plain words, and is no matter of the network", () =>
    Effect.gen(function* () {
      const there = yield* host({ tls: false })
      const error = yield* Effect.flip(ask(yield* open(there.replace("http:", "https:"))))
      assert.deepInclude(error, { reason: "Address", mayBeBilled: false })
      assert.include(error.detail, "does not speak https at this port")
      assert.notMatch(error.detail, /ssl/i)
    })
  )
})

describe("an address of http", () => {
  it.effect("where https is spoken is hinted at while nothing was heard from there", () =>
    Effect.gen(function* () {
      const there = yield* host({ tls: true })
      const error = yield* Effect.flip(ask(yield* open(there.replace("https:", "http:"))))
      assert.strictEqual(error.reason, "Network")
      assert.include(error.detail, "write https://")
    })
  )
})

describe("a proxy", () => {
  it.effect("is asked for a tunnel to a host over TLS, with its own credentials and without the host's key", () =>
    Effect.gen(function* () {
      const there = yield* host({ tls: true })
      const { at, seen } = yield* proxy(`Basic ${Buffer.from("me:wörd 1").toString("base64")}`)
      const caFile = yield* pem(certificate.authority)
      const password = Redacted.make(`http://me:w%C3%B6rd%201@${at}`)
      const connection = yield* open(there, { caFile, connections: 1, proxy: password })
      assert.deepStrictEqual(yield* textOf(connection), ["Paris."])
      assert.deepStrictEqual(yield* textOf(connection), ["Paris."])
      assert.deepStrictEqual(
        seen.map(({ leaked, what }) => ({ leaked, what })),
        [{ leaked: false, what: `CONNECT ${new URL(there).host}` }]
      )
    })
  )

  it.effect("is given what goes to a host over plain http", () =>
    Effect.gen(function* () {
      const there = yield* host({ tls: false })
      const { at, seen } = yield* proxy()
      assert.deepStrictEqual(yield* textOf(yield* open(there, { proxy: Redacted.make(`http://${at}`) })), ["Paris."])
      assert.deepStrictEqual(
        seen.map(({ what }) => what),
        [`POST ${there}/chat/completions`]
      )
    })
  )

  for (const tls of [true, false]) {
    it.effect(`that refuses, or is not there, lets nothing out, and its password is in no message (TLS: ${tls})`, () =>
      Effect.gen(function* () {
        const there = yield* host({ tls })
        const { at } = yield* proxy("Basic other")
        const refused = yield* Effect.flip(ask(yield* open(there, { proxy: Redacted.make(`http://me:hunter2@${at}`) })))
        assert.deepInclude(refused, { reason: "Proxy", mayBeBilled: false })
        assert.include(refused.detail, "407")
        assert.include(refused.detail, at)
        const gone = yield* Effect.scoped(Effect.map(proxy(), ({ at: there }) => there))
        const nobody = yield* Effect.flip(
          ask(yield* open(there, { proxy: Redacted.make(`http://me:hunter2@${gone}`) }))
        )
        assert.deepInclude(nobody, { reason: "Network", mayBeBilled: false })
        assert.include(nobody.detail, `through the proxy http://${gone}: `)
        assert.include(nobody.detail, "ECONNREFUSED")
        for (const { message, stack } of [refused, nobody]) assert.notInclude(`${message}${stack}`, "hunter2")
      })
    )

    it.effect(`goes when the call is interrupted (TLS: ${tls})`, () =>
      Effect.gen(function* () {
        const hangs = told()
        const there = yield* host({ tls, hangs })
        const { at } = yield* proxy()
        const caFile = yield* pem(certificate.authority)
        const connection = yield* open(there, { caFile, proxy: Redacted.make(`http://${at}`) })
        const fiber = yield* ask(connection).pipe(Effect.forkChild({ startImmediately: true }))
        yield* Effect.promise(() => hangs.arrived.promise)
        yield* Fiber.interrupt(fiber)
        yield* Effect.promise(() => hangs.closed.promise)
      })
    )
  }
})
