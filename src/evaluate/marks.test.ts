import { assert, describe, it } from "@effect/vitest"

import { Marks } from "./marks.ts"

describe("marks on cases", () => {
  it("are counted over some cases, the commonest word first, whatever came first", () => {
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
    assert.deepStrictEqual(Object.entries(marks.counts([0, 1, 2, 3, 4])), [
      ["vision", 2],
      ["audio", 1],
      ["late", 1],
      ["tools", 1]
    ])
    assert.deepStrictEqual(Object.keys(marks.counts([0, 1])), ["audio", "vision"])
    assert.deepStrictEqual(Object.keys(marks.counts([3, 4])), ["late", "vision"])
    assert.deepStrictEqual(marks.counts([]), {})
  })
})
