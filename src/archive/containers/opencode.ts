import { stat } from "node:fs/promises"
import { pathToFileURL } from "node:url"

import { Fault } from "../../domain/Fault.ts"

const encoder = new TextEncoder()

type Row = Readonly<Record<string, unknown>>

/** What a column holds as JSON text; nothing of it where it is none. */
const parsed = (data: unknown): object => {
  try {
    const value: unknown = JSON.parse(String(data))
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {}
  } catch {
    return {}
  }
}

/** What `opencode export` writes of a session. */
const exported = (session: Row, messages: ReadonlyArray<Row>, parts: ReadonlyArray<Row>) => {
  const ofMessage = Map.groupBy(parts, (part) => part["message_id"])
  const given = (name: string, column: string) =>
    session[column] === null || session[column] === undefined ? {} : { [name]: session[column] }
  return {
    info: {
      id: session["id"],
      ...given("projectID", "project_id"),
      ...given("parentID", "parent_id"),
      ...given("directory", "directory"),
      ...given("version", "version"),
      time: { ...given("created", "time_created"), ...given("updated", "time_updated") }
    },
    messages: messages.map((message) => ({
      info: { ...parsed(message["data"]), id: message["id"], sessionID: message["session_id"] },
      parts: (ofMessage.get(message["id"]) ?? []).map((part) => ({
        ...parsed(part["data"]),
        id: part["id"],
        messageID: part["message_id"],
        sessionID: part["session_id"]
      }))
    }))
  }
}

const fault = (file: string, cause: unknown): Fault =>
  cause instanceof Fault
    ? cause
    : new Fault({
        kind: "input",
        file,
        sentence: `the database is damaged, or cannot be read: ${cause instanceof Error ? cause.message : "unknown"}`,
        mend: "Close opencode and import it again, or give what `opencode export` writes."
      })

/**
 * The sessions of opencode's SQLite database, each as a line of JSON in the form of `opencode export`. Nothing is written: without a log of
 * changes beside it (`-wal`) the file is read as it lies there, else as a reader among others. Throws a `Fault` where it is damaged.
 */
export async function* opencodeSessions(file: string): AsyncGenerator<Uint8Array> {
  const log = await stat(`${file}-wal`).catch(() => undefined)
  const place = pathToFileURL(file)
  if (log === undefined || log.size === 0) place.searchParams.set("immutable", "1")
  try {
    const { DatabaseSync } = await import("node:sqlite")
    const database = new DatabaseSync(place, { readOnly: true })
    try {
      const all = (sql: string) => database.prepare(sql)
      const messages = all("SELECT * FROM message WHERE session_id = ? ORDER BY time_created, id")
      const parts = all("SELECT * FROM part WHERE session_id = ? ORDER BY message_id, id")
      for (const { id } of all("SELECT id FROM session ORDER BY id").all()) {
        const [session] = all("SELECT * FROM session WHERE id = ?").all(id ?? null)
        if (session === undefined) continue
        const whole = exported(session, messages.all(id ?? null), parts.all(id ?? null))
        yield encoder.encode(`${JSON.stringify(whole)}\n`)
      }
    } finally {
      database.close()
    }
  } catch (cause) {
    throw fault(file, cause)
  }
}
