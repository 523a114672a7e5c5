import { assert, describe, it } from "@effect/vitest"
import canonicalize from "canonicalize"
import * as Schema from "effect/Schema"

import { CanonicalWriter } from "./canonical.ts"

const writer = new CanonicalWriter()
const written = (value: unknown) => {
  assert.isTrue(writer.write(value))
  assert.strictEqual(writer.length, Buffer.byteLength(writer.text))
  return writer.text
}

/** JSON as strange as it comes, long texts and texts of all planes among it. */
const Odd = Schema.Union([
  Schema.Json,
  Schema.Record(Schema.String, Schema.Json),
  Schema.Struct({ input: Schema.Record(Schema.String, Schema.Json), text: Schema.String })
])

describe("canonical JSON", () => {
  it.prop(
    "is what the reference implementation writes, wherever that writes",
    { value: Odd, long: Schema.String },
    (given) => {
      const value = { ...given, list: [given.value, undefined, given.long.repeat(50)], gone: undefined }
      let expected: string | undefined
      try {
        expected = canonicalize(value)
      } catch {
        assert.isFalse(writer.write(value), "half surrogate pairs are left to others")
        return
      }
      assert.strictEqual(written(value), expected)
    }
  )

  it("numbers, keys and escapes are those of RFC 8785", () => {
    assert.strictEqual(
      written({ "\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\u{1f600}": 5, "\u0080": 6, "\u00f6": 7 }),
      canonicalize({ "\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\u{1f600}": 5, "\u0080": 6, "\u00f6": 7 })
    )
    assert.strictEqual(
      written([1 / 3, 1e30, 4.5, 2e-3, 1e-27, -0, '\u20ac$\u000f\nA\'B"\\\\"/']),
      '[0.3333333333333333,1e+30,4.5,0.002,1e-27,0,"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"]'
    )
    assert.throws(() => writer.write([Number.POSITIVE_INFINITY]))
    assert.throws(() => writer.write({ a: 1n }))
  })

  it("tells what a line of the value must know: foreign keys moved, something inline, cache control", () => {
    const flags = (value: unknown) => {
      written(value)
      return [writer.reordered, writer.inline, writer.cacheControl]
    }
    assert.deepStrictEqual(flags({ type: "text", text: "b" }), [false, false, false])
    assert.deepStrictEqual(flags({ type: "tool_use", input: { b: 1, a: 2 } }), [true, false, false])
    assert.deepStrictEqual(flags({ type: "tool_use", input: { a: 1, b: 2 } }), [false, false, false])
    assert.deepStrictEqual(flags({ z: { kind: "inline", base64: "" }, a: 1 }), [false, true, false])
    assert.deepStrictEqual(flags({ input: { cacheControl: 1, kind: "inline" } }), [false, false, false])
    assert.deepStrictEqual(flags([{ cacheControl: { ttl: "5m" } }]), [false, false, true])
  })

  it("takes a text that is canonical already, but where it may hold half a surrogate pair", () => {
    written({ input: { b: 1, a: 2 } })
    assert.isTrue(writer.take('{"a":"\u00e9"}'))
    assert.deepStrictEqual([writer.text, writer.length, writer.reordered], ['{"a":"\u00e9"}', 10, false])
    assert.isFalse(writer.take(JSON.stringify({ a: "\ud83c" })))
    assert.isFalse(writer.take(JSON.stringify({ a: "\\ud83c" })), "a backslash and letters are left to others as well")
  })

  it("gives up on what is not plain or nested too deep", () => {
    let deep: unknown = 1
    for (let at = 0; at < 1000; at++) deep = [deep]
    assert.isFalse(writer.write(deep))
    assert.isFalse(writer.write({ at: new Date(0) }))
    assert.isFalse(writer.write({ at: Object("boxed") }))
    assert.strictEqual(written("x".repeat(200_000)).length, 200_002)
  })
})
