import type { JsonObject } from "../../json.ts"
import { textIn } from "../../json.ts"

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
}

/** Contexts, each built once. */
export class Contexts {
  readonly #known = new Map<string, Context>()
  readonly #agent: string | undefined

  /** `agent`: whose file it is, where the lines themselves do not say. */
  constructor(agent: string | undefined) {
    this.#agent = agent
  }

  of(row: JsonObject): Context {
    const context: Context = {
      session: textIn(row["sessionId"]) ?? "",
      side: row["isSidechain"] === true,
      agent: textIn(row["agentId"]) ?? this.#agent,
      version: textIn(row["version"]),
      cwd: textIn(row["cwd"]),
      gitBranch: textIn(row["gitBranch"]),
      entrypoint: textIn(row["entrypoint"]),
      slug: textIn(row["slug"])
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
