import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"

import { answer, pair, seenCase, settled } from "../testing/grading.ts"
import type { GradeInput, Grading } from "./contract.ts"
import { runGrader as run } from "./grade.ts"
import { jsonEqual } from "./jsonEqual.ts"

const runGrader = (grade: Grading, input: GradeInput) => settled(run(grade, input))

const grade = (options: typeof jsonEqual.options.Encoded, ...of: Parameters<typeof pair>) =>
  runGrader(jsonEqual.make(Schema.decodeSync(jsonEqual.options)(options)), pair(...of))
const order = {
  id: 7,
  items: [
    { sku: "a", n: 1 },
    { sku: "b", n: 2 }
  ],
  paid: true
}
const text = JSON.stringify(order)

describe("jsonEqual", () => {
  it.for([
    [
      "other key order and white space",
      {},
      '{ "paid": true, "items": [{"n":1,"sku":"a"},{"n":2,"sku":"b"}], "id": 7 }',
      1
    ],
    ["a fenced block", {}, `Sure:\n\`\`\`json\n${text}\n\`\`\``, 1],
    ["a fence that is not closed", {}, `\`\`\`json\n${text}`, 1],
    ["another value", {}, text.replace("7", "8"), 0],
    ["a number as text", {}, text.replace("7", '"7"'), 0],
    ["a number within the tolerance", { tolerance: 0.5 }, text.replace("7", "7.4"), 1],
    ["a number within its own tolerance", { tolerances: [{ path: "id", absolute: 1 }] }, text.replace("7", "8"), 1],
    ["a number past its own tolerance", { tolerances: [{ path: "id", absolute: 1 }] }, text.replace("7", "9"), 0],
    ["a number of another place", { tolerances: [{ path: "id", absolute: 1 }] }, text.replace('"n":1', '"n":2'), 0],
    [
      "its own tolerance before the general",
      { tolerance: 9, tolerances: [{ path: "id", absolute: 0 }] },
      text.replace("7", "8"),
      0
    ],
    [
      "a relative tolerance in each element",
      { tolerances: [{ path: "items[*].n", relative: 0.5 }] },
      text.replace('"n":2', '"n":3'),
      1
    ],
    [
      "a text in another case",
      { texts: [{ path: "items[*].sku", caseInsensitive: true }] },
      text.replace('"a"', '" A"'),
      1
    ],
    ["a text of another place", { texts: [{ path: "id", caseInsensitive: true }] }, text.replace('"a"', '"A"'), 0],
    ["an ignored place", { ignore: ["id"] }, text.replace("7", "8"), 1],
    ["an ignored place in each element", { ignore: ["items[*].n"] }, text.replace('"n":1', '"n":5'), 1],
    ["an ignored branch that is missing", { ignore: ["$.items"] }, '{"id":7,"paid":true}', 1],
    ["another order of elements", {}, '{"id":7,"items":[{"sku":"b","n":2},{"sku":"a","n":1}],"paid":true}', 0],
    [
      "another order, by key",
      { unordered: [{ path: "items", key: "sku" }] },
      '{"id":7,"items":[{"sku":"b","n":2},{"sku":"a","n":1}],"paid":true}',
      1
    ],
    [
      "another order, by the elements themselves",
      { unordered: [{ path: "items" }] },
      '{"id":7,"items":[{"sku":"b","n":2},{"sku":"a","n":1}],"paid":true}',
      1
    ],
    ["a key too many", {}, text.replace("}", ',"x":1}'), 0],
    ["the share of equal leaves", { partial: true }, text.replace("7", "8"), 5 / 6],
    ["the share with a missing element", { partial: true }, '{"id":7,"items":[{"sku":"a","n":1}],"paid":true}', 4 / 6],
    ["the share with a leaf too many", { partial: true }, text.replace(/}$/, ',"x":1}'), 6 / 7],
    ["no JSON", {}, "I cannot do that", 0],
    ["nothing", { partial: true }, "", 0]
  ] as const)("scores %s", async ([, options, output, score]) => {
    assert.closeTo((await grade(options, output, text)).score ?? Number.NaN, score, 1e-12)
  })

  it("compares texts by similarity where it is asked to", async () => {
    const options = { texts: [{ path: "note", similarity: { measure: "tokenF1", atLeast: 0.8 } }] } as const
    const note = (text: string) => JSON.stringify({ note: text, other: "x" })
    const right = note("the parcel is late again")
    assert.strictEqual((await grade(options, note("The parcel is late, again!"), right)).score, 1)
    assert.strictEqual((await grade(options, note("The shoes do not fit"), right)).score, 0)
    assert.strictEqual((await grade(options, note("!?"), note("?!"))).score, 0)
  })

  it("refuses a tolerance that forgives nothing named", () => {
    assert.throws(
      () => Schema.decodeSync(jsonEqual.options)({ tolerances: [{ path: "id" }] }),
      /a tolerance is `absolute`, `relative` or both/
    )
  })

  it("names the first places that differ", async () => {
    const { why } = await grade({}, '{"id":8,"items":[{"sku":"a","n":1}],"paid":true,"x y":0}', text)
    assert.strictEqual(why, 'id is 8 instead of 7; items[1] is missing; ["x y"] is too much')
    const many = await grade(
      {},
      JSON.stringify({ a: Array.from({ length: 9 }, () => 1) }),
      JSON.stringify({ a: Array.from({ length: 9 }, () => 2) })
    )
    assert.include(many.why, "a[4] is 1 instead of 2; and 4 more")
  })

  it("compares with the reference where there is one, JSON or its text", async () => {
    assert.strictEqual((await grade({}, text, "{}", order)).score, 1)
    assert.strictEqual((await grade({}, text, "{}", text)).score, 1)
    assert.strictEqual((await grade({}, "null", "{}", null)).score, 1)
  })

  it("gives no score where original or reference is no JSON", async () => {
    assert.strictEqual((await grade({}, text, "Sorry")).score, null)
    assert.strictEqual((await grade({}, text, text, "not JSON")).score, null)
    assert.strictEqual((await grade({}, text, answer("", [{ name: "f", arguments: order }]))).score, null)
  })

  it("reads the arguments where the structure was asked for by way of a tool", async () => {
    const request = seenCase({ responseFormat: { type: "json_schema", schema: {}, via: "tool" } })
    const called = answer("", [{ name: "reply", arguments: order }])
    const made = jsonEqual.make(Schema.decodeSync(jsonEqual.options)({}))
    assert.strictEqual((await runGrader(made, { ...pair(called, called), case: request })).score, 1)
  })

  it("refuses a path that is none", () => {
    assert.throws(() => Schema.decodeSync(jsonEqual.options)({ ignore: ["items["] }), /a path such as/)
  })
})
