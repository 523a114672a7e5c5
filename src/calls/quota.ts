import type { Left, Quota } from "../providers/contract.ts"

/** What is left of one quota, as far as is known: a plain value. */
interface Window {
  /** Requests or tokens, after everything that was let out since. */
  readonly left: number
  /** Of a whole window; `undefined`: the provider does not say. */
  readonly limit: number | undefined
  /** When `left` is `limit` again, in milliseconds of the clock. */
  readonly resetAt: number
  /** Milliseconds of a window, as long as one was seen to be. */
  readonly spanMs: number
}

/** What a provider still allows for one of its models, as its headers tell it: a plain value. */
export interface Allowance {
  readonly requests: Window | undefined
  readonly tokens: Window | undefined
  /** Tokens of a try, in and out: a running average over what tries used. */
  readonly perTry: number
  /** Tries let out so far. */
  readonly sent: number
  /** Of the tries whose headers were read, the one that was let out last. */
  readonly heard: number
  /** When the last try was let out. */
  readonly sentAt: number
}

export const noAllowance: Allowance = {
  requests: undefined,
  tokens: undefined,
  perTry: 0,
  sent: 0,
  heard: 0,
  sentAt: 0
}

/** How long a window is taken to be where no header says when it ends: the vendors count by the minute. */
const minute = 60_000

/** A window whose time is over is whole again, for as long as the last one was; without a limit nothing is known of it. */
const current = (window: Window | undefined, now: number): Window | undefined => {
  if (window === undefined || now < window.resetAt) return window
  const { limit, spanMs } = window
  return limit === undefined ? undefined : { limit, left: limit, resetAt: now + spanMs, spanMs }
}

const less = (window: Window | undefined, much: number): Window | undefined =>
  window === undefined ? undefined : { ...window, left: window.left - much }

/** After a try was let out: it takes one request and about as many tokens as others did. */
export const afterSent = (allowance: Allowance, now: number): Allowance => {
  const { perTry, requests, sent, tokens } = allowance
  return {
    ...allowance,
    requests: less(current(requests, now), 1),
    tokens: less(current(tokens, now), perTry),
    sent: sent + 1,
    sentAt: now
  }
}

/** How much a new try's tokens weigh in the running average. */
const weight = 0.1

/** After an answer that used so many tokens, in and out. */
export const afterUse = (allowance: Allowance, tokens: number): Allowance => {
  const { perTry } = allowance
  return { ...allowance, perTry: perTry === 0 ? tokens : perTry + weight * (tokens - perTry) }
}

const heardOf = (
  told: Left | undefined,
  known: Window | undefined,
  since: number,
  sentAt: number,
  now: number
): Window | undefined => {
  if (told === undefined) return known
  const resetMs = told.resetMs ?? minute
  const resetAt = sentAt + resetMs
  // The answer took longer than the window had to go: the header speaks of one that is over.
  if (resetAt <= now) return known
  return {
    left: told.remaining - since,
    limit: told.limit ?? known?.limit,
    resetAt,
    spanMs: Math.max(resetMs, known?.spanMs ?? 0)
  }
}

/**
 * After headers were read. Providers count a try when they let it in, so the numbers are taken as of the time when it was sent: what was let
 * out after it is still to be taken off. `nth`: how many tries had been let out with it; headers of an earlier try than the latest heard say nothing new.
 */
export const afterHeaders = (
  allowance: Allowance,
  quota: Quota,
  { nth, now, sentAt }: { readonly nth: number; readonly sentAt: number; readonly now: number }
): Allowance => {
  if (nth < allowance.heard) return allowance
  const since = allowance.sent - nth
  return {
    ...allowance,
    heard: nth,
    requests: heardOf(quota.requests, allowance.requests, since, sentAt, now),
    tokens: heardOf(quota.tokens, allowance.tokens, since * allowance.perTry, sentAt, now)
  }
}

const waitFor = (window: Window | undefined, perTry: number, sentAt: number, now: number, atOnce: number): number => {
  const known = current(window, now)
  if (known === undefined || perTry === 0) return 0
  const tries = Math.floor(known.left / perTry)
  if (tries >= atOnce) return 0
  if (tries < 1) return Math.ceil(known.resetAt - now)
  return Math.max(0, Math.ceil(sentAt + (known.resetAt - sentAt) / (tries + 1) - now))
}

/**
 * Milliseconds until the next try may go out; 0: now. As long as the quota has room for as many tries as may be out at once (`atOnce`) nothing
 * waits; below that, tries are spread evenly over what is left of the window; with no room left for one, all wait for its end.
 *
 * Spread over the time to the end of the window, `left / time` tries a second never use up a window of fixed length, and settle at the speed
 * of refilling where the quota is a bucket that refills all the time. What would take longer than `patienceMs` is not waited for: a
 * quota of a day is no matter of pacing, and the provider's own answer decides.
 */
export const waitMs = (allowance: Allowance, now: number, atOnce: number, patienceMs: number): number => {
  const { perTry, requests, sentAt, tokens } = allowance
  const forRequests = waitFor(requests, 1, sentAt, now, atOnce)
  const forTokens = waitFor(tokens, perTry, sentAt, now, atOnce)
  return Math.max(forRequests > patienceMs ? 0 : forRequests, forTokens > patienceMs ? 0 : forTokens)
}
