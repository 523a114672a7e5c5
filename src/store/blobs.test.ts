import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"

import { attach, detach, longText } from "./blobs.ts"

/** JSON with inline binaries in it, as strange as they come. */
const Part = Schema.Union([
  Schema.Json,
  Schema.Struct({ kind: Schema.Literal("inline"), base64: Schema.String }),
  Schema.Struct({ kind: Schema.Literal("inline"), base64: Schema.Literals(["aGVsbG8=", "AAEC", "aGVsbG8", "a-_b"]) })
])

const roundTrip = (value: object): unknown => {
  const { blobs, refs, value: small } = detach(value)
  const parsed: unknown = JSON.parse(JSON.stringify(small))
  attach(parsed, refs, (sha256) => blobs.get(sha256)!)
  return parsed
}

describe("blobs", () => {
  it.prop(
    "what is taken out comes back exactly",
    { parts: Schema.Array(Part), named: Schema.Record(Schema.String, Part) },
    ({ named, parts }) => {
      const value: unknown = JSON.parse(JSON.stringify({ parts, named }))
      assert.deepStrictEqual(roundTrip(value as object), value)
    }
  )

  it("base64 that would not come back the same stays where it is", () => {
    for (const base64 of ["aGVsbG8", "aGVs\nbG8=", "a-_b", ""]) {
      assert.deepStrictEqual(detach({ source: { kind: "inline", base64 } }).refs, [], base64)
    }
    const { refs, value } = detach({ source: { kind: "inline", base64: "aGVsbG8=" } })
    assert.deepStrictEqual(refs, [
      { path: ["source"], sha256: "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824", as: "inline" }
    ])
    assert.deepStrictEqual(value, { source: { kind: "blob", sha256: refs[0]!.sha256, bytes: 5 } })
  })

  it("long texts are taken out from one letter above the bound; one cut in an emoji stays", () => {
    const at = "x".repeat(longText)
    assert.strictEqual(detach({ at }).refs.length, 0)
    assert.strictEqual(detach({ at: `${at}x` }).refs.length, 1)
    assert.strictEqual(detach({ at: `${at}\ud83c` }).refs.length, 0)
    const value = { a: [{ text: `${at}\u00e9` }, null], __proto__x: 1 }
    assert.deepStrictEqual(roundTrip(value), value)
  })

  it("a blob of somebody else's making is left as it is", () => {
    const value = { source: { kind: "blob", sha256: "ab".repeat(32), bytes: 5 } }
    assert.deepStrictEqual(roundTrip(value), value)
  })
})
