import * as Result from "effect/Result"

import type { CallRequest, CallResponse, Usage } from "../../../domain/Call.ts"
import type { Recorded } from "../../fidelity.ts"
import { wholeBody } from "../../fidelity.ts"
import type { JsonObject } from "../../json.ts"
import { objectIn, unpacked } from "../../json.ts"
import { openBody } from "../../secrets.ts"
import type { ReadWire } from "../wires.ts"
import { shapeOfRequest, translations } from "../wires.ts"
import { errorIn, failureIn, type Logged, loggedIn, readAnswer, shapeOfLogged } from "./answer.ts"
import type { Chain } from "./chain.ts"

/** A request and what came back for it, as a log holds them. */
export interface Bodies {
  /** JSON, or its text. */
  readonly request: unknown
  /** JSON or its text, a recorded stream as text or as a list of events, or one of these with status and headers around it. */
  readonly response: unknown
  /** What the log tells of a failure beside the answer. */
  readonly error?: unknown
  readonly status?: number
  /** The model where the request leaves it out: Azure has the deployment in the address. */
  readonly model?: string
  /** The wire, where something other than the bodies tells it. */
  readonly wire?: ReadWire
}

/** A call that its bodies tell whole. */
export interface ReadBodies {
  readonly request: CallRequest
  readonly response: CallResponse
  readonly usage: Usage
  readonly recorded: Recorded
  /** The request as it was logged. */
  readonly asked: JsonObject
  /** The answer as it was logged: its body, else the pieces of its stream. */
  readonly answered: unknown
  /** When the provider says that it made the answer: seconds since 1970, or a time as text. */
  readonly created?: unknown
  /** Names the conversation where the provider kept it. */
  readonly conversation?: string
  /** Messages that were put before those of the body: with more of them the same call is fuller. */
  readonly carried: number
}

const wireOf = (asked: JsonObject, logged: Logged, told: ReadWire | undefined): Result.Result<ReadWire, string> => {
  const shape = shapeOfLogged(logged) ?? (told === undefined ? shapeOfRequest(asked) : { wire: told })
  if (shape === undefined) return Result.fail("a request and a response of no known shape")
  return "wire" in shape ? Result.succeed(shape.wire) : Result.fail(`${shape.unread}, which is not read yet`)
}

/** What the request's own body leaves at the provider: history, a prompt, items. */
const recordedOf = (request: CallRequest, history: "whole" | "partial" | undefined): Recorded => {
  const referred = request.messages.some((message) =>
    message.blocks.some((block) => block.type === "opaque" && block.label === "item_reference")
  )
  const told = request.messages.some((message) => message.placement === "top")
  const stored = request.promptTemplate !== undefined && request.wire === "openai.responses" && !told
  const notes = [
    ...(history === "whole" ? ["the conversation before it was put together from earlier answers"] : []),
    ...(history === "partial"
      ? ["its provider kept the conversation before it: the log has only the newest messages"]
      : []),
    ...(referred ? ["some items are named by an id alone: their content is kept at the provider"] : []),
    ...(stored ? ["the prompt is kept at the provider under its name"] : [])
  ]
  return {
    ...wholeBody,
    ...(history === "partial" || referred
      ? { history: "partial" }
      : history === "whole"
        ? { history: "reconstructed" }
        : {}),
    ...(stored ? { system: "absent" } : {}),
    ...(notes.length === 0 ? {} : { notes })
  }
}

const cutShort = (response: CallResponse): Partial<Recorded> =>
  response.complete || response.error !== undefined ? {} : { response: "truncated" }

/** The time in an answer, or in the first piece of its stream that has one. */
const createdIn = (logged: Logged): unknown => {
  const holders = logged._tag === "Body" ? [logged.body] : logged._tag === "Stream" ? logged.pieces.events : []
  for (const one of holders) {
    const holder = objectIn(one)
    const inner = objectIn(holder?.["response"])
    const created = [holder, inner].flatMap((at) => [at?.["created"], at?.["created_at"]])
    const first = created.find((time) => time !== undefined && time !== null)
    if (first !== undefined) return first
  }
  return undefined
}

/** Why an answer is of no use. */
const noAnswer = (logged: Logged): string =>
  logged._tag === "None"
    ? "half a pair: no response"
    : "the response is neither JSON nor a stream that can be put together: it was cut, perhaps"

/**
 * Reads a request and its answer, on the wire that the answer shows, else the request. `chain` knows the conversations of this import that
 * providers keep. Fails with a sentence that says what cannot be read.
 */
export const readBodies = (bodies: Bodies, chain: Chain): Result.Result<ReadBodies, string> => {
  const given = objectIn(unpacked(bodies.request))
  if (given === undefined) {
    const absent = bodies.request === undefined || bodies.request === null || bodies.request === ""
    return Result.fail(absent ? "half a pair: no request" : "the request is no JSON object: it was cut, perhaps")
  }
  const asked = bodies.model === undefined || "model" in given ? given : { ...given, model: bodies.model }
  const logged = loggedIn(bodies.response)
  const error = failureIn(bodies.error ?? errorIn(logged), bodies.status)
  if (error === undefined && (logged._tag === "None" || logged._tag === "Unknown")) return Result.fail(noAnswer(logged))
  const wire = wireOf(asked, logged, bodies.wire)
  if (Result.isFailure(wire)) return Result.fail(wire.failure)
  const read = translations[wire.success].readRequest(openBody(asked))
  if (Result.isFailure(read)) return Result.fail(`the request cannot be read: ${read.failure}`)
  const answer = readAnswer(wire.success, logged, error)
  if (Result.isFailure(answer))
    return Result.fail(
      `the ${logged._tag === "Stream" ? "stream of the response" : "response"} cannot be read: ${answer.failure}`
    )
  const { response, usage } = answer.success
  const resolved = chain.resolve(read.success)
  chain.remember(resolved, response)
  const recorded = recordedOf(resolved.request, resolved.history)
  const cut = cutShort(response)
  const notes = [
    ...(recorded.notes ?? []),
    ...(cut.response === undefined ? [] : ["the answer ends before its end: its stream was cut"])
  ]
  return Result.succeed({
    request: resolved.request,
    response,
    usage,
    recorded: { ...recorded, ...cut, notes },
    asked,
    created: createdIn(logged),
    carried: resolved.carried,
    answered: logged._tag === "Body" ? logged.body : logged._tag === "Stream" ? logged.pieces.events : null,
    ...(resolved.root === undefined ? {} : { conversation: resolved.root })
  })
}
