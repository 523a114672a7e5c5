import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

import { readExactJson, readJson } from "./json.ts"

describe("JSON in a text", () => {
  it.effect.prop("is read back, plain and in a fence, whatever it holds", { value: Schema.Json }, ({ value }) =>
    Effect.sync(() => {
      const text = JSON.stringify(value)
      for (const written of [
        text,
        `\uFEFF ${text}\n`,
        `Here:\n\`\`\`json\n${text}\n\`\`\`\nDone.`,
        `\`\`\`\n${text}`
      ]) {
        assert.strictEqual(JSON.stringify(Result.getOrThrow(readJson(written))), text)
      }
    })
  )

  it("is the first fenced block that is JSON", () => {
    const text = '```sh\nls\n```\nthen\n```json\n{"a": 1}\n```\nor\n```json\n{"a": 2}\n```'
    assert.deepStrictEqual(Result.getOrThrow(readJson(text)), { a: 1 })
  })

  it("may hold a fence in a string", () => {
    const value = { code: "```js\nx\n```" }
    const text = `\`\`\`json\n{"code": ${JSON.stringify(value.code)}\n}\n\`\`\``
    assert.deepStrictEqual(Result.getOrThrow(readJson(text)), value)
  })

  it("keeps the digits of whole numbers beyond 2^53 where it is asked to", () => {
    const text =
      '```json\n[12345678901234567891, -9007199254740993, 9007199254740991, 1e20, 0.12345678901234567, "12345678901234567891"]\n```'
    assert.deepStrictEqual(Result.getOrThrow(readExactJson(text)), [
      12345678901234567891n,
      -9007199254740993n,
      9007199254740991,
      1e20,
      Number("0.12345678901234567"),
      "12345678901234567891"
    ])
    assert.match(Result.getOrThrow(Result.flip(readExactJson("{1234567890123456789"))), /^is not JSON: /)
    assert.deepStrictEqual(Result.getOrThrow(readExactJson("[1e400, -1.5E+400, 1e300]")), [
      10n ** 400n,
      -15n * 10n ** 399n,
      1e300
    ])
    for (const large of ["1e999999", `${"1".repeat(400)}.5`])
      assert.match(Result.getOrThrow(Result.flip(readExactJson(large))), /^is not JSON: the number 1.* is beyond what/)
  })

  it.for([
    ["prose", "I cannot do that", /^is not JSON: /],
    ["JSON within prose", 'It is {"a": 1}, I think', /^is not JSON: /],
    ["a broken block", '```json\n{"a": }\n```', /^is not JSON: /],
    ["nothing", " \n", /^is empty$/]
  ] as const)("is not read from %s", ([, text, why]) => {
    assert.match(Result.getOrThrow(Result.flip(readJson(text))), why)
  })
})
