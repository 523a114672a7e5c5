import { assert, describe, it } from "@effect/vitest"

import { cell, columns } from "./columns.ts"

describe("columns", () => {
  it("are as wide as their widest cell; figures stand at the right", () => {
    assert.deepStrictEqual(
      columns(
        [
          ["model", "calls"],
          ["gpt-4o", "1,200"],
          ["é", "7"]
        ],
        { right: [1] }
      ),
      ["model   calls", "gpt-4o  1,200", "é           7"]
    )
  })

  it("hold foreign text on one line, without control characters, and cut", () => {
    assert.deepStrictEqual(columns([["a\u001b[31mb\nc", "x".repeat(20)]], { most: 5 }), ["ab c  xxxx…"])
    assert.strictEqual(cell("\u{1f389}\u{1f389}\u{1f389}", 2), "\u{1f389}…")
  })

  it("of no rows are no lines", () => {
    assert.deepStrictEqual(columns([]), [])
  })
})
