import type { ToolDef } from "../../../domain/Call.ts"
import type { JsonObject } from "../../json.ts"
import { objectIn, textIn } from "../../json.ts"
import type { Moment } from "../../times.ts"
import { momentOf } from "../../times.ts"
import { toolsIn } from "./items.ts"

/** What the head of a rollout says about its thread. */
export interface Thread {
  readonly id: string | undefined
  /** The thread that the whole family goes back to, where this one names it. */
  readonly session: string | undefined
  readonly forkedFrom: string | undefined
  /** Of a sub-agent: the thread that started it. */
  readonly startedBy: string | undefined
  /** It is a sub-agent of some kind. */
  readonly subagent: string | undefined
  readonly at: Moment | undefined
  readonly cwd: string | undefined
  readonly originator: string | undefined
  readonly version: string | undefined
  readonly source: string | undefined
  readonly provider: string | undefined
  readonly branch: string | undefined
  readonly commit: string | undefined
  readonly repository: string | undefined
  /** The system prompt. */
  readonly instructions: string | undefined
  readonly tools: ReadonlyArray<ToolDef>
}

/** The address of a repository without whoever's name and key are in it. */
const openAddress = (address: string | undefined): string | undefined => address?.replace(/^(\w+:\/\/)[^@/]*@/, "$1")

/** Reads a `session_meta`, or the first line of an old rollout. */
export const threadIn = (meta: JsonObject, at: Moment | undefined): Thread => {
  const git = objectIn(meta["git"]) ?? {}
  const source = meta["source"]
  const subagent = objectIn(source)?.["subagent"]
  const spawn = objectIn(objectIn(subagent)?.["thread_spawn"])
  const kind = textIn(subagent) ?? Object.keys(objectIn(subagent) ?? {})[0]
  const base = meta["base_instructions"]
  return {
    id: textIn(meta["id"]),
    session: textIn(meta["session_id"]),
    forkedFrom: textIn(meta["forked_from_id"]),
    startedBy: textIn(meta["parent_thread_id"]) ?? textIn(spawn?.["parent_thread_id"]),
    subagent: textIn(spawn?.["agent_role"]) ?? textIn(meta["agent_role"]) ?? kind,
    at: momentOf(meta["timestamp"]) ?? at,
    cwd: textIn(meta["cwd"]),
    originator: textIn(meta["originator"]),
    version: textIn(meta["cli_version"]),
    source: typeof source === "string" ? source : subagent === undefined ? undefined : "subagent",
    provider: textIn(meta["model_provider"]),
    branch: textIn(git["branch"]),
    commit: textIn(git["commit_hash"]),
    repository: openAddress(textIn(git["repository_url"])),
    instructions: textIn(objectIn(base)?.["text"]) ?? textIn(base),
    tools: toolsIn(meta["dynamic_tools"])
  }
}

/** How a turn is set up. */
export interface Turn {
  readonly id: string | undefined
  readonly model: string | undefined
  readonly effort: string | undefined
  readonly cwd: string | undefined
  readonly schema: JsonObject | undefined
  readonly developer: string | undefined
  readonly user: string | undefined
}

/** Reads a `turn_context`. */
export const turnIn = (context: JsonObject): Turn => ({
  id: textIn(context["turn_id"]),
  model: textIn(context["model"]),
  effort: textIn(context["effort"]),
  cwd: textIn(context["cwd"]),
  schema: objectIn(context["final_output_json_schema"]),
  developer: textIn(context["developer_instructions"]),
  user: textIn(context["user_instructions"])
})

/** A thread's id by the name of its file: `rollout-TIME-ID.jsonl`; else the name. */
export const idOfFile = (file: string): string => {
  const name = file
    .split(/[\\/]/)
    .at(-1)!
    .replace(/\.jsonl?(?:\.\w+)?$/, "")
  return /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.exec(name)?.[0] ?? name
}

/** The families of threads of one import. */
export class Families {
  /** What a thread goes back to, as far as its own head says. */
  readonly #before = new Map<string, string>()
  /** Counts that were seen, by family: the file they were seen in first, and whether they were a copy there. */
  readonly #seen = new Map<string, { readonly file: string; readonly copied: boolean }>()
  readonly #started = new Map<string, { readonly toolUseId: string; readonly callKey: string }>()

  /** Takes a thread's head: the thread it goes back to is its session, the one it was forked from or started by. */
  add({ forkedFrom, id, session, startedBy }: Thread): void {
    const before = [session, forkedFrom, startedBy].find((one) => one !== undefined && one !== id)
    if (id !== undefined && before !== undefined && !this.#before.has(id)) this.#before.set(id, before)
  }

  /** The thread that a family goes back to, as far as the heads that were read tell. */
  rootOf(thread: Thread, file: string): string {
    let root = thread.id ?? idOfFile(file)
    const passed = new Set<string>()
    for (let before = this.#before.get(root); before !== undefined; before = this.#before.get(root)) {
      if (passed.has(before)) break
      passed.add(before)
      root = before
    }
    return root
  }

  /** True when a file of the family has told these counts before; the thread that made the call is not late where only copies of it came. */
  isKnown(root: string, counts: string, file: string, copied: boolean): boolean {
    const key = `${root}|${counts}`
    const first = this.#seen.get(key)
    if (first === undefined || (first.copied && !copied)) {
      this.#seen.set(key, { file, copied })
      return false
    }
    return first.file !== file
  }

  /** Notes by which call a thread was started. */
  started(thread: string, toolUseId: string, callKey: string): void {
    this.#started.set(thread, { toolUseId, callKey })
  }

  startOf(thread: string | undefined) {
    return thread === undefined ? undefined : this.#started.get(thread)
  }
}
