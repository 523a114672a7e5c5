import type { Capabilities } from "./capability.ts"

/** A part of requests that a model takes or does not. */
export type Part = "vision" | "tools" | "jsonSchema"

/** How vendors say that a model takes no such thing. */
const words: Readonly<Record<Part, RegExp>> = {
  vision: new RegExp(
    [
      "image_url is only supported by certain models", // OpenAI
      "image inputs? (is|are) not supported|support image input", // llama.cpp, OpenRouter
      "is not a multimodal model|at most 0 image", // vLLM
      "required for image input" // Ollama
    ].join("|"),
    "i"
  ),
  tools: new RegExp(
    [
      "does not support (tools|tool use|tool calling|function calling)|that support tool use", // Ollama, OpenRouter
      "(tools|tool calling|tool use)\\W+is not supported", // OpenAI, Groq
      "tool choice requires --enable-auto-tool-choice" // vLLM
    ].join("|"),
    "i"
  ),
  jsonSchema: new RegExp(
    [
      "response_format\\W+of type \\W?json_schema\\W+is not supported", // OpenAI
      "does not support response format \\W?json_schema", // Groq
      "response_format type is unavailable" // DeepSeek
    ].join("|"),
    "i"
  )
}

/** The part that a provider's words say its model does not take; `undefined`: they are about something else. Pure. */
export const refusedPart = (told: string): Part | undefined =>
  (["vision", "tools", "jsonSchema"] as const).find((part) => words[part].test(told))

/** What is known of a model, with what it was told of itself. */
export const withTold = (can: Capabilities, told: Capabilities): Capabilities => {
  const limits = [can.maxOutput, told.maxOutput].filter((limit) => limit !== undefined)
  return { ...can, ...told, ...(limits.length === 0 ? {} : { maxOutput: Math.min(...limits) }) }
}
