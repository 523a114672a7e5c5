import type { PricedProvider } from "../../pricing/book.ts"

/** A provider's own price list, found by its public address; the two that need none are known by their kind. */
const places: ReadonlyArray<readonly [names: RegExp, place: Omit<PricedProvider, "name">]> = [
  [/^openai($|[./])|^text-completion-openai$/, { kind: "openai" }],
  [/^anthropic($|[./])/, { kind: "anthropic" }],
  [/^az(ure)?($|[-_.])/, { kind: "openai", baseURL: "https://any.openai.azure.com" }],
  [/bedrock|^aws|^amazon/, { kind: "openai", baseURL: "https://bedrock-runtime.us-east-1.amazonaws.com" }],
  [/vertex|gemini|^google|^gcp/, { kind: "openai", baseURL: "https://generativelanguage.googleapis.com" }],
  [/^groq($|[-_.])/, { kind: "openai", baseURL: "https://api.groq.com/openai/v1" }],
  [/^mistral/, { kind: "openai", baseURL: "https://api.mistral.ai" }],
  [/^deepseek/, { kind: "openai", baseURL: "https://api.deepseek.com" }],
  [/^x[-_]?ai($|[-_.])/, { kind: "openai", baseURL: "https://api.x.ai" }],
  [/^openrouter/, { kind: "openai", baseURL: "https://openrouter.ai/api/v1" }],
  [/^together/, { kind: "openai", baseURL: "https://api.together.xyz" }],
  [/^fireworks/, { kind: "openai", baseURL: "https://api.fireworks.ai" }],
  [/^cohere/, { kind: "openai", baseURL: "https://api.cohere.com" }],
  [/^perplexity/, { kind: "openai", baseURL: "https://api.perplexity.ai" }],
  [/^cerebras/, { kind: "openai", baseURL: "https://api.cerebras.ai" }]
]

/** Who makes a model, by the beginning of its name, where a log names no provider. */
const makers: ReadonlyArray<readonly [models: RegExp, kind: string]> = [
  [/^(openai\/)?(gpt-|chatgpt-|o\d|codex-)/, "openai"],
  [/^(anthropic\/)?claude-/, "anthropic"]
]

/**
 * Where the price book is asked for a call: the provider as the archive names it (so that a user's rows under that name win), with the
 * price list of whoever that is. Logs name one provider in many ways (`azure`, `azure.ai.openai`, `azure-openai.chat`). Where a log names
 * none, the maker's list is taken if the model's name tells the maker. A provider without a list has the user's prices or none.
 */
export const pricedProvider = (provider: string | null, model: string): PricedProvider => {
  if (provider === null) {
    const maker = makers.find(([models]) => models.test(model))?.[1]
    return maker === undefined ? { name: "", kind: "" } : { name: maker, kind: maker }
  }
  const place = places.find(([names]) => names.test(provider.toLowerCase()))?.[1]
  return { name: provider, ...(place ?? { kind: provider }) }
}
