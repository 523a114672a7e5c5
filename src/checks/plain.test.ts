import { assert, describe, it } from "@effect/vitest"

import { steady } from "./plain.ts"

describe("a message of a command", () => {
  it.for([
    [
      "node's reporter",
      "\u2716 adds (1.234567ms)\n\u2139 duration_ms 45.123",
      "\u2716 adds (0.9ms)\n\u2139 duration_ms 99.1"
    ],
    ["TAP", "not ok 1 - adds\n  duration_ms: 1.5\n1..1", "not ok 1 - adds\n  duration_ms: 2.25\n1..1"],
    [
      "vitest",
      " Tests  1 failed\n   Start at  12:00:01\n   Duration  210ms",
      " Tests  1 failed\n   Start at  13:10:11\n   Duration  1.20s"
    ],
    ["pytest", "1 failed in 0.12s", "1 failed in 3.40s"],
    ["mocha", "  1 passing (12ms)", "  1 passing (2s)"]
  ] as const)("is the same whatever time the tests took: %s", ([, one, other]) => {
    assert.strictEqual(steady(one), steady(other))
    assert.match(steady(one), /adds|failed|passing/)
  })

  it("keeps times that a test is about", () => {
    for (const text of ["Expected '5 s', got '7 s'", "AssertionError: 90 !== 5400", "timeout of 2000ms exceeded"])
      assert.strictEqual(steady(text), text)
  })
})
