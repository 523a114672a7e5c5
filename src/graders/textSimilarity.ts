import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { distance } from "fastest-levenshtein"

import { grader } from "./contract.ts"
import { cannotTell, referenceText } from "./reference.ts"

/** Words, and single characters in scripts that write no spaces. */
const token =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]|[[\p{L}\p{M}\p{N}]--[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]]+/gv

const tokensOf = (text: string): ReadonlyArray<string> => text.normalize("NFKC").toLowerCase().match(token) ?? []

/** Harmonic mean of precision and recall over the bags of words (SQuAD: Rajpurkar et al. 2016, section 6.1), articles kept. */
const tokenF1 = (reference: ReadonlyArray<string>, output: ReadonlyArray<string>): number => {
  const left = new Map<string, number>()
  for (const word of reference) left.set(word, (left.get(word) ?? 0) + 1)
  let common = 0
  for (const word of output) {
    const count = left.get(word) ?? 0
    if (count > 0) {
      common++
      left.set(word, count - 1)
    }
  }
  return (2 * common) / (reference.length + output.length)
}

/** 1 - edits / longer length, over UTF-16 units (Levenshtein 1966). */
const ratio = (reference: string, output: string): number =>
  1 - distance(reference, output) / Math.max(reference.length, output.length)

/**
 * How alike the output's text is to the expected one (else the original's), from 0 to 1: `tokenF1`, words in common whatever
 * their order, case and punctuation (the default), or `levenshtein`, one less the share of characters to be edited.
 */
export const textSimilarity = grader({
  id: "textSimilarity",
  kind: "comparison",
  about: "how alike the texts are: words in common, or edit distance",
  options: Schema.Struct({
    measure: Schema.Literals(["tokenF1", "levenshtein"]).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed("tokenF1" as const))
    )
  }),
  make:
    ({ measure }) =>
    (input) => {
      const reference = referenceText(input)
      if (Result.isFailure(reference)) return cannotTell(reference.failure)
      const one = reference.success.trim()
      const other = input.output.text.trim()
      if (one === other) return { score: 1, why: "the same text" }
      if (measure === "levenshtein") return { score: ratio(one, other), why: "by edit distance" }
      const words = tokensOf(one)
      if (words.length === 0) return cannotTell("there is no word to compare with")
      return { score: tokenF1(words, tokensOf(other)), why: "by words in common" }
    }
})
