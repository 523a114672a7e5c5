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
export const failureOf = ({ cap, error, kind, message, neverSent, unbilled }: CallFailed): Failure => ({
  kind,
  message,
  ...(kind === "unsendable"
    ? { why: error === undefined ? "wire" : error.reason === "ContextTooLong" ? "context length" : "request" }
    : {}),
  ...(cap === undefined ? {} : { cap }),
  ...(neverSent === undefined ? {} : { neverSent }),
  ...(unbilled === undefined ? {} : { unbilled })
})

/** A JSON Schema in which no object may have keys that it does not name, as providers want it. */
const closed = (schema: unknown): Schema.Json => {
  if (Array.isArray(schema)) return schema.map(closed)
  if (typeof schema !== "object" || schema === null) return schema as Schema.Json
  const all = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]))
  return all["type"] === "object" ? { ...all, additionalProperties: false } : all
}

/**
 * Output tokens of a verdict at most: what is put aside for it under a cap. The second try has room for a judge that reasoned until it was cut.
 */
const outputTokens = { first: 2_048, again: 4_096 }

const requestOf = <A>(
  model: string,
  { material, system, verdict }: Brief<A>,
  { again, plain }: { readonly plain: boolean; readonly again: boolean }
): CallRequest => {
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
    params: { temperature: 0, maxOutputTokens: again ? outputTokens.again : outputTokens.first }
  }
}

const withoutTemperature = ({ params, ...request }: CallRequest): CallRequest => {
  const { temperature: _, ...rest } = params
  return { ...request, params: rest }
}

/** What reasoning that is sent as text begins with. */
const reasoning = /^\s*<(think|thinking|thought|reasoning)>/i

/**
 * The JSON of a judge's words: all of them, or what follows one block of its reasoning that they begin with. A block that does not end is not read, nor is
 * what it quotes.
 */
const verdictIn = (text: string): ReturnType<typeof readJson> => {
  const name = reasoning.exec(text)?.[1]
  if (name === undefined) return readJson(text)
  const end = new RegExp(`</${name}>`, "i").exec(text)
  if (end === null) return Result.fail(`is not there: <${name}> is opened and not closed`)
  const rest = text.slice(end.index + end[0].length)
  return reasoning.test(rest) ? Result.fail(`is not there: <${name}> is followed by more reasoning`) : readJson(rest)
}

/** How far on the draws are of a run that asks anew, since both tries of an earlier run could not be read: beyond any draw of a grade. */
const anew = 1_000

/**
 * Asks a judge for a verdict, once more where it cannot be read: draws `2 x draw` and `2 x draw + 1`. Where both are from before the run and neither can be
 * read, it asks anew, two times at most; what cannot be asked anew stays unread. A provider that refuses the temperature or the schema is asked without.
 */
export const askJudge = Effect.fnUntraced(function* <A>(judge: Target, brief: Brief<A>, errand: Errand) {
  const calls = yield* Calls
  let costs: ReadonlyArray<NanoUsd | null> = []
  let plain = false
  let warm = false
  let why = ""
  let bought = false
  for (let at = 0; at % 2 === 1 || !bought; ) {
    const again = at % 2
    const wanted = requestOf(judge.model, brief, { plain, again: again === 1 })
    const reply = yield* calls
      .ask({
        provider: judge.provider,
        request: warm ? withoutTemperature(wanted) : wanted,
        series: errand.setup === undefined ? "judge" : "candidate",
        repeat: 2 * errand.draw + again + anew * Math.floor(at / 2),
        stream: false,
        for: { case: errand.case, setup: errand.setup ?? "judge" }
      })
      .pipe(Effect.catchTag("CallFailed", (failed) => Effect.succeed(failed)))
    if (reply instanceof CallFailed) {
      const words = reply.error?.reason === "BadRequest" ? reply.error.detail : ""
      if (!warm && /temperature/i.test(words)) warm = true
      else if (!plain && /response_?format|json_schema|output_config/i.test(words)) plain = true
      else if (at < 2)
        return { verdict: null, why: reply.message, cost: sumOf(costs), failure: failureOf(reply) } satisfies Verdict<A>
      else break
      continue
    }
    costs = again === 0 ? [reply.cost] : [...costs, reply.cost]
    bought ||= reply.before !== true
    const json = verdictIn(answerOf(reply.row.response, reply.row.usage).text)
    if (Result.isSuccess(json)) {
      const read = Schema.decodeUnknownResult(brief.verdict, { onExcessProperty: "error" })(json.success)
      if (Result.isSuccess(read)) return { verdict: read.success, why: "", cost: sumOf(costs) } satisfies Verdict<A>
      why = read.failure.message
    } else why = `the verdict ${json.failure}`
    at++
  }
  return { verdict: null, why: `no readable verdict: ${why}`, cost: sumOf(costs) } satisfies Verdict<A>
})
