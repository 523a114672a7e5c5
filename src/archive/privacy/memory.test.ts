import { createHash } from "node:crypto"

import { assert, describe, it } from "@effect/vitest"

import { DigestSet } from "./digestSet.ts"
import { Recent } from "./recent.ts"
import { formsOf, outsideEscapes, unescaped } from "./unescape.ts"

const digest = (of: number) => createHash("sha256").update(`${of}`).digest("hex")

describe("a set of digests", () => {
  it("holds what was added and nothing else", () => {
    const set = new DigestSet()
    for (let at = 0; at < 20_000; at += 1) set.add(digest(at))
    for (let at = 0; at < 20_000; at += 1) assert.isTrue(set.has(digest(at)))
    for (let at = 20_000; at < 40_000; at += 1) assert.isFalse(set.has(digest(at)))
  })

  it("forgets the older half past its limit", () => {
    const set = new DigestSet(100)
    for (let at = 0; at < 250; at += 1) set.add(digest(at))
    assert.isFalse(set.has(digest(0)))
    for (let at = 150; at < 250; at += 1) assert.isTrue(set.has(digest(at)))
  })

  it("knows digests that begin with zeros", () => {
    const set = new DigestSet()
    assert.isFalse(set.has("0".repeat(64)))
    set.add("0".repeat(64))
    assert.isTrue(set.has("0".repeat(64)))
  })
})

describe("what was used lately", () => {
  it("stays, up to the limit", () => {
    const recent = new Recent<number>(10)
    recent.set("a", 1, 4)
    recent.set("b", 2, 4)
    assert.strictEqual(recent.get("a"), 1)
    recent.set("c", 3, 4)
    assert.isUndefined(recent.get("b"))
    assert.strictEqual(recent.get("a"), 1)
    recent.set("big", 4, 100)
    assert.deepStrictEqual([recent.get("a"), recent.get("c"), recent.get("big")], [undefined, undefined, 4])
  })
})

describe("escapes", () => {
  it("are undone at each depth, and each character is found again in the original", () => {
    const text = JSON.stringify({ a: 'x\n"y"\u00e9', b: JSON.stringify({ c: "p\tq\\r" }) })
    const forms = formsOf(text)
    assert.strictEqual(forms[0]!.text, text)
    for (const word of ["x", "y", "p", "q"])
      for (const { at, text: form } of forms) {
        const offset = form.search(new RegExp(`(?<![a-z\\\\])${word}(?![a-z])`))
        if (offset !== -1) assert.strictEqual(text[at(offset)], word)
      }
    assert.strictEqual(unescaped("\\u0041\\\\n"), "A\n")
    assert.lengthOf(formsOf("C:\\dir without one"), 1)
  })

  it("are not cut in two at the edge of a range", () => {
    assert.deepStrictEqual(outsideEscapes("\\nword", 1, 6), [2, 6])
    assert.deepStrictEqual(outsideEscapes("\\u0041word\\n", 1, 11), [6, 10])
    assert.deepStrictEqual(outsideEscapes("\\\\nword", 2, 7), [2, 7])
  })
})
