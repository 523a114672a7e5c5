import type { Block, Message, ToolResultBlock } from "../../../domain/Message.ts"
import type { JsonObject } from "../../json.ts"
import { arrayIn, objectIn, textIn } from "../../json.ts"
import { beginsTurn, itemIn, messagesOf } from "./items.ts"
import type { Turn } from "./thread.ts"

/** What the next request of a thread holds. Each message is built once and shared by all requests after it. */
export class Conversation {
  #messages: Array<Message> = []
  #results: Array<ToolResultBlock> = []
  #state: "reconstructed" | "partial" = "reconstructed"
  readonly #told = new Set<string>()

  /** `partial`: it was compacted, and the log does not say into what. */
  get state(): "reconstructed" | "partial" {
    return this.#state
  }

  /** The messages so far, for a request that begins now. */
  past(): ReadonlyArray<Message> {
    this.#settle()
    return [...this.#messages]
  }

  say(item: JsonObject, model: string): void {
    this.#settle()
    this.#messages.push(...messagesOf([item], model))
  }

  answer(blocks: ReadonlyArray<Block>): void {
    this.#settle()
    this.#messages.push({ role: "assistant", blocks })
  }

  /** Results in a row become one message. */
  result(block: ToolResultBlock): void {
    this.#results.push(block)
  }

  #settle(): void {
    if (this.#results.length > 0) this.#messages.push({ role: "tool", blocks: this.#results })
    this.#results = []
  }

  /** Instructions of a turn that are in none of the messages stand before them. */
  instruct({ developer, user }: Turn): void {
    for (const [role, text] of [["user", user] as const, ["developer", developer] as const]) {
      if (text === undefined || this.#told.has(text)) continue
      this.#told.add(text)
      const isIn = (block: Block) => block.type === "text" && block.text.includes(text)
      if (this.#messages.some((message) => message.blocks.some(isIn))) continue
      const [message] = messagesOf([{ type: "message", role, content: [{ type: "input_text", text }] }], "")
      if (message !== undefined) this.#messages.unshift({ ...message, injectedBy: "harness" })
    }
  }

  /** Goes on from what a `compacted` line says: its replacement, or in old versions what the user said and a summary. */
  compact(payload: JsonObject, model: string): void {
    this.#settle()
    this.#told.clear()
    const replacement = (arrayIn(payload["replacement_history"]) ?? []).map(objectIn).filter((one) => one !== undefined)
    if (replacement.length > 0) {
      const items = replacement.map(itemIn).flatMap((item) => (item._tag === "Unseen" ? [] : [item.raw]))
      this.#messages = [...messagesOf(items, model)]
      this.#state = "reconstructed"
      return
    }
    const summary = textIn(payload["message"])
    const kept = this.#messages.filter(({ role }) => role === "user" || role === "developer")
    this.#messages =
      summary === undefined
        ? kept
        : [...kept, { role: "user", blocks: [{ type: "text", text: summary }], injectedBy: "harness" }]
    this.#state = "partial"
  }

  /** Drops the last turns: what a person said last, and all after it. False where there was none to drop. */
  rollBack(turns: number): boolean {
    this.#settle()
    if (!Number.isSafeInteger(turns) || turns <= 0) return false
    let left = turns
    let at = this.#messages.length
    while (left > 0 && at > 0) {
      at -= 1
      if (beginsTurn(this.#messages[at]!)) left -= 1
    }
    this.#messages = this.#messages.slice(0, at)
    return true
  }
}
