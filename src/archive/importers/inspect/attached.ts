import type { JsonObject } from "../../json.ts"
import { arrayIn, numberIn, objectIn } from "../../json.ts"

/** What a sample keeps apart from its events: long texts, and the messages that several events share. */
export interface Kept {
  readonly attachments: JsonObject
  readonly messages: ReadonlyArray<unknown>
  readonly calls: ReadonlyArray<unknown>
}

/** What is kept apart in a sample, wherever its version of Inspect put it. */
export const keptIn = (sample: JsonObject): Kept => {
  const transcript = objectIn(sample["transcript"])
  const pools = objectIn(sample["events_data"])
  return {
    attachments: { ...objectIn(transcript?.["content"]), ...objectIn(sample["attachments"]) },
    messages: arrayIn(pools?.["messages"]) ?? arrayIn(sample["message_pool"]) ?? [],
    calls: arrayIn(pools?.["calls"]) ?? arrayIn(sample["call_pool"]) ?? []
  }
}

const reference = /^(?:attachment|tc):\/\/([0-9a-f]{32})$/

/** The value with every reference to an attachment replaced by it. One that leads nowhere stays, and lowers the grade. */
export const attached = (value: unknown, attachments: JsonObject): unknown => {
  if (typeof value === "string") {
    const hash = value.length < 64 ? reference.exec(value)?.[1] : undefined
    const found = hash === undefined || !Object.hasOwn(attachments, hash) ? undefined : attachments[hash]
    return typeof found === "string" ? found : value
  }
  if (Array.isArray(value)) return value.map((one) => attached(one, attachments))
  const object = objectIn(value)
  return object === undefined
    ? value
    : Object.fromEntries(Object.entries(object).map(([key, one]) => [key, attached(one, attachments)]))
}

/** The elements that `[[start, end), …]` names; `undefined` where it names one that is not there. */
export const expanded = <A>(refs: unknown, pool: ReadonlyArray<A>): ReadonlyArray<A> | undefined => {
  const found: Array<A> = []
  for (const pair of arrayIn(refs) ?? []) {
    const [start, end] = (arrayIn(pair) ?? []).map(numberIn)
    if (start === undefined || end === undefined || start < 0 || end > pool.length || start > end) return undefined
    found.push(...pool.slice(start, end))
  }
  return found
}
