import type { Found, Importer, Reader, Session } from "../contract.ts"
import type { JsonObject } from "../json.ts"
import { arrayIn, objectIn, textIn } from "../json.ts"
import { nestedCalls } from "../spans/nesting.ts"
import { callOf } from "../spans/record.ts"
import type { Exchange } from "../spans/span.ts"
import { Waiting, weightOf } from "../spans/waiting.ts"
import { momentOf } from "../times.ts"
import { exchangeIn, recordOf } from "./langsmith/call.ts"
import { batchIn, isCallRun, isRun, mergedRun, runId, runParent, runTrace } from "./langsmith/runs.ts"

const id = "langsmith"

/** A run that waits: whole where it is or may become a call, of the others what lies where. */
interface Held {
  readonly file: string
  readonly line: number
  readonly parent: string | undefined
  readonly name: string
  readonly type: string | undefined
  readonly run?: JsonObject
}

type Trace = Map<string, Held>

const isAgent = ({ name, type }: Held) => type === "chain" && /agent|langgraph/i.test(name)

const agentOf = (trace: Trace, runIdOf: string): string | undefined => {
  const seen = new Set<string>()
  let at = trace.get(runIdOf)
  while (at?.parent !== undefined && !seen.has(at.parent)) {
    seen.add(at.parent)
    at = trace.get(at.parent)
    if (at !== undefined && isAgent(at)) return at.name
  }
  return undefined
}

const settledTrace = (traceId: string, trace: Trace): ReadonlyArray<Found> => {
  const found: Array<Found> = []
  const exchanges = new Map<string, Exchange>()
  for (const [own, { file, line, run, type }] of trace) {
    if (run !== undefined && isCallRun(run)) exchanges.set(own, exchangeIn(run))
    else if (type === undefined)
      found.push({ _tag: "Skip", file, line, reason: "a part of a run whose beginning is in none of the files" })
    else found.push({ _tag: "Other", type: `run: ${type}` })
  }
  const knots = [...trace].map(([own, { parent }]) => {
    const exchange = exchanges.get(own)
    return { id: own, parent, ...(exchange === undefined ? {} : { exchange }) }
  })
  const { calls, wrappers } = nestedCalls(knots)
  if (wrappers.length > 0) found.push({ _tag: "Other", type: "run around calls", count: wrappers.length })
  const started = (ids: ReadonlyArray<string>) => momentOf(trace.get(ids[0] ?? "")?.run?.["start_time"])?.ms ?? 0
  for (const [step, ids] of [...calls].sort((a, b) => started(a) - started(b)).entries()) {
    const [leaf = "", ...copies] = ids
    const held = trace.get(leaf)
    const exchange = exchanges.get(leaf)
    if (held?.run === undefined || exchange === undefined) continue
    const { sessionId, ...record } = recordOf(held.run, leaf, exchange)
    const agent = agentOf(trace, leaf)
    found.push(
      callOf({
        ...record,
        importer: id,
        file: held.file,
        line: held.line,
        grouping: {
          ...(sessionId === undefined ? {} : { sessionId }),
          trajectoryId: traceId,
          stepIndex: step,
          ...(agent === undefined ? {} : { agent }),
          attempt: 0
        }
      }),
      ...copies.map(
        (): Found => ({ _tag: "Duplicate", line: held.line, rule: "a run inside a run with the same answer" })
      )
    )
  }
  return found
}

/** What one import has in common: runs whose beginning and end may come apart. */
class Import implements Session {
  readonly #waiting = new Waiting<Trace>(() => new Map(), settledTrace)
  readonly #following: boolean

  constructor(following: boolean) {
    this.#following = following
  }

  open(file: string): Reader {
    return {
      line: (line) =>
        "error" in line
          ? [{ _tag: "Skip", line: line.line, reason: line.error }]
          : this.#read(file, line.line, line.json),
      end: () => (this.#following ? this.#waiting.pause() : [])
    }
  }

  end(): ReadonlyArray<Found> {
    return this.#waiting.end()
  }

  #read(file: string, line: number, json: unknown): ReadonlyArray<Found> {
    if (textIn(arrayIn(json)?.[0])?.startsWith("client.") === true)
      return [{ _tag: "Skip", line, reason: "a recorded call of an SDK, which is no run of LangSmith" }]
    const object = objectIn(json)
    if (object === undefined) return [{ _tag: "Skip", line, reason: "not a JSON object" }]
    const batch = batchIn(object) ?? arrayIn(object["runs"])
    if (batch !== undefined && !isRun(object)) return batch.flatMap((run) => this.#run(file, line, run))
    return isRun(object) ? this.#run(file, line, object) : [{ _tag: "Other", type: "other object" }]
  }

  #run(file: string, line: number, raw: unknown): ReadonlyArray<Found> {
    const part = objectIn(raw)
    if (part === undefined) return [{ _tag: "Skip", line, reason: "a run that is no JSON object" }]
    const own = runId(part)
    const traceId = runTrace(part)
    if (own === undefined || traceId === undefined) return [{ _tag: "Skip", line, reason: "a run without an id" }]
    const again: Array<Found> = []
    const type = textIn(part["run_type"])
    const light = type !== undefined && !isCallRun(part)
    const settled = this.#waiting.add(traceId, light ? 64 : weightOf(part), (trace) => {
      const before = trace.get(own)
      const parent = runParent(part) ?? before?.parent
      const name = textIn(part["name"]) ?? before?.name ?? ""
      if (before?.run !== undefined && type !== undefined && before.type !== undefined && !isPatch(before.run))
        again.push({ _tag: "Duplicate", line, rule: "a run that was exported twice" })
      const run = light ? undefined : before?.run === undefined ? part : joined(before.run, part)
      trace.set(own, {
        file: before?.file ?? file,
        line: before?.line ?? line,
        parent,
        name,
        type: type ?? before?.type,
        ...(run === undefined || (before !== undefined && before.type !== undefined && before.run === undefined)
          ? {}
          : { run })
      })
    })
    return [...again, ...settled]
  }
}

/** True for a part that has no end yet, or no beginning. */
const isPatch = (run: JsonObject) =>
  run["end_time"] === undefined || run["end_time"] === null || run["run_type"] === undefined

/** The part with the beginning comes first, whichever was read first. */
const joined = (before: JsonObject, part: JsonObject): JsonObject =>
  part["end_time"] === undefined && before["end_time"] !== undefined ? mergedRun(part, before) : mergedRun(before, part)

/**
 * LangSmith: runs as the API and the SDK list them, one a line or in a list, and the batches `{post, patch}` that the SDKs send. A call is a
 * run of the type llm; its parents, which carry the sums, are not counted. A trace is a trajectory; feedback becomes signals.
 */
export const langsmith: Importer = {
  id,
  about: "LangSmith runs: as the API lists them, or the batches that its SDKs send",
  together: true,
  sniff: (sample) =>
    sample.first.some((value) => {
      const object = objectIn(value)
      if (object === undefined) return false
      const batch = batchIn(object) ?? (isRun(object) ? undefined : arrayIn(object["runs"]))
      return batch === undefined
        ? "run_type" in object && isRun(object)
        : batch.some(
            (run) => objectIn(run)?.["run_type"] !== undefined || objectIn(run)?.["dotted_order"] !== undefined
          )
    }),
  start: ({ following }) => new Import(following === true)
}
