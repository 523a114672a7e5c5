import type { Usage } from "../domain/Call.ts"
import { objectIn, quotedIn } from "./json.ts"

/** Names under which the wires, and the gateways after them, write their token counts. */
const names = {
  input: ["prompt_tokens", "input_tokens", "prompt_eval_count"],
  output: ["completion_tokens", "output_tokens", "eval_count"]
} as const

/**
 * The usage of a call with what is wrong in it told: a side that was logged as something that is no count is not known, which is not zero.
 * `logged`: the objects that may hold the counts, in the order in which they are believed.
 */
export const withUnreadable = (usage: Usage, logged: ReadonlyArray<unknown>): Usage => {
  const told = (["input", "output"] as const).flatMap((side) => {
    if (usage[side] !== null) return []
    const said = logged
      .map(objectIn)
      .flatMap((object) => names[side].map((name) => [name, object?.[name]] as const))
      .find(([, value]) => value !== undefined && value !== null)
    return said === undefined ? [] : [`${said[0]} was logged as ${quotedIn(said[1])}, ${unreadable}`]
  })
  return told.length === 0 ? usage : { ...usage, diagnostics: [...(usage.diagnostics ?? []), ...told] }
}

const unreadable = "which is no count of tokens"

/** The diagnostics of a usage that tell of counts that could not be read. */
export const unreadableIn = ({ diagnostics }: Usage): ReadonlyArray<string> =>
  (diagnostics ?? []).filter((text) => text.endsWith(unreadable))
