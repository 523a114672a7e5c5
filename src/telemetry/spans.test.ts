import { createServer, type IncomingHttpHeaders } from "node:http"
import type { AddressInfo } from "node:net"
import { buffer } from "node:stream/consumers"
import { gunzipSync } from "node:zlib"

import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"

import { Fault } from "../domain/Fault.ts"
import { exporting, spans } from "./spans.ts"

interface Post {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly raw: Buffer
}

/** An OpenTelemetry collector as far as the wire goes: it keeps what is posted to it, and answers with a status. */
const collector = (status = 200) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const posts: Array<Post> = []
      const server = createServer(async (request, response) => {
        const raw = await buffer(request)
        posts.push({ path: request.url ?? "", headers: request.headers, body: raw.toString(), raw })
        response.writeHead(status, { "content-type": "application/json" }).end("{}")
      })
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
      return { posts, server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
    }),
    ({ server }) =>
      Effect.promise(() => {
        server.closeAllConnections()
        return new Promise((resolve) => server.close(resolve))
      })
  )

const under = (environment: Readonly<Record<string, string>>) =>
  Effect.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env: environment })))

const inner = Effect.fn("Suite.load")(function* () {
  return yield* Effect.succeed(1)
})
const work = Effect.fn("Runs.execute")(function* () {
  yield* Effect.annotateCurrentSpan({ cases: 3 })
  yield* inner()
  return yield* new Fault({ kind: "input", sentence: "the prompt was: my secret prompt" })
})

/** Does some work whose spans go where the environment says, and gives what was warned of. */
const exported = (environment: Readonly<Record<string, string>>) => {
  const warnings: Array<string> = []
  return Effect.exit(work()).pipe(
    Effect.provide(spans("0.1.0", (sentence) => warnings.push(sentence))),
    under(environment),
    Effect.as(warnings)
  )
}

interface Span {
  readonly name: string
  readonly parentSpanId?: string
  readonly spanId: string
  readonly attributes: ReadonlyArray<unknown>
  readonly status: { readonly code: number; readonly message?: string }
}

describe("spans to a collector", () => {
  it.live(
    "go to /v1/traces with names, parents, the service and the headers, and say of a failure its kind alone",
    () =>
      Effect.gen(function* () {
        const { posts, url } = yield* collector()
        const warnings = yield* exported({
          OTEL_EXPORTER_OTLP_ENDPOINT: `${url}/otel/`,
          OTEL_EXPORTER_OTLP_HEADERS: "Authorization=Bearer%20s3cret,x-team=a",
          OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
          OTEL_SERVICE_NAME: "nightly",
          OTEL_RESOURCE_ATTRIBUTES: "team=a%20b,broken=%ZZ,service.name=other"
        })
        assert.deepStrictEqual(warnings, [])
        assert.strictEqual(posts.length, 1)
        const [{ body, headers, path }] = posts as [Post]
        assert.strictEqual(path, "/otel/v1/traces")
        assert.strictEqual(headers["authorization"], "Bearer s3cret")
        assert.strictEqual(headers["x-team"], "a")
        const { resourceSpans } = JSON.parse(body) as {
          resourceSpans: [{ resource: unknown; scopeSpans: [{ spans: ReadonlyArray<Span> }] }]
        }
        assert.include(JSON.stringify(resourceSpans[0].resource), '"service.name","value":{"stringValue":"nightly"}')
        assert.include(JSON.stringify(resourceSpans[0].resource), '"team","value":{"stringValue":"a b"}')
        const found = resourceSpans[0].scopeSpans[0].spans
        const [load, execute] = ["Suite.load", "Runs.execute"].map((name) => found.find((span) => span.name === name))
        assert.strictEqual(load?.parentSpanId, execute?.spanId)
        assert.include(JSON.stringify(execute?.attributes), "cases")
        assert.strictEqual(execute?.status.code, 2)
        assert.include(body, '"input"')
        for (const secret of ["secret prompt", "s3cret", "spans.test.ts"]) assert.notInclude(body, secret)
      }).pipe(Effect.scoped)
  )

  it.live(
    "go as protobuf unless JSON is asked for; a collector that fails holds nothing up and is not complained of",
    () =>
      Effect.gen(function* () {
        const { posts, url } = yield* collector(400)
        assert.deepStrictEqual(yield* exported({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${url}/here` }), [])
        const [{ body, headers, path }] = posts as [Post]
        assert.strictEqual(path, "/here")
        assert.strictEqual(headers["content-type"], "application/x-protobuf")
        assert.include(body, "Runs.execute")
        assert.include(body, "understudy")
      }).pipe(Effect.scoped)
  )

  it.live("go compressed where that is asked for", () =>
    Effect.gen(function* () {
      const { posts, url } = yield* collector()
      const warnings = yield* exported({
        OTEL_EXPORTER_OTLP_ENDPOINT: url,
        OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
        OTEL_EXPORTER_OTLP_COMPRESSION: "gzip",
        OTEL_RESOURCE_ATTRIBUTES: `team=${"a".repeat(2_000)}` // small bodies are left as they are
      })
      assert.deepStrictEqual(warnings, [])
      const [{ headers, raw }] = posts as [Post]
      assert.strictEqual(headers["content-encoding"], "gzip")
      assert.include(gunzipSync(raw).toString(), "Runs.execute")
    }).pipe(Effect.scoped)
  )

  it.live("are given up where the collector takes longer than it may", () =>
    Effect.gen(function* () {
      const closed = yield* Deferred.make<void>()
      const server = yield* Effect.acquireRelease(
        Effect.promise(async () => {
          const silent = createServer((request) => {
            request.socket.on("close", () => Deferred.doneUnsafe(closed, Effect.void))
          })
          await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve))
          return silent
        }),
        (silent) => Effect.sync(() => silent.closeAllConnections())
      )
      const { port } = server.address() as AddressInfo
      const environment = {
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
        OTEL_EXPORTER_OTLP_TIMEOUT: "100"
      }
      assert.deepStrictEqual(yield* exported(environment), [])
      yield* Deferred.await(closed)
      const found = yield* exporting.pipe(under(environment))
      assert.strictEqual(typeof found === "object" ? found.timeoutMs : undefined, 100)
    }).pipe(Effect.scoped)
  )

  it.live(
    "go nowhere without an endpoint, switched off, or where the variables ask what cannot be, which is said",
    () =>
      Effect.gen(function* () {
        const { posts, url } = yield* collector()
        assert.deepStrictEqual(yield* exported({}), [])
        assert.deepStrictEqual(yield* exported({ OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_SDK_DISABLED: "True" }), [])
        assert.deepStrictEqual(yield* exported({ OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_TRACES_EXPORTER: "none" }), [])
        assert.match((yield* exported({ OTEL_EXPORTER_OTLP_ENDPOINT: "localhost" }))[0]!, /is no http address/)
        const grpc = yield* exported({ OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" })
        assert.match(grpc[0]!, /grpc, and only http\/protobuf and http\/json/)
        const zstd = yield* exported({ OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_COMPRESSION: "zstd" })
        assert.match(zstd[0]!, /zstd, and only gzip and none/)
        const never = yield* exported({ OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_TIMEOUT: "soon" })
        assert.match(never[0]!, /soon, and no whole number of milliseconds/)
        assert.strictEqual(posts.length, 0)
      }).pipe(Effect.scoped)
  )

  it.effect("keep the values of headers out of what is printed", () =>
    Effect.gen(function* () {
      const found = yield* exporting.pipe(
        under({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://c", OTEL_EXPORTER_OTLP_HEADERS: "key=s3cret" })
      )
      assert.notInclude(JSON.stringify(found), "s3cret")
      assert.isObject(found)
      if (typeof found === "object") assert.strictEqual(Redacted.value(found.headers["key"]!), "s3cret")
    })
  )
})
