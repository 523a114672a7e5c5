import type { Found } from "../../contract.ts"
import type { JsonObject } from "../../json.ts"
import { projectOf } from "./rows.ts"
import type { Observed, Trace } from "./trace.ts"
import { settledTrace } from "./trace.ts"

/** What is known of one trace's id so far, by project, for Langfuse's ids are unique within one; under "" the rows that name none. */
export type Projects = Map<string, Trace>

/** What is known of the trace in one project; made where it is not there yet. */
export const traceIn = (projects: Projects, project: string | undefined): Trace => {
  const name = project ?? ""
  const known = projects.get(name)
  if (known !== undefined) return known
  const made: Trace = { observations: new Map(), scores: [] }
  projects.set(name, made)
  return made
}

/** Two parts of what is known of one trace; of two versions of an observation the later. */
const joined = (named: Trace | undefined, loose: Trace, found: Array<Found>): Trace => {
  if (named === undefined) return loose
  const observations = new Map<string, Observed>(named.observations)
  for (const [id, observed] of loose.observations) {
    const held = observations.get(id)
    const [later, earlier] =
      held !== undefined && held.version >= observed.version ? [held, observed] : [observed, held]
    observations.set(id, later)
    if (earlier?.row !== undefined)
      found.push({ _tag: "Duplicate", line: earlier.line, rule: "another version of an observation" })
  }
  return { observations, scores: [...named.scores, ...loose.scores] }
}

/** The trace's own row in a project: the one that names it, else one that names none. */
export const rowIn = (rows: ReadonlyArray<JsonObject>, project: string | undefined): JsonObject | undefined =>
  rows.find((row) => projectOf(row) === project) ?? rows.find((row) => projectOf(row) === undefined)

/**
 * A settled trace's calls and what its other rows are, in each project. `rows`: the traces' own rows of that id. Rows that name no project are
 * of the one that the others name; where these name several, they stand for themselves.
 */
export const settledProjects = (
  traceId: string,
  projects: Projects,
  rows: ReadonlyArray<JsonObject>,
  importer: string
): ReadonlyArray<Found> => {
  const named = new Set([...projects.keys(), ...rows.map((row) => projectOf(row) ?? "")].filter((name) => name !== ""))
  const loose = projects.get("")
  const [only = ""] = named
  const found: Array<Found> = []
  const all =
    loose === undefined || named.size !== 1
      ? [...projects]
      : ([[only, joined(projects.get(only), loose, found)]] as const)
  for (const [name, trace] of all) {
    const project = name === "" ? undefined : name
    found.push(...settledTrace({ project, traceId }, trace, rowIn(rows, project) ?? {}, importer))
  }
  return found
}
