import type { ArchivedCall } from "../domain/Call.ts"
import { digestOf } from "../domain/digest.ts"

/** What names a call's parts by their content. */
export interface Identity {
  /** One digest a message of the request, in order: of its canonical JSON, binary content in it. */
  readonly messages: ReadonlyArray<string>
  /**
   * Digest of what was asked: messages, tools, model and parameters. Left out is what does not change the question: the endpoint and the
   * provider that took it, and whether the answer was streamed.
   */
  readonly request: string
  /** Digest of the question alone: messages, tools and the form of the answer; neither model nor parameters. */
  readonly question: string
  /** Digest of what was asked and of the blocks that were answered. */
  readonly content: string
}

/** The digests of a call. They depend on nothing but content: not on times, ids, files or the archive's name. */
export const identityOf = (call: ArchivedCall): Identity => {
  const { endpoint: _, provider: __, messages: asked, model, params, wire, ...rest } = call.request
  const { stream: ___, extra, ...chosen } = params
  const messages = asked.map(digestOf)
  const question = { ...rest, messages }
  const request = digestOf({ ...question, model, wire, params: { ...chosen, ...withoutStreaming(extra) } })
  return {
    messages,
    request,
    question: digestOf(question),
    content: digestOf({ request, response: call.response.blocks })
  }
}

const withoutStreaming = (extra: ArchivedCall["request"]["params"]["extra"]) => {
  if (extra === undefined) return {}
  const { stream_options: _, ...rest } = extra
  return Object.keys(rest).length === 0 ? {} : { extra: rest }
}
