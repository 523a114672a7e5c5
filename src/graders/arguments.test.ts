import { assert, describe, it } from "@effect/vitest"

import { compareArguments, type Forgiving } from "./arguments.ts"

const forgiving: Forgiving = { text: "normalised", textFloor: 0.5, tolerance: 0.01, scale: "relative" }
const score = (schema: unknown, one: object, other: object, more: Partial<Forgiving> = {}) =>
  compareArguments(schema, { ...one }, { ...other }, { ...forgiving, ...more }).score
/** One argument `a` under a schema. */
const of = (schema: object, one: unknown, other: unknown, name = "a") =>
  score({ type: "object", properties: { [name]: schema } }, { [name]: one }, { [name]: other })

const long = "the parcel arrived late and the box was open at one side"

describe("arguments under a tool's schema", () => {
  it.for([
    ["one of a list, in other case", { type: "string", enum: ["a", "A"] }, "a", "A", 0],
    ["a constant", { const: "x" }, "x", "X", 0],
    ["a format", { type: "string", format: "date" }, "2026-05-01", "2026-05-02", 0],
    ["a format, in other case", { type: "string", format: "email" }, "a@b.de", "A@b.de", 0],
    ["a pattern, in other case", { type: "string", pattern: "^[A-Za-z]$" }, "a", "A", 0],
    ["a whole number within the tolerance", { type: "integer" }, 1000, 1001, 0],
    ["a number within the tolerance", { type: "number" }, 1000, 1001, 1],
    ["a number beyond it", { type: "number" }, 1000, 1100, 0],
    ["a number as text", { type: "number" }, 5, "5", 0],
    ["yes and no", { type: "boolean" }, true, false, 0],
    ["a short text in other case", { type: "string" }, "New  York", "new york", 1],
    ["another short text", { type: "string" }, "New York", "York", 0],
    ["a list in another order", { type: "array", items: { type: "integer" } }, [1, 2], [2, 1], 0],
    ["a set in another order", { type: "array", uniqueItems: true }, [1, 2, 3], [3, 1, 2], 1],
    ["another set", { type: "array", uniqueItems: true }, [1, 2], [1, 3], 0],
    ["a list that is longer", { type: "array" }, [1], [1, 2], 0],
    ["null that is allowed", { anyOf: [{ type: "integer" }, { type: "null" }] }, null, null, 1],
    ["a whole number that may be null", { anyOf: [{ type: "integer" }, { type: "null" }] }, 1000, 1001, 0],
    ["prose without a word in common", { type: "string" }, long, "we refuse", 0]
  ] as const)("compares %s", ([, schema, one, other, expected]) => {
    assert.strictEqual(of(schema, one, other), expected)
    assert.strictEqual(of(schema, other, one), expected)
  })

  it("compares ids to the letter, whatever they are called", () => {
    for (const name of ["id", "order_id", "orderId", "userID", "item_ids", "uuid"])
      assert.strictEqual(of({ type: "string" }, "ab1", "AB1", name), 0, name)
    for (const name of ["paid", "idea", "valid"])
      assert.strictEqual(of({ type: "string" }, "ab1", "AB1", name), 1, name)
  })

  it("scores prose by its words in common, and less than the floor as another text", () => {
    const near = "the box arrived late and was open at one side"
    // 10 words of 12 and 10 in common: 2 * 10 / (12 + 10).
    assert.closeTo(of({ type: "string" }, long, near), 20 / 22, 1e-12)
    const schema = { properties: { a: { type: "string" } } }
    assert.strictEqual(score(schema, { a: long }, { a: near }, { textFloor: 0.95 }), 0)
    assert.strictEqual(score(schema, { a: long }, { a: near }, { text: "exact" }), 0)
    assert.isAbove(of({ type: "string", maxLength: 500 }, "box is open", "the box is open"), 0.8)
    assert.isAbove(of({ type: "string" }, "box is open", "the box is open", "message"), 0.8)
  })

  it("reads a missing argument as its default, on both sides", () => {
    const schema = {
      properties: { unit: { enum: ["C", "F"], default: "C" }, in: { properties: { n: { default: 1 } } } }
    }
    for (const [one, other] of [
      [{}, { unit: "C" }],
      [{ in: {} }, { in: { n: 1 } }]
    ] as const) {
      assert.strictEqual(score(schema, one, other), 1)
      assert.strictEqual(score(schema, other, one), 1)
    }
    assert.isBelow(score(schema, {}, { unit: "F" }), 1)
  })

  it("counts an argument too many and one missing, and names them with their places", () => {
    assert.strictEqual(score({}, { a: 1 }, { a: 1, b: 2 }), 1 / 2)
    const { differences } = compareArguments({}, { a: { b: [1] }, c: 1 }, { a: { b: [2] }, d: 1 }, forgiving)
    assert.deepStrictEqual(differences, [".a.b[0] is 2 instead of 1", ".c is missing", ".d is too much"])
  })

  it("reads one schema afresh for values of another kind, and another schema that says the same alike", () => {
    const schema = () => ({
      properties: { a: { anyOf: [{ type: "integer" }, { type: "number" }, { type: "string" }] } }
    })
    const one = schema()
    for (const same of [one, one, schema()]) {
      assert.strictEqual(score(same, { a: 1000 }, { a: 1001 }), 0)
      assert.strictEqual(score(same, { a: 1000.5 }, { a: 1001 }), 1)
      assert.strictEqual(score(same, { a: "A" }, { a: "a" }), 1)
    }
    assert.strictEqual(score({ properties: { a: { type: "number" } } }, { a: 1000 }, { a: 1001 }), 1)
  })

  it("follows references inside the schema, and stops at one that refers to itself", () => {
    const schema = {
      properties: { a: { $ref: "#/$defs/n" }, b: { $ref: "#/$defs/loop" } },
      $defs: { n: { type: "integer" }, loop: { $ref: "#/$defs/loop" } }
    }
    assert.strictEqual(score(schema, { a: 1000 }, { a: 1001 }), 0)
    assert.strictEqual(score(schema, { b: 1000 }, { b: 1001 }), 1)
  })
})
