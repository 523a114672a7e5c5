import { assert, describe, it } from "@effect/vitest"

import { makeMeter } from "./meter.ts"

describe("the tokens of an account", () => {
  it("are told by the second, over ten seconds at most, and are nothing when nothing comes any more", () => {
    const meter = makeMeter()
    assert.deepStrictEqual(meter.rate(1_000_000), { input: 0, output: 0 })
    meter.add(300, 30, 1_000_000)
    assert.deepStrictEqual(meter.rate(1_000_100), { input: 300, output: 30 }, "the first second counts as a whole one")
    meter.add(300, 30, 1_002_000)
    assert.deepStrictEqual(meter.rate(1_003_000), { input: 200, output: 20 })
    for (let second = 3; second < 60; second++) meter.add(100, 10, 1_000_000 + second * 1_000)
    const { input, output } = meter.rate(1_059_999)
    assert.approximately(input, 100, 1)
    assert.approximately(output, 10, 0.1)
    assert.deepStrictEqual(meter.rate(1_069_000), { input: 0, output: 0 })
  })
})
