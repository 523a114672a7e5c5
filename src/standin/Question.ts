import { fingerprint } from "./chance.ts"
import { type Json, objectOf } from "./json.ts"

/** One turn of a conversation, the same whatever wire it came by. */
export interface Turn {
  readonly role: "user" | "assistant" | "tool"
  readonly text: string
  readonly calls: ReadonlyArray<{ readonly name: string; readonly arguments: Json }>
}

/** What a request asks, the same whatever wire it came by. */
export interface Question {
  readonly model: string
  readonly stream: boolean
  /** All system text. */
  readonly system: string
  readonly turns: ReadonlyArray<Turn>
  /** Names of the tools that may be called. */
  readonly tools: ReadonlyArray<string>
  /** The schema that the answer is asked to follow; `null`: none. */
  readonly schema: Json
  readonly maxTokens?: number
  readonly seed?: number
  readonly effort?: string
  /** Characters of everything that is sent, tools and schema included. */
  readonly chars: number
  /** Characters of what comes before the first user turn: what a prompt cache may hold. */
  readonly prefixChars: number
  /** Whether a prefix is cached unasked, only where it is marked, or not at all. */
  readonly caching: "automatic" | "marked" | "none"
  /** Streams only: whether usage is asked for. */
  readonly streamUsage: boolean
}

/** A request that the wire refuses, in its own words. */
export class Refused {
  readonly message: string
  constructor(message: string) {
    this.message = message
  }
}

/** Characters of the turns, calls included. */
export const charsOf = (turns: ReadonlyArray<Turn>): number =>
  turns.reduce(
    (sum, { calls, text }) =>
      sum + text.length + calls.reduce((all, call) => all + JSON.stringify(call.arguments).length, 0),
    0
  )

/** Names of the fields that an answer is asked to have; none without a schema. */
export const fieldsOf = ({ schema }: Question): ReadonlyArray<string> =>
  schema === null ? [] : Object.keys(objectOf(objectOf(schema)["properties"]))

/** Identifies what is asked, model and sampling aside. Ids of tool calls and the wire do not matter. */
export const digestOf = (question: Question): string => {
  let all = `${question.system.trim()}\u0000${question.tools.join()}\u0000${fieldsOf(question).join()}`
  for (const { calls, role, text } of question.turns) {
    all += `\u0001${role}\u0002${text.trim()}`
    for (const call of calls) all += `\u0003${call.name}${JSON.stringify(call.arguments)}`
  }
  return fingerprint(all)
}
