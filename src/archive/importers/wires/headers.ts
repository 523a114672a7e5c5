import { arrayIn, objectIn, textIn } from "../../json.ts"
import type { Headers } from "./exchange.ts"

/** Headers that tell something of a call; every other one is left where it is, keys and cookies among them. */
const wanted = new Set(["date", "request-id", "x-request-id", "x-stainless-retry-count", "content-type"])

const from = (pairs: Iterable<readonly [name: string, value: unknown]>): Headers => {
  const values = new Map<string, string>()
  for (const [name, value] of pairs) {
    const small = name.toLowerCase()
    const text = textIn(arrayIn(value)?.[0] ?? value)
    if (wanted.has(small) && text !== undefined && !values.has(small)) values.set(small, text)
  }
  return { get: (name) => values.get(name) }
}

/** Headers as captures write them: an object of texts or of lists, or a list of `{ name, value }`. */
export const headersIn = (raw: unknown): Headers => {
  const list = arrayIn(raw)
  if (list === undefined) return from(Object.entries(objectIn(raw) ?? {}))
  return from(
    list.flatMap((one) => {
      const header = objectIn(one)
      const name = textIn(header?.["name"])
      return name === undefined ? [] : [[name, header?.["value"]] as const]
    })
  )
}
