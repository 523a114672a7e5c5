import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"

import { makeOccupancy } from "./occupancy.ts"

const Tries = Schema.Array(
  Schema.Struct({
    from: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 200 })),
    ms: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 60 }))
  })
)

describe("the time of a machine", () => {
  it.prop("is shared out whole: the shares add up to the time in which a try was in flight", [Tries], ([tries]) => {
    const occupancy = makeOccupancy()
    const ends = new Map<number, ReturnType<typeof occupancy.enter>>()
    let [shares, busy] = [0, 0]
    for (let now = 0; now <= 300; now++) {
      tries.forEach(({ from, ms }, i) => {
        if (from === now) ends.set(i, occupancy.enter(now))
        if (from + ms === now) shares += ends.get(i)!.leave(now)
      })
      if (tries.some(({ from, ms }) => from <= now && now < from + ms)) busy++
    }
    assert.closeTo(shares, busy, 1e-6)
  })

  it("is halved while two are in flight", () => {
    const { enter } = makeOccupancy()
    const first = enter(0)
    const second = enter(10)
    assert.strictEqual(first.leave(30), 20)
    assert.strictEqual(second.leave(40), 20)
  })
})
