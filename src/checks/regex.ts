import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

import { check } from "./contract.ts"
import { firstMatch, flags, refusedPattern } from "./matching.ts"

const brief = (text: string) => JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text)

/**
 * Passes when the pattern is found in the output's text, or with `match: "none"` when it is not. The pattern is the suite's own;
 * a search is broken off after a second, and the check counts as broken then, never as failed.
 */
export const regex = check({
  id: "regex",
  about: "a regular expression is found in the text, or is not",
  options: Schema.Struct({
    pattern: Schema.NonEmptyString,
    /** JavaScript's, such as `i`, `s`, `m`, `u`, `v`. */
    flags,
    /** `some`: it must be found. `none`: it must not. Default some. */
    match: Schema.Literals(["some", "none"]).pipe(Schema.withDecodingDefaultKey(Effect.succeed("some" as const))),
    /** What a repair round is told. Default: the pattern, and what was found of it. */
    message: Schema.optionalKey(Schema.NonEmptyString)
  }).check(Schema.makeFilter(({ flags, pattern }) => refusedPattern(pattern, flags))),
  make({ flags, match, message, pattern }) {
    const looked = new RegExp(pattern, flags)
    return ({ output }) => {
      const found = firstMatch(looked, output.text)
      if (match === "none") {
        return found === null
          ? { pass: true, message: `${looked} is not found` }
          : { pass: false, message: message ?? `The answer must not hold ${looked}, but holds ${brief(found[0])}` }
      }
      return found === null
        ? { pass: false, message: message ?? `The answer must hold ${looked}, which is not found` }
        : { pass: true, message: `holds ${brief(found[0])}` }
    }
  }
})
