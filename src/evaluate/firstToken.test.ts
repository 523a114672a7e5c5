import { assert, describe, it } from "@effect/vitest"

import { firstTokenOf } from "./firstToken.ts"

const none = Number.NaN
const times = (p50: number, p95: number, cases: number) => ({ p50, p95, cases })

describe("the time to first token", () => {
  it("is of the answers that tell it, and stands beside the incumbent's on the same cases alone", () => {
    const known = {
      setup: Float64Array.of(10, 20, none, 30, 40),
      archived: Float64Array.of(100, none, 1, 300, none),
      again: Float64Array.of(none, 50, 1, none, none)
    }
    assert.deepStrictEqual(firstTokenOf(known), {
      setup: times(30, 40, 4),
      archived: { setup: times(30, 30, 2), incumbent: times(300, 300, 2) },
      again: { setup: times(20, 20, 1), incumbent: times(50, 50, 1) }
    })
  })

  it("is absent where no answer tells it, and so is what has no case in common with it", () => {
    const unknown = Float64Array.of(none, none)
    assert.isUndefined(firstTokenOf({ setup: unknown, archived: Float64Array.of(1, 2), again: unknown }))
    assert.deepStrictEqual(
      firstTokenOf({ setup: Float64Array.of(5, none), archived: Float64Array.of(none, 9), again: unknown }),
      { setup: times(5, 5, 1) }
    )
  })
})
