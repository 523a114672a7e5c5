import * as Effect from "effect/Effect"

import { type Answered, CallFailed, Calls } from "../calls/Calls.ts"
import type { CallRequest } from "../domain/Call.ts"
import type { ReplayCase } from "../domain/Case.ts"
import type { Ending, Failure, Loss, Series, Unanswered } from "../domain/Output.ts"
import type { ProviderError } from "../providers/contract.ts"
import { roomFor, unfitFor } from "./capability.ts"
import { endingOfFailure } from "./ending.ts"
import type { Manner } from "./manner.ts"
import { type LimitOf, toldLimit, withLimit } from "./outputLimit.ts"
import { type Parameter, refusedParameter, withoutParameter } from "./refusedParameter.ts"
import { refusedPart, withTold } from "./refusedPart.ts"

/** Who is asked for which case, and how. */
export interface Question {
  readonly archived: ReplayCase
  readonly provider: string
  /** A setup's id, or `floor`. */
  readonly setup: string
  readonly series: Series
  readonly repeat: number
  readonly manner: Manner
  readonly limitOf: LimitOf
  /** Told what a call that brought no answer took of a machine that is paid by the hour. */
  unanswered(took: Unanswered): void
  /** Axes that the setup names itself. */
  readonly named: ReadonlySet<string>
}

/** An answer, with the request as it was sent in the end and what the target had to be asked without. */
export interface Got {
  readonly answered: Answered
  readonly request: CallRequest
  readonly notes: ReadonlyArray<Loss>
  /** Output tokens at most that the target gives; `undefined`: not known. */
  readonly most: number | undefined
}

/** No answer, and how it ended. */
export interface Missing {
  readonly failure: Failure
  readonly ending: Ending
}

const unsendable = (why: NonNullable<Failure["why"]>, message: string, error?: ProviderError): Missing => {
  const failure: Failure = { kind: "unsendable", why, message }
  return { failure, ending: endingOfFailure(failure, error) }
}

const missing = ({ cap, error, kind, message, neverSent }: CallFailed): Missing => {
  if (kind === "unsendable")
    return unsendable(
      error === undefined ? "wire" : error.reason === "ContextTooLong" ? "context length" : "request",
      message,
      error
    )
  const failure: Failure = {
    kind,
    message,
    ...(cap === undefined ? {} : { cap }),
    ...(neverSent === undefined ? {} : { neverSent })
  }
  return { failure, ending: endingOfFailure(failure, error) }
}

const wordOf = (parameter: Parameter): string =>
  parameter.startsWith("extra.") ? `parameter ${parameter.slice("extra.".length)}` : parameter

const noteOf = (parameter: Parameter, { named }: Question): Loss | undefined =>
  parameter === "limit" // it goes by another name, and nothing is lost
    ? undefined
    : {
        what: wordOf(parameter),
        why: named.has(parameter)
          ? "the target refuses it, so it was asked without: this axis of the setup is not in force"
          : "the target refuses it, so it was asked without"
      }

const least = (...limits: ReadonlyArray<number | undefined>): number | undefined => {
  const known = limits.filter((limit) => limit !== undefined)
  return known.length === 0 ? undefined : Math.min(...known)
}

/** What a request is in its case. */
export interface Place {
  /** It is the archived one's, not one that goes on from an answer. */
  readonly first: boolean
  /** It is asked for the sake of a larger budget: with no more output tokens than this it is not asked at all. */
  readonly above?: number | undefined
}

/**
 * Asks for one answer, after the first request like it. What the model cannot take is not sent. A limit of output tokens that is ours is
 * lowered to what the target gives; a parameter that it refuses is left out, or not, as the suite says.
 */
export const askFor = (question: Question, wanted: CallRequest, place: Place) =>
  question.manner.scouted(wanted, asked(question, wanted, place))

const asked = Effect.fnUntraced(function* (question: Question, wanted: CallRequest, { above, first }: Place) {
  const calls = yield* Calls
  const { archived, limitOf, manner, provider, series, setup } = question
  const { refusedParameters, stream } = manner
  const usage = first ? archived.usage : null
  const notes: Array<Loss> = []
  const dropped = new Set<Parameter>()
  let request = wanted
  let room: number | undefined

  const drop = (parameter: Parameter) => {
    dropped.add(parameter)
    request = withoutParameter(request, parameter)
    const note = noteOf(parameter, question)
    if (note !== undefined) notes.push(note)
  }
  const refuse = (parameter: Parameter, words: string) =>
    unsendable("parameter", `${wordOf(parameter)}: ${words} (refusedParameters: "refuse")`)

  for (const parameter of manner.refused(wanted)) {
    if (refusedParameters === "refuse" && parameter !== "limit") return refuse(parameter, "the target refuses it")
    drop(parameter)
  }
  for (;;) {
    const can = withTold(manner.can, manner.told)
    const limit = request.params.maxOutputTokens
    const fits = least(can.maxOutput, room, limitOf === "default" ? roomFor(request, usage, can) : undefined)
    if (limitOf === "default" && limit !== undefined && fits !== undefined && fits >= 1 && limit > fits)
      request = withLimit(request, fits)
    if (above !== undefined && (request.params.maxOutputTokens ?? above) <= above)
      return unsendable("output limit", `${request.model} gives no more than the ${above} output tokens it had`)
    const unfit = unfitFor(request, usage, can)
    if (unfit !== undefined) return unsendable(unfit.why, unfit.message)
    const reply = yield* calls
      .ask({
        provider,
        request,
        series,
        repeat: question.repeat,
        origin: archived.requestDigest,
        stream: stream === "auto" ? archived.request.params.stream === true : stream,
        for: { case: archived.id, setup }
      })
      .pipe(Effect.catchTag("CallFailed", (failed) => Effect.succeed(failed)))
    if (!(reply instanceof CallFailed)) {
      const sent = request.params.maxOutputTokens
      if (sent !== undefined && wanted.params.maxOutputTokens !== undefined && sent < wanted.params.maxOutputTokens)
        notes.push({
          what: "output limit",
          why: `asked for ${sent} tokens at most in place of ${wanted.params.maxOutputTokens}: the target gives no more`
        })
      return { answered: reply, request, notes, most: fits } satisfies Got
    }
    const { error } = reply
    if (reply.took !== undefined) question.unanswered(reply.took)
    if (reply.kind !== "unsendable" || error === undefined) return missing(reply)
    const limited = toldLimit(error.detail)
    if (limited !== undefined && limit !== undefined && limited.most < limit) {
      if (limited.of === "model") manner.tell({ maxOutput: limited.most })
      else room = least(room, limited.most)
      if (limitOf === "default") continue
      return limited.of === "model"
        ? unsendable("output limit", reply.message)
        : unsendable("context length", reply.message, error)
    }
    const part = error.reason === "BadRequest" ? refusedPart(error.detail) : undefined
    if (part !== undefined) {
      manner.tell({ [part]: false })
      return unsendable(part === "jsonSchema" ? "JSON schema" : part, reply.message)
    }
    const parameter = error.reason === "BadRequest" ? refusedParameter(error.detail, request) : undefined
    if (parameter === undefined || dropped.has(parameter)) return missing(reply)
    manner.remember(wanted, parameter)
    if (refusedParameters === "refuse" && parameter !== "limit") return refuse(parameter, "the target refuses it")
    drop(parameter)
  }
})
