import { apart, type Found, type Importer, type Session } from "../contract.ts"
import type { JsonObject } from "../json.ts"
import { arrayIn, objectIn } from "../json.ts"
import { Waiting, weightOf } from "../spans/waiting.ts"
import type { Projects } from "./langfuse/projects.ts"
import { settledProjects, traceIn } from "./langfuse/projects.ts"
import { fieldText, idOf, isDeleted, kindOfRow, projectOf, traceOf } from "./langfuse/rows.ts"
import { scoreIn } from "./langfuse/scores.ts"
import { observedIn, traceRow } from "./langfuse/trace.ts"

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
  /** By the trace's id: one row a project. */
  readonly #traces = new Map<string, ReadonlyArray<JsonObject>>()
  /** Traces some of whose calls were settled before their own row came. */
  readonly #early = new Set<string>()
  /** Rows of traces of which nothing else has come. */
  readonly #alone = new Map<string, number>()
  readonly #waiting = new Waiting<Projects>(
    () => new Map(),
    (traceId, projects) => {
      const rows = this.#traces.get(traceId) ?? []
      const observed = [...projects.values()].some(({ observations }) => observations.size > 0)
      if (rows.length === 0 && observed && this.#early.size < mostTraces) this.#early.add(traceId)
      return settledProjects(traceId, projects, rows, id)
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
    const alone = [...this.#alone.values()].reduce((sum, rows) => sum + rows, 0)
    this.#alone.clear()
    return [
      ...this.#waiting.end(),
      ...(alone === 0 ? [] : [{ _tag: "Other", type: apart("trace"), count: alone } as const])
    ]
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
        return inside.length === 0 ? this.#loneTrace(row) : this.#document(file, line, row, row, inside, depth)
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
    const project = projectOf(trace)
    const placed = (row: JsonObject): JsonObject => ({
      ...row,
      ...(traceOf(row) === undefined ? { traceId } : {}),
      ...(project === undefined || projectOf(row) !== undefined ? {} : { projectId: project })
    })
    const rows = observations.map((one) => {
      const row = objectIn(one)
      return row === undefined ? one : placed(row)
    })
    return [
      ...this.#trace(trace),
      ...rows.flatMap((one) => this.#read(file, line, one, depth - 1)),
      ...[...new Set(scores)].flatMap((one) => this.#score(placed(objectIn(one) ?? {}))),
      ...this.#waiting.settle(traceId)
    ]
  }

  #trace(row: JsonObject): ReadonlyArray<Found> {
    const traceId = fieldText(row, "id")
    if (traceId === undefined) return [{ _tag: "Other", type: "trace without an id" }]
    const project = projectOf(row)
    const others = (this.#traces.get(traceId) ?? []).filter((one) => projectOf(one) !== project)
    this.#traces.set(traceId, [...others, traceRow(row)])
    const [oldest] = this.#traces.size > mostTraces ? this.#traces.keys() : []
    if (oldest !== undefined) this.#traces.delete(oldest)
    const late = !this.#waiting.touch(traceId) && this.#early.has(traceId)
    return [{ _tag: "Other", type: late ? "trace that came after its calls" : "trace" }]
  }

  /** A row of the table of traces: as long as nothing else of its trace has come, it waits to be counted. */
  #loneTrace(row: JsonObject): ReadonlyArray<Found> {
    const traceId = fieldText(row, "id")
    const found = this.#trace(row)
    if (traceId === undefined || this.#early.has(traceId) || this.#waiting.has(traceId)) return found
    this.#alone.set(traceId, (this.#alone.get(traceId) ?? 0) + 1)
    return []
  }

  /** The rows of a trace that waited for something of it. */
  #met(traceId: string): ReadonlyArray<Found> {
    const rows = this.#alone.get(traceId)
    if (rows === undefined) return []
    this.#alone.delete(traceId)
    return [{ _tag: "Other", type: "trace", count: rows }]
  }

  #observation(file: string, line: number, row: JsonObject): ReadonlyArray<Found> {
    const own = idOf(row)
    const traceId = traceOf(row)
    if (own === undefined || traceId === undefined)
      return [{ _tag: "Skip", line, reason: "an observation without an id or a trace" }]
    const observed = observedIn(row, file, line)
    const more: Array<Found> = []
    const settled = this.#waiting.add(traceId, observed.row === undefined ? 64 : weightOf(row), (projects) => {
      const { observations } = traceIn(projects, projectOf(row))
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
    return [...this.#met(traceId), ...more, ...settled]
  }

  #score(row: JsonObject): ReadonlyArray<Found> {
    const score = scoreIn(row)
    if (score === undefined) return [{ _tag: "Other", type: "score without a judgement" }]
    const settled = this.#waiting.add(score.traceId ?? "", 256, (projects) => {
      traceIn(projects, score.project).scores.push(score)
    })
    return [{ _tag: "Other", type: "score" }, ...settled]
  }
}

/** A trace's row alone is told by names that only Langfuse has, or by several that its tables have. */
const isTellingTrace = (row: JsonObject): boolean =>
  ["bookmarked", "project_id", "projectId"].some((name) => name in row) ||
  (["tags", "metadata"].every((name) => name in row) &&
    (("user_id" in row && "session_id" in row) || ("userId" in row && "sessionId" in row)))

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
      return kind === "trace" ? isTellingTrace(row) : kind !== "other"
    }),
  start: ({ following }) => new Import(following === true)
}
