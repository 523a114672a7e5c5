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
    for (const [schema, one, other] of [
      [{ type: "number" }, 1001, 1002],
      [{ type: ["number", "null"] }, 1001, 1002],
      [{}, 1001, 1002],
      [{}, "ABC", "abc"],
      [{ type: "array", items: { type: "number" } }, [1001], [1002]],
      [{ type: "array" }, ["ABC"], ["abc"]]
    ] as const) {
      assert.strictEqual(of(schema, one, other, "order_id"), 0, JSON.stringify(schema))
      assert.strictEqual(of(schema, one, one, "order_id"), 1)
      assert.strictEqual(of(schema, one, other, "order"), Array.isArray(one) ? of(schema, one, other) : 1)
    }
    assert.strictEqual(score(undefined, { order_id: "ABC" }, { order_id: "abc" }), 0)
    assert.strictEqual(score(undefined, { a: { order_id: 1001 } }, { a: { order_id: 1002 } }), 0)
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

  const string = { type: "string" }
  it.for([
    ["another number in a statement", "sql", "DELETE FROM t WHERE id = 7 AND x", "DELETE FROM t WHERE id = 8 AND x", 0],
    ["another column", "sqlQuery", "DELETE FROM t WHERE a IS NULL LIMIT x", "DELETE FROM t WHERE b IS NULL LIMIT x", 0],
    [
      "a statement in other case and spacing",
      "query",
      "select a, b from t where a is b",
      "SELECT a, b  FROM t where a is B",
      1
    ],
    ["another path", "file_paths", "a b c d e f g h", "a b c d e f g i", 0],
    ["a note on code", "code_comment", "a b c d e f g h", "a b c d e f g i", 7 / 8],
    ["another number", "body", "you get 7 back for it all", "you get 8 back for it all", 0],
    ["another sign", "body", "it is -7 degrees out there now", "it is 7 degrees out there now", 0],
    ["other decimals", "body", "you get 7.50 back for it all", "you get 7.05 back for it all", 0],
    ["its numbers changed over", "body", "charge 3 for item 5", "charge 5 for item 3", 0],
    ["its numbers in their order", "body", "charge 3 for item 5", "please charge 3 for item 5", 10 / 11],
    ["a number too much", "body", "you get money back for it all", "you get money back for it all 2", 0],
    [
      "numbers written another way",
      "body",
      "pay 1,000.50 for 2-3 boxes now",
      "now pay 1000.5 for 2 - 3 boxes",
      12 / 17
    ],
    ["not", "body", "the refund has been issued", "the refund has not been issued", 0],
    ["n't", "body", "we do ship to your country", "we don’t ship to your country", 0],
    ["no", "body", "there is a fee for that", "there is no fee for that", 0],
    ["one negation of two", "body", "do not ship, it is not paid", "do not ship, it is paid", 0],
    ["a negation written another way", "body", "it cannot be sent to you", "it can not be sent to you", 10 / 13],
    ["nicht", "body", "die Ware ist da", "die Ware ist nicht da", 0],
    ["keine", "body", "es gibt eine Gebühr dafür", "es gibt keine Gebühr dafür", 0],
    ["ne pas", "body", "le colis est arrivé chez vous", "le colis n'est pas arrivé chez vous", 0],
    ["ne pas together", "body", "merci de bien venir", "merci de ne pas venir", 0],
    ["no in Spanish", "body", "el pedido ha llegado", "el pedido no ha llegado", 0],
    ["the abbreviation of number", "body", "your order 5 is on its way", "your order No. 5 is on its way", 14 / 15]
  ] as const)("compares texts with %s", ([, name, one, other, expected]) => {
    assert.closeTo(of(string, one, other, name), expected, 1e-12)
    assert.closeTo(of(string, other, one, name), expected, 1e-12)
  })

  it("says why prose that is alike scores 0", () => {
    const why = (one: string, other: string) =>
      compareArguments({ properties: { body: string } }, { body: one }, { body: other }, forgiving).differences
    assert.deepStrictEqual(why("you get 7", "you get 8"), [
      '.body is "you get 8" instead of "you get 7" (other numbers: 8 instead of 7)'
    ])
    assert.deepStrictEqual(why("charge 3 for item 5", "charge 5 for item 3"), [
      '.body is "charge 5 for item 3" instead of "charge 3 for item 5" (numbers in another order: 5, 3 instead of 3, 5)'
    ])
    assert.deepStrictEqual(why("it is done", "it is not done"), [
      '.body is "it is not done" instead of "it is done" (a negation too much)'
    ])
    assert.deepStrictEqual(why("it is not done", "it is done"), [
      '.body is "it is done" instead of "it is not done" (a negation is missing)'
    ])
  })

  it("takes no share of a number beyond a double", () => {
    assert.strictEqual(of({ type: "number" }, Number.POSITIVE_INFINITY, 5), 0)
    assert.strictEqual(of({ type: "number" }, 5, Number.POSITIVE_INFINITY), 0)
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
