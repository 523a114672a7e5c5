import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"

import type { CallRequest } from "../../domain/Call.ts"
import { anthropic } from "../anthropic.ts"
import { azure } from "../azure.ts"
import type { Connection, Provider, ProviderConfig } from "../contract.ts"
import { ollama } from "../ollama.ts"
import { openai } from "../openai.ts"
import { anthropicMessages } from "./anthropic.ts"
import { azureChat } from "./azure.ts"
import { type Dialect, model, type Said } from "./dialect.ts"
import { ollamaChat } from "./ollama.ts"
import { openaiChat } from "./openaiChat.ts"
import { openaiResponses } from "./openaiResponses.ts"
import { json, type Script, wireServer } from "./wireServer.ts"

/** The key of every account; nothing that is shown may hold it. */
export const key = "sk-secret-0123456789"

/** A provider, and the wire that its server speaks. */
export interface Subject {
  readonly name: string
  readonly provider: Provider
  readonly dialect: Dialect
  /** What its entry in a suite says beside the address. */
  readonly config: Partial<ProviderConfig>
}

/** Everything that is held to the contract. */
export const subjects: ReadonlyArray<Subject> = [
  { name: "openai", provider: openai, dialect: openaiChat, config: {} },
  { name: "openai, api: responses", provider: openai, dialect: openaiResponses, config: { api: "responses" } },
  { name: "azure", provider: azure, dialect: azureChat, config: { apiVersion: "2024-10-21" } },
  {
    name: "azure, api: responses",
    provider: azure,
    dialect: {
      ...openaiResponses,
      address: azureChat.address,
      key: azureChat.key,
      path: "/openai/responses?api-version=2025-04-01-preview"
    },
    config: { api: "responses", apiVersion: "2025-04-01-preview" }
  },
  { name: "anthropic", provider: anthropic, dialect: anthropicMessages, config: {} },
  { name: "ollama", provider: ollama, dialect: ollamaChat, config: {} }
]

/** A schema that every wire can hold an answer to. */
export const schema = {
  type: "object",
  properties: { city: { type: "string" } },
  required: ["city"],
  additionalProperties: false
}

/** A question. */
export const request: CallRequest = {
  wire: "unknown",
  model,
  messages: [
    { role: "system", blocks: [{ type: "text", text: "Be brief." }] },
    { role: "user", blocks: [{ type: "text", text: "What is the capital of France?" }] }
  ],
  tools: [],
  params: { maxOutputTokens: 200, temperature: 0 }
}

/** A tool that may be called. */
export const tool = {
  name: "lookup",
  description: "Looks up",
  inputSchema: schema,
  kind: "function",
  basis: "recorded"
} as const

/** The body of a request, and what it loses. */
export const prepared = (connection: Connection, asked: CallRequest = request) =>
  Result.getOrThrow(connection.prepare(asked))

/** Opens a provider whose server follows a script. */
export const opened = Effect.fnUntraced(function* (
  { config: own, dialect, provider }: Subject,
  script: Script,
  config: Partial<ProviderConfig> = {}
) {
  const server = yield* wireServer(script)
  const connection = yield* provider.open({
    name: "there",
    baseURL: dialect.address(server.url),
    apiKey: Redacted.make(key),
    timeoutMs: 20_000,
    ...own,
    ...config
  })
  return { server, connection }
})

/** Gives an answer, streamed where it is asked so. */
export const answering =
  ({ dialect }: Subject, said: Said, headers: Record<string, string> = {}): Script =>
  (response, { body }) => {
    if (body["stream"] !== true) return json(200, dialect.body(said), headers)(response)
    response.writeHead(200, { "content-type": dialect.type, ...headers })
    for (const piece of dialect.pieces(said)) response.write(piece)
    response.end()
  }

/** The error of a request that got no answer; it never shows the key. */
export const failing = Effect.fnUntraced(function* (
  subject: Subject,
  script: Script,
  how: { readonly stream?: boolean; readonly config?: Partial<ProviderConfig> } = {}
) {
  const { connection, server } = yield* opened(subject, script, how.config)
  const error = yield* Effect.flip(connection.send(prepared(connection).body, { stream: how.stream ?? false }))
  assert.strictEqual(error.provider, "there")
  assert.strictEqual(error.model, model)
  assert.notInclude(`${error.message}${JSON.stringify(error)}${error.stack}`, key)
  return { error, server }
})
