import * as Cause from "effect/Cause"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as OtlpExporter from "effect/observability/OtlpExporter"
import * as OtlpSerialization from "effect/observability/OtlpSerialization"
import * as OtlpTracer from "effect/observability/OtlpTracer"
import * as Redacted from "effect/Redacted"
import * as References from "effect/References"
import * as Tracer from "effect/Tracer"

import { Fault } from "../domain/Fault.ts"
import type { Exporting } from "./spans.ts"

/** Milliseconds that the end of a command waits for the last spans. */
const lastMs = 3_000

/** What a failed span says: the kind of the failure. Its words may quote a prompt or an answer, and its stack names files. */
const discreet = (exit: Exit.Exit<unknown, unknown>): Exit.Exit<unknown, unknown> => {
  if (Exit.isSuccess(exit) || Exit.hasInterrupts(exit)) return exit
  const error = Cause.findErrorOption(exit.cause)
  const kind = error._tag === "Some" && error.value instanceof Fault ? error.value.kind : "internal"
  const failure = new Error(kind)
  failure.stack = kind
  return Exit.fail(failure)
}

const discreetly = (tracer: Tracer.Tracer): Tracer.Tracer =>
  Tracer.make({
    span: (options) => {
      const span = tracer.span(options)
      const end = span.end.bind(span)
      span.end = (time, exit) => end(time, discreet(exit))
      return span
    }
  })

/** Fetches, and gives up after so many milliseconds. */
const fetchWithin =
  (ms: number): typeof fetch =>
  (input, init) => {
    const late = AbortSignal.timeout(ms)
    return fetch(input, { ...init, signal: init?.signal == null ? late : AbortSignal.any([init.signal, late]) })
  }

/** Posts spans to a collector, in batches and once more at the end. A collector that does not answer holds nothing up, and nothing of it is logged. */
export const spansTo = (
  { attributes, gzip, headers, json, serviceName, timeoutMs, url }: Exporting,
  version: string
): Layer.Layer<never> =>
  Layer.effect(
    Tracer.Tracer,
    Effect.map(
      OtlpTracer.make({
        url,
        headers: Object.fromEntries(Object.entries(headers).map(([key, value]) => [key, Redacted.value(value)])),
        resource: { attributes, serviceName: serviceName ?? "understudy", serviceVersion: version },
        compression: gzip ? "gzip" : "none",
        shutdownTimeout: Math.min(lastMs, timeoutMs)
      }),
      discreetly
    )
  ).pipe(
    Layer.provide([
      OtlpExporter.layerFlusher,
      json ? OtlpSerialization.layerJson : OtlpSerialization.layerProtobuf,
      FetchHttpClient.layer.pipe(Layer.provide(Layer.succeed(FetchHttpClient.Fetch, fetchWithin(timeoutMs)))),
      ConfigProvider.layer(ConfigProvider.fromUnknown({})), // the variables are read, and a broken one must not end the command
      Layer.succeed(References.MinimumLogLevel, "None")
    ])
  )
