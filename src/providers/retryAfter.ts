import type { Left, Quota } from "./contract.ts"
import { durationMs, untilMs } from "./quota.ts"
import { isArray, isObject, isText } from "./wires/json.ts"

/**
 * Milliseconds to wait, from `retry-after-ms`, `x-ms-retry-after-ms` (Azure) or `retry-after` (seconds, a date, or a moment since 1970, which
 * some gateways send); `undefined` where none says.
 */
export const retryAfterOf = (headers: Headers, now: number): number | undefined => {
  for (const name of ["retry-after-ms", "x-ms-retry-after-ms"]) {
    const exact = headers.get(name)?.trim() || undefined
    if (exact !== undefined && Number.isFinite(Number(exact))) return Math.max(0, Number(exact))
  }
  const told = headers.get("retry-after")
  return told === null ? undefined : untilMs(told, now)
}

const unit = "(?:milliseconds?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h)(?![a-z])"
const asked = new RegExp(`(?:try again|retry)\\s+(?:in|after)\\s+((?:\\d+(?:\\.\\d+)?\\s*${unit}[\\s,]*)+)`, "i")

const short = (words: string) =>
  words
    .toLowerCase()
    .replace(/milliseconds?/g, "ms")
    .replace(/seconds?|secs?/g, "s")
    .replace(/minutes?|mins?/g, "m")
    .replace(/hours?|hrs?/g, "h")
    .replaceAll(",", " ")

/** Milliseconds to wait, from the provider's words: "Please try again in 7.66s", "Please retry after 6 seconds". */
export const waitInWords = (message: string): number | undefined => {
  const [, found] = asked.exec(message) ?? []
  return found === undefined ? undefined : durationMs(short(found))
}

/** Milliseconds to wait, from `retryDelay` in the details of a Google error's body. */
export const waitInBody = (body: unknown): number | undefined => {
  const error = isObject(body) && isObject(body["error"]) ? body["error"] : body
  const details = isObject(error) ? error["details"] : undefined
  if (!isArray(details)) return undefined
  for (const one of details) {
    const delay = isObject(one) ? one["retryDelay"] : undefined
    if (isText(delay)) return durationMs(delay)
  }
  return undefined
}

/** Milliseconds until a quota that is used up is there again; where none is, until the first of them is. `undefined`: not said. */
export const waitForQuota = (quota: Quota | undefined): number | undefined => {
  const said = [quota?.requests, quota?.tokens].filter(
    (one): one is Left & { readonly resetMs: number } => one?.resetMs !== undefined
  )
  const spent = said.filter(({ remaining }) => remaining <= 0)
  if (spent.length > 0) return Math.max(...spent.map(({ resetMs }) => resetMs))
  return said.length === 0 ? undefined : Math.min(...said.map(({ resetMs }) => resetMs))
}
