import { ProviderError } from "./contract.ts"
import { NotSent, Refused } from "./fetch.ts"
import { quotaOf } from "./quota.ts"
import { isPage, reasonOf, statusOf, titleOf, type Words, wordsOf } from "./reason.ts"
import { retryAfterOf, waitForQuota, waitInBody, waitInWords } from "./retryAfter.ts"
import { isArray, parse } from "./wires/json.ts"

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

/** Gateways that gave up waiting: what stood behind them may have done the work. */
const gaveUp = new Set([408, 502, 504, 524])

const longest = 500

const afterScheme = /\b(basic|bearer)(\s+)([\w.~+/=-]+)/gi
const word = /^[A-Za-z][a-z]*\.?$/

/**
 * The key inside any base64, whatever stands before and after it: of each of the three ways to lie on the groups of three bytes, what the
 * neighbours have no part in. A key too short to be told from other text is none.
 */
const encodedKey = (key: string): RegExp | undefined => {
  const cores = [0, 1, 2].flatMap((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(key)])
    const core = bytes.toString("base64").slice(before === 0 ? 0 : before + 1, Math.floor((bytes.length * 8) / 6))
    return core.length < 8 ? [] : [core, core.replaceAll("+", "-").replaceAll("/", "_")]
  })
  const texts = [...new Set(cores)].map((core) => core.replaceAll("+", "\\+"))
  return texts.length === 0 ? undefined : new RegExp(`[\\w+/-]*(?:${texts.join("|")})[\\w+/=-]*`, "g")
}

/** Without the key, plain or in base64, and without what an echoed header of authorization holds. */
const masked = (words: string, key: string | undefined): string => {
  const plain = key === undefined || key === "" ? words : words.replaceAll(key, "[key]")
  const encoded = key === undefined ? undefined : encodedKey(key)
  return (encoded === undefined ? plain : plain.replace(encoded, "[key]")).replace(
    afterScheme,
    (all, scheme: string, gap: string, what: string) => (word.test(what) ? all : `${scheme}${gap}[key]`) // "bearer token" is none
  )
}

/** The provider's words as they may be shown: one line, cut, without the key. */
const shown = (words: string, key: string | undefined): string => {
  const safe = masked(words, key)
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

/** Where a redirect leads: the origin alone, for the rest may hold what is nobody's business. `undefined`: it is none. */
const redirectOf = ({ headers, status }: Refused): string | undefined => {
  const to = status >= 300 && status < 400 ? headers.get("location") : null
  if (to === null) return undefined
  const origin = URL.parse(to)?.origin
  return origin === undefined || origin === "null"
    ? "it redirects to another path of the same host"
    : `it redirects to ${origin}`
}

const refused = (answer: Refused): Described => {
  const { body, headers, message, status } = answer
  const json = parse(body)
  // Google sends a list of one.
  const told = "value" in json ? (isArray(json.value) ? json.value[0] : json.value) : undefined
  const words = "value" in json ? wordsOf(told, message) : { message: body || message, names: [] }
  const page = isPage(body)
  const reason = reasonOf(status, words)
  const now = Date.now()
  const quota = quotaOf(headers, now)
  const wait =
    retryAfterOf(headers, now) ??
    (reason === "RateLimited" || reason === "Starting" || reason === "Server"
      ? (waitInBody(told) ?? waitInWords(words.message) ?? (status === 429 ? waitForQuota(quota) : undefined))
      : undefined)
  return {
    reason,
    status,
    detail: redirectOf(answer) ?? (page ? `a web page came in place of an answer: ${titleOf(body)}` : words.message),
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
  if (unsent !== undefined) return { reason: unsent.reason, detail: unsent.message, mayBeBilled: false }
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
