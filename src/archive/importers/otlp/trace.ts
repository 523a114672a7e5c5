import type { ArchivedCall, Signal } from "../../../domain/Call.ts"
import { digestOf } from "../../../domain/digest.ts"
import { billIn, unbilled } from "../../billed.ts"
import type { Found } from "../../contract.ts"
import type { JsonObject } from "../../json.ts"
import { arrayIn, numberIn, objectIn, textIn } from "../../json.ts"
import { LabelSet } from "../../labels.ts"
import type { Attributes } from "../../spans/attributes.ts"
import { listBelow } from "../../spans/attributes.ts"
import { detailsEvent } from "../../spans/dialects.ts"
import type { SpanEvent } from "../../spans/events.ts"
import { agentIn, sessionIn, spanLabels } from "../../spans/labels.ts"
import { nestedCalls } from "../../spans/nesting.ts"
import { callOf, errorNamed, timingOf } from "../../spans/record.ts"
import type { Exchange } from "../../spans/span.ts"
import { costIn, exchangeOf, ttftOf } from "../../spans/span.ts"
import type { Exported, Logged } from "./spans.ts"

/** A span that waits: a call with all of it, of the others what they are and where they lie. */
export interface Held {
  readonly file: string
  readonly line: number
  readonly parent: string | undefined
  /** The agent it is or names, for the calls inside it. */
  readonly agent: string | undefined
  /** Of a call. */
  readonly exported?: Exported
}

/** A log record that waits for its span. */
export interface Told extends Logged {
  readonly file: string
  readonly line: number
  readonly resource: JsonObject
}

/** What is known of one trace so far. */
export interface Trace {
  readonly spans: Map<string, Held>
  /** Log records, by the span they belong to. */
  readonly logs: Map<string, Array<Told>>
}

/** What tells a call from its copies. */
export const keyOf = (traceId: string, spanId: string): string => `otlp:${traceId}:${spanId}`

const evaluation = "gen_ai.evaluation.result"

/** A judgement in the attributes of an event, under a prefix. */
const signalIn = (attributes: Attributes, prefix: string, scope: Signal["scope"]): Signal | undefined => {
  const of = (name: string) => attributes[`${prefix}${name}`]
  const name = textIn(of("name"))
  const value = numberIn(of("score.value") ?? of("score")) ?? textIn(of("score.label") ?? of("label"))
  if (name === undefined || value === undefined) return undefined
  const comment = textIn(of("explanation"))
  const kind = textIn(of("annotator_kind"))?.toUpperCase()
  const source = kind === "HUMAN" ? "human" : kind === "CODE" ? "heuristic" : kind === "LLM" ? "llm-judge" : "system"
  return {
    name,
    value,
    source,
    scope: scope ?? "call",
    ...(comment === undefined ? {} : { comment })
  }
}

/** OpenInference keeps judgements in the attributes of what they judge. */
const judgements = (attributes: Attributes): ReadonlyArray<Signal> =>
  (["evaluations", "annotations"] as const).flatMap((list) =>
    (listBelow(attributes, list) ?? []).flatMap((one) => {
      const kind = list === "evaluations" ? "evaluation" : "annotation"
      const inner = objectIn(objectIn(one)?.[kind]) ?? objectIn(one) ?? {}
      return signalIn(inner, "", "call") ?? []
    })
  )

const billedOf = (attributes: Attributes): { billed: ArchivedCall["billed"]; notes: ReadonlyArray<string> } => {
  const { nanoUsd, note } = billIn(costIn(attributes))
  return nanoUsd === null
    ? { billed: unbilled, notes: note === undefined ? [] : [note] }
    : {
        billed: { nanoUsd: nanoUsd.toString(), basis: "client-estimate", billing: "metered" },
        notes: ["the cost was worked out by the instrumentation"]
      }
}

/** Log records may repeat what the span's own events say: each message counts once. */
const withLogs = ({ span }: Exported, logs: ReadonlyArray<SpanEvent>) =>
  span.events.some(({ name }) => name.startsWith("gen_ai.")) ? span : { ...span, events: [...span.events, ...logs] }

const agentOf = (trace: Trace, spanId: string): string | undefined => {
  const seen = new Set<string>()
  for (let at = trace.spans.get(spanId); at !== undefined; ) {
    if (at.agent !== undefined) return at.agent
    const { parent } = at
    if (parent === undefined || seen.has(parent)) return undefined
    seen.add(parent)
    at = trace.spans.get(parent)
  }
  return undefined
}

/**
 * The trace with its log records: where one whose span is not here holds all of a call (messages, model, usage), it stands for the span; lone
 * messages cannot, and are told.
 */
const withLoneLogs = (
  traceId: string,
  trace: Trace
): { readonly trace: Trace; readonly lost: ReadonlyArray<Found> } => {
  const spans = new Map(trace.spans)
  const lost: Array<Found> = []
  for (const [id, logs] of trace.logs) {
    const [first] = logs
    if (first === undefined || trace.spans.has(id)) continue
    const whole = logs.find(({ event }) => event.name === detailsEvent)
    if (whole !== undefined) {
      const attributes = { ...whole.event.attributes, ...objectIn(whole.event.body) }
      const spanId = id === "" ? digestOf(whole.event).slice(0, 16) : id
      const { at, file, line, resource } = whole
      const span = { name: "", attributes, events: [] }
      const times = { start: undefined, end: at, failure: undefined }
      const exported = { span, traceId, spanId, parent: undefined, ...times, resource }
      spans.set(spanId, { file, line, parent: undefined, agent: undefined, exported })
    } else if (logs.some(({ event }) => event.name !== evaluation)) {
      const reason = "messages in a log whose span is in none of the files"
      lost.push({ _tag: "Skip", file: first.file, line: first.line, reason })
    }
  }
  return { trace: { ...trace, spans }, lost }
}

/** A settled trace's calls and judgements. `byResponse` gets the key of each answer's call, for judgements that name the answer alone. */
export const settledTrace = (
  traceId: string,
  held: Trace,
  importer: string,
  byResponse: Map<string, string>
): ReadonlyArray<Found> => {
  const { lost, trace } = withLoneLogs(traceId, held)
  const found: Array<Found> = [...lost]
  const exchanges = new Map<string, Exchange>()
  const eventsOf = (id: string) => (trace.logs.get(id) ?? []).map(({ event }) => event)
  for (const [id, { exported }] of trace.spans)
    if (exported !== undefined) exchanges.set(id, exchangeOf(withLogs(exported, eventsOf(id))))
  const knots = [...trace.spans].map(([id, { parent }]) => {
    const exchange = exchanges.get(id)
    return { id, parent, ...(exchange === undefined ? {} : { exchange }) }
  })
  const { calls, wrappers } = nestedCalls(knots)
  if (wrappers.length > 0) found.push({ _tag: "Other", type: "span around calls", count: wrappers.length })
  const started = (ids: ReadonlyArray<string>) => trace.spans.get(ids[0] ?? "")?.exported?.start?.ms ?? 0
  const leafOf = new Map<string, string>()
  for (const [step, ids] of [...calls].sort((a, b) => started(a) - started(b)).entries()) {
    const [leaf = "", ...copies] = ids
    for (const id of ids) leafOf.set(id, leaf)
    const held = trace.spans.get(leaf)
    const exchange = exchanges.get(leaf)
    if (held?.exported === undefined || exchange === undefined) continue
    const best = fuller(
      exchange,
      copies.flatMap((id) => exchanges.get(id) ?? [])
    )
    const { exported } = held
    const { attributes } = exported.span
    const { billed, notes } = billedOf(attributes)
    const sessionId = sessionIn(attributes)
    const agent = agentIn(attributes) ?? agentOf(trace, leaf)
    const responseId = best.response.id
    if (responseId !== undefined) remember(byResponse, responseId, keyOf(traceId, leaf))
    found.push(
      callOf({
        importer,
        file: held.file,
        line: held.line,
        dedupeKey: keyOf(traceId, leaf),
        exchange: best,
        ...(exported.failure === undefined
          ? {}
          : {
              error: errorNamed(
                textIn(attributes["error.type"]),
                exported.failure === "" ? undefined : exported.failure
              )
            }),
        billed,
        timing: timingOf(exported.start, exported.end, ttftOf(attributes), false),
        native: { traceId, spanId: leaf, ...(responseId === undefined ? {} : { responseId }) },
        ...producerOf(exported),
        grouping: {
          ...(sessionId === undefined ? {} : { sessionId }),
          ...(traceId === "" ? {} : { trajectoryId: traceId, stepIndex: step }),
          ...(agent === undefined ? {} : { agent }),
          attempt: 0
        },
        labels: spanLabels(new LabelSet(), attributes, exported.resource).add("name", exported.span.name).all,
        signals: judgements(attributes),
        notes,
        // A span that comes with its messages takes the place of one that came without.
        rank: (best.request.messages.length > 0 ? 1 : 0) + (best.response.blocks.length > 0 ? 1 : 0)
      }),
      ...copies.map(
        (): Found => ({ _tag: "Duplicate", line: held.line, rule: "a span inside a span with the same answer" })
      )
    )
  }
  for (const spanId of trace.logs.keys())
    found.push(...verdicts(traceId, spanId, eventsOf(spanId), trace, leafOf, byResponse))
  for (const [spanId, { exported }] of trace.spans)
    found.push(...verdicts(traceId, spanId, exported?.span.events ?? [], trace, leafOf, byResponse))
  return found
}

/** Answers whose calls are remembered for judgements that come later. */
const mostAnswers = 200_000

const remember = (byResponse: Map<string, string>, responseId: string, key: string) => {
  byResponse.set(responseId, key)
  const [oldest] = byResponse.size > mostAnswers ? byResponse.keys() : []
  if (oldest !== undefined) byResponse.delete(oldest)
}

const fuller = (leaf: Exchange, copies: ReadonlyArray<Exchange>): Exchange => {
  const size = ({ request, response }: Exchange) =>
    (request.messages.length > 0 ? 2 : 0) + (response.blocks.length > 0 ? 1 : 0)
  const best = copies.reduce((a, b) => (size(b) > size(a) ? b : a), leaf)
  const counted = [leaf, ...copies].find(({ usage }) => usage.input !== null || usage.output !== null)
  return { ...best, usage: counted?.usage ?? best.usage }
}

const producerOf = ({ scopeVersion, span }: Exported) =>
  span.scope === undefined
    ? {}
    : { producer: { name: span.scope, ...(scopeVersion === undefined ? {} : { version: scopeVersion }) } }

/** Judgements of an event: of the call of its span, of the answer it names, else of the trace. */
const verdicts = (
  traceId: string,
  spanId: string,
  events: ReadonlyArray<SpanEvent>,
  trace: Trace,
  leafOf: ReadonlyMap<string, string>,
  byResponse: ReadonlyMap<string, string>
): ReadonlyArray<Found> =>
  events.flatMap(({ attributes, body, name }): ReadonlyArray<Found> => {
    if (name !== evaluation) return []
    const all = { ...objectIn(body), ...attributes }
    const signal = signalIn(all, "gen_ai.evaluation.", "call")
    if (signal === undefined) return [{ _tag: "Other", type: "evaluation without a result" }]
    const responseId = textIn(all["gen_ai.response.id"]) ?? textIn(arrayIn(all["gen_ai.response.id"])?.[0])
    const leaf = leafOf.get(spanId)
    const named = responseId === undefined ? undefined : byResponse.get(responseId)
    const unseen = spanId !== "" && !trace.spans.has(spanId) && named === undefined
    const of = leaf !== undefined ? keyOf(traceId, leaf) : (named ?? (unseen ? keyOf(traceId, spanId) : undefined))
    if (of !== undefined) return [{ _tag: "Verdict", of, signal }]
    return traceId === ""
      ? [{ _tag: "Other", type: "evaluation of an unknown answer" }]
      : [{ _tag: "Verdict", of: traceId, signal: { ...signal, scope: "trajectory" } }]
  })
