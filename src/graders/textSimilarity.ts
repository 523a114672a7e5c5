import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { distance } from "fastest-levenshtein"
import { l as lcsF1 } from "js-rouge"

import { chrF } from "./chrF.ts"
import { grader } from "./contract.ts"
import { cannotTell, referenceText } from "./reference.ts"

/** Words, and single characters in scripts that write no spaces. */
const token =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]|[[\p{L}\p{M}\p{N}]--[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]]+/gv

/** The words of a text, whatever their case, and single characters where none are written apart. */
export const tokensOf = (text: string): ReadonlyArray<string> => text.normalize("NFKC").toLowerCase().match(token) ?? []

/** Harmonic mean of precision and recall over the bags of words (SQuAD: Rajpurkar et al. 2016, section 6.1), articles kept. */
export const tokenF1 = (reference: ReadonlyArray<string>, output: ReadonlyArray<string>): number => {
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
 * ROUGE-L as F1 (Lin 2004, section 3.1, with equal weight of precision and recall): the longest common subsequence of words, the whole text as
 * one sentence, whatever the case, without stemming.
 */
const rougeL = (reference: string, output: string): number =>
  lcsF1(output, reference, { beta: 1, tokenizer: (text) => [...tokensOf(text)], segmenter: (text) => [text] })

/** How the likeness of two texts is measured. */
export const Measure = Schema.Literals(["tokenF1", "levenshtein", "rougeL", "chrF"])
type Measure = typeof Measure.Type

const byWords =
  (measure: (reference: string, output: string) => number) =>
  (reference: string, output: string): number | undefined => {
    if (tokensOf(reference).length === 0) return undefined
    return tokensOf(output).length === 0 ? 0 : measure(reference, output)
  }

const measures: Readonly<Record<Measure, (reference: string, output: string) => number | undefined>> = {
  tokenF1: byWords((reference, output) => tokenF1(tokensOf(reference), tokensOf(output))),
  rougeL: byWords(rougeL),
  chrF,
  levenshtein: ratio
}

/** A measure as a function of reference and output, from 0 to 1; `undefined` where the reference holds nothing to compare with. Not for two empty texts. */
export const similarityOf = (measure: Measure) => measures[measure]

const words: Readonly<Record<Measure, string>> = {
  tokenF1: "by words in common",
  rougeL: "by the longest common sequence of words (ROUGE-L, F1)",
  chrF: "by common runs of characters (chrF2)",
  levenshtein: "by edit distance"
}

/**
 * How alike the output's text is to the expected one (else the original's), from 0 to 1: `tokenF1`, words in common whatever
 * their order, case and punctuation (the default); `rougeL`, the longest common sequence of words; `chrF`, common runs of characters,
 * which forgives inflections; or `levenshtein`, one less the share of characters to be edited. None of them knows what a text means:
 * "may" and "may not" are alike.
 */
export const textSimilarity = grader({
  id: "textSimilarity",
  kind: "comparison",
  about: "how alike the texts are: words in common, ROUGE-L, chrF or edit distance",
  options: Schema.Struct({
    measure: Measure.pipe(Schema.withDecodingDefaultKey(Effect.succeed("tokenF1" as const)))
  }),
  make({ measure }) {
    const alike = similarityOf(measure)
    return (input) => {
      const reference = referenceText(input)
      if (Result.isFailure(reference)) return cannotTell(reference.failure)
      const one = reference.success.trim()
      const other = input.output.text.trim()
      if (one === other) return { score: 1, why: "the same text" }
      const score = alike(one, other)
      return score === undefined
        ? cannotTell("there is no word to compare with")
        : { score: Math.min(1, score), why: words[measure] }
    }
  }
})
