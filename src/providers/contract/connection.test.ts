import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"

import { model } from "./dialect.ts"
import { failing, key, opened, prepared, subjects } from "./subjects.ts"
import { json, wireServer } from "./wireServer.ts"

for (const subject of subjects) {
  const { dialect, provider } = subject
  describe(subject.name, () => {
    it.effect("fails as Network when nobody listens, which costs nothing, or the answer breaks off, which may", () =>
      Effect.gen(function* () {
        const { url } = yield* Effect.scoped(wireServer(() => undefined))
        const connection = yield* provider.open({ name: "gone", baseURL: dialect.address(url), ...subject.config })
        const error = yield* Effect.flip(connection.send(prepared(connection).body, { stream: false }))
        assert.deepInclude(error, { provider: "gone", reason: "Network", mayBeBilled: false, retryable: true })
        assert.include(error.detail, "ECONNREFUSED")
        const broken = yield* failing(subject, (response) => {
          response.writeHead(200, { "content-type": "application/json" })
          response.write('{"id":', () => response.destroy())
        })
        assert.deepInclude(broken.error, { reason: "Network", mayBeBilled: true })
      })
    )

    for (const stream of [false, true]) {
      it.effect(`gives up after its time and closes the socket, also amid the body (stream: ${stream})`, () =>
        Effect.gen(function* () {
          const hanging = yield* failing(subject, () => undefined, { stream, config: { timeoutMs: 150 } })
          assert.deepInclude(hanging.error, { reason: "Timeout", mayBeBilled: true, retryable: true })
          // On a busy machine the time may be up before the request is out: then there is nothing to close.
          if (hanging.server.seen.length > 0) yield* Effect.promise(() => hanging.server.closed)
          const stalled = yield* failing(
            subject,
            (response) => {
              response.writeHead(200, { "content-type": stream ? dialect.type : "application/json" })
              response.write(stream ? dialect.pieces({ text: "x", stop: "stop" })[0] : "{")
            },
            { stream, config: { timeoutMs: 150 } }
          )
          assert.strictEqual(stalled.error.reason, "Timeout")
          if (stalled.server.seen.length > 0) yield* Effect.promise(() => stalled.server.closed)
        })
      )

      it.effect(`closes the socket when it is interrupted (stream: ${stream})`, () =>
        Effect.gen(function* () {
          const { connection, server } = yield* opened(subject, (response) => {
            if (!stream) return
            response.writeHead(200, { "content-type": dialect.type })
            response.write(dialect.pieces({ text: "x", stop: "stop" })[0])
          })
          const fiber = yield* connection
            .send(prepared(connection).body, { stream })
            .pipe(Effect.forkChild({ startImmediately: true }))
          yield* Effect.promise(() => server.arrived)
          yield* Fiber.interrupt(fiber)
          yield* Effect.promise(() => server.closed)
        })
      )
    }

    it.effect("never shows its key, not even where the provider repeats it", () =>
      Effect.gen(function* () {
        const { error } = yield* failing(
          subject,
          json(401, dialect.error(`Incorrect API key provided: ${key}.`, "authentication_error"))
        )
        assert.strictEqual(error.detail, "Incorrect API key provided: [key].")
        const { error: cut } = yield* failing(
          subject,
          json(400, dialect.error(`${"x".repeat(490)}${key}`, "invalid_request_error"))
        )
        assert.notInclude(cut.detail, key.slice(0, 6))
      })
    )

    it.effect("lists the models, and says why where it cannot", () =>
      Effect.gen(function* () {
        const { connection } = yield* opened(subject, json(200, dialect.models))
        assert.deepStrictEqual(yield* connection.models, [model])
        const closed = yield* opened(subject, json(401, dialect.error("invalid key", "authentication_error")))
        assert.strictEqual((yield* Effect.flip(closed.connection.models)).reason, "Auth")
      })
    )

    it.effect("refuses a configuration that cannot work, without showing the key", () =>
      Effect.gen(function* () {
        for (const config of [
          { name: "x", baseURL: "localhost:8089/v1" },
          { name: "x", baseURL: "ftp://example.test" },
          { name: "x", baseURL: "https://me:word@example.test/v1" },
          { name: "x", apiKey: Redacted.make(`${key}\n`) },
          { name: "x", apiKey: Redacted.make("") },
          { name: "x", api: "batch" },
          { name: "x", proxy: Redacted.make(`socks5://me:${key}@proxy.test`) },
          { name: "x", proxy: Redacted.make(`http://me:%${key}@proxy.test`) }
        ]) {
          const baseURL = dialect.address("http://127.0.0.1:9")
          const fault = yield* Effect.flip(provider.open({ baseURL, ...subject.config, ...config }))
          assert.strictEqual(fault.kind, "input")
          assert.include(fault.message, "provider x")
          assert.notInclude(fault.message, key)
        }
      })
    )

    it.effect("tells the connection's sockets to close with its scope", () =>
      Effect.gen(function* () {
        const server = yield* wireServer(() => undefined)
        yield* Effect.scoped(
          Effect.gen(function* () {
            const connection = yield* provider.open({
              name: "there",
              baseURL: dialect.address(server.url),
              ...subject.config
            })
            yield* connection
              .send(prepared(connection).body, { stream: false })
              .pipe(Effect.ignore, Effect.forkDetach({ startImmediately: true }))
            yield* Effect.promise(() => server.arrived)
          })
        )
        yield* Effect.promise(() => server.closed)
      })
    )
  })
}
