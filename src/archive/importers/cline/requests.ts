import type { ArchivedCall, Usage } from "../../../domain/Call.ts"
import { noUsage } from "../../../providers/wires/usage.ts"
import { billIn, unbilled } from "../../billed.ts"
import type { JsonObject } from "../../json.ts"
import { arrayIn, countIn, numberIn, objectIn, textIn, unpacked } from "../../json.ts"
import { usageOf } from "../../spans/tokens.ts"

/** A request to the model as the program noted it for its user: counts and cost, and where in the conversation it stood. */
export interface NotedRequest {
  readonly line: number
  /** Milliseconds since 1970. */
  readonly at: number | undefined
  /** The last message of the conversation before the user's message of this request. */
  readonly after: number | undefined
  /** Messages that were left out when it was sent, from and to. */
  readonly without: readonly [from: number, to: number] | undefined
  readonly model: JsonObject | undefined
  readonly info: JsonObject
}

/** A notice and where it stands. */
export interface Notice {
  readonly line: number
  readonly row: JsonObject
}

const rangeIn = (row: JsonObject): readonly [number, number] | undefined => {
  const [from, to] = arrayIn(row["conversationHistoryDeletedRange"]) ?? []
  const [first, last] = [countIn(from), countIn(to)]
  return first === undefined || last === undefined ? undefined : [first, last]
}

const counted = (info: JsonObject) =>
  ["tokensIn", "tokensOut", "cost"].some((name) => numberIn(info[name]) !== undefined)

/** The requests among a task's notices, in order. What was noted of one in two notices is put together. */
export const requestsIn = (notices: ReadonlyArray<Notice>): ReadonlyArray<NotedRequest> => {
  const requests: Array<NotedRequest & { readonly open: boolean }> = []
  for (const [at, { line, row }] of notices.entries()) {
    if (row["say"] !== "api_req_started" && row["say"] !== "api_req_finished") continue
    const info = objectIn(unpacked(row["text"])) ?? {}
    const last = requests.at(-1)
    const later = row["say"] === "api_req_finished" || (counted(info) && !("request" in info))
    if (last?.open === true && later) {
      requests[requests.length - 1] = { ...last, info: { ...last.info, ...info }, open: false }
      continue
    }
    // What is left out is decided after the request was noted: the next notice tells it.
    const next = notices.slice(at + 1).find((notice) => "conversationHistoryIndex" in notice.row)?.row
    const same = next !== undefined && next["say"] !== "api_req_started"
    const model = objectIn(row["modelInfo"])
    requests.push({
      line,
      at: numberIn(row["ts"]),
      after: Number.isSafeInteger(row["conversationHistoryIndex"])
        ? Number(row["conversationHistoryIndex"])
        : undefined,
      without: (same ? rangeIn(next) : undefined) ?? rangeIn(row),
      model,
      info,
      open: !counted(info) && !("cancelReason" in info)
    })
  }
  return requests
}

/** An answer of the conversation, to be joined with its request. */
export interface Placed {
  /** Its place in the conversation. */
  readonly index: number
  /** When it was written down: milliseconds since 1970. */
  readonly at: number | undefined
}

/** Which request each answer belongs to, and which requests are nobody's. */
export interface Joined {
  readonly of: ReadonlyMap<number, NotedRequest>
  readonly left: ReadonlyArray<NotedRequest>
  /** How sure that is: by a place or a time, by the order alone, or by an order that does not come out even. */
  readonly by: "place" | "order" | "uneven order"
}

/** Joins answers with requests: by their place in the conversation, else by time, else by order. */
export const joined = (answers: ReadonlyArray<Placed>, requests: ReadonlyArray<NotedRequest>): Joined => {
  const of = new Map<number, NotedRequest>()
  const placed = requests.length > 0 && requests.every(({ after }) => after !== undefined)
  const timed =
    requests.length > 0 && requests.every(({ at }) => at !== undefined) && answers.every(({ at }) => at !== undefined)
  if (placed || timed) {
    for (const [n, request] of requests.entries()) {
      const until = requests[n + 1]?.at ?? Number.POSITIVE_INFINITY
      const answer = answers.find(({ at, index }) =>
        placed ? index > request.after! && index <= request.after! + 3 : at! >= request.at! && at! < until
      )
      if (answer !== undefined) of.set(answer.index, request)
    }
  } else for (const [n, { index }] of answers.entries()) if (requests[n] !== undefined) of.set(index, requests[n])
  const taken = new Set(of.values())
  return {
    of,
    left: requests.filter((request) => !taken.has(request)),
    by: placed || timed ? "place" : answers.length === requests.length ? "order" : "uneven order"
  }
}

/**
 * Counts of a noted request. Cline counts cached tokens beside the input. Roo and Kilo, which note the wire they spoke, count them inside it;
 * older ones did not on Anthropic's, which shows where there are more of them than input.
 */
export const requestUsage = (info: JsonObject): Usage => {
  const input = countIn(info["tokensIn"])
  const output = countIn(info["tokensOut"])
  const cacheRead = countIn(info["cacheReads"])
  const cacheWriteOther = countIn(info["cacheWrites"])
  const cached = (cacheRead ?? 0) + (cacheWriteOther ?? 0)
  // A request that was broken off before counts came is noted with zeros.
  if ((input ?? 0) + (output ?? 0) + cached === 0) return noUsage
  const wire = textIn(info["apiProtocol"])
  const raw = Object.fromEntries(
    ["tokensIn", "tokensOut", "cacheReads", "cacheWrites", "apiProtocol"].flatMap((name) =>
      info[name] === undefined ? [] : [[name, info[name]]]
    )
  )
  const usage = usageOf(
    { input, output, cacheRead, cacheWriteOther },
    { cacheInside: wire !== undefined, reasoningInside: true },
    raw
  )
  return wire === "anthropic" && cached > 0 && usage.basis === "reported"
    ? {
        ...usage,
        basis: "derived",
        diagnostics: [
          ...(usage.diagnostics ?? []),
          "input is read as holding the cached tokens: newer versions count so, older ones did not"
        ]
      }
    : usage
}

/** Counts that stand beside an answer itself: input without cached tokens, and reads and writes of the cache in one sum. */
export const metricsUsage = (metrics: unknown): Usage => {
  const tokens = objectIn(objectIn(metrics)?.["tokens"])
  const [input, output, cached] = ["prompt", "completion", "cached"].map((name) => countIn(tokens?.[name]))
  if ((input ?? 0) + (output ?? 0) + (cached ?? 0) === 0) return noUsage
  const usage = usageOf({ input, output, cacheRead: cached }, { cacheInside: false, reasoningInside: true }, tokens)
  return (cached ?? 0) === 0
    ? usage
    : {
        ...usage,
        basis: "derived",
        diagnostics: [
          ...(usage.diagnostics ?? []),
          "reads and writes of the cache were logged as one sum: taken as reads"
        ]
      }
}

/** What the program reckoned that a request cost; 0 is what it notes where it knows no price, so it is none. */
export const requestBill = (
  cost: unknown
): { readonly billed: ArchivedCall["billed"]; readonly notes: ReadonlyArray<string> } => {
  const bill = billIn(numberIn(cost) === 0 ? undefined : cost)
  return bill.nanoUsd === null
    ? { billed: unbilled, notes: bill.note === undefined ? [] : [bill.note] }
    : {
        billed: { nanoUsd: bill.nanoUsd.toString(), basis: "client-estimate", billing: "unknown" },
        notes: []
      }
}
