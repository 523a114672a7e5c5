import * as Effect from "effect/Effect"

import { Fault } from "../domain/Fault.ts"
import type { Provider } from "./contract.ts"
import { openedOf } from "./exchange.ts"
import { openFetch } from "./fetch.ts"
import { azureLine } from "./lines.ts"
import { azureClient } from "./openai/client.ts"
import { connect } from "./openai/connection.ts"

/** OpenAI's models at Azure, by deployment. */
export const azure: Provider = {
  ...azureLine,
  open: Effect.fnUntraced(function* (config) {
    const opened = yield* openedOf(config, azureLine)
    const { apiVersion, name } = config
    const faulty = (what: string, mend: string) =>
      new Fault({ kind: "input", sentence: `provider ${name}: ${what}`, mend })
    if (opened.baseURL.endsWith("/openai/v1"))
      return yield* faulty(
        "the baseURL is that of Azure's v1 API, which needs no version",
        'Name it with kind "openai", or leave /openai/v1 out.'
      )
    if (apiVersion === undefined || apiVersion.trim() === "")
      return yield* faulty("Azure wants to be told the version of its API", 'For example apiVersion: "2024-10-21".')
    const fetch = yield* openFetch(opened)
    return connect(opened, azureClient(opened, apiVersion, fetch), config.api)
  })
}
