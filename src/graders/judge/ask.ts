import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

import { CallFailed, Calls } from "../../calls/Calls.ts"
import { readJson } from "../../checks/json.ts"
import { answerOf } from "../../domain/Answer.ts"
import type { CallRequest } from "../../domain/Call.ts"
import { type NanoUsd, sumOf } from "../../domain/Money.ts"
import type { Failure } from "../../domain/Output.ts"
import type { Target } from "../../domain/Setup.ts"

/** What a judge is asked: instructions, fenced material, and the shape of the verdict. */
export interface Brief<A> {
  readonly system: string
  readonly material: string
  readonly verdict: Schema.Codec<A, unknown>
}

/** A verdict, or why there is none; never a default. */
export interface Verdict<A> {
  readonly verdict: A | null
  readonly why: string
  /** What was paid for it, retries in; `null`: unpriced. */
  readonly cost: NanoUsd | null
  readonly failure?: Failure
}

/** For which case a judge is asked, which draw of its that is, from 0, and who pays: judging, or a setup whose rule asks. */
export interface Errand {
  readonly case: string
  readonly draw: number
  /** A setup's id: the call is paid as that setup's. Left out: as a judge's. */
  readonly setup?: string
}

/** What a grade without a score tells of the call that failed. */
export const failureOf = ({ cap, error, kind, message, neverSent }: CallFailed): Failure => ({
  kind,
  message,
  ...(kind === "unsendable"
    ? { why: error === undefined ? "wire" : error.reason === "ContextTooLong" ? "context length" : "request" }
    : {}),
  ...(cap === undefined ? {} : { cap }),
  ...(neverSent === undefined ? {} : { neverSent })
})

/** A JSON Schema in which no object may have keys that it does not name, as providers want it. */
const closed = (schema: unknown): Schema.Json => {
  if (Array.isArray(schema)) return schema.map(closed)
  if (typeof schema !== "object" || schema === null) return schema as Schema.Json
  const all = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]))
  return all["type"] === "object" ? { ...all, additionalProperties: false } : all
}

const requestOf = <A>(model: string, { material, system, verdict }: Brief<A>, plain: boolean): CallRequest => {
  const schema = closed(Schema.toJsonSchemaDocument(verdict).schema)
  const told = plain
    ? `${system}\nAnswer with one JSON document of this schema alone: ${JSON.stringify(schema)}`
    : system
  return {
    wire: "openai.chat",
    model,
    messages: [
      { role: "system", blocks: [{ type: "text", text: told }] },
      { role: "user", blocks: [{ type: "text", text: material }] }
    ],
    tools: [],
    ...(plain ? {} : { responseFormat: { type: "json_schema", name: "verdict", schema, strict: true } }),
    params: { temperature: 0, maxOutputTokens: 4096 }
  }
}

const withoutTemperature = ({ params, ...request }: CallRequest): CallRequest => {
  const { temperature: _, ...rest } = params
  return { ...request, params: rest }
}

/**
 * Asks a judge for a verdict, once more where it cannot be read: draws `2 x draw` and `2 x draw + 1`. A provider that refuses the temperature or
 * the schema is asked without.
 */
export const askJudge = Effect.fnUntraced(function* <A>(judge: Target, brief: Brief<A>, errand: Errand) {
  const calls = yield* Calls
  const costs: Array<NanoUsd | null> = []
  let plain = false
  let warm = false
  let why = ""
  for (let again = 0; again < 2; ) {
    const wanted = requestOf(judge.model, brief, plain)
    const reply = yield* calls
      .ask({
        provider: judge.provider,
        request: warm ? withoutTemperature(wanted) : wanted,
        series: errand.setup === undefined ? "judge" : "candidate",
        repeat: 2 * errand.draw + again,
        stream: false,
        for: { case: errand.case, setup: errand.setup ?? "judge" }
      })
      .pipe(Effect.catchTag("CallFailed", (failed) => Effect.succeed(failed)))
    if (reply instanceof CallFailed) {
      const words = reply.error?.reason === "BadRequest" ? reply.error.detail : ""
      if (!warm && /temperature/i.test(words)) warm = true
      else if (!plain && /response_?format|json_schema|output_config/i.test(words)) plain = true
      else
        return { verdict: null, why: reply.message, cost: sumOf(costs), failure: failureOf(reply) } satisfies Verdict<A>
      continue
    }
    costs.push(reply.cost)
    const json = readJson(answerOf(reply.row.response, reply.row.usage).text)
    if (Result.isSuccess(json)) {
      const read = Schema.decodeUnknownResult(brief.verdict, { onExcessProperty: "error" })(json.success)
      if (Result.isSuccess(read)) return { verdict: read.success, why: "", cost: sumOf(costs) } satisfies Verdict<A>
      why = read.failure.message
    } else why = `the verdict ${json.failure}`
    again++
  }
  return { verdict: null, why: `no readable verdict: ${why}`, cost: sumOf(costs) } satisfies Verdict<A>
})
