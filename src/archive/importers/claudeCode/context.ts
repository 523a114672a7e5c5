import type { JsonObject } from "../../json.ts"
import { objectIn, textIn } from "../../json.ts"
import type { Place } from "./places.ts"

/** What the lines of a stretch of a transcript have in common; shared between them. */
export interface Context {
  readonly session: string
  /** True on the lines of a sub-agent. */
  readonly side: boolean
  readonly agent: string | undefined
  readonly version: string | undefined
  readonly cwd: string | undefined
  readonly gitBranch: string | undefined
  readonly entrypoint: string | undefined
  readonly slug: string | undefined
  /** The other session that the line says it was copied from. */
  readonly from: string | undefined
  /** True where it was copied so, or lies in another session's file. */
  readonly copy: boolean
}

/** Contexts, each built once. */
export class Contexts {
  readonly #known = new Map<string, Context>()
  readonly #place: Place

  /** `place` tells whose file it is, where the lines themselves do not say. */
  constructor(place: Place) {
    this.#place = place
  }

  of(row: JsonObject): Context {
    const { agent, owner } = this.#place
    const session = textIn(row["sessionId"]) ?? ""
    const named = textIn(objectIn(row["forkedFrom"])?.["sessionId"])
    const from = named === session ? undefined : named
    const context: Context = {
      session,
      side: row["isSidechain"] === true,
      agent: textIn(row["agentId"]) ?? agent,
      version: textIn(row["version"]),
      cwd: textIn(row["cwd"]),
      gitBranch: textIn(row["gitBranch"]),
      entrypoint: textIn(row["entrypoint"]),
      slug: textIn(row["slug"]),
      from,
      copy: from !== undefined || (owner !== undefined && session !== "" && owner !== session)
    }
    const key = JSON.stringify(Object.values(context).map((value) => value ?? null))
    const known = this.#known.get(key)
    if (known !== undefined) return known
    this.#known.set(key, context)
    return context
  }
}

/** True when a version is before another, part by part; a version that is not there is before none. */
export const isBefore = (version: string | undefined, other: readonly [number, number, number]): boolean => {
  const parts = /^(\d+)\.(\d+)\.(\d+)/
    .exec(version ?? "")
    ?.slice(1)
    .map(Number)
  if (parts === undefined) return false
  const at = other.findIndex((part, index) => part !== parts[index])
  return at !== -1 && parts[at]! < other[at]!
}
