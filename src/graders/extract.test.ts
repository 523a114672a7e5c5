import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"

import { answer, pair, seenCase, settled } from "../testing/grading.ts"
import type { GradeInput, Grader } from "./contract.ts"
import { exact } from "./exact.ts"
import { Extract, madeOf } from "./extract.ts"
import { runGrader } from "./grade.ts"
import { jsonEqual } from "./jsonEqual.ts"
import { numeric } from "./numeric.ts"
import { toolCalls } from "./toolCalls.ts"

const grade = (extract: typeof Extract.Encoded, ...of: Parameters<typeof pair>) =>
  settled(
    runGrader(
      madeOf(exact, { extract: Schema.decodeSync(Extract)(extract), options: Schema.decodeSync(exact.options)({}) }),
      pair(...of)
    )
  )
const answered = { regex: "answer: *(\\w+)" }

describe("what is extracted before a grader grades", () => {
  it.for([
    ["the last number", "lastNumber", "2 + 2 = 4", "so $4.00", undefined, 1],
    ["another last number", "lastNumber", "4 or 5", "4", undefined, 0],
    ["a fenced block", "fenced", "Here:\n```\nx\n```", "```js\nx\n```", undefined, 1],
    ["one of a language", { fenced: "JS" }, "```sh\nnpm i\n```\n```js\nx\n```", "```js\nx\n```", undefined, 1],
    ["a place in the JSON", { path: "a[1].b" }, '{"a":[0,{"b":"x"}],"n":1}', '{"a":[9,{"b":"x"}]}', undefined, 1],
    ["a place that is JSON itself", { path: "a" }, '{"a": {"b": 1}, "c": 2}', '{"a":{"b":1}}', undefined, 1],
    ["the pattern's first group", answered, "Hm. answer: yes.", "answer:yes", undefined, 1],
    ["a group by number", { regex: "(a)(b)", group: 2 }, "ab", "xab", undefined, 1],
    ["a group by name", { regex: "(a)(?<c>b)", group: "c" }, "ab", "xab", undefined, 1],
    ["the whole match", { regex: "a+", flags: "i" }, "xAA", "AA", undefined, 1],
    ["the last match", { regex: "[^]*answer: (\\w+)" }, "answer: a\nanswer: b", "answer: b", undefined, 1]
  ] as const)("is %s, of output and original alike", async ([, extract, output, original, expected, score]) => {
    assert.strictEqual((await grade(extract, output, original, expected)).score, score)
  })

  it.for([
    ["the bare answer", answered, "answer: yes", "yes", 1],
    ["a text with the answer in it", answered, "answer: yes", "answer: yes", 1],
    ["a worked solution", "lastNumber", "It is 8.", "3 + 5\n#### 8", 1],
    ["a number", "lastNumber", "It is 8.", 8, 1],
    ["an object with the place", { path: "answer" }, '{"answer": "x"}', { answer: "x" }, 1],
    ["the bare value of the place", { path: "answer" }, '{"answer": "x"}', "x", 1]
  ] as const)("is, of a reference that is %s, what is there", async ([, extract, output, expected, score]) => {
    assert.strictEqual((await grade(extract, output, "no such thing", expected)).score, score)
  })

  it.for([
    ["lastNumber", "the output has no number"],
    ["fenced", "the output has no fenced block"],
    [{ fenced: "js" }, "the output has no fenced block of js"],
    [answered, "the output does not match /answer: *(\\w+)/"],
    [{ path: "a" }, "the output is not JSON: "]
  ] as const)("scores 0 where the output has no such part: %j", async ([extract, why]) => {
    const got = await grade(extract, "None.", "x", "x")
    assert.strictEqual(got.score, 0)
    assert.include(got.why, why)
  })

  const [one, two] = ["9007199254740993", "9007199254740992"]
  it.for([
    ["a last number", "lastNumber", "Order 20260101000000001 done", "Order 20260101000000002 done", 0],
    ["a last number, the same", "lastNumber", "Order 20260101000000001 done.", "it is 20,260,101,000,000,001.0", 1],
    ["a negative last number", "lastNumber", `-${one}`, `-${two}`, 0],
    ["a last number with an exponent", "lastNumber", "1e20", "100000000000000000000", 1],
    ["a place", { path: "id" }, `{"id":${one}}`, `{"id":${two}}`, 0],
    ["a place, the same", { path: "id" }, `{"id":${one}}`, `{ "id": ${one} }`, 1],
    ["what lies in a place", { path: "a" }, `{"a":[{"id":${one}}]}`, `{"a":[{"id":${two}}]}`, 0],
    ["a place beyond a double", { path: "id" }, '{"id":1e400}', '{"id":2e400}', 0],
    ["a place beyond a double, and nothing", { path: "id" }, '{"id":1e400}', '{"id":null}', 0]
  ] as const)("keeps the digits of a whole number beyond 2^53 in %s", async ([, extract, output, original, score]) => {
    assert.strictEqual((await grade(extract, output, original)).score, score)
    assert.strictEqual((await grade(extract, original, output)).score, score)
  })

  it("gives those digits to a grader of JSON, as numbers", async () => {
    const made = madeOf(jsonEqual, { extract: { path: "a" }, options: Schema.decodeSync(jsonEqual.options)({}) })
    const graded = (output: string) => settled(runGrader(made, pair(output, `{"a":{"id":${one}}}`)))
    assert.strictEqual((await graded(`{"a":{"id":${one}},"b":1}`)).score, 1)
    assert.deepStrictEqual(await graded(`{"a":{"id":${two}}}`), { score: 0, why: `id is ${two} instead of ${one}` })
    assert.strictEqual((await graded(`{"a":{"id":"${one}"}}`)).score, 0)
  })

  it("scores 0 for a place that is nested too deep", async () => {
    const deep = `{"a":${"[".repeat(20_000)}${"]".repeat(20_000)},"id":${one}}`
    assert.deepStrictEqual(await grade({ path: "a" }, deep, '{"a":1}'), {
      score: 0,
      why: "the output is nested more than 1000 levels deep"
    })
  })

  it("gives no score where the original that is compared with has no such part", async () => {
    assert.deepStrictEqual(await grade("lastNumber", "4", "four"), { score: null, why: "the original has no number" })
  })

  it("does not need the original where the answer is graded by itself", async () => {
    const short: Grader = {
      ...exact,
      kind: "outcome",
      make:
        () =>
        ({ output }) => ({ score: 1, why: output.text })
    }
    const input = pair("It is 4", "four")
    assert.strictEqual(
      (await settled(runGrader(madeOf(short, { extract: "lastNumber", options: {} }), input))).why,
      "4"
    )
  })

  it("looks into the arguments where the structure was asked for by way of a tool", async () => {
    const called = (id: number) => answer("", [{ name: "reply", arguments: { id, order: { n: id } } }])
    const request = seenCase({ responseFormat: { type: "json_schema", schema: {}, via: "tool" } })
    const made = madeOf(jsonEqual, { extract: { path: "order" }, options: Schema.decodeSync(jsonEqual.options)({}) })
    const graded = (output: number) => settled(runGrader(made, { ...pair(called(output), called(1)), case: request }))
    assert.deepStrictEqual([(await graded(1)).score, (await graded(2)).why], [1, "n is 2 instead of 1"])
  })

  it("leaves tool calls to the graders that look at them: two texts without calls are not two answers that rightly call nothing", async () => {
    const calling = (id: number) => answer("It is 4.", [{ name: "refund", arguments: { id } }])
    const request = seenCase({
      tools: [{ kind: "function", name: "refund", inputSchema: { type: "object" }, basis: "supplied" }]
    })
    const made = madeOf(toolCalls, { extract: "lastNumber", options: Schema.decodeSync(toolCalls.options)({}) })
    const graded = (output: GradeInput["output"]) =>
      settled(runGrader(made, { ...pair(output, calling(1)), case: request }))
    assert.deepStrictEqual([(await graded(calling(1))).score, (await graded(answer("It is 4."))).score], [1, 0])
  })

  it("refuses a last number, which has no unit, where units are read", () => {
    const make = (units: boolean) => madeOf(numeric, { extract: "lastNumber", options: { pick: "last", units } })
    assert.throws(() => make(true), 'extract lastNumber leaves no unit to read: use pick: "last"')
    assert.doesNotThrow(() => make(false))
  })

  it("leaves an answer without a score where the pattern's search has no end", async () => {
    const got = await grade({ regex: "^(a+)+$" }, "a", `${"a".repeat(60)}b`)
    assert.isNull(got.score)
    assert.include(got.why, "still searching")
  })

  it.for([
    ["a path of many places", { path: "items[*].id" }, /one path such as/],
    ["a pattern that is none", { regex: "(" }, /Unterminated group|Invalid regular expression/],
    ["a group that is not there", { regex: "(a)", group: 2 }, /the pattern has no group 2/],
    ["a name that is not there", { regex: "(a)", group: "b" }, /the pattern has no group b/]
  ] as const)("refuses %s", ([, extract, message]) => {
    assert.throws(() => Schema.decodeUnknownSync(Extract)(extract), message)
  })
})
