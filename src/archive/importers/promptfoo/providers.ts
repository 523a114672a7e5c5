import type { JsonObject } from "../../json.ts"
import { arrayIn, objectIn, textIn } from "../../json.ts"

/** Whom a row asked. */
export interface Asked {
  readonly provider?: string
  readonly model: string
  /** `program`: code or an address of the user's own, which may ask anything; `none`: nobody was asked. */
  readonly kind: "model" | "program" | "none"
}

/** Words of a provider's id between its name and the model's: the interface that is spoken. */
const interfaces = new Set(
  "chat,completion,completions,messages,responses,converse,text,generate,realtime,assistant,agents,codex,inference-profile".split(
    ","
  )
)
const programs =
  /^(?:https?|wss?|websocket|exec|python|golang|ruby|file|package|javascript|webhook|browser|mcp|sequence|promptfoo)(?::|$)|\.(?:js|mjs|cjs|ts|py|go|rb|sh)(?::|$)/i

/** Reads a provider's id as promptfoo writes it: `openai:chat:gpt-4o`, `anthropic:messages:claude-…`, `openrouter:openai/gpt-4o`, `ollama:llama3:8b`. */
export const askedIn = (id: string): Asked => {
  if (/^(?:echo|manual-input|promptfoo:manual-input)$/.test(id)) return { model: id, kind: "none" }
  if (programs.test(id)) return { model: id, kind: "program" }
  const [provider = "", ...rest] = id.split(":")
  if (rest.length === 0) return { model: id, kind: "model" }
  const named = rest.length > 1 && interfaces.has(rest[0]!) ? rest.slice(1) : rest
  // `openai:chat` alone leaves the model to promptfoo.
  return { provider, model: interfaces.has(named.join(":")) ? "unknown" : named.join(":"), kind: "model" }
}

/** Settings of a provider that are sent along; others steer promptfoo, and may hold keys. */
const sent = new Set(
  [
    "temperature,max_tokens,max_completion_tokens,max_output_tokens,top_p,top_k,stop,stop_sequences,seed,n",
    "frequency_penalty,presence_penalty,response_format,tools,tool_choice,parallel_tool_calls",
    "reasoning_effort,reasoning,thinking,verbosity,service_tier"
  ]
    .join()
    .split(",")
)

/** A setting that lies in a file is not in the log. */
const isElsewhere = (value: unknown) => typeof value === "string" && value.startsWith("file://")

/** What is known of the settings a row was asked with. */
export interface Settings {
  readonly body: JsonObject
  /** True where the file tells how the provider was configured. */
  readonly known: boolean
  /** True where a setting that is named lies in another file. */
  readonly gaps: boolean
  /** A system prompt that is a setting of its own. */
  readonly system: string | undefined
}

const configOf = (provider: unknown): JsonObject | undefined => objectIn(objectIn(provider)?.["config"])

/** The settings of a provider, by its id and label, in the list of the file's configuration; those of the prompt go before. */
export const settingsOf = (config: unknown, id: string, label: string | undefined, prompt: unknown): Settings => {
  const listed = (arrayIn(objectIn(config)?.["providers"]) ?? []).find((one) => {
    if (one === id) return true
    const object = objectIn(one)
    if (object === undefined) return false
    if (label !== undefined && object["label"] === label) return true
    return object["id"] === id || id in object
  })
  const own = configOf(listed) ?? configOf(objectIn(listed)?.[id])
  const all = { ...own, ...objectIn(prompt) }
  const given = Object.entries(all).filter(([name]) => sent.has(name))
  const system = textIn(all["systemPrompt"]) ?? textIn(all["system"]) ?? textIn(all["system_prompt"])
  return {
    body: Object.fromEntries(given.filter(([, value]) => !isElsewhere(value))),
    known: listed !== undefined,
    gaps: given.some(([, value]) => isElsewhere(value)),
    system: isElsewhere(system) ? undefined : system
  }
}
