import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"

import { answer, pair, settled } from "../testing/grading.ts"
import type { GradeInput, Grader } from "./contract.ts"
import { cost } from "./cost.ts"
import { runGrader } from "./grade.ts"
import { latency } from "./latency.ts"
import { length } from "./length.ts"

const grade = (grader: Grader, options: unknown, input: GradeInput) =>
  settled(runGrader(grader.make(Schema.decodeUnknownSync(grader.options)(options)), input))
const billed = (total: number) => ({
  ...answer("x"),
  usage: { basis: "reported" as const, input: null, output: { total, text: null, reasoning: null } }
})

describe("length", () => {
  it.for([
    ["words", { max: 3 }, "one two three.", "", undefined, 1],
    ["too many words", { max: 3 }, "one two three four", "", undefined, 0],
    ["too few words", { min: 2 }, "one", "", undefined, 0],
    ["characters, as people count them", { unit: "characters", max: 2 }, "😀é", "", undefined, 1],
    ["too many characters", { unit: "characters", max: 1 }, "ab", "", undefined, 0],
    ["as long as the original", { ratio: 1 }, "a b", "c d", undefined, 1],
    ["longer than the original", { ratio: 1.2 }, "a b c", "c d", undefined, 0],
    ["half as long again as the reference", { ratio: 1.5 }, "a b c", "d", "c d", 1],
    ["short enough for the ratio, not for the maximum", { ratio: 9, max: 2 }, "a b c", "c d", undefined, 0]
  ] as const)("looks at %s", async ([, options, output, original, expected, score]) => {
    assert.strictEqual((await grade(length, options, pair(output, original, expected))).score, score)
  })

  it("counts the tokens that were billed, and has no score where none are known", async () => {
    const tokens = (output: GradeInput["output"], original = output) =>
      grade(length, { unit: "tokens", max: 10, ratio: 2 }, pair(output, original))
    assert.strictEqual((await tokens(billed(10))).score, 1)
    assert.strictEqual((await tokens(billed(11))).score, 0)
    assert.strictEqual((await tokens(billed(9), billed(4))).score, 0)
    assert.deepStrictEqual(await tokens(answer("x")), { score: null, why: "the original has no count of tokens" })
    assert.isNull((await tokens(answer("x"), billed(4))).score)
  })

  it.for([
    ["no text", { max: 3 }, "", "c d", 0],
    ["blanks", { max: 3 }, " \n", "c d", 0],
    ["no text against an original", { ratio: 2 }, "", "c d", 0],
    ["no text and no tokens that are known", { unit: "tokens", max: 3 }, "", "c d", 0],
    ["no text where it may be missing", { min: 0, max: 3 }, "", "c d", 1],
    ["calls alone", { max: 3 }, answer("", [{ name: "refund", arguments: {} }]), "c d", 1]
  ] as const)("takes an answer of nothing for none: %s", async ([, options, output, original, score]) => {
    const got = await grade(length, options, pair(output, original))
    assert.strictEqual(got.score, score)
    if (score === 0) assert.strictEqual(got.why, "the output has neither text nor tool calls")
  })

  it("has no score against an original without a word", async () => {
    assert.isNull((await grade(length, { ratio: 2 }, pair("a", ""))).score)
    assert.isNull((await grade(length, { ratio: 2 }, pair("a", "..."))).score)
  })

  it("is an outcome unless it compares", () => {
    const kind = (options: typeof length.options.Encoded) => length.kindOf?.(Schema.decodeSync(length.options)(options))
    assert.deepStrictEqual([kind({ max: 1 }), kind({ ratio: 1 })], ["outcome", "comparison"])
  })

  it.for([
    [{}, /name a `min`, a `max` or a `ratio`/],
    [{ min: 3, max: 2 }, /`min` is above `max`/]
  ] as const)("refuses %j", ([options, message]) => {
    assert.throws(() => Schema.decodeSync(length.options)(options), message)
  })
})

describe("latency and cost", () => {
  it.for([
    ["in time", latency, { maxMs: 100 }, { latencyMs: 100, usd: null }, 1],
    ["too late", latency, { maxMs: 100 }, { latencyMs: 101, usd: null }, 0],
    ["of an unknown time", latency, { maxMs: 100 }, { latencyMs: null, usd: 1 }, null],
    ["cheap enough", cost, { maxUsd: 0.01 }, { latencyMs: null, usd: 0.01 }, 1],
    ["for nothing", cost, { maxUsd: 0.01 }, { latencyMs: null, usd: 0 }, 1],
    ["too dear", cost, { maxUsd: 0.01 }, { latencyMs: 1, usd: 0.011 }, 0],
    ["of an unknown cost", cost, { maxUsd: 0.01 }, { latencyMs: 1, usd: null }, null]
  ] as const)("score an answer %s", async ([, grader, options, measured, score]) => {
    assert.strictEqual((await grade(grader, options, { ...pair("x", "y"), measured })).score, score)
  })

  it("have no score where nothing was measured", async () => {
    assert.isNull((await grade(latency, { maxMs: 1 }, pair("x", "y"))).score)
    assert.isNull((await grade(cost, { maxUsd: 1 }, pair("x", "y"))).score)
  })
})
