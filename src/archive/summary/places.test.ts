import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

import { priceBook } from "../../pricing/book.ts"
import { pricedProvider } from "./places.ts"

describe("where a price is looked up", () => {
  it.effect("is the price list of the provider, whatever the log calls it", () =>
    Effect.gen(function* () {
      const book = yield* priceBook({})
      const listOf = (provider: string | null, model: string) =>
        book.priceOf(pricedProvider(provider, model), model, "2026-05-01")?.source.replace(/^.*: /, "").split("/")[0]
      const rows: ReadonlyArray<readonly [provider: string | null, model: string, list: string | undefined]> = [
        ["openai", "gpt-4o-2024-08-06", "openai"],
        ["openai.responses", "gpt-4o", "openai"],
        ["azure", "gpt-4o", "azure"],
        ["azure.ai.openai", "gpt-4o", "azure"],
        ["az.ai.openai", "gpt-4o", "azure"],
        ["azure-openai.chat", "gpt-4o", "azure"],
        ["Anthropic", "claude-sonnet-4-20250514", "anthropic"],
        ["anthropic.messages", "claude-sonnet-4-20250514", "anthropic"],
        ["bedrock_converse", "us.anthropic.claude-sonnet-4-20250514-v1:0", "aws"],
        ["aws.bedrock", "us.anthropic.claude-sonnet-4-20250514-v1:0", "aws"],
        ["amazon-bedrock", "us.anthropic.claude-sonnet-4-20250514-v1:0", "aws"],
        ["vertex_ai", "gemini-2.5-pro", "google"],
        ["gcp.gemini", "gemini-2.5-pro", "google"],
        ["google.generative-ai", "gemini-2.5-pro", "google"],
        ["groq", "llama-3.3-70b-versatile", "groq"],
        ["mistral_ai", "mistral-large-latest", "mistral"],
        ["deepseek", "deepseek-chat", "deepseek"],
        ["x_ai", "grok-3", "x-ai"],
        ["xai.chat", "grok-3", "x-ai"],
        ["openrouter", "openai/gpt-4o", "openrouter"],
        ["openrouter", "anthropic/claude-sonnet-4.5", "openrouter"],
        ["openrouter", "anthropic/claude-sonnet-4-5", "openrouter"],
        ["openrouter", "anthropic/claude-sonnet-9-9", undefined],
        ["openai", "openai/gpt-4.1", "openai"],
        ["openai", "anthropic/claude-sonnet-4.5", undefined],
        [null, "anthropic/claude-sonnet-4.5", "anthropic"],
        [null, "openai/gpt-4.1", "openai"],
        // The maker's list where no provider is named, and nothing where nothing tells.
        [null, "gpt-4o", "openai"],
        [null, "claude-sonnet-4-20250514", "anthropic"],
        [null, "sim-premium-large", undefined],
        ["openai_like", "gpt-4o", undefined],
        ["our-gateway", "gpt-4o", undefined],
        ["ollama", "gpt-4o", undefined]
      ]
      assert.deepStrictEqual(
        rows.map(([provider, model]) => [provider, model, listOf(provider, model)]),
        rows.map((row) => [...row])
      )
    })
  )

  it.effect("is the user's own rows first, under the name that the log has", () =>
    Effect.gen(function* () {
      const book = yield* priceBook({ "our-gateway": { "gpt-4o": { input: 1, output: 2 } } })
      assert.strictEqual(book.priceOf(pricedProvider("our-gateway", "gpt-4o"), "gpt-4o")?.source, "suite")
    })
  )
})
