import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"

import { answer, pair, settled } from "../testing/grading.ts"
import { contains } from "./contains.ts"
import type { GradeInput, Grading } from "./contract.ts"
import { exact } from "./exact.ts"
import { runGrader as run } from "./grade.ts"
import { textSimilarity } from "./textSimilarity.ts"

const runGrader = (grade: Grading, input: GradeInput) => settled(run(grade, input))

const onlyCalls = answer("", [{ name: "refund", arguments: {} }])

describe("exact", () => {
  const grade = (options: typeof exact.options.Encoded, ...of: Parameters<typeof pair>) =>
    runGrader(exact.make(Schema.decodeSync(exact.options)(options)), pair(...of))

  it.for([
    ["the same text", {}, "Paris", "Paris", undefined, 1],
    ["white space at the ends", {}, " Paris\n", "Paris", undefined, 1],
    ["white space at the ends, when it counts", { trim: false }, " Paris", "Paris", undefined, 0],
    ["case", {}, "paris", "Paris", undefined, 0],
    ["case, when it does not count", { caseInsensitive: true }, "PARIS", "Paris", undefined, 1],
    ["white space within", {}, "New  York", "New York", undefined, 0],
    ["white space within, collapsed", { collapseWhitespace: true }, "New \n York", "New York", undefined, 1],
    ["punctuation", {}, "Yes!", "Yes", undefined, 0],
    ["punctuation, when it does not count", { ignorePunctuation: true }, "«Yes», sir!", "Yes sir", undefined, 1],
    ["signs of money, which are no punctuation", { ignorePunctuation: true }, "$5", "5", undefined, 0],
    ["white space that punctuation leaves", { ignorePunctuation: true }, "Yes !", "Yes", undefined, 1],
    ["compatible characters", {}, "ﬁne １", "fine 1", undefined, 0],
    ["compatible characters, when they are the same", { unicode: true }, "ﬁne １", "fine 1", undefined, 1],
    ["accents in two pieces", { unicode: true }, "e\u0301", "é", undefined, 1],
    ["the reference before the original", {}, "Rome", "Paris", "Rome", 1],
    ["a reference that is a number", {}, "42", "Paris", 42, 1],
    ["an empty output", {}, "", "Paris", undefined, 0]
  ] as const)("looks at %s", async ([, options, output, original, expected, score]) => {
    assert.strictEqual((await grade(options, output, original, expected)).score, score)
  })

  it("gives no score where there is nothing to compare with", async () => {
    assert.deepStrictEqual(await grade({}, "", onlyCalls), { score: null, why: "the original has no text" })
    assert.strictEqual((await grade({}, "x", "y", { a: 1 })).score, null)
  })
})

describe("contains", () => {
  const make = (options: typeof contains.options.Encoded) => contains.make(Schema.decodeSync(contains.options)(options))

  it.for([
    ["all texts", { texts: ["refund", "14 days"] }, "A refund within 14 days.", undefined, 1],
    ["all texts but one", { texts: ["refund", "30 days"] }, "A refund within 14 days.", undefined, 0],
    ["any text", { texts: ["refund", "30 days"], match: "any" }, "A refund within 14 days.", undefined, 1],
    ["none of any", { texts: ["x1", "x2"], match: "any" }, "A refund within 14 days.", undefined, 0],
    ["no text that must not be there", { texts: ["sorry", "cannot"], match: "none" }, "Done.", undefined, 1],
    ["one text that must not be there", { texts: ["sorry", "cannot"], match: "none" }, "I cannot.", undefined, 0],
    ["what must not be there in an answer without text", { texts: ["sorry"], match: "none" }, " \n", undefined, 0],
    ["case", { texts: ["Refund"] }, "a refund", undefined, 0],
    ["no case", { texts: ["Refund"], caseInsensitive: true }, "a refund", undefined, 1],
    ["the expected text", {}, "It is 42, I think", 42, 1],
    ["the expected texts", {}, "Rome and Paris", ["Rome", "Paris"], 1],
    ["the expected texts but one", {}, "Rome", ["Rome", "Paris"], 0],
    ["the original's text", {}, "Well: the original.", undefined, 1]
  ] as const)("looks for %s", async ([, options, output, expected, score]) => {
    assert.strictEqual((await runGrader(make(options), pair(output, "the original", expected))).score, score)
  })

  it("finds nothing that must not be said in an answer of tool calls alone", async () => {
    const grading = make({ texts: ["sorry"], match: "none" })
    assert.strictEqual((await runGrader(grading, pair(onlyCalls, "x"))).score, 1)
    assert.match((await runGrader(grading, pair("", "x"))).why, /empty/)
  })

  it("names what is lacking", async () => {
    const { why } = await runGrader(make({ texts: ["a", "b"] }), pair("b", "b"))
    assert.strictEqual(why, 'lacks "a"')
  })

  it("is an outcome when the suite gives the texts, and compares when it does not", () => {
    const kind = (options: typeof contains.options.Encoded) =>
      contains.kindOf?.(Schema.decodeSync(contains.options)(options))
    assert.deepStrictEqual([kind({ texts: ["a"] }), kind({})], ["outcome", "comparison"])
  })

  it("gives no score where the original has no text", async () => {
    assert.strictEqual((await runGrader(make({}), pair("x", onlyCalls))).score, null)
  })
})

describe("textSimilarity", () => {
  const grade = (measure: typeof textSimilarity.options.Type.measure, ...of: Parameters<typeof pair>) =>
    runGrader(textSimilarity.make({ measure }), pair(...of))

  it.for([
    ["tokenF1", "the same", "the same", 1],
    ["tokenF1", "Same, THE!", "the same", 1],
    ["tokenF1", "a b c d", "a b", 2 / 3],
    ["tokenF1", "a a a", "a b", 0.4],
    ["tokenF1", "x", "a b", 0],
    ["tokenF1", "", "a b", 0],
    ["tokenF1", "東京都", "京都", 0.8],
    // By hand, after Lin 2004: 4 of 5 and 4 of 6 words in one order; order counts; case and punctuation do not.
    ["rougeL", "the cat was on mat", "The cat sat on the mat.", (2 * (4 / 5) * (4 / 6)) / (4 / 5 + 4 / 6)],
    ["rougeL", "the gunman kill police", "police kill the gunman", 0.5],
    ["rougeL", "One two. Three!", "one two three", 1],
    ["rougeL", "three. one two", "one two. three", 2 / 3],
    ["rougeL", "", "a b", 0],
    ["rougeL", "x", "a b", 0],
    // By sacreBLEU 2.6.0, nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no.
    ["chrF", "The cat sat on the mat.", "The cat is on the mat.", 0.6717273492330232],
    ["chrF", "abc", "abd", 0.38888888888888884],
    ["chrF", "a", "a b", 0.5555555555555556],
    ["chrF", "Das Haus ist gross", "Das Häuser sind groß", 0.23173186442359825],
    ["chrF", "東京都", "京都", 0.8749999999999999],
    ["chrF", "xyz", "abc", 0],
    ["chrF", "refund in 14 days", "You get a refund within 14 days of purchase.", 0.3036057747390214],
    ["chrF", "", "abc", 0],
    ["levenshtein", "kitten", "sitting", 1 - 3 / 7],
    ["levenshtein", "", "abcd", 0],
    ["levenshtein", "abcd", "abcd", 1]
  ] as const)("by %s, of %j to %j", async ([measure, output, original, score]) => {
    assert.closeTo((await grade(measure, output, original)).score ?? Number.NaN, score, 1e-12)
  })

  it("compares with the reference where there is one", async () => {
    assert.strictEqual((await grade("tokenF1", "Rome", "Paris", "rome")).score, 1)
  })

  it("gives no score where the original has no word", async () => {
    assert.strictEqual((await grade("tokenF1", "x", "!?")).score, null)
    assert.strictEqual((await grade("rougeL", "x", "!?")).score, null)
    assert.strictEqual((await grade("levenshtein", "x", onlyCalls)).score, null)
  })
})
