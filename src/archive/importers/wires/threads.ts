import type { CallRequest, CallResponse, Grouping } from "../../../domain/Call.ts"
import { digestOf, digestOfText } from "../../../domain/digest.ts"
import type { Block, Message } from "../../../domain/Message.ts"

/** What a block says, without what a wire writes around it: an answer reads otherwise when it comes back as history. */
const said = (block: Block): ReadonlyArray<unknown> => {
  switch (block.type) {
    case "text":
    case "refusal":
      return block.text === "" ? [] : [block.text]
    case "tool_use":
      return [[block.id, block.name, block.input]]
    case "tool_result":
      return [[block.toolUseId, block.content.flatMap(said)]]
    case "thinking":
      return []
    default:
      return [block.type]
  }
}

const digestOfMessage = ({ blocks, role }: Pick<Message, "blocks" | "role">): string =>
  digestOf([role, blocks.flatMap(said)])

/** Calls that are remembered at most; the oldest goes first. */
const most = 20_000

/**
 * Which calls of a capture go on from one another: a call extends an earlier one when its messages begin with that one's messages and its
 * answer; of several, the nearest before it.
 */
export class Threads {
  readonly #ends = new Map<string, { readonly trajectory: string; readonly step: number }>()

  /** The place of a call in its trajectory; one that extends none begins its own, named by its id: of further attempts the first one's. */
  place(id: string, request: CallRequest, response: CallResponse): Pick<Grouping, "trajectoryId" | "stepIndex"> {
    let prefix = ""
    let before: { readonly trajectory: string; readonly step: number } | undefined
    for (const message of request.messages) {
      prefix = digestOfText(prefix + digestOfMessage(message))
      if (message.role === "assistant") before = this.#ends.get(prefix) ?? before
    }
    const trajectory = before?.trajectory ?? id
    const step = before === undefined ? 0 : before.step + 1
    if (response.error === undefined && response.blocks.length > 0) {
      const end = digestOfText(prefix + digestOfMessage({ role: "assistant", blocks: response.blocks }))
      this.#ends.delete(end)
      this.#ends.set(end, { trajectory, step })
      if (this.#ends.size > most)
        for (const oldest of this.#ends.keys()) {
          this.#ends.delete(oldest)
          break
        }
    }
    return { trajectoryId: trajectory, stepIndex: step }
  }
}
