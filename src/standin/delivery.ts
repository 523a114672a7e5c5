import type { ServerResponse } from "node:http"

import type { Said } from "./answer.ts"
import type { Question } from "./Question.ts"
import type { Wire } from "./wires/Wire.ts"

/** Milliseconds until the first token and until the last. */
export interface Times {
  readonly first: number
  readonly last: number
}

/** Sends a body as JSON, at once. */
export const sendJson = (
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string | number>> = {}
): void => {
  const text = JSON.stringify(body)
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
    ...headers
  })
  response.end(text)
}

/** Does something after some milliseconds, at once for 0; never once the client has gone. */
const later = (response: ServerResponse, ms: number, then: () => void): void => {
  if (ms <= 0) {
    then()
    return
  }
  setTimeout(() => {
    if (!response.destroyed) then()
  }, ms).unref()
}

/** Sends an unstreamed answer when its last token is there. */
export const sendWhole = (response: ServerResponse, body: unknown, { last }: Times): void =>
  later(response, last, () => sendJson(response, 200, body))

const beginStream = (response: ServerResponse, type: string) =>
  response.writeHead(200, { "content-type": type, "cache-control": "no-cache" })

/**
 * Sends a stream's events: at once, in two writes that break inside an event, or spread evenly over the time from the first token to the last.
 */
export const sendEvents = (
  response: ServerResponse,
  type: string,
  events: ReadonlyArray<string>,
  { first, last }: Times
): void => {
  beginStream(response, type)
  if (last <= 0) {
    const text = events.join("")
    const middle = Math.floor(text.length / 2)
    response.write(text.slice(0, middle))
    response.end(text.slice(middle))
    return
  }
  response.flushHeaders()
  const step = (last - first) / Math.max(1, events.length - 1)
  const next = (i: number): void => {
    if (i === events.length) {
      response.end()
      return
    }
    response.write(events[i]!)
    later(response, step, () => next(i + 1))
  }
  later(response, first, () => next(0))
}

const half = (text: string) => text.slice(0, Math.floor(text.length / 2))

/** The events, one of them without its last brace; the first two are a greeting that some clients pass over. */
const garbled = (events: ReadonlyArray<string>) => {
  const at = Math.min(2, events.length - 1)
  return events.map((event, i) => (i === at ? event.replace(/}(\s*)$/, "$1") : event)).join("")
}

/**
 * Sends an answer that goes wrong. `cut`: the connection breaks after its first half. `malformed`: it ends in order, but is no JSON; of a
 * stream, one event is not.
 */
export const sendFault = (
  response: ServerResponse,
  wire: Wire,
  said: Said,
  question: Question,
  { last }: Times,
  fault: "cut" | "malformed"
): void =>
  later(response, last, () => {
    const events = question.stream ? wire.stream(said, question) : []
    const text = question.stream ? events.join("") : JSON.stringify(wire.write(said, question))
    if (question.stream) beginStream(response, wire.streamType)
    else {
      const promised = fault === "cut" ? text : half(text)
      response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(promised) })
    }
    if (fault === "cut") response.write(half(text), () => response.socket?.destroy())
    else response.end(question.stream ? garbled(events) : half(text))
  })
