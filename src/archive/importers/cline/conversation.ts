import * as Result from "effect/Result"

import type { Block, Message } from "../../../domain/Message.ts"
import { readRequest } from "../../../providers/wires/anthropicMessages.ts"
import type { JsonObject } from "../../json.ts"
import { arrayIn, objectIn, textIn } from "../../json.ts"
import type { Edit } from "./files.ts"
import { edited } from "./files.ts"

/** A message of the conversation as the program stores it. */
export interface Stored {
  readonly line: number
  readonly raw: JsonObject
}

/** Notes of the program's on a block, which were not sent. */
const own = new Set(["call_id", "reasoning_details", "ts"])

const bare = (block: unknown): unknown => {
  const object = objectIn(block)
  if (object === undefined) return block
  const isThinking = object["type"] === "thinking"
  return Object.fromEntries(
    Object.entries(object).filter(
      ([name]) => !own.has(name) && name !== "summary" && (isThinking || name !== "signature")
    )
  )
}

/** Thinking that stands beside the content: Roo keeps an item of OpenAI's, or a text. */
const thinkingIn = (raw: JsonObject): ReadonlyArray<Block> => {
  const words = textIn(raw["reasoning_content"])
  if (words !== undefined) return [{ type: "thinking", text: words }]
  if (raw["type"] !== "reasoning") return []
  const encrypted = textIn(raw["encrypted_content"])
  const summary = (arrayIn(raw["summary"]) ?? []).flatMap((one) => textIn(objectIn(one)?.["text"]) ?? textIn(one) ?? [])
  const text = textIn(raw["text"]) ?? null
  return [
    {
      type: "thinking",
      text,
      ...(summary.length === 0 ? {} : { summary }),
      ...(encrypted === undefined ? {} : { encrypted })
    }
  ]
}

/** A stored message in the canonical form, a user's as tool results and words; a sentence where it cannot be read. */
const readStored = (raw: JsonObject, model: string): Result.Result<ReadonlyArray<Message>, string> => {
  const thinking = thinkingIn(raw)
  if (raw["type"] === "reasoning") return Result.succeed([{ role: "assistant", blocks: thinking }])
  const content = Array.isArray(raw["content"]) ? raw["content"].map(bare) : raw["content"]
  return Result.map(readRequest({ model, messages: [{ role: raw["role"], content }] }), ({ messages }) =>
    messages.map((message) =>
      thinking.length === 0 ? message : { ...message, blocks: [...thinking, ...message.blocks] }
    )
  )
}

/** What was in force when an answer was asked for. */
export interface InForce {
  /** Milliseconds since 1970. */
  readonly at: number | undefined
  readonly without: readonly [from: number, to: number] | undefined
}

/** What was sent for an answer. */
export interface Past {
  readonly messages: ReadonlyArray<Message>
  /** True where messages were left out or shortened when it was sent. */
  readonly changed: boolean
  /** True where a message could not be read and is missing. */
  readonly gaps: boolean
}

/** Thinking without its signature is not sent again. */
const again = (message: Message): Message => {
  const sent = message.blocks.filter(
    (block) => block.type !== "thinking" || (block.signature ?? "") !== "" || block.encrypted !== undefined
  )
  return sent.length === message.blocks.length ? message : { ...message, blocks: sent }
}

/** A task's conversation. */
export class Conversation {
  readonly #stored: ReadonlyArray<Stored>
  readonly #edits: ReadonlyArray<Edit>
  readonly #read = new Map<string, ReadonlyArray<Message> | undefined>()

  constructor(stored: ReadonlyArray<Stored>, edits: ReadonlyArray<Edit>) {
    this.#stored = stored
    this.#edits = edits
  }

  /** The blocks of an answer; a sentence where they cannot be read. */
  answer(index: number, model: string): Result.Result<ReadonlyArray<Block>, string> {
    const raw = this.#stored[index]?.raw ?? {}
    const before = this.#stored[index - 1]?.raw
    return Result.map(readStored(raw, model), (messages) => [
      ...(before?.["type"] === "reasoning" ? thinkingIn(before) : []),
      ...messages.flatMap(({ blocks }) => blocks)
    ])
  }

  /** What was sent before the answer at a place. */
  past(index: number, { at, without }: InForce): Past {
    const end = this.#stored[index - 1]?.raw["type"] === "reasoning" ? index - 1 : index
    const markers = new Set(
      this.#stored.slice(0, end).flatMap(({ raw }) => [textIn(raw["condenseId"]), textIn(raw["truncationId"])])
    )
    let changed = false
    let gaps = false
    const messages = this.#stored.slice(0, end).flatMap(({ raw }, place): ReadonlyArray<Message> => {
      const parents = [textIn(raw["condenseParent"]), textIn(raw["truncationParent"])]
      const gone =
        (without !== undefined && place >= without[0] && place <= without[1]) ||
        parents.some((parent) => parent !== undefined && markers.has(parent))
      if (gone) {
        changed = true
        return []
      }
      const edits = this.#edits.filter((edit) => edit.message === place && (at === undefined || edit.at <= at))
      changed ||= edits.length > 0
      const said = this.#messagesOf(place, raw, edits)
      if (said === undefined) {
        gaps = true
        return []
      }
      // The calls that these results answer are left out.
      const orphans = without !== undefined && without[1] >= 2 && place === without[1] + 1
      return orphans ? said.filter(({ role }) => role !== "tool") : said
    })
    return { messages: messages.filter(({ blocks }) => blocks.length > 0), changed, gaps }
  }

  #messagesOf(place: number, raw: JsonObject, edits: ReadonlyArray<Edit>): ReadonlyArray<Message> | undefined {
    const key = `${place}:${edits.map((edit) => `${edit.block}@${edit.at}`).join()}`
    if (this.#read.has(key)) return this.#read.get(key)
    const read = readStored(edited(raw, edits), textIn(objectIn(raw["modelInfo"])?.["modelId"]) ?? "")
    const said = Result.isSuccess(read) ? read.success.map(again) : undefined
    this.#read.set(key, said)
    return said
  }
}
