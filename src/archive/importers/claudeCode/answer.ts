import * as Result from "effect/Result"

import type { CallResponse, Usage } from "../../../domain/Call.ts"
import { digestOf } from "../../../domain/digest.ts"
import type { Message, ToolResultBlock, ToolUseBlock } from "../../../domain/Message.ts"
import { readResponse } from "../../../providers/wires/anthropicMessages.ts"
import type { JsonObject } from "../../json.ts"
import { arrayIn, objectIn, textIn } from "../../json.ts"
import { scrubbed } from "../../secrets.ts"
import type { Context } from "./context.ts"
import { isBefore } from "./context.ts"
import type { Node } from "./node.ts"
import { moreUsed, usageOfCopy } from "./usage.ts"

/** One answer of the model, put together from its lines: a line a block, each with the counts as they stood. */
export class Answer {
  file: string
  /** Its first line in that file. */
  line: number
  readonly context: Context
  /** True where all that is known of it is a copy: the session that made it has it in a file of its own. */
  copy: boolean
  /** The message's id, and the request's where the lines have one. */
  readonly id: string | undefined
  requestId: string | undefined
  /** The session within which its id names it: its own, unless it is a copy of another's. */
  readonly named: string
  readonly #location: string
  readonly nodes: Array<Node> = []
  failed = false
  /** The user stopped it before it was done. */
  interrupted = false
  model: string | undefined
  effort: string | undefined
  costUsd: unknown
  stop: string | undefined
  #error: JsonObject | undefined
  readonly #blocks: Array<unknown> = []
  readonly #seen = new Set<string>()
  #used: JsonObject | undefined
  readonly results: Array<{ readonly seq: number; readonly block: ToolResultBlock }> = []
  #read: { readonly blocks: number; readonly response: CallResponse; readonly message: Message } | undefined
  #told: { readonly count: number; readonly message: Message } | undefined
  /** Set once the answer stands in a trajectory. */
  place: Place | undefined
  /** True once a later answer of the same trajectory follows it. */
  continued = false
  /** The highest rank that was given out. */
  given = -1

  /** `location` names it where the log gives it no id. */
  constructor(file: string, line: number, context: Context, row: JsonObject, location: string, named: string) {
    this.file = file
    this.line = line
    this.context = context
    this.copy = context.copy
    this.named = named
    this.id = textIn(objectIn(row["message"])?.["id"])
    this.requestId = textIn(row["requestId"])
    this.#location = location
  }

  /**
   * What tells it from its copies: the ids of message and request; without the latter the message's within its session; without both the
   * line's, else its place.
   */
  get key(): string {
    if (this.id === undefined) return `claude-code:${this.#location}`
    return this.requestId === undefined
      ? `claude-code:${this.id}@${this.named}`
      : `claude-code:${this.id}:${this.requestId}`
  }

  /** Versions that wrote no stop reason may end an answer without a word. */
  get mayEndSilently(): boolean {
    return this.context.version === undefined || isBefore(this.context.version, [2, 1, 97])
  }

  /** Takes the next line of it: blocks that are new are added, counts replace smaller ones. True when it told anything new. */
  add(row: JsonObject, message: JsonObject): boolean {
    const content = message["content"]
    const blocks = typeof content === "string" ? [{ type: "text", text: content }] : (arrayIn(content) ?? [])
    const before = this.#blocks.length
    for (const block of blocks) {
      const tool = objectIn(block)
      if (tool?.["type"] === "fallback") continue // Claude Code's note that another model went on; no part of the answer
      const key =
        tool?.["type"] === "tool_use" && textIn(tool["id"]) !== undefined ? `#${textIn(tool["id"])}` : digestOf(block)
      if (this.#seen.has(key)) continue
      this.#seen.add(key)
      this.#blocks.push(block)
    }
    const usage = objectIn(message["usage"])
    const more = usage !== undefined && moreUsed(usage, this.#used)
    if (more) this.#used = usage
    const model = textIn(message["model"])
    if (model !== undefined && model !== "<synthetic>") this.model = model
    this.requestId ??= textIn(row["requestId"])
    this.effort ??= textIn(row["effort"])
    if (this.costUsd === undefined || more) this.costUsd = row["costUSD"] ?? this.costUsd
    const stop = textIn(message["stop_reason"])
    const stopped = stop !== undefined && stop !== this.stop
    if (stopped) this.stop = stop
    if (row["isApiErrorMessage"] === true) {
      this.failed = true
      this.#error = { error: row["error"], status: row["apiErrorStatus"] }
    }
    return more || stopped || this.#blocks.length > before
  }

  /** The session that made it has it here: what was known of it before was a copy. */
  foundAt(file: string, line: number): void {
    if (!this.copy) return
    this.file = file
    this.line = line
    this.copy = false
    this.given = -1
  }

  /** How many different blocks are there. */
  get size(): number {
    return this.#blocks.length
  }

  /** The counts of the fullest copy, as they were written. */
  get used(): JsonObject | undefined {
    return this.#used
  }

  get usage(): Usage {
    return usageOfCopy(this.#used, this.context.version)
  }

  get response(): CallResponse {
    return this.#built.response
  }

  /** As it stands in the requests after it; the same object each time. */
  get message(): Message {
    return this.#built.message
  }

  get #built() {
    if (this.#read?.blocks === this.#blocks.length && this.#read.response.stopReasonRaw === this.stop) return this.#read
    const read = readResponse({
      content: this.#blocks,
      ...(this.id === undefined ? {} : { id: this.id }),
      ...(this.model === undefined ? {} : { model: this.model }),
      ...(this.stop === undefined ? {} : { stop_reason: this.stop })
    })
    const blank: CallResponse = { blocks: [], stopReason: "unknown", complete: false }
    const response = Result.isSuccess(read) ? read.success.response : blank
    const called = response.blocks.some((block) => block.type === "tool_use")
    const stopReason = this.stop === undefined && called ? "tool_use" : response.stopReason
    const message: Message = { role: "assistant", blocks: response.blocks }
    this.#read = {
      blocks: this.#blocks.length,
      response: this.failed
        ? { ...response, stopReason: "error", complete: false, error: this.#errorOf(response) }
        : { ...response, stopReason },
      message
    }
    return this.#read
  }

  #errorOf(response: CallResponse): NonNullable<CallResponse["error"]> {
    const said = response.blocks.flatMap((block) => (block.type === "text" ? [block.text] : [])).join("\n")
    const type = textIn(this.#error?.["error"]) ?? "error"
    const status = Number(textIn(this.#error?.["status"]) ?? /API Error: ?(\d{3})\b/.exec(said)?.[1])
    return {
      type: type.length > 60 ? "error" : type,
      ...(Number.isInteger(status) && status >= 100 && status < 600 ? { httpStatus: status } : {}),
      message: scrubbed(said === "" ? "the log has no message" : said)
    }
  }

  /** Its calls of tools. */
  get calls(): ReadonlyArray<ToolUseBlock> {
    return this.response.blocks.flatMap((block) => (block.type === "tool_use" ? [block] : []))
  }

  /** The results of its calls that were there before a line, as one message; `undefined` where there are none. */
  resultsBefore(seq: number): Message | undefined {
    const there = this.results.filter((result) => result.seq < seq)
    if (there.length === 0) return undefined
    if (this.#told?.count === there.length) return this.#told.message
    const taken = new Set<string>()
    const blocks = there.flatMap(({ block }) => {
      if (taken.has(block.toolUseId)) return []
      taken.add(block.toolUseId)
      return [block]
    })
    const message: Message = { role: "tool", blocks }
    this.#told = { count: there.length, message }
    return message
  }
}

/** Where an answer stands. */
export interface Place {
  readonly trajectory: string
  readonly branch: string | undefined
  readonly step: number
}
