import * as Effect from "effect/Effect"

import type { Provider } from "./contract.ts"
import { openedOf } from "./exchange.ts"
import { openFetch } from "./fetch.ts"
import { openaiLine } from "./lines.ts"
import { openaiClient } from "./openai/client.ts"
import { connect } from "./openai/connection.ts"

/** OpenAI's chat completions or Responses, and every host that speaks them. */
export const openai: Provider = {
  ...openaiLine,
  open: Effect.fnUntraced(function* (config) {
    const opened = yield* openedOf(config, openaiLine)
    const fetch = yield* openFetch(opened)
    return connect(opened, openaiClient(opened, fetch), config.api)
  })
}
