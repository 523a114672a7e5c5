import type { ProviderError } from "./contract.ts"
import { isInt, isObject, isText } from "./wires/json.ts"

/** What the body of an error says. */
export interface Words {
  readonly message: string
  /** The provider's machine-readable names for it: type, code, status. */
  readonly names: ReadonlyArray<string>
  /** The part of the request that it is about. */
  readonly param?: string
  readonly status?: number
}

/** Reads the bodies of many hosts; `fallback` stands where one says nothing. */
export const wordsOf = (body: unknown, fallback: string): Words => {
  if (isText(body)) return { message: body, names: [] }
  if (!isObject(body)) return { message: fallback, names: [] }
  const { code, detail, error, message, param, type } = body
  const names = [type, code, body["status"]].filter(isText)
  if (error !== undefined && error !== null) {
    const inner = wordsOf(error, fallback)
    return { ...inner, names: [...inner.names, ...names] }
  }
  const status = [code, body["status"], body["status_code"]].find((one) => isInt(one) && one >= 400 && one < 600)
  const words = [message, detail].find(isText) ?? JSON.stringify(detail ?? body)
  return {
    message: words,
    names,
    ...(isInt(status) ? { status } : {}),
    ...(isText(param) && param !== "" ? { param } : {})
  }
}

/** How vendors say that a request does not fit into the model's context. */
const tooLong = new RegExp(
  [
    "context[_ ]length", // OpenAI, vLLM, OpenRouter, Together
    "maximum context", // vLLM, Azure
    "context (window|size|limit)", // Anthropic, llama.cpp, Ollama
    "prompt is too long", // Anthropic
    "input (is |length |tokens? )?(too long|exceeds)", // Bedrock, Mistral, Ollama
    "input token count .*exceeds", // Gemini
    "too many (input )?tokens", // Cohere, Bedrock
    "(exceeds|exceeded|over) the (maximum|model's maximum|limit) .*tokens",
    "(reduce|shorten) (the length|your (prompt|input))", // OpenAI, Groq
    "prompt (contains|has) .*tokens", // Mistral, xAI
    "request too large|request_too_large|string_above_max_length" // OpenAI and Groq for a rate tier, Anthropic
  ].join("|"),
  "i"
)
const spent = /insufficient_quota|billing|credit balance|insufficient (balance|credits)|payment required/i
const noModel = /model_not_found|DeploymentNotFound|\bmodels?\b|no endpoints found for/i // OpenRouter

/** A 404 that is about what this one request asks for: a response or file it names, what OpenRouter has no host for, what a host of recordings lacks. */
const noSuchPart =
  /no (allowed )?(endpoints|providers)|no such |_not_found\b|for (this|these|your) (messages?|prompt|input|conversation)/i

/** What servers of https say to plain http. */
const wantsHttps = /plain HTTP request was sent to HTTPS port|Client sent an HTTP request to an HTTPS server/i

/** What OpenRouter and others call an unknown model with status 400. */
const unknownModel = new RegExp(
  [
    "\\b(invalid_model|model_not_found|unknown_model)\\b",
    "not a valid model\\b(?! (parameter|option|setting|input|output))", // OpenRouter
    "\\b(invalid|unknown|unrecogni[sz]ed) model\\b(?! (parameter|option|setting|config|input|output|response|message|type))", // Mistral, LiteLLM, Perplexity
    "\\bmodel( name| id| identifier)?[ :=]*['\"`]?[\\w./:@-]*['\"`]? ((is |was )?not found|(does )?not exist|is (invalid|unknown|not recogni[sz]ed))\\b" // OpenAI, DeepSeek, Bedrock
  ].join("|"),
  "i"
)

/** What turns away whoever comes from here, whatever the key. */
const notFromHere =
  /unsupported_country|(country|region|territory|location)\b.*\bnot (supported|available|allowed)|cloudflare|firewall|\b(your|this) ip\b|\bip (address )?(is )?(blocked|not allowed|denied)/i

/** What a host says whose model is not in memory yet: llama.cpp, TGI and Hugging Face's, llama-swap. */
const starting =
  /\b(loading|warming up|starting( up)?|initiali[sz]ing)\b|not (yet )?(loaded|ready)\b|\bis currently loading/i

/** What hosts answer with status 200 where nobody takes calls: LM Studio. */
const noEndpoint = /unexpected endpoint|unknown (endpoint|route|path)|no such (endpoint|route)/i

/** A page for people came, not an answer. */
export const isPage = (body: string): boolean => /^\s*<(!doctype|html|head|body)\b/i.test(body)

/** What a page is called, or else its words. */
export const titleOf = (page: string): string => {
  const [, title = ""] = /<title[^>]*>([^<]*)</i.exec(page) ?? []
  return title.trim() === "" ? page.replace(/<(script|style)\b.*?<\/\1>|<[^>]*>/gis, " ").trim() : title.trim()
}

type Reason = ProviderError["reason"]

/** Of a 404: the model is not there, or something else that the request names, or nobody takes calls at this address. */
const notFound = (told: string, param: string | undefined): Reason => {
  if (noModel.test(told)) return "ModelNotFound"
  return param !== undefined || noSuchPart.test(told) ? "BadRequest" : "Address"
}

/** Of a 400 or 422: the model's name is wrong, or we ask from where it serves nobody, or the request itself is. */
const badRequest = (told: string, param: string | undefined): Reason => {
  if (tooLong.test(told)) return "ContextTooLong"
  if ((param === undefined || param === "model") && unknownModel.test(told)) return "ModelNotFound"
  return /location is not supported|unsupported_country/i.test(told) ? "Blocked" : "BadRequest" // Gemini
}

/** What a status and its words mean. One below 300 is that of a page in place of an answer. */
export const reasonOf = (status: number, { message, names, param }: Words): Reason => {
  const told = `${names.join(" ")} ${message}`
  if (status < 400 || status === 405 || (status === 400 && wantsHttps.test(message))) return "Address"
  if (status === 413) return "ContextTooLong"
  if (status === 400 || status === 422) return badRequest(told, param)
  if (status === 402) return "Spent"
  if (status === 401) return "Auth"
  if (status === 403) return spent.test(told) ? "Spent" : isPage(message) || notFromHere.test(told) ? "Blocked" : "Auth"
  if (status === 404) return notFound(told, param)
  if (status === 407) return "Proxy"
  if (status === 408) return "Timeout"
  if (status === 409 || status === 425) return "Server" // a lock, or too early: worth asking again
  // No waiting mends an empty account or a request above the tier's limit.
  if (status === 429)
    return spent.test(told) ? "Spent" : /request too large/i.test(told) ? "ContextTooLong" : "RateLimited"
  if (status === 503 && starting.test(told)) return "Starting"
  return status >= 500 ? "Server" : "BadRequest"
}

/** The status that an error reported without one stands for, by the provider's names of it. */
export const statusOf = ({ message, names, status }: Words): number => {
  if (status !== undefined) return status
  const told = names.join(" ")
  if (/rate_limit|quota/.test(told)) return 429
  if (/authentication|permission|invalid_api_key/.test(told)) return 401
  if (/not_found/.test(told) || noEndpoint.test(message)) return 404
  if (/overloaded/.test(told)) return 529
  return /invalid_(request|prompt|image|base64)|image_|BadRequest|content_filter/.test(told) || tooLong.test(message)
    ? 400
    : 500
}
