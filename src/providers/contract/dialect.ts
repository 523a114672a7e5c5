import type { IncomingHttpHeaders } from "node:http"

import type { StopReason } from "../../domain/Call.ts"
import type { Prepared, ProviderError, Quota } from "../contract.ts"

/** The model that every server answers as. */
export const model = "model-1"

/** What a model says, before it is put in a wire's form. */
export interface Said {
  readonly text: string
  readonly calls?: ReadonlyArray<{ readonly id: string; readonly name: string; readonly input: object }>
  readonly stop: "stop" | "tools" | "length" | "refusal"
}

/** What came in place of an answer: whole (an object) or streamed (its pieces). */
export interface NoAnswer {
  readonly what: string
  readonly body: object | ReadonlyArray<string>
  readonly error: { readonly reason: ProviderError["reason"]; readonly mayBeBilled: boolean; readonly detail?: string }
}

/** One wire as its server speaks it. */
export interface Dialect {
  readonly address: (url: string) => string
  readonly path: string
  readonly body: (said: Said) => object
  readonly type: string
  readonly pieces: (said: Said) => ReadonlyArray<string>
  /** How many of the pieces come before the model has said anything. */
  readonly heads: number
  readonly error: (message: string, type: string) => object
  /** Bodies and streams of a 200 that are no answer, and what each is. */
  readonly noAnswers: ReadonlyArray<NoAnswer>
  readonly models: object
  /** Where the schema of an answer's format lies in a request's body. */
  readonly schema: (body: Prepared["body"]) => unknown
  readonly usage: { readonly total: number; readonly cacheRead: number; readonly reasoning: number | null }
  /** Where the key lies in a request's headers. */
  readonly key: (headers: IncomingHttpHeaders) => unknown
  /** Where the data of a picture lies in a request's body. */
  readonly image: (body: Prepared["body"]) => unknown
  /** How a stream tells of an error. */
  readonly told: (error: object) => string
  /** A piece of a stream that is no JSON. */
  readonly broken: string
  /** How a refusal ends. */
  readonly refusal: typeof StopReason.Type
  /** Headers that tell what is left of the quotas; none where the wire has none. */
  readonly quota?: { readonly headers: Record<string, string>; readonly left: Quota }
}

/** An event of a stream. */
export const sse = (event: object, name?: string) =>
  `${name === undefined ? "" : `event: ${name}\n`}data: ${JSON.stringify(event)}\n\n`

/** A text in two pieces. */
export const halves = (text: string) => [text.slice(0, text.length >> 1), text.slice(text.length >> 1)]
