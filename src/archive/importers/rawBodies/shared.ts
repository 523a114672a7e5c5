import * as Result from "effect/Result"

import type { CallRequest, ToolDef } from "../../../domain/Call.ts"
import { digestOfText } from "../../../domain/digest.ts"
import type { Message } from "../../../domain/Message.ts"
import { readRequest } from "../../../providers/wires/anthropicMessages.ts"
import type { JsonObject } from "../../json.ts"
import { arrayIn } from "../../json.ts"

/**
 * Reads requests that repeat each other: every one of an agent's holds the whole conversation so far. Equal messages, system prompts and
 * tools become the same objects, so that a folder of requests takes the room of what differs in them.
 */
export class SharedRequests {
  readonly #messages = new Map<string, ReadonlyArray<Message>>()
  readonly #tools = new Map<string, ReadonlyArray<ToolDef> | null>()

  /** Reads a messages request; fails with a sentence that names the place. */
  read(body: JsonObject): Result.Result<CallRequest, string> {
    const { messages: said, system, tools, ...rest } = body
    const list = arrayIn(said)
    if (list === undefined) return readRequest(body)
    const model = rest["model"]
    const head = readRequest({ ...rest, messages: [] })
    if (Result.isFailure(head)) return head
    const messages: Array<Message> = []
    if (system !== undefined) {
      const read = this.#read(["system", model, system], { model, system, messages: [] })
      if (Result.isFailure(read)) return Result.fail(read.failure)
      messages.push(...read.success)
    }
    for (const [index, message] of list.entries()) {
      const read = this.#read(["message", model, message], { model, messages: [message] })
      if (Result.isFailure(read)) return Result.fail(read.failure.replace("messages[0]", `messages[${index}]`))
      messages.push(...read.success)
    }
    return Result.succeed({ ...head.success, messages, ...(tools === undefined ? {} : this.#toolsIn(model, tools)) })
  }

  #read(key: ReadonlyArray<unknown>, body: unknown): Result.Result<ReadonlyArray<Message>, string> {
    const digest = digestOfText(JSON.stringify(key))
    const known = this.#messages.get(digest)
    if (known !== undefined) return Result.succeed(known)
    return Result.map(readRequest(body), ({ messages }) => {
      this.#messages.set(digest, messages)
      return messages
    })
  }

  #toolsIn(model: unknown, tools: unknown): { readonly tools?: ReadonlyArray<ToolDef> | null } {
    const digest = digestOfText(JSON.stringify([model, tools]))
    const known = this.#tools.get(digest)
    if (known !== undefined) return { tools: known }
    const read = readRequest({ model, messages: [], tools })
    if (Result.isFailure(read)) return {}
    this.#tools.set(digest, read.success.tools)
    return { tools: read.success.tools }
  }
}
