import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"

/** What OpenTelemetry's standard variables say, where they say that spans are to be exported. */
export interface Exporting {
  /** Where traces are posted to. */
  readonly url: string
  readonly headers: Readonly<Record<string, Redacted.Redacted<string>>>
  /** `undefined`: the variables name none. */
  readonly serviceName: string | undefined
  /** Of the resource, but for the service's name. */
  readonly attributes: Readonly<Record<string, string>>
  readonly json: boolean
  /** Bodies of a kibibyte and more go out compressed. */
  readonly gzip: boolean
  /** Milliseconds that one post may take. */
  readonly timeoutMs: number
}

/** What the standard says where no variable does. Milliseconds. */
const defaultTimeoutMs = 10_000

const said = Effect.fnUntraced(function* (...names: ReadonlyArray<string>) {
  for (const name of names) {
    const value = yield* Config.option(Config.Redacted(name)).pipe(
      Effect.map(Option.map(Redacted.value)),
      Effect.orElseSucceed(() => Option.none<string>())
    )
    if (Option.isSome(value) && value.value.trim() !== "") return value.value.trim()
  }
  return undefined
})

const decoded = (text: string) => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** `key1=value1,key2=value2`, percent-encoded, as the variables spell lists. */
const pairsOf = (text = ""): ReadonlyArray<readonly [key: string, value: string]> =>
  text.split(",").flatMap((pair) => {
    const at = pair.indexOf("=")
    return at <= 0 ? [] : [[decoded(pair.slice(0, at).trim()), decoded(pair.slice(at + 1).trim())] as const]
  })

/**
 * What the environment says of exporting spans: `undefined` where it names no endpoint or switches it off, a sentence where it says what cannot be.
 * Variables: https://opentelemetry.io/docs/specs/otel/protocol/exporter/ and .../configuration/sdk-environment-variables/
 */
export const exporting: Effect.Effect<Exporting | string | undefined> = Effect.gen(function* () {
  const own = yield* said("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
  const base = yield* said("OTEL_EXPORTER_OTLP_ENDPOINT")
  const endpoint = own ?? base
  const off = (yield* said("OTEL_SDK_DISABLED"))?.toLowerCase() === "true"
  if (endpoint === undefined || off || (yield* said("OTEL_TRACES_EXPORTER")) === "none") return undefined
  const name = own === undefined ? "OTEL_EXPORTER_OTLP_ENDPOINT" : "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined
  if (url === undefined || !["http:", "https:"].includes(url.protocol))
    return `No spans are exported: ${name} is no http address.`
  const protocol = yield* said("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
  if (protocol !== undefined && !["http/json", "http/protobuf"].includes(protocol))
    return `No spans are exported: OTEL_EXPORTER_OTLP_PROTOCOL is ${protocol}, and only http/protobuf and http/json are spoken.`
  const compression = yield* said("OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "OTEL_EXPORTER_OTLP_COMPRESSION")
  if (compression !== undefined && !["gzip", "none"].includes(compression))
    return `No spans are exported: OTEL_EXPORTER_OTLP_COMPRESSION is ${compression}, and only gzip and none are known.`
  const timeout = yield* said("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT")
  if (timeout !== undefined && !/^[1-9]\d{0,8}$/.test(timeout))
    return `No spans are exported: OTEL_EXPORTER_OTLP_TIMEOUT is ${timeout}, and no whole number of milliseconds.`
  if (own === undefined) url.pathname = `${url.pathname.replace(/\/$/, "")}/v1/traces`
  const headers = pairsOf(yield* said("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS"))
  const resource = pairsOf(yield* said("OTEL_RESOURCE_ATTRIBUTES"))
  return {
    url: url.href,
    headers: Object.fromEntries(headers.map(([key, value]) => [key.toLowerCase(), Redacted.make(value)])),
    serviceName: (yield* said("OTEL_SERVICE_NAME")) ?? resource.find(([key]) => key === "service.name")?.[1],
    attributes: Object.fromEntries(resource.filter(([key]) => key !== "service.name")),
    json: protocol === "http/json",
    gzip: compression === "gzip",
    timeoutMs: timeout === undefined ? defaultTimeoutMs : Number(timeout)
  }
})

/** Exports the spans of all that it is provided to where the environment says so; its code is loaded only then. `warn` is told why it cannot be. */
export const spans = (version: string, warn: (sentence: string) => void): Layer.Layer<never> =>
  Layer.unwrap(
    Effect.gen(function* () {
      const found = yield* exporting
      if (found === undefined) return Layer.empty
      if (typeof found === "string") {
        warn(found)
        return Layer.empty
      }
      const { spansTo } = yield* Effect.promise(() => import("./otlp.ts"))
      return spansTo(found, version)
    })
  )
