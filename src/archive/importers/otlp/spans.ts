import type { JsonObject } from "../../json.ts"
import { arrayIn, objectIn, textIn } from "../../json.ts"
import type { Span } from "../../spans/dialects.ts"
import type { SpanEvent } from "../../spans/events.ts"
import type { Moment } from "../../times.ts"
import { momentOf } from "../../times.ts"
import { attributesIn, idIn, partIn, plainValue, timeIn } from "./values.ts"

/** A span as it was exported. */
export interface Exported {
  readonly span: Span
  readonly traceId: string
  readonly spanId: string | undefined
  readonly parent: string | undefined
  readonly start: Moment | undefined
  readonly end: Moment | undefined
  /** What its status says where it failed. */
  readonly failure: string | undefined
  readonly resource: JsonObject
  readonly scopeVersion?: string
}

/** A log record that belongs to a span. */
export interface Logged {
  readonly event: SpanEvent
  readonly traceId: string
  readonly spanId: string | undefined
  readonly at: Moment | undefined
}

const eventIn = (raw: unknown): ReadonlyArray<SpanEvent> => {
  const object = objectIn(raw)
  const name = textIn(object?.["name"])
  return object === undefined || name === undefined ? [] : [{ name, attributes: attributesIn(object["attributes"]) }]
}

const failureIn = (
  object: JsonObject,
  attributes: JsonObject,
  events: ReadonlyArray<SpanEvent>
): string | undefined => {
  const status = objectIn(object["status"]) ?? {}
  const code = partIn(status, "code", "statusCode")
  const failed = code === 2 || /^(STATUS_CODE_)?ERROR$/i.test(textIn(code) ?? "")
  const exception = events.find(({ name }) => name === "exception")?.attributes
  return failed || textIn(attributes["error.type"]) !== undefined
    ? (textIn(partIn(status, "message", "description")) ?? textIn(exception?.["exception.message"]) ?? "")
    : undefined
}

/**
 * A span of OTLP's JSON, or as OpenTelemetry's SDKs print one (JavaScript: `spanContext`, times as pairs; Python: `context`). `undefined`
 * where it is none.
 */
export const spanIn = (raw: unknown, resource: JsonObject, scope: JsonObject): Exported | undefined => {
  const object = objectIn(raw)
  if (object === undefined) return undefined
  const context =
    objectIn(object["spanContext"]) ?? objectIn(object["_spanContext"]) ?? objectIn(object["context"]) ?? object
  const attributes = attributesIn(object["attributes"])
  const events = (arrayIn(object["events"]) ?? []).flatMap(eventIn)
  const own = objectIn(object["instrumentationScope"]) ?? objectIn(object["instrumentationLibrary"]) ?? scope
  const name = textIn(own["name"])
  const version = textIn(own["version"])
  const above = objectIn(object["parentSpanContext"])
  const around =
    Object.keys(resource).length > 0 ? resource : attributesIn(objectIn(object["resource"])?.["attributes"])
  return {
    span: { name: textIn(object["name"]) ?? "", ...(name === undefined ? {} : { scope: name }), attributes, events },
    traceId: idIn(partIn(context, "traceId"), 16) ?? "",
    spanId: idIn(partIn(context, "spanId"), 8) ?? idIn(object["id"], 8),
    parent: idIn(partIn(object, "parentSpanId", "parentId") ?? above?.["spanId"], 8),
    start: momentOf(timeIn(partIn(object, "startTimeUnixNano", "startTime"))),
    end: momentOf(timeIn(partIn(object, "endTimeUnixNano", "endTime"))),
    failure: failureIn(object, attributes, events),
    resource: around,
    ...(version === undefined ? {} : { scopeVersion: version })
  }
}

/** A log record with what it says; `undefined` where it names no event. */
export const logIn = (raw: unknown): Logged | undefined => {
  const object = objectIn(raw)
  if (object === undefined) return undefined
  const attributes = attributesIn(object["attributes"])
  const body = plainValue(object["body"])
  const name = textIn(partIn(object, "eventName")) ?? textIn(attributes["event.name"])
  if (name === undefined) return undefined
  return {
    event: { name, attributes, ...(body === undefined ? {} : { body }) },
    traceId: idIn(partIn(object, "traceId"), 16) ?? "",
    spanId: idIn(partIn(object, "spanId"), 8),
    at: momentOf(partIn(object, "timeUnixNano")) ?? momentOf(partIn(object, "observedTimeUnixNano"))
  }
}

/** A part of an export: its spans or its log records, with what they share. */
export interface Part {
  readonly resource: JsonObject
  readonly scope: JsonObject
  readonly items: ReadonlyArray<unknown>
}

const partsIn = (list: unknown, scopes: ReadonlyArray<string>, items: string): ReadonlyArray<Part> =>
  (arrayIn(list) ?? []).flatMap((one) => {
    const holder = objectIn(one) ?? {}
    const resource = attributesIn(objectIn(holder["resource"])?.["attributes"])
    return (arrayIn(partIn(holder, ...scopes)) ?? []).map((each) => {
      const part = objectIn(each) ?? {}
      const scope = objectIn(partIn(part, "scope", "instrumentationLibrary")) ?? {}
      return { resource, scope, items: arrayIn(partIn(part, items)) ?? [] }
    })
  })

/** The spans of an export, by resource and instrumentation; older exporters name the instrumentation a library. */
export const spanParts = (document: JsonObject): ReadonlyArray<Part> =>
  partsIn(partIn(document, "resourceSpans"), ["scopeSpans", "instrumentationLibrarySpans"], "spans")

/** The log records of an export. */
export const logParts = (document: JsonObject): ReadonlyArray<Part> =>
  partsIn(partIn(document, "resourceLogs"), ["scopeLogs", "instrumentationLibraryLogs"], "logRecords")
