import { createServer, type IncomingHttpHeaders } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"

import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"

import { Fault } from "../domain/Fault.ts"
import { exporting, spans } from "./spans.ts"

interface Post {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** An OpenTelemetry collector as far as the wire goes: it keeps what is posted to it, and answers with a status. */
const collector = (status = 200) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const posts: Array<Post> = []
      const server = createServer(async (request, response) => {
        posts.push({ path: request.url ?? "", headers: request.headers, body: await text(request) })
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
