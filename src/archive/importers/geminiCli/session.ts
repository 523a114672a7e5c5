import { basename } from "node:path"

import type { Message } from "../../../domain/Message.ts"
import type { Found, Line } from "../../contract.ts"
import type { JsonObject } from "../../json.ts"
import { arrayIn, objectIn, textIn } from "../../json.ts"
import { resultsIn, spokenIn, testsIn } from "./answer.ts"
import { callOf, rankOf } from "./call.ts"
import { answeredIn, partsIn, toldBy } from "./parts.ts"

/** An answer of the model, and where it stood when it came. */
export interface Draft {
  readonly id: string
  readonly line: number
  /** The records as they were, of which those before `at` came before it. */
  readonly list: ReadonlyArray<Kept>
  readonly at: number
  readonly branch: number
  readonly step: number
  record: JsonObject
  given: number
}

/** A record of the conversation as it stands. */
interface Kept {
  readonly id: string
  readonly record: JsonObject
}

/** True for an answer of the model: what the program wrote in its name has neither model nor counts. */
const isAnswer = (record: JsonObject): boolean =>
  record["type"] === "gemini" && (textIn(record["model"]) !== undefined || objectIn(record["tokens"]) !== undefined)

const isMessage = (row: JsonObject): boolean => textIn(row["id"]) !== undefined && "type" in row && !("$set" in row)

/** One session's file, fed with its records in order: a document of messages, or lines that append, replace, rewind and rewrite them. */
export class ChatFile {
  readonly #file: string
  #head: JsonObject = {}
  #list: Array<Kept> = []
  readonly #drafts = new Map<string, Draft>()
  /** Calls whose results stand in records of their own. */
  readonly #answered = new Set<string>()
  readonly #said = new WeakMap<JsonObject, ReadonlyArray<Message>>()
  readonly #tested = new Set<string>()
  #branch = 0
  #step = 0

  constructor(file: string) {
    this.#file = file
  }

  line(line: Line): ReadonlyArray<Found> {
    if ("error" in line) return [{ _tag: "Skip", line: line.line, reason: line.error }]
    const row = objectIn(line.json)
    if (row === undefined) return [{ _tag: "Skip", line: line.line, reason: "not a JSON object" }]
    const rewindTo = textIn(row["$rewindTo"])
    if (rewindTo !== undefined) {
      this.#rewind(rewindTo)
      return [{ _tag: "Other", type: "rewind" }]
    }
    if (isMessage(row)) return this.#message(line.line, row)
    const update = objectIn(row["$set"])
    if (update !== undefined) {
      this.#head = { ...this.#head, ...update, messages: null }
      const messages = arrayIn(update["messages"])
      if (messages !== undefined) this.#rewrite(line.line, messages)
      return [{ _tag: "Other", type: messages === undefined ? "session update" : "rewritten conversation" }]
    }
    if ("sessionId" in row || "projectHash" in row) {
      this.#head = { ...this.#head, ...row, messages: null }
      const messages = arrayIn(row["messages"]) ?? []
      const head: Found = { _tag: "Other", type: "session" }
      return [
        head,
        ...messages.flatMap((one): ReadonlyArray<Found> => {
          const message = objectIn(one)
          return message === undefined
            ? [{ _tag: "Skip", line: line.line, reason: "a message that is no object" }]
            : this.#message(line.line, message)
        })
      ]
    }
    return [{ _tag: "Other", type: "unknown object" }]
  }

  #message(line: number, record: JsonObject): ReadonlyArray<Found> {
    const id = textIn(record["id"]) ?? `#${this.#list.length}`
    const type = (textIn(record["type"]) ?? "unknown").slice(0, 40)
    for (const one of answeredIn(record["content"])) if (type !== "gemini") this.#answered.add(one)
    const known = this.#list.findLastIndex((kept) => kept.id === id)
    const draft = this.#drafts.get(id)
    if (draft !== undefined) draft.record = record
    if (known !== -1) {
      this.#list[known] = { id, record }
      return draft === undefined && isAnswer(record) ? this.#begin(line, id, record, known) : []
    }
    this.#list.push({ id, record })
    if (isAnswer(record)) return draft === undefined ? this.#begin(line, id, record, this.#list.length - 1) : []
    return [{ _tag: "Other", type: type === "gemini" ? "answer written by the program" : `message: ${type}` }]
  }

  #begin(line: number, id: string, record: JsonObject, at: number): ReadonlyArray<Found> {
    this.#drafts.set(id, {
      id,
      line,
      list: this.#list,
      at,
      branch: this.#branch,
      step: this.#step++,
      record,
      given: -1
    })
    return []
  }

  /** What comes after a rewind is a branch; a record that is not there rewinds to the beginning. */
  #rewind(id: string): void {
    const at = this.#list.findIndex((kept) => kept.id === id)
    this.#list = this.#list.slice(0, Math.max(at, 0))
    this.#branch += 1
    this.#step = 0
  }

  /** The program compressed or masked what was said before: later calls go on from this. Calls that were made stay what they were. */
  #rewrite(line: number, messages: ReadonlyArray<unknown>): void {
    this.#list = messages.flatMap((one, at): ReadonlyArray<Kept> => {
      const record = objectIn(one)
      return record === undefined ? [] : [{ id: textIn(record["id"]) ?? `#${at}`, record }]
    })
    for (const { record } of this.#list)
      if (record["type"] !== "gemini") for (const id of answeredIn(record["content"])) this.#answered.add(id)
    for (const [at, { id, record }] of this.#list.entries())
      if (isAnswer(record) && !this.#drafts.has(id)) this.#begin(line, id, record, at)
  }

  get #sessionId(): string {
    return textIn(this.#head["sessionId"]) ?? basename(this.#file).replace(/\.jsonl?(?:\.(?:gz|gzip|zst|zstd))?$/, "")
  }

  /** The messages of a record, made once, so that what calls have in common is one object. */
  #messagesOf({ id, record }: Kept): ReadonlyArray<Message> {
    const known = this.#said.get(record)
    if (known !== undefined) return known
    const said = messagesIn(record, id)
    this.#said.set(record, said)
    return said
  }

  #past(draft: Draft): ReadonlyArray<Message> {
    return draft.list
      .slice(0, draft.at)
      .flatMap((kept) =>
        this.#messagesOf(kept).filter(
          (message) =>
            kept.record["type"] !== "gemini" ||
            message.role !== "tool" ||
            !message.blocks.every((block) => block.type === "tool_result" && this.#answered.has(block.toolUseId))
        )
      )
  }

  /** The calls as they stand; one that has grown since it was given is given again. */
  end(): ReadonlyArray<Found> {
    const session = { file: this.#file, id: this.#sessionId, head: this.#head }
    return [...this.#drafts.values()].flatMap((draft): ReadonlyArray<Found> => {
      const verdicts = testsIn(draft.record, draft.id).flatMap(([call, signal]): ReadonlyArray<Found> => {
        if (this.#tested.has(call)) return []
        this.#tested.add(call)
        return [{ _tag: "Verdict", of: trajectoryOf(session.id, draft), signal }]
      })
      const rank = rankOf(draft.record, draft.id)
      if (rank <= draft.given) return verdicts
      draft.given = rank
      const before = draft.list[draft.at - 1]?.record
      return [callOf(session, draft, trajectoryOf(session.id, draft), this.#past(draft), before, rank), ...verdicts]
    })
  }
}

const trajectoryOf = (session: string, { branch }: Draft): string => (branch === 0 ? session : `${session}/${branch}`)

/** What a record put into the conversation. */
const messagesIn = (record: JsonObject, id: string): ReadonlyArray<Message> => {
  if (record["type"] === "user") return toldBy(record["content"], id, false)
  if (record["type"] === "gemini") {
    const spoken = spokenIn(record, id).filter((block) => block.type !== "thinking")
    const results = resultsIn(record, id)
    const written = isAnswer(record) ? {} : { injectedBy: "harness" as const }
    return [
      ...(spoken.length === 0 ? [] : [{ role: "assistant" as const, blocks: spoken, ...written }]),
      ...(results.length === 0 ? [] : [{ role: "tool" as const, blocks: results }])
    ]
  }
  // Pictures and the like that a tool brought are noted as information.
  const media = partsIn(record["content"]).filter((part) => "inlineData" in part || "fileData" in part)
  return record["type"] === "info" && media.length > 0 ? toldBy(record["content"], id, true) : []
}
