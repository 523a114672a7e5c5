import { assert, describe, it } from "@effect/vitest"
import canonicalize from "canonicalize"

import { digestOf, digestOfText } from "./digest.ts"

describe("digestOf", () => {
  it("is the same for the same content in another order of keys", () => {
    assert.strictEqual(digestOf({ b: 1, a: [2] }), digestOf({ a: [2], b: 1 }))
    assert.notStrictEqual(digestOf({ a: [1, 2] }), digestOf({ a: [2, 1] }))
  })

  it("tells texts apart that were cut in the middle of an emoji", () => {
    const cut = "party \u{1f389}".slice(0, -1)
    assert.strictEqual(digestOf({ text: cut }), digestOf({ text: cut }))
    assert.notStrictEqual(digestOf({ text: cut }), digestOf({ text: "party \ud83d\ud83d" }))
    assert.notStrictEqual(digestOf({ text: cut }), digestOf({ text: "party \ufffd" }))
    assert.notStrictEqual(digestOf({ text: cut }), digestOf({ text: "party \\ud83c" }))
  })

  it("is the digest of what the reference implementation writes, for values the quick way leaves alone too", () => {
    let deep: unknown = { b: 1, a: 2 }
    for (let at = 0; at < 1000; at++) deep = [deep]
    for (const value of [deep, { at: new Date(0) }, Object("boxed"), { b: "\u00e9".repeat(1000), a: [null, 1.5] }]) {
      assert.strictEqual(digestOf(value), digestOfText(canonicalize(value) ?? ""))
    }
    assert.strictEqual(digestOf(undefined), digestOfText("null"))
  })

  it("refuses what JSON does not know", () => {
    assert.throws(() => digestOf({ score: Number.NaN }))
  })
})
