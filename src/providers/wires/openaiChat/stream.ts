import * as Result from "effect/Result"

import { isArray, isInt, isObject, isText, type Json, type JsonObject, parse } from "../json.ts"
import type { Answered } from "../wire.ts"
import { readResponse } from "./read.ts"

interface Call {
  readonly index: number | undefined
  id?: string
  name: string
  args: string
}

/** Whether the arguments of a call are all there. */
const isWhole = ({ args }: Call): boolean => {
  const json = args.endsWith("}") ? parse(args) : undefined
  return json !== undefined && "value" in json && isObject(json.value)
}

class Choice {
  readonly #text: { [field: string]: string } = {}
  readonly #calls: Array<Call> = []
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
      this.#older ??= { index: undefined, name: "", args: "" }
      this.#extend(this.#older, delta["function_call"])
    }
  }

  #addCall(piece: JsonObject): void {
    const id = isText(piece["id"]) && piece["id"] !== "" ? piece["id"] : undefined
    const index = isInt(piece["index"]) ? piece["index"] : undefined
    const inner = isObject(piece["function"]) ? piece["function"] : {}
    let call = this.#openFor(index, id, inner)
    if (call === undefined) {
      call = { index, name: "", args: "" }
      this.#calls.push(call)
    }
    if (id !== undefined) call.id ??= id
    this.#extend(call, inner)
  }

  /**
   * The call that a piece goes on with; `undefined`: it begins one. Some hosts leave the index out, or give every call the same: a new id then
   * begins a new call, and where there are no ids a name after whole arguments. Others make up an id for each piece: without a name it goes on.
   */
  #openFor(index: number | undefined, id: string | undefined, { arguments: args, name }: JsonObject): Call | undefined {
    const calls = index === undefined ? this.#calls : this.#calls.filter((call) => call.index === index)
    const last = calls.at(-1)
    const named = isText(name) && name !== ""
    const more = isText(args) && args !== ""
    if (last === undefined) return undefined
    if (id === undefined) return named && more && isWhole(last) ? undefined : last
    if (last.id === undefined) return isWhole(last) && named ? undefined : last
    return calls.findLast((call) => call.id === id) ?? (more && !named ? last : undefined)
  }

  /** Some hosts say the name in every piece. */
  #extend(call: Call, { arguments: args, name }: JsonObject): void {
    if (isText(name) && name !== call.name) call.name += name
    if (isText(args)) call.args += args
  }

  get message(): JsonObject {
    const calls = this.#calls.toSorted((a, b) => (a.index ?? 0) - (b.index ?? 0))
    return {
      role: "assistant",
      content: null,
      ...this.#text,
      ...(calls.length === 0
        ? {}
        : {
            tool_calls: calls.map(({ args, id, name }) => ({
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
