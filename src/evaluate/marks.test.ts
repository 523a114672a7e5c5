import { assert, describe, it } from "@effect/vitest"

import { Marks } from "./marks.ts"

describe("marks on cases", () => {
  it("are counted over the first cases, the commonest word first, whatever came first", () => {
    const marks = new Marks(5)
    for (const [word, at] of [
      ["late", 4],
      ["tools", 2],
      ["vision", 0],
      ["vision", 3],
      ["vision", 3],
      ["audio", 1]
    ] as const)
      marks.set(word, at)
    assert.deepStrictEqual(Object.entries(marks.counts(5)), [
      ["vision", 2],
      ["audio", 1],
      ["late", 1],
      ["tools", 1]
    ])
    assert.deepStrictEqual(Object.keys(marks.counts(2)), ["audio", "vision"])
    assert.deepStrictEqual(marks.counts(0), {})
  })
})
