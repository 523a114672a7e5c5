import { ProviderError } from "./contract.ts"
import { NotSent, Refused } from "./fetch.ts"
import { quotaOf } from "./quota.ts"
import { retryAfterOf, waitForQuota, waitInBody, waitInWords } from "./retryAfter.ts"
import { isArray, isInt, isObject, isText, parse } from "./wires/json.ts"

/** Whom a request went to, and the key that no message may hold. */
export interface Addressee {
  readonly provider: string
  readonly model: string
  readonly key: string | undefined
}

/** The limit of time ran out; the socket is closed. */
export class TimedOut extends Error {
  override readonly name = "TimedOut"
  constructor(milliseconds: number) {
    super(`no answer within ${milliseconds} ms`)
  }
}

type Brokenness = "Malformed" | "Cut" | "Server"

/** What came is no answer: not what the wire promises, not all of it, or ended by a failure of the server. */
export class Broken extends Error {
  override readonly name = "Broken"
  readonly reason: Brokenness
  readonly mayBeBilled: boolean
  constructor(reason: Brokenness, words: string, mayBeBilled = true) {
    super(words)
    this.reason = reason
    this.mayBeBilled = mayBeBilled
  }
}

/** The provider reported an error in an answer that began well: amid a stream, or in the body of a 200. */
export class Reported extends Error {
  override readonly name = "Reported"
  readonly body: unknown
  /** An answer had begun: its work may be billed whatever the error. */
  readonly begun: boolean
  constructor(body: unknown, begun = false) {
    super("the provider reported an error")
    this.body = body
    this.begun = begun
  }
}

interface Words {
  readonly message: string
  /** The provider's machine-readable names for it: type, code, status. */
  readonly names: ReadonlyArray<string>
  readonly status?: number
}

const wordsOf = (body: unknown, fallback: string): Words => {
  if (isText(body)) return { message: body, names: [] }
  if (!isObject(body)) return { message: fallback, names: [] }
  const { code, detail, error, message, type } = body
  const names = [type, code, body["status"]].filter(isText)
  if (error !== undefined && error !== null) {
    const inner = wordsOf(error, fallback)
    return { ...inner, names: [...inner.names, ...names] }
  }
  const status = [code, body["status"], body["status_code"]].find((one) => isInt(one) && one >= 400 && one < 600)
  const words = [message, detail].find(isText) ?? JSON.stringify(detail ?? body)
  return { message: words, names, ...(isInt(status) ? { status } : {}) }
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
const noModel = /model_not_found|DeploymentNotFound|\bmodels?\b/i

type Reason = ProviderError["reason"]

const reasonOf = (status: number, { message, names }: Words): Reason => {
  const told = `${names.join(" ")} ${message}`
  if ([400, 413, 422].includes(status)) return status === 413 || tooLong.test(told) ? "ContextTooLong" : "BadRequest"
  if (status === 401 || status === 402 || status === 403) return "Auth"
  if (status === 404) return noModel.test(told) ? "ModelNotFound" : "BadRequest"
  if (status === 408) return "Timeout"
  if (status === 409 || status === 425) return "Server" // a lock, or too early: worth asking again
  // No waiting mends an empty account or a request above the tier's limit.
  if (status === 429)
    return spent.test(told) ? "Auth" : /request too large/i.test(told) ? "ContextTooLong" : "RateLimited"
  return status >= 500 ? "Server" : "BadRequest"
}

/** The status that an error reported without one stands for, by the provider's names of it. */
const statusOf = ({ message, names, status }: Words): number => {
  if (status !== undefined) return status
  const told = names.join(" ")
  if (/rate_limit|quota/.test(told)) return 429
  if (/authentication|permission|invalid_api_key/.test(told)) return 401
  if (/not_found/.test(told)) return 404
  if (/overloaded/.test(told)) return 529
  return /invalid_(request|prompt|image|base64)|image_|BadRequest|content_filter/.test(told) || tooLong.test(message)
    ? 400
    : 500
}

/** Gateways that gave up waiting: what stood behind them may have done the work. */
const gaveUp = new Set([408, 502, 504, 524])

const longest = 500

/** The provider's words as they may be shown: one line, cut, without the key. */
const shown = (words: string, key: string | undefined): string => {
  const safe = key === undefined || key === "" ? words : words.replaceAll(key, "[key]")
  const line = safe.replace(/\s+/g, " ").trim()
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line
}

/** The first error of a kind in a chain of causes. */
const within = <E extends Error>(error: unknown, kind: abstract new (...args: never) => E): E | undefined => {
  let at = error
  for (let depth = 0; depth < 5 && at instanceof Error; depth++) {
    if (at instanceof kind) return at
    at = at.cause
  }
  return undefined
}

/** What an error says, before it has a provider and a model. */
type Described = Pick<ProviderError, "reason" | "detail" | "mayBeBilled" | "status" | "retryAfterMs" | "quota">

/** Azure's filter took the prompt: it may have been billed, as a prompt that was read. */
const filtered = ({ names }: Words) => names.includes("content_filter")

const refused = ({ body, headers, message, status }: Refused): Described => {
  const json = parse(body)
  // Google sends a list of one.
  const told = "value" in json ? (isArray(json.value) ? json.value[0] : json.value) : undefined
  const words = "value" in json ? wordsOf(told, message) : { message: body || message, names: [] }
  const reason = reasonOf(status, words)
  const now = Date.now()
  const quota = quotaOf(headers, now)
  const wait =
    retryAfterOf(headers, now) ??
    (reason === "RateLimited" || reason === "Server"
      ? (waitInBody(told) ?? waitInWords(words.message) ?? (status === 429 ? waitForQuota(quota) : undefined))
      : undefined)
  return {
    reason,
    status,
    detail: words.message,
    mayBeBilled: gaveUp.has(status) || filtered(words),
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
    ...(quota === undefined ? {} : { quota })
  }
}

/** A body reported inside a good answer. The SDKs hold what a stream reported in `error` of an error without status. */
const reportedIn = (error: unknown): { readonly body: unknown; readonly begun?: boolean } | undefined => {
  const reported = within(error, Reported)
  if (reported !== undefined) return reported
  return error instanceof Error && "error" in error && error.error !== undefined ? { body: error.error } : undefined
}

const deepest = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  const below = error.cause instanceof Error ? deepest(error.cause) : ""
  return below === "" ? error.message || error.name : below
}

const described = (error: unknown): Described => {
  const timedOut = within(error, TimedOut)
  if (timedOut !== undefined) return { reason: "Timeout", detail: timedOut.message, mayBeBilled: true }
  const answer = within(error, Refused)
  if (answer !== undefined) return refused(answer)
  const unsent = within(error, NotSent)
  if (unsent !== undefined) return { reason: "Network", detail: unsent.message, mayBeBilled: false }
  const broken = within(error, Broken)
  if (broken !== undefined) return { reason: broken.reason, detail: broken.message, mayBeBilled: broken.mayBeBilled }
  const reported = reportedIn(error)
  if (reported !== undefined) {
    const words = wordsOf(reported.body, "the provider reported an error")
    const status = statusOf(words)
    const mayBeBilled = reported.begun === true || status >= 500
    const wait = waitInBody(reported.body) ?? waitInWords(words.message)
    return {
      reason: reasonOf(status, words),
      detail: words.message,
      mayBeBilled,
      ...(wait === undefined ? {} : { retryAfterMs: wait })
    }
  }
  if (error instanceof SyntaxError) return { reason: "Malformed", detail: error.message, mayBeBilled: true }
  return { reason: "Network", detail: deepest(error), mayBeBilled: true }
}

/** The error of a request that got no answer, whatever the SDK, the socket or the wire's reader threw. */
export const failureOf = (error: unknown, { key, model, provider }: Addressee): ProviderError => {
  const { detail, ...rest } = described(error)
  return new ProviderError({ provider, model, ...rest, detail: shown(detail, key) })
}
