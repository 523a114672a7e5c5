import * as Result from "effect/Result"

import { isArray, isInt, isObject, isText, type Json, type JsonObject } from "../json.ts"
import type { Answered } from "../wire.ts"
import { readResponse } from "./read.ts"

const ends = new Set(["response.completed", "response.incomplete", "response.failed", "response.cancelled"])

/** Where the pieces of each event go: a field of the item, or of a part of its content. */
const pieces: { readonly [type: string]: { readonly field: string; readonly part?: string } } = {
  "response.output_text.delta": { field: "text", part: "output_text" },
  "response.refusal.delta": { field: "refusal", part: "refusal" },
  "response.reasoning_text.delta": { field: "text", part: "reasoning_text" },
  "response.function_call_arguments.delta": { field: "arguments" },
  "response.custom_tool_call_input.delta": { field: "input" }
}

interface Item {
  readonly item: { [key: string]: Json }
  readonly parts: Map<number, { [key: string]: Json }>
  readonly whole: boolean
}

/** Puts the events of one streamed response together: the response in its last event, else its items as far as they came. */
export class Assembly {
  #head: JsonObject = {}
  #last: JsonObject | undefined
  readonly #items = new Map<number, Item>()

  /** Takes the next event (its JSON); what is no event of a response is ignored. */
  add(event: unknown): void {
    if (!isObject(event)) return
    const { item, output_index: index, response, type } = event
    if (!isText(type)) return
    if (isObject(response)) {
      if (ends.has(type)) this.#last = response
      else this.#head = response
    } else if (type === "error") this.#last = { ...this.#head, status: "failed", error: event["error"] ?? { ...event } }
    else if (isInt(index) && isObject(item)) {
      this.#items.set(index, { item: { ...item }, parts: new Map(), whole: type === "response.output_item.done" })
    } else if (isInt(index)) this.#extend(index, type, event)
  }

  #extend(index: number, type: string, event: JsonObject): void {
    const place = pieces[type]
    const { content_index: at, delta } = event
    const open = this.#items.get(index)
    if (place === undefined || open === undefined || open.whole || !isText(delta)) return
    const { field, part } = place
    const holder = part === undefined ? open.item : (open.parts.get(isInt(at) ? at : 0) ?? { type: part })
    if (part !== undefined) open.parts.set(isInt(at) ? at : 0, holder)
    const before = holder[field]
    holder[field] = (isText(before) ? before : "") + delta
  }

  get #output(): ReadonlyArray<Json> {
    return [...this.#items]
      .sort(([a], [b]) => a - b)
      .map(([, { item, parts }]) =>
        parts.size === 0 ? item : { ...item, content: [...parts].sort(([a], [b]) => a - b).map(([, part]) => part) }
      )
  }

  /** True once the response has said how it ended. */
  get finished(): boolean {
    return this.#last !== undefined
  }

  /** The answer so far; `response.complete` is false where the stream was cut. */
  answer(): Result.Result<Answered, string> {
    const last = this.#last
    if (last === undefined && Object.keys(this.#head).length === 0 && this.#items.size === 0)
      return Result.fail("the stream has no event of a response")
    const { output } = last ?? {}
    // Some hosts leave the items out of the last event.
    const said = isArray(output) && output.length > 0 ? output : this.#output
    const body: JsonObject = { ...this.#head, ...last, output: said }
    return Result.map(readResponse(body), (answered) =>
      last === undefined ? { ...answered, response: { ...answered.response, complete: false } } : answered
    )
  }
}

/** The answer that a recorded stream makes: the JSON of its events in order. */
export const assemble = (events: Iterable<unknown>): Result.Result<Answered, string> => {
  const assembly = new Assembly()
  for (const event of events) assembly.add(event)
  return assembly.answer()
}
