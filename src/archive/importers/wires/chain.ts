import type { CallRequest, CallResponse } from "../../../domain/Call.ts"
import type { Message } from "../../../domain/Message.ts"
import type { Found } from "../../contract.ts"
import { type Pair, Turns } from "./turns.ts"

/** A conversation that a provider keeps under the id of its last answer. */
interface Kept {
  readonly messages: ReadonlyArray<Message>
  /** The first answer of the conversation. */
  readonly root: string
  /** False where its own beginning is not known. */
  readonly whole: boolean
}

/** Conversations that are remembered at most; the oldest goes first. */
const most = 2000

/** A request with the history that its provider kept, as far as it is known. */
export interface Resolved {
  readonly request: CallRequest
  /** `whole`: all of it is there, put together; `partial`: some or all of it is missing; left out: the request holds it itself. */
  readonly history?: "whole" | "partial"
  /** The first answer of the conversation, which names it. */
  readonly root?: string
  /** Messages that were put before its own. */
  readonly carried: number
}

/**
 * The answers of one import, so that a request that names an earlier answer (`previous_response_id`) gets the conversation before it back.
 * An answer is known once its call was read: what is read `inTurn` waits for it.
 */
export class Chain {
  readonly #kept = new Map<string, Kept>()
  readonly #turns: Turns

  /** `following`: nothing waits, since nobody knows when such an import ends. */
  constructor({ following = false }: { readonly following?: boolean | undefined } = {}) {
    this.#turns = new Turns((id) => this.#kept.has(id), following ? 0 : undefined)
  }

  /**
   * Reads a pair with `read`, or lets it wait for the answer that it names; and reads what waited for it. What comes of others says
   * itself which file it is from.
   */
  inTurn(pair: Pair, read: () => Found): ReadonlyArray<Found> {
    return this.#turns.take(pair, read)
  }

  /** What waited for an answer that did not come, read as it is. */
  end(): ReadonlyArray<Found> {
    return this.#turns.end()
  }

  /** Puts the conversation before a request together. Instructions are not carried on: each request brings its own. */
  resolve(request: CallRequest): Resolved {
    const { serverState: state } = request
    if (state === undefined) return { request, carried: 0 }
    const before = state.previousResponseId === undefined ? undefined : this.#kept.get(state.previousResponseId)
    if (before === undefined) return { request, history: "partial", carried: 0 }
    const top = request.messages.filter((message) => message.placement === "top")
    const own = request.messages.filter((message) => message.placement !== "top")
    return {
      request: {
        ...request,
        messages: [...top, ...before.messages, ...own],
        serverState: { ...state, resolved: before.whole }
      },
      history: before.whole ? "whole" : "partial",
      root: before.root,
      carried: before.messages.length
    }
  }

  /** Remembers what an answer was given to. */
  remember({ history, request, root }: Resolved, response: CallResponse): void {
    if (response.id === undefined || request.wire !== "openai.responses" || response.error !== undefined) return
    this.#kept.set(response.id, {
      messages: [
        ...request.messages.filter((message) => message.placement !== "top"),
        { role: "assistant", blocks: response.blocks }
      ],
      root: root ?? response.id,
      whole: history !== "partial"
    })
    this.#turns.came(response.id)
    if (this.#kept.size > most) for (const oldest of this.#kept.keys()) return void this.#kept.delete(oldest)
  }
}
