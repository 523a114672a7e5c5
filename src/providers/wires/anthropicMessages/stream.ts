import * as Result from "effect/Result"

import type { Block } from "../../../domain/Message.ts"
import { isInt, isObject, isText, type Json, type JsonObject, parse } from "../json.ts"
import type { Answered } from "../wire.ts"
import { readResponse } from "./read.ts"

interface Part {
  block: { [key: string]: Json }
  json: string
  citations: Array<Json>
}

/** Fields of a block that deltas of each kind add to. */
const texts: { readonly [delta: string]: string } = {
  text_delta: "text",
  thinking_delta: "thinking",
  signature_delta: "signature"
}

/** Puts the events of one streamed message together. */
export class Assembly {
  #message: JsonObject = {}
  readonly #parts = new Map<number, Part>()
  #usage: { [key: string]: Json } = {}
  /** Whether the output was counted: what `message_start` says of it stands for nothing yet. */
  #counted = false
  #end: JsonObject = {}

  /** Takes the next event (its JSON); what is no event of a message is ignored. */
  add(event: unknown): void {
    if (!isObject(event)) return
    const { delta, index, message, type } = event
    if (type === "message_start" && isObject(message)) {
      this.#message = message
      this.#count(message["usage"])
    } else if (type === "content_block_start" && isInt(index) && isObject(event["content_block"])) {
      this.#parts.set(index, { block: { ...event["content_block"] }, json: "", citations: [] })
    } else if (type === "content_block_delta" && isInt(index) && isObject(delta)) {
      const part = this.#parts.get(index)
      if (part !== undefined) this.#extend(part, delta)
    } else if (type === "message_delta") {
      if (isObject(delta)) this.#end = { ...this.#end, ...delta }
      this.#count(event["usage"])
      this.#counted ||= isObject(event["usage"]) && isInt(event["usage"]["output_tokens"])
    }
  }

  /** Counts are cumulative: what is there and not null takes the place of what was before. */
  #count(usage: Json | undefined): void {
    if (!isObject(usage)) return
    for (const [key, value] of Object.entries(usage)) if (value !== null) this.#usage[key] = value
  }

  #extend(part: Part, delta: JsonObject): void {
    const { citation, content, partial_json, type } = delta
    const field = isText(type) ? texts[type] : undefined
    if (field !== undefined) {
      const piece = delta[field]
      const before = part.block[field]
      if (isText(piece)) part.block[field] = (isText(before) ? before : "") + piece
    } else if (isText(partial_json)) part.json += partial_json
    else if (citation !== undefined) part.citations.push(citation)
    else if (type === "compaction_delta" && content !== undefined) part.block["content"] = content
  }

  /** True once the message has said why it ended. */
  get finished(): boolean {
    return isText(this.#end["stop_reason"])
  }

  /**
   * The answer so far; `response.complete` is false where the stream was cut, and its output tokens are not known then. Arguments that are no JSON are kept as they
   * came.
   */
  answer(): Result.Result<Answered, string> {
    if (Object.keys(this.#message).length === 0) return Result.fail("the stream has no `message_start`")
    const broken = new Map<number, { readonly inputRaw: string; readonly inputError: string }>()
    const content = [...this.#parts]
      .sort(([a], [b]) => a - b)
      .map(([, { block, citations, json }], at) => {
        const cited = citations.length === 0 ? block : { ...block, citations }
        if (json === "") return cited
        const input = parse(json)
        if ("value" in input) return { ...cited, input: input.value }
        broken.set(at, { inputRaw: json, inputError: input.error })
        return { ...cited, input: {} }
      })
    const { output_tokens: _, ...input } = this.#usage
    const body = { ...this.#message, content, ...this.#end, usage: this.#counted ? this.#usage : input }
    const { finished } = this
    return Result.map(readResponse(body), ({ response, usage }) => ({
      usage,
      response: {
        ...response,
        blocks: response.blocks.map((block, at): Block => {
          const why = broken.get(at)
          return why !== undefined && block.type === "tool_use" ? { ...block, ...why } : block
        }),
        complete: finished
      }
    }))
  }
}

/** The answer that a recorded stream makes: the JSON of its events in order. */
export const assemble = (events: Iterable<unknown>): Result.Result<Answered, string> => {
  const assembly = new Assembly()
  for (const event of events) assembly.add(event)
  return assembly.answer()
}
