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

const many = (length: number, off: number) => Array.from({ length }, (_, i) => i + off)

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

  const items = [{ path: "items" }]
  const t = [{ path: "t" }]
  it.for([
    [
      "ignored places inside the elements",
      { unordered: items, ignore: ["items[*].ts"] },
      {
        items: [
          { n: "a", ts: 1 },
          { n: "b", ts: 2 }
        ]
      },
      {
        items: [
          { n: "b", ts: 9 },
          { n: "a", ts: 8 }
        ]
      },
      1
    ],
    ["a tolerance", { unordered: [{ path: "a" }], tolerance: 0.01 }, { a: [1, 2] }, { a: [2.001, 1.001] }, 1],
    [
      "text rules",
      { unordered: t, texts: [{ path: "t[*]", caseInsensitive: true }] },
      { t: ["a", "b"] },
      { t: ["B", "A"] },
      1
    ],
    [
      "unordered arrays inside",
      { unordered: [...t, { path: "t[*].s" }] },
      { t: [{ s: [1, 2] }, { s: [3, 4] }] },
      { t: [{ s: [4, 3] }, { s: [2, 1] }] },
      1
    ],
    [
      "a key that repeats",
      { unordered: [{ path: "t", key: "id" }] },
      {
        t: [
          { id: 1, n: "a" },
          { id: 1, n: "b" },
          { id: 2, n: "c" }
        ]
      },
      {
        t: [
          { id: 2, n: "c" },
          { id: 1, n: "b" },
          { id: 1, n: "a" }
        ]
      },
      1
    ],
    [
      "a key that repeats, and a tolerance",
      { unordered: [{ path: "t", key: "id" }], tolerance: 0.1 },
      {
        t: [
          { id: 1, n: 5 },
          { id: 1, n: 6 }
        ]
      },
      {
        t: [
          { id: 1, n: 6.05 },
          { id: 1, n: 5.05 }
        ]
      },
      1
    ],
    [
      "a key in another case",
      { unordered: [{ path: "t", key: "id" }], texts: [{ path: "t[*].id", caseInsensitive: true }] },
      { t: [{ id: "a" }, { id: "b" }] },
      { t: [{ id: "B" }, { id: "A" }] },
      1
    ],
    [
      "another key",
      { unordered: [{ path: "t", key: "id" }], partial: true },
      { t: [{ id: 1, n: 1 }] },
      { t: [{ id: 2, n: 1 }] },
      0
    ],
    [
      "the most alike",
      { unordered: t, partial: true },
      {
        t: [
          { a: 1, b: 1 },
          { a: 2, b: 2 }
        ]
      },
      {
        t: [
          { a: 2, b: 0 },
          { a: 1, b: 0 }
        ]
      },
      1 / 2
    ],
    ["one element twice", { unordered: t, tolerance: 0.1 }, { t: [1, 2] }, { t: [1, 1] }, 0],
    ["an element too many", { unordered: t, tolerance: 0.1 }, { t: [1, 2] }, { t: [2.01, 1.01, 3] }, 0],
    ["sixty reversed", { unordered: t, tolerance: 0.1 }, { t: many(60, 0) }, { t: many(60, 0.05).reverse() }, 1],
    ["more reversed", { unordered: t, tolerance: 0.1 }, { t: many(61, 0) }, { t: many(61, 0.05).reverse() }, 0],
    ["more that are the same reversed", { unordered: t }, { t: many(200, 0) }, { t: many(200, 0).reverse() }, 1],
    ["by position beyond sixty", { unordered: t, tolerance: 0.1 }, { t: many(61, 0) }, { t: many(61, 0.05) }, 1]
  ] as const)("pairs elements in any order with %s", async ([, options, reference, output, score]) => {
    const of = [JSON.stringify(output), JSON.stringify(reference)] as const
    assert.strictEqual((await grade(options, ...of)).score, score)
    assert.strictEqual((await grade(options, of[0], "{}", reference)).score, score)
  })

  it("stops pairing arrays inside arrays when that is too much work", async () => {
    const nest = (depth: number, off: number): unknown =>
      Array.from({ length: 30 }, (_, i) => (depth === 0 ? i + off : nest(depth - 1, off + i)))
    const paths = ["a", "a[*]", "a[*][*]"].map((path) => ({ path }))
    const of = [0.2, 0].map((off) => JSON.stringify({ a: nest(2, off) }))
    assert.strictEqual((await grade({ unordered: paths }, of[0]!, of[1]!)).score, 0)
  })

  it.for([
    ["the same digits", {}, "12345678901234567890", "12345678901234567890", 1],
    ["another last digit", {}, "12345678901234567890", "12345678901234567891", 0],
    ["another last digit, negative", {}, "-9007199254740993", "-9007199254740992", 0],
    ["a tolerance", { tolerance: 1 }, "12345678901234567890", "12345678901234567891", 1],
    [
      "a relative tolerance",
      { tolerances: [{ path: "id", relative: 0.1 }] },
      "12345678901234567890",
      "12345678901234567899",
      1
    ],
    ["an exponent", {}, "100000000000000000000", "1e20", 1],
    ["what is beyond a double", {}, "1e400", "2e400", 0],
    ["what is beyond a double, written another way", {}, "1e400", "10.0E+399", 1],
    ["a share of what is beyond a double", { tolerances: [{ path: "id", relative: 0.1 }] }, "1e400", "2e400", 0],
    ["what is beyond a double by its share", { tolerances: [{ path: "id", relative: 0.1 }] }, "1e400", "7", 0],
    ["more than is read", {}, "7", "1e999999", 0],
    ["its digits as text", {}, "12345678901234567890", '"12345678901234567890"', 0]
  ] as const)("compares numbers beyond 2^53 with %s", async ([, options, one, other, score]) => {
    assert.strictEqual((await grade(options, `{"id":${other}}`, `{"id":${one}}`)).score, score)
    const [output, original] = [`{"id":[1,${other}]}`, `{"id":[${one},1]}`]
    const [tolerance] = "tolerances" in options ? options.tolerances : []
    const free = {
      ...options,
      unordered: [{ path: "id" }],
      tolerances: tolerance === undefined ? [] : [{ ...tolerance, path: "id[*]" }]
    }
    assert.strictEqual((await grade(free, output, original)).score, score)
  })

  it("compares a number beyond 2^53 with a reference whose digits were lost", async () => {
    const id = Number("12345678901234567890")
    assert.strictEqual((await grade({}, '{"id":12345678901234567890}', "{}", { id })).score, 1)
    const { why } = await grade({}, '{"id":12345678901234567890}', '{"id":12345678901234567891}')
    assert.strictEqual(why, "id is 12345678901234567890 instead of 12345678901234567891")
  })

  it("says the digits of numbers that no double holds", async () => {
    const why = async (output: string, original: string) => (await grade({}, output, original)).why
    assert.strictEqual(await why("[1e400]", "[2e400]"), "[0] is 1e400 instead of 2e400")
    assert.strictEqual(await why("[[1e400]]", "[2]"), '[0] is ["1e400"] instead of 2')
    const beyond = "the output is not JSON: the number 1e999999 is beyond what is read"
    assert.strictEqual(await why("[1e999999]", "[2]"), beyond)
    const called = (n: number) => answer("", [{ name: "reply", arguments: { n } }])
    const request = seenCase({ responseFormat: { type: "json_schema", schema: {}, via: "tool" } })
    const made = jsonEqual.make(Schema.decodeSync(jsonEqual.options)({}))
    const input = { ...pair(called(Number.POSITIVE_INFINITY), called(1)), case: request }
    assert.strictEqual((await runGrader(made, input)).why, "n is Infinity instead of 1")
  })

  it.for(["", "1234567890123456789,"])("scores 0 for an output that is nested too deep: [%s[[…", async (first) => {
    const deep = (levels: number) => `[${first}${"[".repeat(levels - 1)}${"]".repeat(levels - 1)}]`
    const tooDeep = "is nested more than 1000 levels deep"
    for (const levels of [1_001, 20_000, 200_000])
      for (const options of [{}, { partial: true }, { unordered: [{ path: "$" }] }]) {
        assert.deepStrictEqual(await grade(options, deep(levels), "[1]"), { score: 0, why: `the output ${tooDeep}` })
      }
    assert.strictEqual((await grade({}, deep(1_000), deep(1_000))).score, 1)
    assert.strictEqual((await grade({ unordered: [{ path: "$" }] }, deep(1_000), deep(1_000))).score, 1)
    assert.strictEqual((await grade({ partial: true }, deep(1_000), deep(999))).score === 1, false)
    assert.deepStrictEqual(await grade({}, "[1]", deep(1_001)), { score: null, why: `the original ${tooDeep}` })
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
