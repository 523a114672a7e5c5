import type { ReadWire } from "../wires.ts"

/** Where a request went. */
export interface Address {
  /** Scheme, host and path, without credentials and query; of the query only Azure's `api-version`, which decides what a body means. */
  readonly endpoint: string
  /** Who answers there, by the host's name. */
  readonly provider?: string
  /** The model that the address names: Azure's deployment. */
  readonly model?: string
  readonly path: string
}

const hosts: ReadonlyArray<readonly [host: RegExp, provider: string]> = [
  [/^api\.openai\.com$/, "openai"],
  [/^api\.anthropic\.com$/, "anthropic"],
  [/\.openai\.azure\.com$|\.cognitiveservices\.azure\.com$|\.services\.ai\.azure\.com$/, "azure"],
  [/^openrouter\.ai$/, "openrouter"],
  [/^generativelanguage\.googleapis\.com$/, "google"],
  [/aiplatform\.googleapis\.com$/, "vertex"],
  [/^bedrock-runtime\./, "bedrock"],
  [/^api\.groq\.com$/, "groq"],
  [/^api\.mistral\.ai$/, "mistral"],
  [/^api\.deepseek\.com$/, "deepseek"],
  [/^api\.x\.ai$/, "xai"],
  [/^api\.together\.(xyz|ai)$/, "together"],
  [/^api\.fireworks\.ai$/, "fireworks"]
]

const deployment = /\/deployments\/([^/]+)\//

/** Reads an address; `undefined` for what is none over HTTP. A path that begins with `/` is one without a host. */
export const addressOf = (url: unknown): Address | undefined => {
  if (typeof url !== "string") return undefined
  const bare = url.startsWith("/")
  const text = bare ? `http://host.invalid${url}` : url
  if (!URL.canParse(text)) return undefined
  const { hostname, host, pathname, protocol, searchParams } = new URL(text)
  if (protocol !== "http:" && protocol !== "https:") return undefined
  const version = searchParams.get("api-version")
  const query = version === null || !/^[\w.-]{1,40}$/.test(version) ? "" : `?api-version=${version}`
  const provider = bare ? undefined : hosts.find(([pattern]) => pattern.test(hostname))?.[1]
  const named = deployment.exec(pathname)?.[1]
  const model = named === undefined ? undefined : decoded(named)
  return {
    endpoint: `${bare ? "" : `${protocol}//${host}`}${pathname}${query}`,
    ...(provider === undefined ? {} : { provider }),
    ...(model === undefined ? {} : { model }),
    path: pathname
  }
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** What is asked for at an address: a model on a wire that is read, a model on one that is not, or something else, by its kind. */
export type Target = { readonly wire: ReadWire } | { readonly unread: string } | { readonly other: string }

const wires: ReadonlyArray<readonly [path: RegExp, wire: ReadWire]> = [
  [/\/chat\/completions$/, "openai.chat"],
  [/\/responses$/, "openai.responses"],
  [/\/messages$/, "anthropic.messages"],
  [/\/api\/chat$/, "ollama.chat"]
]

const unread: ReadonlyArray<readonly [path: RegExp, name: string]> = [
  [/\/v1\/complete$/, "a call of Anthropic's older completions"],
  [/\/completions$/, "a text completion"],
  [/:(stream)?[gG]enerateContent$/, "a Gemini call"],
  [/\/model\/[^/]+\/(invoke|converse)(-with-response-stream|-stream)?$/, "a Bedrock call"],
  [/\/api\/generate$/, "a text completion of Ollama's"]
]

/** Endpoints of providers that ask no model for an answer. */
const besides = [
  ...["embeddings", "models", "files", "batches", "moderations", "images", "audio"],
  ...["vector_stores", "uploads", "fine_tuning", "realtime", "count_tokens", "input_items", "evals", "organization"]
]

/** Decides by method and path. */
export const targetOf = ({ path, provider }: Address, method: string): Target => {
  const bare = path.replace(/\/+$/, "")
  const ofAssistants = /\/(threads|assistants)(\/|$)/.exec(bare)?.[1]
  if (ofAssistants !== undefined && provider !== "anthropic") return { other: `request to …/${ofAssistants}` }
  if (method === "POST") {
    const wire = wires.find(([pattern]) => pattern.test(bare))?.[1]
    if (wire !== undefined) return { wire }
    const name = unread.find(([pattern]) => pattern.test(bare))?.[1]
    if (name !== undefined) return { unread: name }
  }
  const beside = bare.split("/").find((part) => besides.includes(part))
  if (beside !== undefined && (provider !== undefined || /\/v1\//.test(bare)))
    return { other: `request to …/${beside}` }
  return { other: provider === undefined ? "request to another host" : "another request to a provider" }
}
