import type { Found, Importer, Line, Session } from "../contract.ts"
import type { JsonObject } from "../json.ts"
import { numberIn, objectIn, textIn } from "../json.ts"
import type { Held } from "./opencode/rows.ts"
import { besideIn, rowIn } from "./opencode/rows.ts"
import { OpencodeSession } from "./opencode/session.ts"

const createdIn = ({ info }: Held) => numberIn(objectIn(info["time"])?.["created"]) ?? 0
const idIn = (row: JsonObject) => textIn(row["id"]) ?? ""
const byId = (a: JsonObject, b: JsonObject) => (idIn(a) < idIn(b) ? -1 : idIn(a) > idIn(b) ? 1 : 0)

/** What the files of one import hold of opencode's sessions; a session, its messages and their parts may lie in files of their own. */
class Store {
  readonly #sessions = new Map<string, JsonObject>()
  readonly #messages = new Map<string, Omit<Held, "parts">>()
  readonly #parts = new Map<string, Map<string, JsonObject>>()
  /** Which tool call started a session. */
  readonly #started = new Map<string, string>()
  #changed = false
  readonly #given = new Set<string>()
  readonly #counted = new Map<string, number>()

  line(file: string, line: Line): ReadonlyArray<Found> {
    if ("error" in line) return [{ _tag: "Skip", line: line.line, reason: line.error }]
    const row = rowIn(line.json)
    if (row === undefined)
      return objectIn(line.json) === undefined
        ? [{ _tag: "Skip", line: line.line, reason: "not a JSON object" }]
        : [{ _tag: "Other", type: "unknown object" }]
    if (row.kind === "export") return this.#export(file, line.line, row.info, row.messages)
    this.#changed = true
    if (row.kind === "listed") {
      this.#message(row.info, file, line.line)
      for (const part of row.parts) this.#part({ ...objectIn(part), messageID: row.info["id"] })
      return []
    }
    const { kind, value } = row
    if (kind === "session") {
      this.#sessions.set(idIn(value), value)
      return [{ _tag: "Other", type: "session" }]
    }
    if (kind === "part") {
      this.#part(value)
      return [{ _tag: "Other", type: `part: ${(textIn(value["type"]) ?? "unknown").slice(0, 40)}` }]
    }
    this.#message(value, file, line.line)
    return []
  }

  #message(info: JsonObject, file: string, line: number): void {
    this.#messages.set(idIn(info), { info, file, line })
  }

  #part(part: JsonObject): void {
    const of = textIn(part["messageID"]) ?? ""
    const parts = this.#parts.get(of) ?? new Map<string, JsonObject>()
    this.#parts.set(of, parts)
    parts.set(textIn(part["id"]) ?? `#${parts.size}`, part)
    this.#link(part)
  }

  #link(part: JsonObject): void {
    const metadata = objectIn(objectIn(part["state"])?.["metadata"])
    const child = textIn(metadata?.["sessionId"]) ?? textIn(metadata?.["sessionID"])
    const callId = textIn(part["callID"])
    if (part["type"] === "tool" && child !== undefined && callId !== undefined) this.#started.set(child, callId)
  }

  #export(file: string, line: number, info: JsonObject, messages: ReadonlyArray<unknown>): ReadonlyArray<Found> {
    const broken: Array<Found> = []
    const all = messages.flatMap((one): ReadonlyArray<Held> => {
      const message = objectIn(one)
      const own = objectIn(message?.["info"])
      if (own === undefined) {
        broken.push({ _tag: "Skip", line, reason: "a message without its info" })
        return []
      }
      const parts = (Array.isArray(message?.["parts"]) ? message["parts"] : [])
        .map(objectIn)
        .filter((part): part is JsonObject => part !== undefined)
      for (const part of parts) this.#link(part)
      return [{ info: own, parts, file, line }]
    })
    return [{ _tag: "Other", type: "session" }, ...broken, ...this.#read(info, idIn(info) || file, all)]
  }

  #read(info: JsonObject, id: string, messages: ReadonlyArray<Held>): ReadonlyArray<Found> {
    return new OpencodeSession({ id, info, startedBy: this.#started.get(id) }, messages).read()
  }

  /** Of a session's calls those that are new, or fuller than they were. */
  #fresh(session: string, found: ReadonlyArray<Found>): ReadonlyArray<Found> {
    const before = this.#counted.get(session) ?? 0
    let others = 0
    const fresh = found.filter((one) => {
      if (one._tag === "Other") {
        others += 1
        return others > before
      }
      const key = one._tag === "Call" ? `${one.dedupeKey} ${one.rank ?? 0}` : JSON.stringify([session, one])
      const known = this.#given.has(key)
      this.#given.add(key)
      return !known
    })
    this.#counted.set(session, Math.max(before, others))
    return fresh
  }

  /** The sessions that lie in several files, as they stand. */
  settle(): ReadonlyArray<Found> {
    if (!this.#changed) return []
    this.#changed = false
    const sessions = new Map<string, Array<Held>>()
    for (const [id, held] of this.#messages) {
      const parts = [...(this.#parts.get(id)?.values() ?? [])].sort(byId)
      const of = textIn(held.info["sessionID"]) ?? ""
      const all = sessions.get(of) ?? []
      sessions.set(of, all)
      all.push({ ...held, parts })
    }
    return [...sessions].flatMap(([id, all]) => {
      all.sort((a, b) => createdIn(a) - createdIn(b) || byId(a.info, b.info))
      return this.#fresh(id, this.#read(this.#sessions.get(id) ?? {}, id, all))
    })
  }
}

const start = (): Session => {
  const store = new Store()
  return {
    open: (file) => {
      const beside = besideIn(file)
      return {
        line: (line) =>
          beside !== undefined && "json" in line && rowIn(line.json) === undefined
            ? [{ _tag: "Other", type: `opencode's ${beside}` }]
            : store.line(file, line),
        end: () => []
      }
    },
    end: () => store.settle()
  }
}

/**
 * opencode's sessions: what `opencode export` writes, the older storage folder of a file for each session, message and part, and rows of the
 * newer database's tables. Each step of an answer is a call.
 */
export const opencode: Importer = {
  id: "opencode",
  about: "opencode sessions (opencode export, ~/.local/share/opencode/storage)",
  together: true,
  sniff: ({ file, first }) => first.some((value) => rowIn(value) !== undefined) || besideIn(file) !== undefined,
  start
}
