import * as Result from "effect/Result"

import type { CallRequest, CallResponse, Usage } from "../../../domain/Call.ts"
import { usageOnly, wholeBody } from "../../fidelity.ts"
import type { JsonObject } from "../../json.ts"
import { arrayIn, objectIn, unpacked } from "../../json.ts"
import { openBody } from "../../secrets.ts"
import { answerIn, responseOf } from "../../spans/answers.ts"
import { requestOf } from "../../spans/requests.ts"
import type { Exchange } from "../../spans/span.ts"
import { shapeOfRequest, translations } from "../wires.ts"
import { errorIn, failureIn, loggedIn, readAnswer, shapeOfLogged } from "./answer.ts"
import { type Bodies, readBodies } from "./bodies.ts"
import type { Chain } from "./chain.ts"

/** What a gateway's row holds of a call: both bodies as they went over the wire, one of them or none, and what it says beside them. */
export interface GatewayRow extends Omit<Bodies, "model"> {
  /** The model that the row itself names. */
  readonly model: string | undefined
  readonly provider?: string | undefined
  /** The gateway's own counts, used where the bodies tell none. */
  readonly counts: Usage
  /** Why a body is not there. */
  readonly notes?: ReadonlyArray<string>
}

/** A call as a row tells it. */
export interface ReadRow {
  readonly exchange: Exchange
  /** The request as it was logged; left out where it was not. */
  readonly asked?: JsonObject
  /** The answer as it was logged. */
  readonly answered: unknown
  /** When the provider says that it made the answer. */
  readonly created?: unknown
  /** Names the conversation where the provider kept it. */
  readonly conversation?: string
  /** Messages that were put before those of the request. */
  readonly carried?: number
}

const noResponse: CallResponse = { blocks: [], stopReason: "unknown", complete: false }

/** A call of which nothing was logged but its counts: grade D. */
export const contentless = ({
  model,
  notes = [],
  provider,
  response = noResponse,
  usage
}: {
  readonly model: string
  readonly provider?: string | undefined
  readonly response?: CallResponse
  readonly usage: Usage
  readonly notes?: ReadonlyArray<string>
}): Exchange => ({
  request: {
    wire: "unknown",
    model,
    ...(provider === undefined ? {} : { provider }),
    messages: [],
    tools: null,
    params: {}
  },
  response,
  usage,
  recorded: { ...usageOnly, notes }
})

/** True for a body that is there: no gap, no empty text and no empty object. */
export const isBody = (value: unknown): boolean => {
  const body = unpacked(value)
  if (body === undefined || body === null || body === "") return false
  return typeof body !== "object" || Object.keys(body).length > 0
}

/** Counts of the answer itself, else the gateway's. */
const usageOf = (answered: Usage, counts: Usage): Usage =>
  answered.input === null && answered.output === null && (counts.input !== null || counts.output !== null)
    ? counts
    : answered

const providedBy = (request: CallRequest, provider: string | undefined): CallRequest =>
  provider === undefined ? request : { ...request, provider }

const bodiesOf = ({ counts: _, model, notes: __, provider: ___, ...bodies }: GatewayRow): Bodies => ({
  ...bodies,
  ...(model === undefined ? {} : { model })
})

/** Gemini's bodies, which have no wire of their own here: put together from their parts. */
const geminiRow = (row: GatewayRow, asked: JsonObject): ReadRow => {
  const read = requestOf({ input: { ...asked, model: asked["model"] ?? row.model }, model: row.model })
  const logged = loggedIn(row.response)
  const error = failureIn(row.error ?? errorIn(logged), row.status)
  const answer = error === undefined ? answerIn(logged._tag === "Body" ? logged.body : undefined) : undefined
  const response = responseOf(answer)
  return {
    exchange: {
      request: providedBy(read.request, row.provider),
      response: error === undefined ? response : { ...response, stopReason: "error", complete: false, error },
      usage: answer?.usage === undefined ? row.counts : usageOf(answer.usage, row.counts),
      recorded: {
        ...read.recorded,
        ...(answer === undefined && error === undefined ? { response: "absent" } : {}),
        notes: [...(read.recorded.notes ?? []), ...(row.notes ?? [])]
      }
    },
    asked,
    answered: logged._tag === "Body" ? logged.body : null
  }
}

/** A request whose answer was not logged. */
const requestAlone = (row: GatewayRow, asked: JsonObject): Result.Result<ReadRow, string> => {
  const shape = row.wire === undefined ? shapeOfRequest(asked) : { wire: row.wire }
  if (shape === undefined) return Result.fail("a request of no known shape")
  if ("unread" in shape) return Result.fail(`${shape.unread}, which is not read yet`)
  const body = openBody("model" in asked || row.model === undefined ? asked : { ...asked, model: row.model })
  return Result.mapBoth(translations[shape.wire].readRequest(body), {
    onFailure: (why) => `the request cannot be read: ${why}`,
    onSuccess: (request): ReadRow => ({
      exchange: {
        request: providedBy(request, row.provider),
        response: noResponse,
        usage: row.counts,
        recorded: { ...wholeBody, response: "absent", notes: [...(row.notes ?? []), "the answer was not logged"] }
      },
      asked,
      answered: null
    })
  })
}

/** An answer whose request was not logged: the request is known by its model alone. */
const answerAlone = (row: GatewayRow): Result.Result<ReadRow, string> => {
  const logged = loggedIn(row.response)
  const shape = shapeOfLogged(logged)
  const error = failureIn(row.error ?? errorIn(logged), row.status)
  const wire = shape !== undefined && "wire" in shape ? shape.wire : row.wire
  const answer = wire === undefined ? undefined : readAnswer(wire, logged, error)
  const read = answer !== undefined && Result.isSuccess(answer) ? answer.success : undefined
  const model = row.model ?? read?.response.model
  if (model === undefined) return Result.fail("the row names no model")
  const exchange = contentless({
    model,
    provider: row.provider,
    response: read?.response ?? {
      ...noResponse,
      ...(error === undefined ? {} : { stopReason: "error" as const, error })
    },
    usage: read === undefined ? row.counts : usageOf(read.usage, row.counts),
    notes: [...(row.notes ?? []), ...(read === undefined ? [] : ["the request was not logged"])]
  })
  return Result.succeed({
    exchange: {
      ...exchange,
      recorded: { ...exchange.recorded, response: read === undefined && error === undefined ? "absent" : "verbatim" }
    },
    answered: logged._tag === "Body" ? logged.body : null
  })
}

/**
 * Reads a gateway's row: both bodies by their wire (Gemini's from their parts), a request without an answer (grade C), an answer without a
 * request or the counts alone (grade D). `chain` knows the conversations of this import that providers keep. Fails with a sentence that says
 * what cannot be read.
 */
export const readGatewayRow = (row: GatewayRow, chain: Chain): Result.Result<ReadRow, string> => {
  const asked = objectIn(unpacked(row.request))
  if (!isBody(row.request)) return answerAlone(row)
  if (asked !== undefined && arrayIn(asked["contents"]) !== undefined) return Result.succeed(geminiRow(row, asked))
  const logged = loggedIn(row.response)
  const failed = failureIn(row.error ?? errorIn(logged), row.status) !== undefined
  if (asked !== undefined && !isBody(row.response) && !failed) return requestAlone(row, asked)
  return Result.map(readBodies(bodiesOf(row), chain), (read): ReadRow => {
    const { answered, carried, conversation, created, recorded, request, response, usage } = read
    return {
      exchange: {
        request: providedBy(request, row.provider),
        response,
        usage: usageOf(usage, row.counts),
        recorded: { ...recorded, notes: [...(recorded.notes ?? []), ...(row.notes ?? [])] }
      },
      asked: read.asked,
      answered,
      created,
      carried,
      ...(conversation === undefined ? {} : { conversation })
    }
  })
}
