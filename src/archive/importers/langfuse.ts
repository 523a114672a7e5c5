import type { Found, Importer, Session } from "../contract.ts"
import type { JsonObject } from "../json.ts"
import { arrayIn, objectIn } from "../json.ts"
import { Waiting, weightOf } from "../spans/waiting.ts"
import { fieldText, idOf, isDeleted, kindOfRow, traceOf } from "./langfuse/rows.ts"
import { scoreIn } from "./langfuse/scores.ts"
import type { Trace } from "./langfuse/trace.ts"
import { observedIn, settledTrace, traceRow } from "./langfuse/trace.ts"

const id = "langfuse"
/** How deep documents may hold documents: a page of the API holds traces, a trace its observations. */
const deepest = 3

/** Traces whose rows are remembered for observations that come later. */
const mostTraces = 300_000

/**
 * What one import has in common. Observations and scores wait for the rest of their trace, as far as there is room; the traces' own rows, which
 * are small, stay: read before the observations, they give every call its session, user and tags.
 */
class Import implements Session {
  readonly #traces = new Map<string, JsonObject>()
  /** Traces some of whose calls were settled before their own row came. */
  readonly #early = new Set<string>()
  readonly #waiting = new Waiting<Trace>(
    () => ({ observations: new Map(), scores: [] }),
    (traceId, trace) => {
      const row = this.#traces.get(traceId)
      if (row === undefined && trace.observations.size > 0 && this.#early.size < mostTraces) this.#early.add(traceId)
      return settledTrace(traceId, trace, row ?? {}, id)
    }
  )
  readonly #following: boolean

  constructor(following: boolean) {
    this.#following = following
  }

  open(file: string) {
    return {
      line: (line: Parameters<ReturnType<Session["open"]>["line"]>[0]): ReadonlyArray<Found> =>
        "error" in line
          ? [{ _tag: "Skip", line: line.line, reason: line.error }]
          : this.#read(file, line.line, line.json, deepest),
      end: () => (this.#following ? this.#waiting.pause() : [])
    }
  }

  end(): ReadonlyArray<Found> {
    return this.#waiting.end()
  }

  #read(file: string, line: number, json: unknown, depth: number): ReadonlyArray<Found> {
    const row = objectIn(json)
    if (row === undefined || depth === 0) return [{ _tag: "Skip", line, reason: "not a JSON object" }]
    switch (kindOfRow(row)) {
      case "document":
        return this.#document(file, line, row, objectIn(row["trace"]) ?? {}, arrayIn(row["observations"]) ?? [], depth)
      case "page":
        return (arrayIn(row["data"]) ?? []).flatMap((one) => this.#read(file, line, one, depth - 1))
      case "observation":
        return this.#observation(file, line, row)
      case "score":
        return this.#score(row)
      case "trace": {
        const inside = (arrayIn(row["observations"]) ?? []).filter((one) => objectIn(one) !== undefined)
        return inside.length === 0 ? this.#trace(row) : this.#document(file, line, row, row, inside, depth)
      }
      case "ingestion":
        return [
          {
            _tag: "Skip",
            line,
            reason: "an event as it was sent to Langfuse, which is not read: export the observations"
          }
        ]
      default:
        return [{ _tag: "Other", type: "other row" }]
    }
  }

  /** A trace with all its observations: complete, so it waits for nothing. What the trace repeats of them is stripped. */
  #document(
    file: string,
    line: number,
    document: JsonObject,
    trace: JsonObject,
    observations: ReadonlyArray<unknown>,
    depth: number
  ): ReadonlyArray<Found> {
    const scores = [trace["scores"], document["scores"]].flatMap((list) => arrayIn(list) ?? [])
    const traceId = fieldText(trace, "id") ?? ""
    const rows = observations.map((one) => {
      const row = objectIn(one)
      return row === undefined || traceOf(row) !== undefined ? one : { ...row, traceId }
    })
    return [
      ...this.#trace(trace),
      ...rows.flatMap((one) => this.#read(file, line, one, depth - 1)),
      ...[...new Set(scores)].flatMap((one) => this.#score(objectIn(one) ?? {})),
      ...this.#waiting.settle(traceId)
    ]
  }

  #trace(row: JsonObject): ReadonlyArray<Found> {
    const traceId = fieldText(row, "id")
    if (traceId === undefined) return [{ _tag: "Other", type: "trace without an id" }]
    this.#traces.set(traceId, traceRow(row))
    const [oldest] = this.#traces.size > mostTraces ? this.#traces.keys() : []
    if (oldest !== undefined) this.#traces.delete(oldest)
    const late = !this.#waiting.touch(traceId) && this.#early.has(traceId)
    return [{ _tag: "Other", type: late ? "trace that came after its calls" : "trace" }]
  }

  #observation(file: string, line: number, row: JsonObject): ReadonlyArray<Found> {
    const own = idOf(row)
    const traceId = traceOf(row)
    if (own === undefined || traceId === undefined)
      return [{ _tag: "Skip", line, reason: "an observation without an id or a trace" }]
    const observed = observedIn(row, file, line)
    const more: Array<Found> = []
    const settled = this.#waiting.add(traceId, observed.row === undefined ? 64 : weightOf(row), ({ observations }) => {
      const held = observations.get(own)
      if (held !== undefined) {
        const copy = held.version > observed.version ? line : held.line
        if (held.row !== undefined)
          more.push({ _tag: "Duplicate", line: copy, rule: "another version of an observation" })
        if (held.version > observed.version) return
      }
      if (!isDeleted(row)) observations.set(own, observed)
      else {
        observations.delete(own)
        more.push({ _tag: "Other", type: "deleted observation" })
      }
    })
    return [...more, ...settled]
  }

  #score(row: JsonObject): ReadonlyArray<Found> {
    const score = scoreIn(row)
    if (score === undefined) return [{ _tag: "Other", type: "score without a judgement" }]
    const settled = this.#waiting.add(score.traceId ?? "", 256, ({ scores }) => {
      scores.push(score)
    })
    return [{ _tag: "Other", type: "score" }, ...settled]
  }
}

/**
 * Langfuse: traces with their observations as the API and the interface give them, and the rows of its exports (observations, traces, scores, and
 * the newer events table) as JSON or JSON lines, in any order; large exports best with the traces first. A call is a GENERATION; a trace is a trajectory; scores become signals.
 */
export const langfuse: Importer = {
  id,
  about: "Langfuse exports: traces with observations, or rows of observations, traces and scores",
  together: true,
  sniff: (sample) =>
    sample.first.some((value) => {
      const row = objectIn(value)
      if (row === undefined) return false
      const kind = kindOfRow(row)
      if (kind === "page")
        return (arrayIn(row["data"]) ?? []).some((one) => !["page", "other"].includes(kindOfRow(objectIn(one) ?? {})))
      // A trace's row alone is told by names that only Langfuse has.
      return kind === "trace" ? "bookmarked" in row || "project_id" in row || "projectId" in row : kind !== "other"
    }),
  start: ({ following }) => new Import(following === true)
}
