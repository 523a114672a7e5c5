import * as Effect from "effect/Effect"
import OpenAI from "openai"

import type { Provider } from "./contract.ts"
import { assertNoError, exchange, gathered, listMs, noLimit, openedOf, timed } from "./exchange.ts"
import { openFetch } from "./fetch.ts"
import { openaiLine } from "./lines.ts"
import { Assembly, readResponse, writeRequest } from "./wires/openaiChat.ts"

/** OpenAI's chat completions and every host that speaks them. */
export const openai: Provider = {
  ...openaiLine,
  open: Effect.fnUntraced(function* (config) {
    const { apiKey, baseURL, connections, name, secret, timeoutMs } = yield* openedOf(
      config,
      openaiLine.defaults.baseURL
    )
    const fetch = yield* openFetch(connections)
    const client = new OpenAI({
      apiKey,
      baseURL,
      fetch,
      maxRetries: 0,
      timeout: noLimit,
      logLevel: "off",
      // What is not said is looked for in the environment, and would go to whichever host the suite names.
      adminAPIKey: null,
      organization: null,
      project: null,
      webhookSecret: null,
      defaultHeaders: { authorization: `Bearer ${apiKey}` }
    })
    const post = <A>(body: object, stream: boolean, signal: AbortSignal) =>
      client.post<A>("/chat/completions", { body, stream, signal })
    return {
      prepare: writeRequest,
      send: (body, { stream }) =>
        exchange({ provider: name, model: String(body["model"]), key: secret }, timeoutMs, async (signal) => {
          const time = timed()
          if (stream) {
            const asked = { ...body, stream: true, stream_options: { include_usage: true } }
            return gathered(await post<AsyncIterable<unknown>>(asked, true, signal), new Assembly(), time)
          }
          const answer = await post<unknown>(body, false, signal)
          assertNoError(answer)
          return time.reply(readResponse(answer))
        }),
      models: exchange({ provider: name, model: "*", key: secret }, Math.min(timeoutMs, listMs), async (signal) =>
        (await client.models.list({ signal })).data.map((model) => model.id)
      )
    }
  })
}
