import type { Message, ToolResultBlock } from "../../../domain/Message.ts"
import type { Moment } from "../../times.ts"
import type { Answer } from "./answer.ts"
import type { Context } from "./context.ts"

/** A line of a transcript as a link of the conversation's chain. Content is held once: by the messages built from it. */
export interface Node {
  /** Counts up over all files of a project. */
  readonly seq: number
  readonly line: number
  readonly uuid: string | undefined
  /** The line it goes on from, by its name. */
  readonly parent: string | undefined
  /** The line before it, where it names none though it is not the first. */
  readonly before: Node | undefined
  readonly context: Context
  readonly at: Moment | undefined
  /** Nothing before this line is in the requests after it. `last`: the answer before it. */
  readonly ends: { readonly by: "compaction" | "clear"; readonly last: Answer | undefined } | undefined
  readonly messages: ReadonlyArray<Message>
  readonly results: ReadonlyArray<ToolResultBlock>
  /** Set on the lines of an answer. */
  readonly answer: Answer | undefined
  /** A kind of attachment: `bare` in its own words, not as it was worded for the model; `unworded` without its words. */
  readonly added: { readonly kind: string; readonly as: "bare" | "unworded" } | undefined
  /** Another line with another content has the same name. */
  twin: boolean
}

/** How lines find each other. */
export interface Chain {
  /** The line of this name in a session, else in another one. */
  find(uuid: string, session: string): Node | undefined
  /** The name of the line that one goes on from after a compaction that kept it, in a request of this place. */
  movedTo(uuid: string, seq: number): string | undefined
}
