import * as Result from "effect/Result"

import type { ArchivedCall, CallRequest, CallResponse, Grouping, Usage } from "../../domain/Call.ts"
import { digestOf } from "../../domain/digest.ts"
import { readResponse } from "../../providers/wires/anthropicMessages.ts"
import { unbilled } from "../billed.ts"
import type { Found, Importer, ImporterOptions, Line, Sample, Session } from "../contract.ts"
import { withUnreadable } from "../counts.ts"
import { fidelityOf, wholeBody } from "../fidelity.ts"
import type { JsonObject } from "../json.ts"
import { arrayIn, objectIn, textIn, unpacked } from "../json.ts"
import { LabelSet } from "../labels.ts"
import { openBody } from "../secrets.ts"
import { momentOf } from "../times.ts"
import { SharedRequests } from "./rawBodies/shared.ts"

interface Half<A> {
  readonly file: string
  readonly line: number
  readonly body: A
}
interface Answered {
  readonly response: CallResponse
  readonly usage: Usage
}

const nameOf = (file: string): string => file.split(/[\\/]/).at(-1) ?? ""
const folderOf = (file: string): string => file.split(/[\\/]/).slice(0, -1).join("/")
const packed = /\.(?:gz|gzip|zst|zstd)$/i
const isRequestFile = (file: string) => nameOf(file).replace(packed, "").endsWith(".request.json")
const isResponseFile = (file: string) => nameOf(file).replace(packed, "").endsWith(".response.json")
const stemOf = (file: string): string =>
  nameOf(file)
    .replace(packed, "")
    .replace(/\.(?:request|response)\.json$/, "")

const isRequest = (body: JsonObject) => arrayIn(body["messages"]) !== undefined && typeof body["model"] === "string"
const isResponse = (body: JsonObject) => body["type"] === "message" && arrayIn(body["content"]) !== undefined
const isRow = (row: JsonObject) =>
  textIn(row["request_file"]) !== undefined && textIn(row["response_file"]) !== undefined

/** A raw body tells more than a transcript: it takes the place of the same call read there. */
const rank = 2 ** 52

const roleOf = (source: string | undefined): NonNullable<Grouping["agentRole"]> => {
  if (source === undefined) return "unknown"
  if (/compact/.test(source)) return "compaction"
  if (/title|topic/.test(source)) return "title"
  if (/^(repl_main_thread|sdk)/.test(source)) return "main"
  return /agent/.test(source) ? "subagent" : "unknown"
}

/** The session that a request's `metadata.user_id` names. */
const sessionIn = (body: JsonObject): string | undefined => {
  const user = objectIn(body["metadata"])?.["user_id"]
  return textIn(objectIn(unpacked(user))?.["session_id"]) ?? /_session_([0-9a-f-]{36})$/.exec(textIn(user) ?? "")?.[1]
}

const callOf = (
  asked: Half<{ readonly request: CallRequest; readonly session: string | undefined }>,
  answered: Half<Answered>,
  row: JsonObject | undefined
): Found => {
  const { request, session } = asked.body
  const { response, usage } = answered.body
  const stem = stemOf(answered.file)
  const requestId = textIn(row?.["request_id"]) ?? (stem.startsWith("req_") ? stem : undefined)
  const messageId = response.id ?? textIn(row?.["message_id"])
  const sessionId = textIn(row?.["session_id"]) ?? session
  const dedupeKey =
    messageId === undefined
      ? `anthropic-raw:${digestOf([request, response])}`
      : requestId === undefined
        ? `claude-code:${messageId}@${sessionId ?? ""}`
        : `claude-code:${messageId}:${requestId}`
  const end = momentOf(row?.["timestamp"])
  const timing: ArchivedCall["timing"] = {
    startedAt: end?.iso ?? null,
    ...(end === undefined ? {} : { endedAt: end.iso }),
    basis: "derived"
  }
  const source = textIn(row?.["query_source"])
  const uuid = textIn(row?.["message_uuid"])
  const notes = [
    ...(end === undefined
      ? ["the bodies hold no time, and index.jsonl does not name them"]
      : ["the time is that of the answer: when it was asked is not in the log"])
  ]
  const call: ArchivedCall = {
    schema: "archived-call/1",
    id: digestOf(dedupeKey),
    request,
    response,
    usage,
    billed: unbilled,
    timing,
    provenance: {
      importer: "anthropic-raw",
      file: asked.file,
      line: asked.line,
      producer: { name: "claude-code" },
      native: {
        ...(messageId === undefined ? {} : { messageId }),
        ...(requestId === undefined ? {} : { requestId }),
        ...(uuid === undefined ? {} : { uuid })
      },
      identity: messageId === undefined ? "content" : "native"
    },
    grouping: { ...(sessionId === undefined ? {} : { sessionId }), agentRole: roleOf(source), attempt: 0 },
    labels: new LabelSet().add("application", "claude-code").add("query_source", source).all,
    signals: [],
    fidelity: fidelityOf({ request, response, usage, billed: unbilled, timing }, { ...wholeBody, notes })
  }
  return { _tag: "Call", call, dedupeKey, rank }
}

const alone = {
  request:
    "a request without its answer: no line of index.jsonl names it (it failed, or Claude Code was older than 2.1.274, which writes the index)",
  response:
    "an answer without its request: no line of index.jsonl names it (Claude Code writes the index from 2.1.274 on)",
  row: "index.jsonl names a file that is not there"
} as const

/** The bodies of one folder while they look for each other. */
class Bodies {
  readonly #shared = new SharedRequests()
  readonly #requests = new Map<string, Half<{ readonly request: CallRequest; readonly session: string | undefined }>>()
  readonly #responses = new Map<string, Half<Answered>>()
  /** Rows of the index by the file of the answer. */
  readonly #rows = new Map<string, Half<JsonObject>>()

  take(file: string, line: Line): ReadonlyArray<Found> {
    const skip = (reason: string): ReadonlyArray<Found> => [{ _tag: "Skip", line: line.line, reason }]
    if ("error" in line) return skip(line.error)
    const json = objectIn(line.json)
    if (json === undefined) return skip("not a JSON object")
    const name = nameOf(file).replace(packed, "")
    if (isRow(json)) {
      this.#rows.set(nameOf(textIn(json["response_file"])!), { file, line: line.line, body: json })
      return [{ _tag: "Other", type: "index" }, ...this.#paired(nameOf(textIn(json["response_file"])!))]
    }
    if (isRequestFile(file)) {
      const read = this.#shared.read(openBody(json))
      if (Result.isFailure(read)) return skip(`the request cannot be read: ${read.failure}`)
      this.#requests.set(name, { file, line: line.line, body: { request: read.success, session: sessionIn(json) } })
      return this.#paired(`${stemOf(file)}.response.json`)
    }
    if (!isResponseFile(file)) return [{ _tag: "Other", type: textIn(json["type"]) ?? "unknown object" }]
    const read = readResponse(json)
    if (Result.isFailure(read)) return skip(`the answer cannot be read: ${read.failure}`)
    const usage = withUnreadable(read.success.usage, [json["usage"]])
    this.#responses.set(name, { file, line: line.line, body: { response: read.success.response, usage } })
    return this.#paired(name)
  }

  /** The call of an answer, where its request is there: by the index, else by the same name. */
  #paired(name: string): ReadonlyArray<Found> {
    const answered = this.#responses.get(name)
    const row = this.#rows.get(name)
    const other =
      row === undefined ? name.replace(/\.response\.json$/, ".request.json") : nameOf(textIn(row.body["request_file"])!)
    const asked = this.#requests.get(other)
    if (answered === undefined || asked === undefined) return []
    this.#responses.delete(name)
    this.#rows.delete(name)
    this.#requests.delete(other)
    return [callOf(asked, answered, row?.body)]
  }

  /** What found no other half. */
  settle(): ReadonlyArray<Found> {
    const left = (halves: Iterable<Half<unknown>>, reason: string) =>
      [...halves].map(({ file, line }): Found => ({ _tag: "Skip", file, line, reason }))
    // A row is no record: of its files those that are there are skips already.
    const rows = [...this.#rows].filter(
      ([name, { body }]) => !this.#responses.has(name) && !this.#requests.has(nameOf(textIn(body["request_file"])!))
    )
    const found = [
      ...left(this.#requests.values(), alone.request),
      ...left(this.#responses.values(), alone.response),
      ...left(
        rows.map(([, row]) => row),
        alone.row
      )
    ]
    this.#requests.clear()
    this.#responses.clear()
    this.#rows.clear()
    return found
  }
}

/** Holds one folder at a time: another one's file settles it, unless files are followed. */
const start = ({ following }: ImporterOptions): Session => {
  const folders = new Map<string, Bodies>()
  let settled: ReadonlyArray<Found> = []
  const taken = (): ReadonlyArray<Found> => {
    const found = settled
    settled = []
    return found
  }
  const settle = () => {
    for (const bodies of folders.values()) settled = [...settled, ...bodies.settle()]
  }
  return {
    open: (file) => {
      const folder = folderOf(file)
      const known = folders.get(folder)
      if (known === undefined && following !== true) {
        settle()
        folders.clear()
      }
      const bodies = known ?? new Bodies()
      folders.set(folder, bodies)
      return { line: (line) => [...taken(), ...bodies.take(file, line)], end: taken }
    },
    end: () => {
      settle()
      return taken()
    }
  }
}

const sniff = ({ file, first }: Sample): boolean =>
  first.some((value) => {
    const object = objectIn(value) ?? {}
    return isRow(object) || (isRequestFile(file) && isRequest(object)) || (isResponseFile(file) && isResponse(object))
  })

/**
 * The raw bodies that Claude Code writes with `OTEL_LOG_RAW_API_BODIES=file:DIR`: `UUID.request.json`, `REQUEST-ID.response.json`, and
 * `index.jsonl`, which says which belong together. A call takes the place of the same one read from a transcript.
 */
export const rawBodies: Importer = {
  id: "anthropic-raw",
  about: "raw bodies of Claude Code (OTEL_LOG_RAW_API_BODIES=file:DIR)",
  together: true,
  sniff,
  start
}
