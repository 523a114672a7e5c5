import type { ArchivedCall, CallRequest } from "../domain/Call.ts"
import type { Message } from "../domain/Message.ts"

/** Characters of the texts that are remembered, at most twice that many. */
const most = 1_500_000

/** Values by a text, those that were asked for lately. */
class Lately<A> {
  #young = new Map<string, A>()
  #old = new Map<string, A>()
  #characters = 0

  /** The value that the text has, or that it is given now. */
  of(text: string, value: A): A {
    const young = this.#young.get(text)
    if (young !== undefined) return young
    const kept = this.#old.get(text) ?? value
    this.#characters += text.length
    if (this.#characters > most) {
      this.#old = this.#young
      this.#young = new Map()
      this.#characters = text.length
    }
    this.#young.set(text, kept)
    return kept
  }
}

/** The text of a message that is nothing but a role, a place and a text. */
const plainText = (message: Message): string | undefined => {
  const { blocks, injectedBy, joinPrevious, name, origin } = message
  const block = blocks[0]
  if (blocks.length !== 1 || block?.type !== "text") return undefined
  if ((injectedBy ?? joinPrevious ?? name ?? origin) !== undefined) return undefined
  return (block.origin ?? block.cacheControl ?? block.truncated) === undefined ? block.text : undefined
}

/**
 * Makes equal messages, and equal sets of tools, one object: what a conversation sends again with every call, and a program with all of them.
 * What is then worked out for such an object (its digest, its secrets) is worked out once.
 */
export class Interned {
  /** By role and place. */
  readonly #plain = new Map<string, Lately<Message>>()
  readonly #others = new Lately<Message>()
  readonly #tools = new Lately<NonNullable<CallRequest["tools"]>>()

  call(call: ArchivedCall): ArchivedCall {
    const { request } = call
    const messages = request.messages.map((message) => this.#message(message))
    const tools = request.tools === null || request.tools.length === 0 ? request.tools : this.#toolsOf(request.tools)
    return { ...call, request: { ...request, messages, tools } }
  }

  #message(message: Message): Message {
    const text = plainText(message)
    if (text === undefined) return this.#others.of(JSON.stringify(message), message)
    const place = message.placement === undefined ? message.role : `${message.role} ${message.placement}`
    let known = this.#plain.get(place)
    if (known === undefined) {
      known = new Lately()
      this.#plain.set(place, known)
    }
    return known.of(text, message)
  }

  #toolsOf(tools: NonNullable<CallRequest["tools"]>) {
    return this.#tools.of(JSON.stringify(tools), tools)
  }
}
