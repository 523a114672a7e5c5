import { digestOf } from "../../domain/digest.ts"
import type { Found, Importer, Reader, Session } from "../contract.ts"
import type { JsonObject } from "../json.ts"
import { arrayIn, objectIn } from "../json.ts"
import { agentIn } from "../spans/labels.ts"
import { kindOfSpan } from "../spans/span.ts"
import { Waiting, weightOf } from "../spans/waiting.ts"
import { logIn, logParts, spanIn, spanParts } from "./otlp/spans.ts"
import type { Trace } from "./otlp/trace.ts"
import { settledTrace } from "./otlp/trace.ts"
import { partIn } from "./otlp/values.ts"

const id = "otlp"

const isExport = (object: JsonObject) => partIn(object, "resourceSpans", "resourceLogs") !== undefined

/** A span as an SDK prints it, one a line or in a list. */
const isLoneSpan = (object: JsonObject) => {
  const context = objectIn(object["spanContext"]) ?? objectIn(object["_spanContext"]) ?? objectIn(object["context"])
  return (
    context !== undefined && partIn(context, "traceId") !== undefined && objectIn(object["attributes"]) !== undefined
  )
}

/** Log records that say something of a model call; of others only how many there were is counted. */
const isTold = (name: string) => name.startsWith("gen_ai.")

/** What one import has in common: traces whose spans and log records may lie in several files, in any order. */
class Import implements Session {
  readonly #byResponse = new Map<string, string>()
  readonly #waiting = new Waiting<Trace>(
    () => ({ spans: new Map(), logs: new Map() }),
    (traceId, trace) => settledTrace(traceId, trace, id, this.#byResponse)
  )
  readonly #following: boolean

  constructor(following: boolean) {
    this.#following = following
  }

  open(file: string): Reader {
    return {
      line: (line) =>
        "error" in line
          ? [{ _tag: "Skip", line: line.line, reason: line.error }]
          : this.#read(file, line.line, line.json),
      end: () => (this.#following ? this.#waiting.pause() : [])
    }
  }

  end(): ReadonlyArray<Found> {
    return this.#waiting.end()
  }

  #read(file: string, line: number, json: unknown): ReadonlyArray<Found> {
    const object = objectIn(json)
    if (object === undefined) return [{ _tag: "Skip", line, reason: "not a JSON object" }]
    if (isLoneSpan(object)) return this.#span(file, line, object, {}, {})
    if (!isExport(object))
      return [{ _tag: "Other", type: partIn(object, "resourceMetrics") === undefined ? "other object" : "metrics" }]
    return [
      ...spanParts(object).flatMap(({ items, resource, scope }) =>
        items.flatMap((one) => this.#span(file, line, one, resource, scope))
      ),
      ...logParts(object).flatMap(({ items, resource }) => items.flatMap((one) => this.#log(file, line, one, resource)))
    ]
  }

  #span(file: string, line: number, raw: unknown, resource: JsonObject, scope: JsonObject): ReadonlyArray<Found> {
    const exported = spanIn(raw, resource, scope)
    if (exported === undefined) return [{ _tag: "Skip", line, reason: "a span that is no JSON object" }]
    const { parent, span, traceId } = exported
    const kind = kindOfSpan(span)
    const isCall = kind === "call"
    // A span without an id is told by its content.
    const spanId = exported.spanId ?? (isCall ? digestOf(raw).slice(0, 16) : undefined)
    const other: ReadonlyArray<Found> = isCall ? [] : [{ _tag: "Other", type: `span: ${kind}` }]
    if (spanId === undefined) return other
    const again: Array<Found> = []
    const settled = this.#waiting.add(traceId, isCall ? weightOf(span) : 64, ({ spans }) => {
      if (isCall && spans.get(spanId)?.exported !== undefined)
        again.push({ _tag: "Duplicate", line, rule: "a span that was exported twice" })
      else spans.set(spanId, { file, line, parent, agent: agentIn(span.attributes), ...(isCall ? { exported } : {}) })
    })
    return [...other, ...again, ...settled]
  }

  #log(file: string, line: number, raw: unknown, resource: JsonObject): ReadonlyArray<Found> {
    const logged = logIn(raw)
    if (logged === undefined || !isTold(logged.event.name)) return [{ _tag: "Other", type: "log record" }]
    const { event, spanId = "", traceId } = logged
    const settled = this.#waiting.add(traceId, weightOf(event), ({ logs }) => {
      const told = { ...logged, file, line, resource }
      const before = logs.get(spanId)
      if (before === undefined) logs.set(spanId, [told])
      else before.push(told)
    })
    return [{ _tag: "Other", type: `log record: ${event.name}` }, ...settled]
  }
}

/**
 * OpenTelemetry: exports in OTLP's JSON (one a line, as the Collector's file exporter writes them, or one document), spans and logs, and
 * spans as the SDKs print them. A call is the span of one model call; a trace is a trajectory; evaluation events become signals.
 */
export const otlp: Importer = {
  id,
  about: "OpenTelemetry in OTLP JSON, spans and logs: GenAI conventions, OpenInference, AI SDK, OpenLLMetry, Logfire",
  together: true,
  sniff: (sample) =>
    sample.first.some((value) => {
      const object = objectIn(value)
      return object !== undefined && (isExport(object) ? hasList(object) : isLoneSpan(object))
    }),
  start: ({ following }) => new Import(following === true)
}

const hasList = (object: JsonObject) =>
  arrayIn(partIn(object, "resourceSpans")) !== undefined || arrayIn(partIn(object, "resourceLogs")) !== undefined
