import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"

import { answer, inSuite, seenCase, settled } from "../testing/grading.ts"
import type { CheckInput } from "./contract.ts"
import { jsonSchema } from "./jsonSchema.ts"
import { runCheck as run } from "./run.ts"

const order = {
  type: "object",
  properties: {
    id: { type: "integer" },
    state: { enum: ["open", "paid"] },
    mail: { type: "string", format: "email" },
    items: { type: "array", items: { type: "object", required: ["sku"] } }
  },
  required: ["id", "state"],
  additionalProperties: false
}
const asking = (schema: Schema.Json) => seenCase({ responseFormat: { type: "json_schema", schema } })
const made = (options: typeof jsonSchema.options.Encoded) =>
  jsonSchema.make(Schema.decodeSync(jsonSchema.options)(options), inSuite)
const runCheck = (use: string, of: ReturnType<typeof made>, input: CheckInput) => settled(run(use, of, input))
const check = (text: string, schema: Schema.Json, options: typeof jsonSchema.options.Encoded = {}) =>
  runCheck("jsonSchema", made(options), { output: answer(text), case: asking(schema) })

describe("jsonSchema", () => {
  it.for([
    ["plain JSON that fits", '{"id": 1, "state": "open"}', true],
    ["fenced JSON that fits", 'Here:\n```json\n{"id": 1, "state": "open"}\n```', true],
    ["a missing key", '{"id": 1}', false],
    ["a format that is not kept", '{"id": 1, "state": "paid", "mail": "ada"}', false],
    ["no JSON", "Sorry", false],
    ["nothing", "", false]
  ] as const)("judges %s by the request's own schema", async ([, text, pass]) => {
    assert.strictEqual((await check(text, order)).pass, pass)
  })

  it("says what to mend, by path", async () => {
    const { message } = await check('{"id": "1", "state": "new", "items": [{"sku": 1}, {}], "x": 0}', order)
    assert.strictEqual(
      message,
      'The answer does not fit its JSON Schema: x is not allowed; id must be integer; state must be one of "open","paid"; items[1].sku is missing'
    )
    const several = await check(JSON.stringify(Object.fromEntries("abcdefg".split("").map((key) => [key, 1]))), order)
    assert.match(several.message, /; and 4 more$/)
    assert.match((await check("Sorry", order)).message, /^The answer is not JSON: /)
  })

  it("takes no name that every object has for a key of the answer", async () => {
    const properties = { toString: { type: "boolean" } }
    assert.isTrue((await check("{}", { properties })).pass)
    assert.isFalse((await check('{"toString": 1}', { properties })).pass)
    assert.include((await check("{}", { required: ["toString"] })).message, "toString is missing")
  })

  it("says so when the answer was cut off", async () => {
    const output = { ...answer('{"id": 1, "sta'), finish: "length" as const }
    const { message } = await runCheck("jsonSchema", made({}), { output, case: asking(order) })
    assert.include(message, "cut off by the token limit")
  })

  it("passes where the request asks for no schema, and says that nothing was checked", async () => {
    const input = { output: answer("Hi"), case: seenCase() }
    const message = "the request asks for no schema"
    assert.deepStrictEqual(await runCheck("jsonSchema", made({}), input), {
      use: "jsonSchema",
      pass: true,
      message,
      applies: false
    })
  })

  it("takes the suite's schema before the request's", async () => {
    assert.isTrue((await check("[1]", order, { schema: { type: "array" } })).pass)
    assert.isFalse((await check('{"id": 1, "state": "open"}', order, { schema: { type: "array" } })).pass)
    assert.isFalse((await check("1", order, { schema: false })).pass)
  })

  it("reads the arguments where the structure was asked for by way of a tool", async () => {
    const request = seenCase({ responseFormat: { type: "json_schema", schema: order, via: "tool" } })
    const of = (id: unknown) =>
      runCheck("jsonSchema", made({}), {
        output: answer("", [{ name: "reply", arguments: { id, state: "open" } }]),
        case: request
      })
    assert.deepStrictEqual([(await of(1)).pass, (await of("1")).pass], [true, false])
  })

  it.for([
    ["draft-07", { $schema: "http://json-schema.org/draft-07/schema#", type: "array", items: [{ type: "string" }] }],
    [
      "2020-12",
      { $schema: "https://json-schema.org/draft/2020-12/schema", type: "array", prefixItems: [{ type: "string" }] }
    ]
  ] as const)("reads a schema of %s as such", async ([, schema]) => {
    assert.deepStrictEqual([(await check('["a"]', schema)).pass, (await check("[1]", schema)).pass], [true, false])
  })

  it("understands a pattern that is no Unicode pattern", async () => {
    const schema = { type: "string", pattern: "^\\d{3}\\-\\d{2}$" }
    assert.deepStrictEqual(
      [(await check('"123-45"', schema)).pass, (await check('"12345"', schema)).pass],
      [true, false]
    )
  })

  it("judges schemas of one $id each by itself, and never asynchronously", async () => {
    const $id = "https://example.org/order"
    assert.isTrue((await check('"a"', { $id, $async: true, type: "string" })).pass)
    assert.isFalse((await check('"a"', { $id, $async: true, type: "number" })).pass)
  })

  it("is broken, not failed, by a request's schema that is none", async () => {
    const { broken, message, pass } = await check("{}", { type: "objct" })
    assert.deepStrictEqual([pass, broken], [false, true])
    assert.match(message, /^The check jsonSchema itself failed: schema is invalid/)
  })
})
