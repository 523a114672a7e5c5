import * as Result from "effect/Result"

import type { ArchivedCall, Timing } from "../../../domain/Call.ts"
import { digestOf } from "../../../domain/digest.ts"
import { billInUsage, isOpenRouters, unbilled } from "../../billed.ts"
import type { Found } from "../../contract.ts"
import { fidelityOf } from "../../fidelity.ts"
import { countIn, objectIn, textIn, unpacked } from "../../json.ts"
import { LabelSet } from "../../labels.ts"
import type { Moment } from "../../times.ts"
import { between, momentOf } from "../../times.ts"
import { shapeOfRequest } from "../wires.ts"
import { type Address, addressOf, targetOf } from "./address.ts"
import { readBodies } from "./bodies.ts"
import { Chain } from "./chain.ts"
import { Retries } from "./retries.ts"
import { addTags, sessionOfRequest } from "./tags.ts"
import { Threads } from "./threads.ts"

/** The values of headers that are looked at, by their names in small letters. No other header is kept. */
export interface Headers {
  get(name: string): string | undefined
}

/** A request over HTTP and what came back, as a capture holds them. */
export interface Exchange {
  readonly method: unknown
  readonly url: unknown
  readonly requestHeaders: Headers
  readonly responseHeaders: Headers
  /** The bodies: JSON, its text, or the text or events of a stream. */
  readonly request: unknown
  readonly response: unknown
  /** The HTTP status; 0 where no answer arrived. */
  readonly status?: number
  readonly start?: Moment
  readonly end?: Moment
  readonly latencyMs?: number
  readonly ttftMs?: number
}

/** Where an exchange stands. */
export interface Place {
  readonly importer: string
  readonly file: string
  readonly line: number
  readonly member?: string
  /** Names the exchange within its line, for the reason of a skip. */
  readonly within?: string
  readonly producer?: NonNullable<ArchivedCall["provenance"]["producer"]>
}

const timingOf = (exchange: Exchange, created: unknown): Timing => {
  const { end, latencyMs, start, ttftMs } = exchange
  const derived = start ?? momentOf(created) ?? momentOf(httpDate(exchange.responseHeaders.get("date")))
  const took = latencyMs ?? between(start, end)
  return {
    startedAt: derived?.iso ?? null,
    ...(end === undefined ? {} : { endedAt: end.iso }),
    ...(took === undefined ? {} : { latencyMs: took }),
    ...(ttftMs === undefined ? {} : { ttftMs }),
    basis: start === undefined || start.zoneAssumed ? "derived" : "reported"
  }
}

/** `Mon, 01 Jul 2024 23:05:41 GMT` as milliseconds; the only form that HTTP allows today. */
const httpDate = (text: string | undefined): number | undefined => {
  if (text === undefined || !/^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/.test(text)) return undefined
  const ms = Date.parse(text)
  return Number.isNaN(ms) ? undefined : ms
}

/** What is wrong where no answer arrived. */
const unanswered = (status: number | undefined): unknown =>
  status === 0 ? { type: "no_answer", message: "no answer arrived: the connection failed or was closed" } : undefined

/**
 * The model calls among the exchanges of one import. The same exchange in two captures is one call: its key is method, address, request
 * and the answer's id, else the answer itself. Headers are not stored, but for the request's id.
 */
export class Exchanges {
  readonly #chain: Chain
  readonly #threads = new Threads()
  readonly #retries = new Retries()

  /** `following`: nothing waits for the answer that it names. */
  constructor({ following }: { readonly following?: boolean | undefined }) {
    this.#chain = new Chain({ following })
  }

  /** What an exchange is, once the answer that it names is known; and what waited for its own. */
  read(exchange: Exchange, place: Place): ReadonlyArray<Found> {
    const { request, response } = exchange
    return this.#chain.inTurn({ file: place.file, request, response }, () => this.#found(exchange, place))
  }

  /** What waited for an answer that did not come. */
  end(): ReadonlyArray<Found> {
    return this.#chain.end()
  }

  #found(exchange: Exchange, place: Place): Found {
    const { line } = place
    const skip = (reason: string): Found => ({
      _tag: "Skip",
      line,
      reason: place.within === undefined ? reason : `${place.within}: ${reason}`
    })
    const method = textIn(exchange.method)?.toUpperCase()
    const address = addressOf(exchange.url)
    if (method === undefined || address === undefined) return skip("an exchange without a method or an address")
    const target = targetOf(address, method)
    if ("other" in target) return { _tag: "Other", type: target.other }
    if ("unread" in target)
      return address.provider === undefined && objectIn(unpacked(exchange.request)) === undefined
        ? { _tag: "Other", type: "request to another host" }
        : skip(`${target.unread}, which is not read yet`)
    const asked = objectIn(unpacked(exchange.request))
    const shape = asked === undefined ? undefined : shapeOfRequest(asked)
    if (address.provider === undefined && (shape === undefined || "unread" in shape))
      return { _tag: "Other", type: "request to another host" }
    return this.#call(exchange, place, address, method, skip, target.wire)
  }

  #call(
    exchange: Exchange,
    place: Place,
    address: Address,
    method: string,
    skip: (reason: string) => Found,
    wire: NonNullable<Parameters<typeof readBodies>[0]["wire"]>
  ): Found {
    const { importer, producer, within: _, ...where } = place
    const failed = unanswered(exchange.status)
    const read = readBodies(
      {
        request: exchange.request,
        response: exchange.response,
        ...(failed === undefined ? {} : { error: failed }),
        ...(exchange.status === undefined ? {} : { status: exchange.status }),
        ...(address.model === undefined ? {} : { model: address.model }),
        wire
      },
      this.#chain
    )
    if (Result.isFailure(read)) return skip(read.failure)
    const { answered, asked, carried, conversation, created, recorded, response, usage } = read.success
    const provider = address.provider ?? (isOpenRouters(usage) ? "openrouter" : undefined)
    const { billed, notes } = billInUsage(usage, provider) ?? { billed: unbilled, notes: [] }
    const request = {
      ...read.success.request,
      endpoint: address.endpoint,
      ...(provider === undefined ? {} : { provider })
    }
    const { requestHeaders, responseHeaders } = exchange
    const requestId = responseHeaders.get("request-id") ?? responseHeaders.get("x-request-id")
    const attempt = countIn(requestHeaders.get("x-stainless-retry-count")) ?? 0
    // Attempts that failed alike are told apart by what the provider calls each, and by their number.
    const apart = [requestId, attempt === 0 ? undefined : attempt].filter((one) => one !== undefined)
    const told = response.id ?? [digestOf(answered), ...apart].join(":")
    const dedupeKey = `http:${method} ${address.endpoint}:${digestOf(asked)}:${told}`
    const id = digestOf(dedupeKey)
    const timing = timingOf(exchange, created)
    const first = this.#retries.firstOf({
      asked,
      endpoint: address.endpoint,
      failed: response.error !== undefined,
      id,
      retry: attempt
    })
    const sessionId = sessionOfRequest(asked)
    const call: ArchivedCall = {
      schema: "archived-call/1",
      id,
      request,
      response,
      usage,
      billed,
      timing,
      provenance: {
        importer,
        ...where,
        ...(producer === undefined ? {} : { producer }),
        native: {
          ...(requestId === undefined ? {} : { requestId }),
          ...(response.id === undefined ? {} : { responseId: response.id })
        },
        identity: response.id === undefined ? "content" : "native"
      },
      grouping: {
        ...(sessionId === undefined
          ? {
              ...this.#threads.place(first ?? id, request, response),
              ...(conversation === undefined ? {} : { sessionId: conversation })
            }
          : { sessionId }),
        attempt,
        ...(first === undefined ? {} : { attemptOf: first })
      },
      labels: addTags(new LabelSet(), asked).all,
      signals: [],
      fidelity: fidelityOf(
        { request, response, usage, billed, timing },
        { ...recorded, notes: [...(recorded.notes ?? []), ...notes] }
      )
    }
    return { _tag: "Call", call, dedupeKey, rank: carried }
  }
}
