import * as Result from "effect/Result"

import { isArray, isInt, isObject, isText, type Json, type JsonObject } from "../json.ts"
import type { Answered } from "../wire.ts"
import { readResponse } from "./read.ts"

interface Call {
  id?: string
  name: string
  args: string
}

class Choice {
  readonly #text: { [field: string]: string } = {}
  readonly #calls = new Map<number, Call>()
  #older: Call | undefined
  finish: string | null = null

  add(choice: JsonObject): void {
    if (isText(choice["finish_reason"])) this.finish = choice["finish_reason"]
    const { delta } = choice
    if (!isObject(delta)) return
    for (const field of ["content", "refusal", "reasoning_content", "reasoning"]) {
      const piece = delta[field]
      if (isText(piece)) this.#text[field] = (this.#text[field] ?? "") + piece
    }
    if (isArray(delta["tool_calls"])) for (const piece of delta["tool_calls"]) if (isObject(piece)) this.#addCall(piece)
    if (isObject(delta["function_call"])) {
      this.#older ??= { name: "", args: "" }
      this.#extend(this.#older, delta["function_call"])
    }
  }

  #addCall(piece: JsonObject): void {
    const { id } = piece
    // Some hosts leave the index out: a new id then begins a new call.
    const index = isInt(piece["index"]) ? piece["index"] : this.#calls.size - (isText(id) && id !== "" ? 0 : 1)
    const call = this.#calls.get(index) ?? { name: "", args: "" }
    this.#calls.set(index, call)
    if (isText(id) && id !== "") call.id = id
    if (isObject(piece["function"])) this.#extend(call, piece["function"])
  }

  #extend(call: Call, piece: JsonObject): void {
    if (isText(piece["name"])) call.name += piece["name"]
    if (isText(piece["arguments"])) call.args += piece["arguments"]
  }

  get message(): JsonObject {
    const calls = [...this.#calls].sort(([a], [b]) => a - b)
    return {
      role: "assistant",
      content: null,
      ...this.#text,
      ...(calls.length === 0
        ? {}
        : {
            tool_calls: calls.map(([, { args, id, name }]) => ({
              ...(id === undefined ? {} : { id }),
              type: "function",
              function: { name, arguments: args }
            }))
          }),
      ...(this.#older === undefined ? {} : { function_call: { name: this.#older.name, arguments: this.#older.args } })
    }
  }
}

/** Puts the chunks of one streamed completion together. */
export class Assembly {
  readonly #head: { [key: string]: Json } = {}
  readonly #choices = new Map<number, Choice>()
  #usage: Json | undefined

  /** Takes the next chunk (the JSON of one event); what is no chunk is ignored. */
  add(chunk: unknown): void {
    if (!isObject(chunk)) return
    for (const key of ["id", "model"]) if (isText(chunk[key]) && chunk[key] !== "") this.#head[key] ??= chunk[key]
    if (isObject(chunk["usage"])) this.#usage = chunk["usage"]
    if (!isArray(chunk["choices"])) return
    for (const one of chunk["choices"]) {
      if (!isObject(one)) continue
      const index = isInt(one["index"]) ? one["index"] : 0
      const choice = this.#choices.get(index) ?? new Choice()
      this.#choices.set(index, choice)
      choice.add(one)
    }
  }

  /** True once every choice has said why it ended. */
  get finished(): boolean {
    return this.#choices.size > 0 && [...this.#choices.values()].every((choice) => choice.finish !== null)
  }

  /** The answer so far; `response.complete` is false where the stream was cut. */
  answer(): Result.Result<Answered, string> {
    const body: JsonObject = {
      ...this.#head,
      choices: [...this.#choices]
        .sort(([a], [b]) => a - b)
        .map(([index, choice]) => ({ index, message: choice.message, finish_reason: choice.finish })),
      ...(this.#usage === undefined ? {} : { usage: this.#usage })
    }
    const { finished } = this
    return Result.map(readResponse(body), (answered) =>
      finished ? answered : { ...answered, response: { ...answered.response, complete: false } }
    )
  }
}

/** The answer that a recorded stream makes: the JSON of its events in order, `[DONE]` left out. */
export const assemble = (events: Iterable<unknown>): Result.Result<Answered, string> => {
  const assembly = new Assembly()
  for (const event of events) assembly.add(event)
  return assembly.answer()
}
