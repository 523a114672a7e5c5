import OpenAI, { AzureOpenAI } from "openai"

import { noLimit, type Opened } from "../exchange.ts"
import type { Asked } from "../streaming.ts"

/** The SDK as far as it is used: one client for an account at OpenAI, at a host that speaks its wires, or at Azure. */
export interface Client {
  /** Posts a body once. What is read in the answer is its JSON, or the pieces of its stream. */
  post<A>(path: string, body: object, how: { readonly stream: boolean; readonly signal: AbortSignal }): Asked<A>
  models(signal: AbortSignal): Promise<ReadonlyArray<string>>
}

const clientOf = (sdk: OpenAI): Client => ({
  post: <A>(path: string, body: object, how: { readonly stream: boolean; readonly signal: AbortSignal }) =>
    sdk.post<A>(path, { body, ...how }),
  models: async (signal) => (await sdk.models.list({ signal })).data.map((model) => model.id)
})

const common = (fetch: typeof globalThis.fetch) => ({
  fetch,
  maxRetries: 0,
  timeout: noLimit,
  logLevel: "off" as const,
  // What is not said is looked for in the environment, and would go to whichever host the suite names.
  adminAPIKey: null,
  organization: null,
  project: null,
  webhookSecret: null
})

/** A client of OpenAI's, or of a host that speaks its wires. */
export const openaiClient = ({ apiKey, baseURL }: Opened, fetch: typeof globalThis.fetch): Client =>
  clientOf(
    new OpenAI({
      ...common(fetch),
      apiKey,
      baseURL,
      defaultHeaders: { authorization: `Bearer ${apiKey}`, "api-key": null, "x-api-key": null }
    })
  )

/** A client of a resource at Azure; `baseURL` is its endpoint, with or without `/openai`. A model is asked for by its deployment. */
export const azureClient = ({ apiKey, baseURL }: Opened, apiVersion: string, fetch: typeof globalThis.fetch): Client =>
  clientOf(
    new AzureOpenAI({
      ...common(fetch),
      apiKey,
      apiVersion,
      baseURL: baseURL.endsWith("/openai") ? baseURL : `${baseURL}/openai`,
      defaultHeaders: { "api-key": apiKey, authorization: null, "x-api-key": null }
    })
  )
