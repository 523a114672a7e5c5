import Anthropic from "@anthropic-ai/sdk"
import * as Effect from "effect/Effect"

import type { CallResponse } from "../domain/Call.ts"
import type { Prepared, Provider } from "./contract.ts"
import { assertNoError, exchange, listMs, noLimit, openedOf, timed } from "./exchange.ts"
import { Broken } from "./failure.ts"
import { openFetch } from "./fetch.ts"
import { anthropicLine } from "./lines.ts"
import { streamedReply } from "./streaming.ts"
import { Assembly, readResponse, writeRequest } from "./wires/anthropicMessages.ts"
import { isArray, isObject } from "./wires/json.ts"

/** A message always says why it ended. */
const ended = ({ stopReasonRaw }: CallResponse): Broken | undefined =>
  stopReasonRaw === undefined ? new Broken("Cut", "the message does not say why it ended") : undefined

/** A stream begins with the message's head, and with pings while the model has said nothing yet. */
const says = (event: unknown): boolean => isObject(event) && event["type"] === "content_block_delta"

/** Anthropic's messages. An address that ends in `/v1` is taken without it, since the SDK adds it. */
export const anthropic: Provider = {
  ...anthropicLine,
  open: Effect.fnUntraced(function* (config) {
    const opened = yield* openedOf(config, anthropicLine)
    const { apiKey, name, secret, timeoutMs } = opened
    const fetch = yield* openFetch(opened)
    const client = new Anthropic({
      apiKey,
      baseURL: opened.baseURL.replace(/\/v1$/, ""),
      fetch,
      maxRetries: 0,
      timeout: noLimit,
      logLevel: "off",
      // What is not said is looked for in the environment, and would go to whichever host the suite names.
      webhookKey: null,
      defaultHeaders: { "x-api-key": apiKey, authorization: null, "api-key": null }
    })
    // Not `messages.create`: it moves fields out of the body and warns of models on the console.
    const post = <A>(body: Prepared["body"], stream: boolean, signal: AbortSignal) => {
      // A log of the SDK's beta client has them in the body; on the wire they are a header.
      const { betas, ...rest } = body
      const headers = isArray(betas) ? { "anthropic-beta": betas.join(",") } : {}
      return client.post<A>("/v1/messages", { body: rest, headers, stream, signal })
    }
    return {
      prepare: writeRequest,
      send: (body, { stream }) =>
        exchange({ provider: name, model: String(body["model"]), key: secret }, timeoutMs, async (signal) => {
          const time = timed({ doubt: ended, says })
          if (stream) {
            const answer = post<AsyncIterable<unknown>>({ ...body, stream: true }, true, signal)
            return streamedReply(answer, { assembly: new Assembly(), read: readResponse }, time)
          }
          const { data, response } = await post<unknown>(body, false, signal).withResponse()
          assertNoError(data)
          return time.reply(readResponse(data), response.headers)
        }),
      models: exchange({ provider: name, model: "*", key: secret }, Math.min(timeoutMs, listMs), async (signal) =>
        (await client.models.list({ limit: 1000 }, { signal })).data.map((model) => model.id)
      )
    }
  })
}
