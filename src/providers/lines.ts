import type { Provider } from "./contract.ts"

/** What is known of a provider before its SDK is loaded. */
export type Line = Omit<Provider, "open">

/** OpenAI's endpoints that answer; the first is asked where a suite names none. */
const apis = ["chat", "responses"] as const

export const openaiLine = {
  id: "openai",
  about: "OpenAI's chat completions or Responses, and every host that speaks them",
  apis,
  embeds: true,
  defaults: { apiKeyEnv: "OPENAI_API_KEY", baseURL: "https://api.openai.com/v1" }
} satisfies Line

export const azureLine = {
  id: "azure",
  about: "OpenAI's models at Azure, by deployment",
  apis,
  embeds: true,
  needs: ["baseURL", "apiVersion"],
  defaults: { apiKeyEnv: "AZURE_OPENAI_API_KEY" }
} satisfies Line

export const anthropicLine = {
  id: "anthropic",
  about: "Anthropic's messages",
  defaults: { apiKeyEnv: "ANTHROPIC_API_KEY", baseURL: "https://api.anthropic.com" }
} satisfies Line

export const ollamaLine = {
  id: "ollama",
  about: "Ollama's chat, on this machine unless it is told another",
  embeds: true,
  defaults: { baseURL: "http://127.0.0.1:11434" }
} satisfies Line
