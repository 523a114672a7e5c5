import Anthropic from "@anthropic-ai/sdk"
import * as Effect from "effect/Effect"

import type { CallResponse } from "../domain/Call.ts"
import type { Provider } from "./contract.ts"
import { assertNoError, exchange, gathered, listMs, noLimit, openedOf, timed } from "./exchange.ts"
import { Broken } from "./failure.ts"
import { openFetch } from "./fetch.ts"
import { anthropicLine } from "./lines.ts"
import { Assembly, readResponse, writeRequest } from "./wires/anthropicMessages.ts"

/** A message always says why it ended. */
const ended = ({ stopReasonRaw }: CallResponse): Broken | undefined =>
  stopReasonRaw === undefined ? new Broken("Cut", "the message does not say why it ended") : undefined

/** Anthropic's messages. An address that ends in `/v1` is taken without it, since the SDK adds it. */
export const anthropic: Provider = {
  ...anthropicLine,
  open: Effect.fnUntraced(function* (config) {
    const opened = yield* openedOf(config, anthropicLine.defaults.baseURL)
    const { apiKey, connections, name, secret, timeoutMs } = opened
    const fetch = yield* openFetch(connections)
    const client = new Anthropic({
      apiKey,
      baseURL: opened.baseURL.replace(/\/v1$/, ""),
      fetch,
      maxRetries: 0,
      timeout: noLimit,
      logLevel: "off",
      // What is not said is looked for in the environment, and would go to whichever host the suite names.
      webhookKey: null,
      defaultHeaders: { "x-api-key": apiKey, authorization: null }
    })
    // Not `messages.create`: it moves fields out of the body and warns of models on the console.
    const post = <A>(body: object, stream: boolean, signal: AbortSignal) =>
      client.post<A>("/v1/messages", { body, stream, signal })
    return {
      prepare: writeRequest,
      send: (body, { stream }) =>
        exchange({ provider: name, model: String(body["model"]), key: secret }, timeoutMs, async (signal) => {
          const time = timed(ended)
          if (stream) {
            const events = await post<AsyncIterable<unknown>>({ ...body, stream: true }, true, signal)
            return gathered(events, new Assembly(), time)
          }
          const answer = await post<unknown>(body, false, signal)
          assertNoError(answer)
          return time.reply(readResponse(answer))
        }),
      models: exchange({ provider: name, model: "*", key: secret }, Math.min(timeoutMs, listMs), async (signal) =>
        (await client.models.list({ limit: 1000 }, { signal })).data.map((model) => model.id)
      )
    }
  })
}
