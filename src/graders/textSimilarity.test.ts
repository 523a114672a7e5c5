import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Schema from "effect/Schema"

import { Measure, similarityOf, tokensOf } from "./textSimilarity.ts"

/** The longest common subsequence by its definition, which takes exponential time. */
const longest = (one: ReadonlyArray<string>, other: ReadonlyArray<string>): number => {
  const [head, ...tail] = one
  if (head === undefined) return 0
  const at = other.indexOf(head)
  return Math.max(longest(tail, other), at < 0 ? 0 : 1 + longest(tail, other.slice(at + 1)))
}

const words = Arbitrary.array(Arbitrary.schema(Schema.Literals(["a", "b", "c", "d"])), {
  minLength: 1,
  maxLength: 9
}).pipe(Arbitrary.map((list) => list.join(" ")))
const score = (measure: typeof Measure.Type, reference: string, output: string) =>
  similarityOf(measure)(reference, output) ?? Number.NaN

describe("measures of similarity", () => {
  it.prop("ROUGE-L is the longest common sequence of words as it is defined", { words, other: words }, (texts) => {
    const [one, other] = [tokensOf(texts.words), tokensOf(texts.other)]
    const f1 = (2 * longest(one, other)) / (one.length + other.length)
    assert.closeTo(score("rougeL", texts.words, texts.other), f1, 1e-12)
  })

  it.prop("all are from 0 to 1, and 1 of a text to itself", { one: words, other: words }, ({ one, other }) => {
    for (const measure of Measure.literals) {
      const between = score(measure, one, other)
      assert.isTrue(between >= 0 && between <= 1 + 1e-12, `${measure}: ${between}`)
      assert.closeTo(score(measure, one, one), 1, 1e-12)
    }
  })
})
