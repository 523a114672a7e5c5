import { createContext, Script } from "node:vm"

import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/** Milliseconds that one search may take. */
const patience = 1000

const search = new Script("pattern.exec(text)")
const room: { pattern: RegExp; text: string } = { pattern: /(?:)/, text: "" }
const context = createContext(room)

/** The error is of the context's own realm: no `Error` of this one. */
const isTimeout = (cause: unknown): boolean =>
  typeof cause === "object" && cause !== null && "code" in cause && cause.code === "ERR_SCRIPT_EXECUTION_TIMEOUT"

/**
 * The first match of a pattern in a text, `null` where there is none. Some patterns take time that grows exponentially with
 * the text, `(a+)+b` for one: a search that has not ended after one second is broken off, with a throw that says so.
 */
export const firstMatch = (pattern: RegExp, text: string): RegExpExecArray | null => {
  room.pattern = pattern
  room.text = text
  pattern.lastIndex = 0
  try {
    return search.runInContext(context, { timeout: patience }) as RegExpExecArray | null
  } catch (cause) {
    if (!isTimeout(cause)) throw cause
    throw new Error(
      `the pattern ${pattern} was still searching after ${patience / 1000} s: write it without a repetition inside a repetition`
    )
  } finally {
    room.text = ""
  }
}

/** What is wrong with a pattern and its flags, as a sentence; `undefined`: nothing. */
export const refusedPattern = (pattern: string, flags: string): string | undefined => {
  if (/[gy]/.test(flags)) return `the flags g and y do not belong here: one match is looked for`
  try {
    new RegExp(pattern, flags)
    return undefined
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause)
  }
}

/** The option that holds a pattern's flags. */
export const flags = Schema.String.pipe(Schema.withDecodingDefaultKey(Effect.succeed("")))
