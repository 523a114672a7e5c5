import type * as Result from "effect/Result"

import { isArray, isObject, isText, type Json, type JsonObject } from "../json.ts"
import type { Answered } from "../wire.ts"
import { readResponse } from "./read.ts"

/** Puts the lines of one streamed answer together. */
export class Assembly {
  #content = ""
  #thinking = ""
  readonly #calls: Array<Json> = []
  #last: JsonObject = {}
  #done = false

  /** Takes the next line (its JSON); what is no line of a chat is ignored. */
  add(line: unknown): void {
    if (!isObject(line)) return
    this.#last = line
    if (line["done"] === true) this.#done = true
    const { message } = line
    if (!isObject(message)) return
    if (isText(message["content"])) this.#content += message["content"]
    if (isText(message["thinking"])) this.#thinking += message["thinking"]
    if (isArray(message["tool_calls"])) this.#calls.push(...message["tool_calls"])
  }

  /** True once the answer has ended by itself. */
  get finished(): boolean {
    return this.#done
  }

  /** The answer so far; `response.complete` is false where the stream was cut. */
  answer(): Result.Result<Answered, string> {
    return readResponse({
      ...this.#last,
      done: this.#done,
      message: {
        role: "assistant",
        content: this.#content,
        ...(this.#thinking === "" ? {} : { thinking: this.#thinking }),
        ...(this.#calls.length === 0 ? {} : { tool_calls: this.#calls })
      }
    })
  }
}

/** The answer that a recorded stream makes: the JSON of its lines in order. */
export const assemble = (events: Iterable<unknown>): Result.Result<Answered, string> => {
  const assembly = new Assembly()
  for (const event of events) assembly.add(event)
  return assembly.answer()
}
