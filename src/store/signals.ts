import * as Effect from "effect/Effect"

import type { Signal } from "../domain/Call.ts"
import { digestOf } from "../domain/digest.ts"
import type { Duck } from "./duck.ts"

/** What tells a signal about something from its copies. */
export const signalKey = (scope: string, target: string, signal: Signal): string => {
  const { at, comment, name, source, value } = signal
  return digestOf([scope, target, name, value, source, comment ?? null, at ?? null])
}

/** A signal that was told apart from the call it is about. */
export interface Told {
  readonly scope: "call" | "trajectory" | "session"
  /** Id of the call, trajectory or session. */
  readonly target: string
  readonly signal: Signal
}

const textIn = (value: unknown) => (typeof value === "string" ? value : undefined)

/** A row of `told`, as the writer of its line had it. */
const toldOf = (row: Readonly<Record<string, unknown>>): Told => {
  const scope = textIn(row["scope"]) as Told["scope"]
  const text = textIn(row["value"]) ?? ""
  const value = row["type"] === "boolean" ? text === "true" : row["type"] === "number" ? Number(text) : text
  const [comment, at] = [textIn(row["comment"]), textIn(row["at"])]
  const signal = {
    name: textIn(row["name"]) ?? "",
    value,
    source: textIn(row["source"]) as Signal["source"],
    scope,
    ...(comment === undefined ? {} : { comment }),
    ...(at === undefined ? {} : { at })
  }
  return { scope, target: textIn(row["target"]) ?? "", signal }
}

/** The signals that were told apart from their calls: some 300 bytes each. */
export const readTold = Effect.fnUntraced(function* (duck: Duck) {
  const rows = yield* duck.query("SELECT * FROM told WHERE byteOffset IS NULL")
  return rows.map(toldOf)
})
