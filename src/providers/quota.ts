import type { Left, Quota } from "./contract.ts"

const units: { readonly [unit: string]: number } = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const part = /([\d.]+)\s*(ms|s|m|h|d)/g
const whole = /^\s*(?:[\d.]+\s*(?:ms|s|m|h|d)\s*)+$/

/** Milliseconds of a time as vendors write it: `20ms`, `7.66s`, `6m0s`, `1h2m3.5s`; `undefined` where the text is none. */
export const durationMs = (text: string): number | undefined => {
  if (!whole.test(text)) return undefined
  let total = 0
  for (const [, count, unit = ""] of text.matchAll(part)) total += Number(count) * (units[unit] ?? Number.NaN)
  return Number.isFinite(total) ? Math.ceil(total) : undefined
}

/** Above this a plain number is a moment in seconds since 1970, a thousand times above it in milliseconds. */
const moment = 1e9

/** Milliseconds until a reset: a duration, seconds, or a moment (RFC 3339, or since 1970). Never negative. */
export const untilMs = (text: string, now: number): number | undefined => {
  const duration = durationMs(text)
  if (duration !== undefined) return duration
  const count = Number(text)
  if (text.trim() !== "" && Number.isFinite(count)) {
    if (count >= moment * 1000) return Math.max(0, count - now)
    return count >= moment ? Math.max(0, count * 1000 - now) : Math.max(0, count * 1000)
  }
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

const numberIn = (text: string | null): number | undefined => {
  if (text === null || text.trim() === "") return undefined
  const count = Number(text)
  return Number.isFinite(count) ? count : undefined
}

const leftOf = (remaining: string, limit: string | null, reset: string | null, now: number): Left | undefined => {
  const left = numberIn(remaining)
  const most = numberIn(limit)
  if (left === undefined || (left < 0 && !((most ?? 0) > 0))) return undefined // Azure's -1: not counted
  const resetMs = reset === null ? undefined : untilMs(reset, now)
  return {
    remaining: Math.max(0, left),
    ...(most === undefined ? {} : { limit: most }),
    ...(resetMs === undefined ? {} : { resetMs })
  }
}

interface Names {
  readonly remaining: string
  readonly limit: string
  readonly reset: string
}

// Looked up for each answer, so not put together then.
const openaiNames = (kind: string): Names => ({
  remaining: `x-ratelimit-remaining-${kind}`,
  limit: `x-ratelimit-limit-${kind}`,
  reset: `x-ratelimit-reset-${kind}`
})
const anthropicNames = (kind: string): Names => ({
  remaining: `anthropic-ratelimit-${kind}-remaining`,
  limit: `anthropic-ratelimit-${kind}-limit`,
  reset: `anthropic-ratelimit-${kind}-reset`
})
const plainStyle: Names = {
  remaining: "x-ratelimit-remaining",
  limit: "x-ratelimit-limit",
  reset: "x-ratelimit-reset"
}
const openaiStyle = { requests: openaiNames("requests"), tokens: openaiNames("tokens") }
const anthropicStyle = {
  requests: anthropicNames("requests"),
  tokens: anthropicNames("tokens"),
  input: anthropicNames("input-tokens"),
  output: anthropicNames("output-tokens")
}

const told = (headers: Headers, { limit, remaining, reset }: Names, now: number): Left | undefined => {
  const left = headers.get(remaining)
  return left === null ? undefined : leftOf(left, headers.get(limit), headers.get(reset), now)
}

/** The share that is left; where no limit is said, as much as there could be: a quota whose end is known counts first. */
const share = ({ limit, remaining }: Left) => (limit === undefined || limit <= 0 ? 1 : remaining / limit)

/** The one that is nearest to its end. */
const tightest = (quotas: ReadonlyArray<Left | undefined>): Left | undefined => {
  let least: Left | undefined
  for (const one of quotas) {
    if (one === undefined) continue
    if (least === undefined || share(one) < share(least)) least = one
    else if (share(one) === share(least) && one.remaining < least.remaining) least = one
  }
  return least
}

/**
 * What an answer's headers say is left of the account's quotas: `x-ratelimit-{limit,remaining,reset}-{requests,tokens}` (OpenAI and most
 * hosts; Azure leaves the reset out), `anthropic-ratelimit-{requests,tokens,input-tokens,output-tokens}-{limit,remaining,reset}`, or
 * `x-ratelimit-{limit,remaining,reset}` of requests (OpenRouter, whose reset is a moment in milliseconds, and gateways).
 * `now` is in milliseconds. `undefined` where they say nothing.
 */
export const quotaOf = (headers: Headers, now: number): Quota | undefined => {
  const quota = (requests: Left | undefined, tokens: Left | undefined): Quota | undefined =>
    requests === undefined && tokens === undefined
      ? undefined
      : { ...(requests === undefined ? {} : { requests }), ...(tokens === undefined ? {} : { tokens }) }
  const usual = quota(told(headers, openaiStyle.requests, now), told(headers, openaiStyle.tokens, now))
  if (usual !== undefined) return usual
  const requests = told(headers, anthropicStyle.requests, now)
  const all = told(headers, anthropicStyle.tokens, now)
  if (requests === undefined && all === undefined) return quota(told(headers, plainStyle, now), undefined)
  const { input, output } = anthropicStyle
  return quota(requests, tightest([all, told(headers, input, now), told(headers, output, now)]))
}
