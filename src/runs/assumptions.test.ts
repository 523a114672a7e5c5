import { assert, describe, it } from "@effect/vitest"

import { drawn } from "./assumptions.ts"

describe("cases that stand for others", () => {
  it("are a random sample only where some were not drawn, and one of its like where others are nearly the same", () => {
    assert.deepStrictEqual(drawn({ "outside cases.where": 3 }), [])
    const [alike, ...none] = drawn({ "near-duplicate of another": 4 })
    assert.match(alike!, /nearly the same, one, chosen at random, stands for all .*; 4 are left out so\.$/)
    assert.deepStrictEqual(none, [])
    assert.match(drawn({ "not in the sample": 2 }).join(), /^The cases are a random sample of sessions;/)
    assert.lengthOf(drawn({ "near-duplicate of another": 4, "not in the sample": 2 }), 2)
  })
})
