import type { Said } from "../answer.ts"
import type { Json, JsonObject } from "../json.ts"
import type { FleetWire } from "../Profile.ts"
import type { Question, Refused } from "../Question.ts"

/** What goes wrong, by the names that the wires have for it. */
export type Trouble = "bad_request" | "auth" | "not_found" | "rate_limited" | "server_error" | "overloaded"

/** One wire: how a request is read and how an answer is written. */
export interface Wire {
  readonly id: FleetWire
  /** Path of the request. */
  readonly path: string
  /** `content-type` of a stream. */
  readonly streamType: string
  read(body: JsonObject): Question | Refused
  /** The unstreamed answer. */
  write(said: Said, question: Question): Json
  /** The same answer as a stream, event by event, each as it goes over the wire. */
  stream(said: Said, question: Question): ReadonlyArray<string>
  /** Status and body of a failure. */
  fail(trouble: Trouble, message: string): { readonly status: number; readonly body: Json }
  /** The list of models. */
  models(names: ReadonlyArray<string>): Json
}

/** The text in pieces of a few words, as models stream it. */
export const pieces = (text: string): ReadonlyArray<string> => text.match(/[\s\S]{1,32}/g) ?? []

/** Seconds since 1970. */
export const now = (): number => Math.floor(Date.now() / 1000)
