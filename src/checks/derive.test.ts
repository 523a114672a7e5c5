import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

import { answer, inSuite, seenCase, settled } from "../testing/grading.ts"
import { makeDerivation } from "./derive.ts"
import { jsonSchema } from "./jsonSchema.ts"
import { runCheck } from "./run.ts"
import { compileSchema } from "./schemas.ts"

const derived = (values: ReadonlyArray<unknown>) => {
  const derivation = makeDerivation()
  for (const json of values) derivation.add("s", { json })
  const { $schema: _, ...schema } = derivation.of("s").schema ?? {}
  return schema
}
const times = <A>(n: number, of: (i: number) => A) => Array.from({ length: n }, (_, i) => of(i))

describe("a derived schema", () => {
  it.for([
    [
      "requires what all have",
      times(5, (i) => (i === 0 ? { a: true, b: true } : { a: true })),
      { type: "object", properties: { a: { type: "boolean" }, b: { type: "boolean" } }, required: ["a"] }
    ],
    ["joins types", [1, "a", null, true, 2], { type: ["string", "number", "boolean", "null"] }],
    ["merges items", times(5, (i) => [i, null]), { type: "array", items: { type: ["number", "null"] } }],
    ["is whole numbers from 30 examples on", times(30, (i) => i), { type: "integer" }],
    ["is numbers where one has a fraction", times(30, (i) => i / 2), { type: "number" }],
    ["lists values from 30 examples on", times(30, (i) => "abc"[i % 3]), { type: "string", enum: ["a", "b", "c"] }],
    ["lists none from fewer", times(29, (i) => "abc"[i % 3]), { type: "string" }],
    ["lists none where one was seen once", times(30, (i) => (i === 0 ? "b" : "a")), { type: "string" }],
    ["lists none of many", times(60, (i) => `v${i % 13}`), { type: "string" }],
    ["knows dates", times(5, (i) => `2026-01-0${i + 1}`), { type: "string", format: "date" }],
    ["knows times", times(5, (i) => `2026-01-0${i + 1}T00:00:00Z`), { type: "string", format: "date-time" }],
    ["knows addresses", times(5, (i) => `a${i}@example.org`), { type: "string", format: "email" }],
    ["knows ids", times(5, (i) => `123e4567-e89b-42d3-a456-42661417400${i}`), { type: "string", format: "uuid" }],
    ["knows links", times(5, (i) => `https://example.org/${i}`), { type: "string", format: "uri" }],
    [
      "forbids other keys from 30 examples on",
      times(30, () => ({})),
      { type: "object", properties: {}, additionalProperties: false }
    ],
    [
      "takes keys that are data for a map",
      times(30, (i) => ({ [`a${i}`]: 1, [`b${i}`]: 1, [`c${i}`]: 1 })),
      { type: "object" }
    ]
  ] as const)("%s", ([, values, schema]) => {
    assert.deepStrictEqual(derived(values), schema)
  })

  it.for([
    ["half a character", "\ud800"],
    ["the key that JavaScript keeps for itself", "__proto__"]
  ] as const)("takes an object for a map whose key is %s", ([, key]) => {
    const values = times(30, () => JSON.parse(JSON.stringify({ k: 1 }).replace("k", key)))
    assert.deepStrictEqual(derived(values), { type: "object" })
    assert.deepStrictEqual(compileSchema(derived(values))(values[0]), [])
  })

  const Values = Schema.Array(Schema.Json)
  it.effect.prop("fits all it was learnt from, however often each was seen", { values: Values }, ({ values }) =>
    Effect.sync(() => {
      for (const repeats of [1, 5, 30]) {
        const all = values.flatMap((value) => times(repeats, () => value))
        if (all.length < 5) continue
        const validate = compileSchema(derived(all))
        for (const value of values) assert.deepStrictEqual(validate(value), [])
      }
    })
  )
})

describe('jsonSchema, from: "archive"', () => {
  const learning = () => {
    const made = jsonSchema.make(Schema.decodeSync(jsonSchema.options)({ from: "archive" }), inSuite)
    assert.isObject(made)
    if (typeof made === "function") throw new Error("it does not learn")
    return made
  }
  const at = (text: string, slice = "all") => ({ output: answer(text), case: { ...seenCase(), slice } })
  const check = (made: ReturnType<typeof learning>, text: string, slice?: string) =>
    settled(runCheck("jsonSchema", made, at(text, slice)))

  it("checks a slice by its own past answers", async () => {
    const made = learning()
    for (let i = 0; i < 40; i++) {
      made.learn(at(JSON.stringify({ state: i % 2 === 0 ? "open" : "paid", total: i })))
      made.learn(at("Hello", "talk"))
    }
    assert.isTrue((await check(made, '```json\n{"state":"paid","total":7}\n```')).pass)
    assert.strictEqual(
      (await check(made, '{"state":"new","more":1}')).message,
      'The answer does not fit the JSON Schema that all past answers fit: total is missing; more is not allowed; state must be one of "open","paid"'
    )
    const talk = await check(made, "Hi", "talk")
    assert.deepStrictEqual([talk.pass, talk.applies], [true, false])
    assert.include(talk.message, "40 of 40 past answers are not JSON")
    assert.strictEqual((await check(made, "{}", "unknown")).applies, false)
    assert.deepStrictEqual(Object.keys(made.describe?.() ?? {}), ["all", "talk"])
  })

  it("bears 5 % that are no JSON, and not more", async () => {
    const made = learning()
    for (let i = 0; i < 19; i++) made.learn(at("{}"))
    made.learn(at("Sorry"))
    assert.isUndefined((await check(made, "{}")).applies)
    made.learn(at("Sorry"))
    assert.strictEqual((await check(made, "{}")).applies, false)
  })

  it("is not given a schema as well", () => {
    const options = Schema.decodeSync(jsonSchema.options)({ from: "archive", schema: {} })
    assert.throws(() => jsonSchema.make(options, inSuite), /only one can be given/)
  })
})
