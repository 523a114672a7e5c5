import type { CallResponse } from "../../../domain/Call.ts"
import type { Found } from "../../contract.ts"
import type { JsonObject } from "../../json.ts"
import { arrayIn, objectIn, textIn } from "../../json.ts"
import { LabelSet } from "../../labels.ts"
import type { Attributes } from "../../spans/attributes.ts"
import { agentIn, sessionIn, spanLabels } from "../../spans/labels.ts"
import type { Knot } from "../../spans/nesting.ts"
import { nestedCalls } from "../../spans/nesting.ts"
import { callOf, errorNamed, timingOf } from "../../spans/record.ts"
import { fullnessOf } from "../../spans/requests.ts"
import type { Exchange } from "../../spans/span.ts"
import { ttftOf } from "../../spans/span.ts"
import { between, momentOf } from "../../times.ts"
import type { Generation } from "./generation.ts"
import { generationIn, otherThanCall, spanOf } from "./generation.ts"
import type { TraceId } from "./rows.ts"
import { fieldIn, fieldObject, fieldText, keyOf, metadataOf, trajectoryOf, versionOf } from "./rows.ts"
import type { Score } from "./scores.ts"
import { givenCost, workedOutCost } from "./usage.ts"

/** An observation that waits: a whole row where it may be a call, of the others what they are called and where they lie. */
export interface Observed {
  readonly file: string
  readonly line: number
  readonly version: number
  readonly parent: string | undefined
  readonly name: string
  readonly type: string
  /** Of a GENERATION. */
  readonly row?: JsonObject
}

/** What is known of one trace so far. */
export interface Trace {
  readonly observations: Map<string, Observed>
  readonly scores: Array<Score>
}

const errorOf = (row: JsonObject): CallResponse["error"] =>
  textIn(row["level"]) === "ERROR" ? errorNamed("error", fieldText(row, "status_message")) : undefined

/** Metadata that is no label: what an SDK put there of itself. */
const machinery = new Set(["attributes", "resourceAttributes", "scope", "tools", "tool_definitions"])
const hidden = /^(__pregel|langgraph_(path|triggers|checkpoint_ns)|checkpoint_ns|ls_|LANGSMITH_)/
/** Tags that LangChain gives its own steps. */
const stepTag = /^(seq|graph|langsmith|map|branch):/

const writtenIn = (metadata: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(metadata).flatMap(([name, value]) => {
      if (machinery.has(name) || hidden.test(name)) return []
      const tags = name === "tags" ? arrayIn(value) : undefined
      return [[name, tags?.filter((tag) => typeof tag !== "string" || !stepTag.test(tag)) ?? value]]
    })
  )

const labelsOf = (row: JsonObject, metadata: JsonObject, attributes: Attributes, trace: JsonObject) => {
  const labels = new LabelSet().add("tags", fieldIn(trace, "tags"), fieldIn(row, "tags"))
  labels.addAll(writtenIn(metadata), "metadata").addAll(writtenIn(metadataOf(trace)), "trace")
  return spanLabels(
    labels
      .add("endUser", fieldIn(row, "user_id"), fieldIn(trace, "user_id"))
      .add("environment", fieldIn(row, "environment"), fieldIn(trace, "environment"))
      .add("release", fieldIn(row, "release"), fieldIn(trace, "release"))
      .add("version", fieldIn(row, "version"), fieldIn(trace, "version"))
      .add("projectId", fieldIn(row, "project_id"))
      .add("name", row["name"])
      .add("traceName", fieldIn(row, "trace_name"), trace["name"]),
    attributes,
    fieldObject(metadata, "resourceAttributes")
  ).all
}

/** The fuller of the copies of one call gives its content; its usage is that which a provider told. */
const joined = (copies: ReadonlyArray<Generation>): Exchange => {
  const fullness = ({ exchange }: Generation) => fullnessOf(exchange) + (exchange.response.blocks.length > 0 ? 4 : 0)
  const [first, ...others] = copies
  const { exchange: best } = others.reduce((a, b) => (fullness(b) > fullness(a) ? b : a), first!)
  const { exchange: told } = copies.find(({ counted }) => counted) ?? first!
  const params = paramsOf([...copies.map(({ exchange }) => exchange), best])
  return { ...best, usage: told.usage, request: { ...best.request, params } }
}

/** Parameters that only one copy tells are the call's; where several do, the last one's count. */
const paramsOf = (copies: ReadonlyArray<Exchange>) =>
  Object.fromEntries(copies.flatMap(({ request }) => Object.entries(request.params))) as Exchange["request"]["params"]

/** A settled trace's calls, and what its other rows are. `own` is the trace's own row, empty where it was not read. */
export const settledTrace = (id: TraceId, trace: Trace, own: JsonObject, importer: string): ReadonlyArray<Found> => {
  const found: Array<Found> = []
  const generations = new Map<string, Generation>()
  for (const [observation, { file, line, row, type }] of trace.observations) {
    if (row === undefined) {
      found.push({ _tag: "Other", type })
      continue
    }
    const span = spanOf(row)
    const other = otherThanCall(row, span)
    if (other !== undefined) {
      found.push({ _tag: "Other", type: other })
      continue
    }
    const generation = generationIn(row, span)
    const { request, response, usage } = generation.exchange
    const empty =
      request.messages.length === 0 && response.blocks.length === 0 && usage.input === null && usage.output === null
    if (empty && errorOf(row) === undefined)
      found.push({
        _tag: "Skip",
        file,
        line,
        reason: "the generation holds no messages, no answer and no token counts"
      })
    else generations.set(observation, generation)
  }
  const knots: ReadonlyArray<Knot> = [...trace.observations].map(([id, { parent }]) => {
    const generation = generations.get(id)
    return { id, parent, ...(generation === undefined ? {} : { exchange: generation.exchange }) }
  })
  const { calls, wrappers } = nestedCalls(knots)
  for (const id of wrappers)
    found.push({ _tag: "Other", type: `generation around others (${trace.observations.get(id)?.name ?? ""})` })
  const leafOf = new Map(calls.flatMap(([leaf = "", ...copies]) => [leaf, ...copies].map((id) => [id, leaf] as const)))
  const started = (ids: ReadonlyArray<string>) =>
    momentOf(fieldIn(trace.observations.get(ids[0] ?? "")?.row ?? {}, "start_time"))?.ms ?? 0
  const ordered = [...calls].sort((a, b) => started(a) - started(b))
  for (const [step, ids] of ordered.entries()) found.push(...callIn(id, trace, own, ids, step, generations, importer))
  for (const score of trace.scores) found.push(verdictOf(score, id, trace, leafOf))
  return found
}

const agentOf = (trace: Trace, id: string): string | undefined => {
  const seen = new Set<string>()
  let at = trace.observations.get(id)
  while (at?.parent !== undefined && !seen.has(at.parent)) {
    seen.add(at.parent)
    at = trace.observations.get(at.parent)
    if (at?.type === "agent") return at.name === "" ? undefined : at.name
  }
  return undefined
}

/** A call with what its trace's own row tells takes the place of the same one without, imported earlier. */
const rankOf = (row: JsonObject, known: JsonObject) => versionOf(row) + (Object.keys(known).length > 0 ? 0.25 : 0)

const callIn = (
  id: TraceId,
  trace: Trace,
  known: JsonObject,
  ids: ReadonlyArray<string>,
  step: number,
  generations: ReadonlyMap<string, Generation>,
  importer: string
): ReadonlyArray<Found> => {
  const [leaf = "", ...copies] = ids
  const held = trace.observations.get(leaf)
  const row = held?.row
  if (held === undefined || row === undefined) return []
  const rows = ids.map((id) => trace.observations.get(id)?.row).filter((one) => one !== undefined)
  const exchange = joined(ids.flatMap((id) => generations.get(id) ?? []))
  const given = rows.map(givenCost).find((cost) => cost !== undefined)
  const worked = rows.map((one) => workedOutCost(one, exchange.usage))
  const cost = given ?? worked.find(({ billed }) => billed.nanoUsd !== null) ?? worked[0]!
  const start = momentOf(fieldIn(row, "start_time"))
  const end = momentOf(fieldIn(row, "end_time"))
  const first = between(start, momentOf(fieldIn(row, "completion_start_time")))
  const attributes = generations.get(leaf)?.span.attributes ?? {}
  const metadata = metadataOf(row)
  const sessionId =
    fieldText(row, "session_id") ??
    fieldText(known, "session_id") ??
    sessionIn(attributes) ??
    fieldText(metadata, "thread_id")
  const agent = agentIn(attributes) ?? agentOf(trace, leaf)
  const scope = fieldObject(metadata, "scope")
  const [producer, version] = [textIn(scope["name"]), textIn(scope["version"])]
  const error = errorOf(row)
  const parent = held.parent
  return [
    callOf({
      importer,
      file: held.file,
      line: held.line,
      dedupeKey: keyOf(id, leaf),
      exchange,
      ...(error === undefined ? {} : { error }),
      billed: cost.billed,
      timing: timingOf(start, end, first ?? ttftOf(attributes)),
      native: {
        observationId: leaf,
        traceId: id.traceId,
        ...(copies[0] === undefined ? {} : { outerObservationId: copies[0] }),
        ...(parent === undefined ? {} : { parentObservationId: parent }),
        ...(exchange.response.id === undefined ? {} : { responseId: exchange.response.id })
      },
      ...(producer === undefined
        ? {}
        : { producer: { name: producer, ...(version === undefined ? {} : { version }) } }),
      grouping: {
        ...(sessionId === undefined ? {} : { sessionId }),
        trajectoryId: trajectoryOf(id),
        stepIndex: step,
        ...(agent === undefined ? {} : { agent }),
        attempt: 0
      },
      labels: labelsOf(row, metadata, attributes, known),
      notes: cost.notes,
      rank: rankOf(row, known)
    }),
    ...copies.map((id): Found => {
      const copy = trace.observations.get(id)
      return {
        _tag: "Duplicate",
        line: copy?.line ?? held.line,
        rule: "a generation inside a generation with the same answer"
      }
    })
  ]
}

/** A score is of the call it names, of the trace where it names something else in it, else of the session. */
const verdictOf = (score: Score, id: TraceId, trace: Trace, leafOf: ReadonlyMap<string, string>): Found => {
  const { observationId, sessionId, signal } = score
  const isCall = observationId !== undefined && (leafOf.has(observationId) || !trace.observations.has(observationId))
  if (isCall) return { _tag: "Verdict", of: keyOf(id, leafOf.get(observationId) ?? observationId), signal }
  return id.traceId === "" && sessionId !== undefined
    ? { _tag: "Verdict", of: sessionId, signal: { ...signal, scope: "session" } }
    : { _tag: "Verdict", of: trajectoryOf(id), signal: { ...signal, scope: "trajectory" } }
}

/** An observation's row as it waits. */
export const observedIn = (row: JsonObject, file: string, line: number): Observed => {
  const type = textIn(row["type"]) ?? "GENERATION"
  return {
    file,
    line,
    version: versionOf(row),
    parent: fieldText(row, "parent_observation_id", "parent_span_id"),
    name: fieldText(row, "name") ?? "",
    type: type.toLowerCase(),
    ...(type === "GENERATION" ? { row } : {})
  }
}

/** The trace's own row, without what it holds of its observations. */
export const traceRow = (row: JsonObject): JsonObject => {
  const { input: _i, observations: _o, output: _u, scores: _s, ...rest } = row
  return objectIn(rest) ?? {}
}
